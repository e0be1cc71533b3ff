// What a builder can be led to do: rows that no container tries, but a
// Dockerfile with its context and its archives.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "compare/matrix.hpp"
#include "compare/start.hpp"

namespace slipway::compare {

struct BuildSite {
    std::string context;  ///< a folder of ours; emptied for each row
    std::string outside;  ///< one of the host's, that no build may reach
    std::string base;     ///< what is built FROM; the probe is in it
    std::string store;    ///< where the builder keeps layers
    std::string nonce, secret;
    std::vector<std::string> plan;  ///< the probe's, for a RUN
    std::function<Started()> build;
    /// A program of the host: what is done without a builder.
    std::function<Started(const std::vector<std::string>& words)> run;
};

/// The rows B1 to B6, each from a build of its own. `host` says what was open
/// by hand, from by_hand(): the rest shows nothing.
std::map<std::string, Cell> try_builds(const BuildSite& site,
                                       const std::map<std::string, Cell>& host);

/// The same without a builder: by tar, by opening files, by looking at times.
/// `rows` are what a program of the host came to.
std::map<std::string, Cell> by_hand(const BuildSite& site,
                                    const std::map<std::string, Cell>& rows);

}  // namespace slipway::compare
