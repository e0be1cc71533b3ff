// What somebody typed behind `run` or `create`, before the image is known.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "04-images/run_image.hpp"
#include "06-engine/engine/record.hpp"

namespace slipway {

struct CreateRequest {
    std::string image;
    RunOverrides typed;  ///< user, workdir, entrypoint, environment, command
    std::string name;    ///< empty: one is made up
    std::string hostname, domainname;
    bool tty = false, open_stdin = false;
    /// -a; empty: stdout and stderr, and stdin with -i.
    std::set<std::string> attach = {};
    /// Nobody is attached at its start; and nobody who is later is the one
    /// whose input is its only one.
    bool detached = false;
    std::map<std::string, std::string> labels = {};
    std::set<std::string> expose = {};  ///< "80/tcp"
    std::string stop_signal = {};
    std::optional<int> stop_timeout = {};
    /// Fields that are not 0 or empty replace the image's; `test` {"NONE"}:
    /// no check.
    Healthcheck health = {};
    HostConfig host = {};
    std::string platform = {};
    std::string pull = "missing";  ///< "always", "never"
};

}  // namespace slipway
