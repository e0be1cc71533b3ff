#include "06-engine/cli/absent_verbs.hpp"

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// What people know from Docker, and would look for.
struct Absent {
    const char *name, *why, *advice;
};
constexpr Absent commands[] = {
    {"search", "only Docker Hub answers searches, and they are not asked here",
     "pull what you know the name of: slipway pull NAME"},
    {"compose", "files of many containers are not read",
     "write a script: network create, volume create, run -d"},
    {"context", "there is no daemon to choose",
     "run slipway on the other machine: ssh HOST slipway ps"},
    {"manifest", "images of several platforms are used, not made", ""},
    {"checkpoint", "containers are not written to the disk as they run", ""},
    {"plugin", "there are none", ""},
    {"trust", "there are no signatures", "pull by digest: NAME@sha256:..."},
};
constexpr const char* of_clusters[] = {"swarm", "node",   "service",
                                       "stack", "secret", "config"};

// Without a summary: help does not promise it.
Verb absent_verb(const Absent& absent) {
    return {absent.name, "", "", {}, [absent](auto&) -> int {
                throw Error(ErrorKind::Unsupported,
                            cat(absent.name, ": ", absent.why))
                    .advise(absent.advice);
            }};
}

}  // namespace

std::vector<Verb> absent_verbs() {
    std::vector<Verb> verbs;
    for (const Absent& each : commands) verbs.push_back(absent_verb(each));
    for (const char* name : of_clusters)
        verbs.push_back(
            absent_verb({name, "Slipway is of one machine",
                         "clusters can use its runtime: slipway-oci"}));
    return verbs;
}

}  // namespace slipway
