// step4-images: layered images, and commands that run on them.
#include <string>
#include <utility>

#include "04-images/rootless.hpp"
#include "04-images/verbs.hpp"
#include "common/exec.hpp"
#include "common/program.hpp"

using namespace slipway;

namespace {

//@ begin become-transfer
// The libraries for registries and archives cost more time to load than a whole
// container takes to start. So what needs them is in a program of its own, next
// to this one, which gets the whole command line.
[[noreturn]] void become_transfer(char** argv) {
    become_beside("step4-transfer", argv);
}
//@ end become-transfer

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CommandLine line("step4-images", "[--root DIR] COMMAND ...",
                     "Images of layers: fetch them, look into them, run them.");
    declare_settings(line, settings);
    auto here = [&](Verb verb) { return rootless(std::move(verb), argv); };
    auto elsewhere = [&](std::string name, std::string summary) {
        return Verb{
            std::move(name), "", std::move(summary), {}, [argv](auto&) -> int {
                become_transfer(argv);
            }};
    };
    return run_verbs(
        line, argc, argv,
        {here(run_verb(settings)),
         elsewhere("pull", "Fetch images."),
         elsewhere("push", "Send an image to a registry."),
         here(images_verb(settings)),
         here(inspect_verb(settings)),
         here(history_verb(settings)),
         here(tag_verb(settings)),
         here(rmi_verb(settings)),
         elsewhere("save", "Write images into an archive."),
         elsewhere("load", "Read images from an archive."),
         elsewhere("import", "Make an image of a root filesystem."),
         elsewhere("export", "Write a root filesystem as a tar."),
         here(ps_verb(settings)),
         here(rm_verb(settings)),
         elsewhere("diff", "What a container changed."),
         elsewhere("commit", "Make an image of what a container changed."),
         here(prune_verb(settings)),
         here(fsck_verb(settings)),
         elsewhere("login", "Keep a password for a registry."),
         elsewhere("logout", "Forget it.")});
}
