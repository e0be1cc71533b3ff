// What the command line of step 2 says, checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "01-chroot/user.hpp"
#include "02-namespaces/id_map.hpp"
#include "02-namespaces/namespaces.hpp"
#include "02-namespaces/rootfs.hpp"
#include "02-namespaces/sysctl.hpp"
#include "common/program.hpp"

namespace slipway {

struct IsolationOptions {
    RootfsPlan rootfs;  ///< its namespaces are the new ones
    std::vector<NamespaceJoin> joins;
    std::optional<IdMaps> id_maps;
    std::string hostname;
    std::vector<Sysctl> sysctls;
    std::optional<User> user;
    std::string workdir;
    bool init = false;
    bool terminal = false;
    std::vector<std::string> environment;
    std::vector<std::string> command;

    // As typed; finish_options() turns them into the above.
    std::optional<NamespaceSet> only, without;
    bool map_root = false;
};

void declare_isolation_options(CommandLine& line, IsolationOptions& options);
/// The same without what is about the command's process: --user, --workdir,
/// --env. For who has other rules for those.
void declare_world_options(CommandLine& line, IsolationOptions& options);
/// Takes ROOTFS and COMMAND, decides which namespaces are new, and refuses
/// what contradicts itself.
void finish_options(IsolationOptions& options, std::vector<std::string> words);

}  // namespace slipway
