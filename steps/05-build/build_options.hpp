// The command line of `build`, as docker's and docker buildx's users know it.
#pragma once

#include <string>
#include <vector>

#include "05-build/build_plan.hpp"
#include "common/program.hpp"

namespace slipway {

/// --output type=local,dest=DIR; "-" and DIR alone are tar and local.
struct BuildOutput {
    std::string type;  ///< local, tar, oci, docker, image
    std::string dest;  ///< a folder, a file, "-"
    bool push = false;
};

/// --cache-from and --cache-to: type=registry,ref=NAME or type=local,dest=DIR
struct CacheExchange {
    std::string type, place;
};

struct BuildOptions {
    BuildPlan plan;
    std::string dockerfile;          ///< -f
    std::vector<std::string> names;  ///< -t, in full
    std::vector<BuildOutput> outputs;
    std::vector<CacheExchange> cache_from, cache_to;
    std::string image_id_file, metadata_file;
    std::string progress = "auto";
    std::string run_program;  ///< runs the commands (executor.hpp)
    bool quiet = false, load = false, push = false;
    bool check = false, verify = false, debug_shell = false;
};

void declare_build(CommandLine& line, BuildOptions& options);
/// What the environment says (SOURCE_DATE_EPOCH), and what cannot go together.
/// Throws InvalidArgument.
void finish_build_options(BuildOptions& options);

}  // namespace slipway
