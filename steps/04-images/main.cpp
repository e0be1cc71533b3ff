// step4-images: layered images, and commands that run on them.
#include <unistd.h>

#include <cerrno>
#include <climits>
#include <string>
#include <utility>

#include "04-images/rootless.hpp"
#include "04-images/verbs.hpp"
#include "common/error.hpp"
#include "common/program.hpp"
#include "common/text.hpp"

using namespace slipway;

namespace {

//@ begin become-transfer
// The libraries for registries and archives cost more time to load than a whole
// container takes to start. So what needs them is in a program of its own, next
// to this one, which gets the whole command line.
[[noreturn]] void become_transfer(char** argv) {
    char self[PATH_MAX];
    ssize_t length =
        check(::readlink("/proc/self/exe", self, sizeof self - 1), "who am I");
    std::string path(self, static_cast<std::size_t>(length));
    path = path.substr(0, path.rfind('/') + 1) + "step4-transfer";
    ::execv(path.c_str(), argv);
    int error = errno;
    throw Error(kind_of_errno(error), cat("start ", path), error)
        .advise("it belongs into the folder of step4-images");
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
