// The verbs of step5-build that are not step 4's.
#pragma once

#include "04-images/verbs.hpp"
#include "05-build/exec_request.hpp"
#include "common/program.hpp"

namespace slipway {

/// `run_program`, beside this one, is given each RUN (executor.hpp); `network`
/// is what its --network=default means.
Verb build_verb(const Settings& settings,
                const std::string& run_program = "step5-run",
                ExecNetwork network = ExecNetwork::None);
/// builder-prune and builder-du: the cache. Docker writes them as two words,
/// "builder prune", which main() joins.
Verb builder_prune_verb(const Settings& settings);
Verb builder_du_verb(const Settings& settings);

}  // namespace slipway
