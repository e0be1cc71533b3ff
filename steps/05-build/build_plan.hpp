// What is to be built, and how: the command line, checked.
#pragma once

#include <cstdint>
#include <ctime>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "04-images/image_store.hpp"
#include "04-images/media_type.hpp"
#include "04-images/platform.hpp"
#include "04-images/repository.hpp"
#include "05-build/build_events.hpp"
#include "05-build/context.hpp"
#include "05-build/executor.hpp"

namespace slipway {

/// --secret id=ID,src=FILE or env=NAME
struct BuildSecret {
    std::string content;
};

struct BuildPlan {
    std::string target;  ///< stage name or number; empty: the last
    std::map<std::string, std::string> args;  ///< --build-arg
    std::map<std::string, std::string> labels;
    std::map<std::string, std::string> contexts;  ///< --build-context
    std::map<std::string, BuildSecret> secrets;
    std::map<std::string, std::string> ssh;  ///< id to socket
    Platform platform = host_platform();

    bool no_cache = false;
    std::set<std::string> no_cache_stages;  ///< --no-cache-filter
    bool pull = false;                      ///< look for newer base images
    bool explain_cache = false;
    bool keep_failed = false;  ///< see FailedStep

    ExecNetwork network = ExecNetwork::None;  ///< of RUN --network=default
    bool allow_host_network = false;          ///< RUN --network=host
    std::optional<std::uint64_t> memory, pids;
    std::map<std::string, std::string> hosts;  ///< --add-host

    Compression compression = Compression::Gzip;
    std::time_t created = 0;
    /// Times in layers and config are not later; nothing depends on the clock.
    std::optional<std::time_t> source_date_epoch;
    unsigned threads = 2;

    RegistryOptions registry;
    Executor executor;
    BuildProgress progress = [](const BuildEvent&) {};
    int cancelled_fd = -1;  ///< an eventfd: who writes to it ends the build
};

}  // namespace slipway
