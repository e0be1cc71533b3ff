// The verbs of step5-build that are not step 4's.
#pragma once

#include "04-images/verbs.hpp"
#include "common/program.hpp"

namespace slipway {

Verb build_verb(const Settings& settings);
/// builder-prune and builder-du: the cache. Docker writes them as two words,
/// "builder prune", which main() joins.
Verb builder_prune_verb(const Settings& settings);
Verb builder_du_verb(const Settings& settings);

}  // namespace slipway
