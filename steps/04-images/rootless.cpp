#include "04-images/rootless.hpp"

#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include <utility>

#include "02-namespaces/clone.hpp"
#include "04-images/image_store.hpp"
#include "common/environment.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::vector<std::string> environment_now() {
    std::vector<std::string> all;
    for (char** each = environ; *each; ++each) all.emplace_back(*each);
    return all;
}

//@ begin rerun-inside
int rerun_inside(char** argv) {
    // Inside, the user is root, whose images are elsewhere.
    std::vector<std::string> environment = environment_now();
    set_environment(environment, "SLIPWAY_ROOT=" + default_store_root());
    std::vector<std::string> words = {"/proc/self/exe"};
    for (char** word = argv + 1; *word; ++word) words.emplace_back(*word);
    SignalForwarder signals;
    IdMaps maps = map_root();
    ChildProcess child = clone_process(
        Why{"a user namespace: in it, files may belong to others; and mounts "
            "of its own, to look into layers"},
        {NamespaceSet{CLONE_NEWUSER | CLONE_NEWNS}, -1},
        [&](const ChildProcess& cloned) { write_id_maps(cloned.pid(), maps); },
        [&](ParentLink& parent) {
            act(Why{"the group that the map made root"},  //
                "setresgid", ::setresgid, gid_t{0}, gid_t{0}, gid_t{0});
            act(Why{"the user that the map made root"},  //
                "setresuid", ::setresuid, uid_t{0}, uid_t{0}, uid_t{0});
            parent.die_with_parent();
            signals.restore_in_child();
            exec_program(words, environment);
        });
    return signals.wait(child).exit_code();
}
//@ end rerun-inside

}  // namespace

Verb rootless(Verb verb, char** argv) {
    if (::geteuid() == 0) return verb;
    verb.run = [argv](auto&) { return rerun_inside(argv); };
    return verb;
}

}  // namespace slipway
