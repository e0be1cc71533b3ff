#include "04-images/overlay.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

UniqueFd open_folder(const std::string& path) {
    return UniqueFd(
        check(::open(path.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC),
              "open layer ", path));
}

std::string fd_path(const UniqueFd& fd) {
    return cat("/proc/self/fd/", fd.get());
}

//@ begin kernel-words
// What the kernel wrote about the last failure: "e overlay: …". It says which
// option it dislikes, where errno says only EINVAL.
std::string kernel_words(const UniqueFd& context) {
    char text[512];
    std::string words;
    ssize_t size = 0;
    while ((size = ::read(context.get(), text, sizeof text)) > 0) {
        std::string_view line(text, static_cast<std::size_t>(size));
        if (line.starts_with("e ")) words += cat(": ", line.substr(2));
        while (words.ends_with('\n')) words.pop_back();
    }
    return words;
}
//@ end kernel-words

int set_string(int context, const char* key, const char* value) {
    // ledger: passed to act() by name
    return ::fsconfig(context, FSCONFIG_SET_STRING, key, value, 0);
}
int set_flag(int context, const char* key) {
    // ledger: passed to act() by name
    return ::fsconfig(context, FSCONFIG_SET_FLAG, key, nullptr, 0);
}
int create(int context) {
    // ledger: passed to act() by name
    return ::fsconfig(context, FSCONFIG_CMD_CREATE, nullptr, nullptr, 0);
}

//@ begin add-layers
// One option a layer, from the highest to the lowest. False: this kernel knows
// only "lowerdir", all in one text.
bool add_layers_one_by_one(const UniqueFd& context,
                           const std::vector<UniqueFd>& layers) {
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer) {
        int done = try_act(Why{"a layer, below those before it"}, "fsconfig",
                           set_string, context, "lowerdir+", fd_path(*layer));
        if (done < 0 && errno == EINVAL && layer == layers.rbegin())
            return false;
        check(done, "overlay lowerdir+", kernel_words(context));
    }
    return true;
}

void add_layers_together(const UniqueFd& context,
                         const std::vector<UniqueFd>& layers) {
    std::vector<std::string> names;
    for (auto layer = layers.rbegin(); layer != layers.rend(); ++layer)
        names.push_back(fd_path(*layer));
    check(try_act(Why{"all layers, the highest first"}, "fsconfig", set_string,
                  context, "lowerdir", join(names, ":")),
          "overlay lowerdir", kernel_words(context));
}
//@ end add-layers

void check_plan(const OverlayPlan& plan) {
    if (plan.lower.empty())
        throw Error(ErrorKind::InvalidArgument, "an overlay without layers");
    if (plan.lower.size() > most_layers)
        throw Error(ErrorKind::InvalidArgument,
                    cat("an overlay of ", plan.lower.size(), " layers"))
            .advise(cat("the kernel takes ", most_layers,
                        ": export and import make one layer of them"));
}

}  // namespace

//@ begin make-overlay
UniqueFd make_overlay(const OverlayPlan& plan) {
    check_plan(plan);
    UniqueFd context(act(Why{"an overlay, to be described option by option"},
                         "fsopen", ::fsopen, "overlay",
                         shown(unsigned{FSOPEN_CLOEXEC}, "FSOPEN_CLOEXEC")));
    std::vector<UniqueFd> layers;
    layers.reserve(plan.lower.size());
    for (const std::string& path : plan.lower)
        layers.push_back(open_folder(path));
    if (!add_layers_one_by_one(context, layers))
        add_layers_together(context, layers);
    auto set = [&](const char* reason, const char* key,
                   const std::string& value) {
        check(try_act(Why{reason}, "fsconfig", set_string, context, key, value),
              "overlay ", key, kernel_words(context));
    };
    if (!plan.upper.empty()) {
        set("what is written goes here", "upperdir", plan.upper);
        set("the kernel's scratch, beside it", "workdir", plan.work);
    }
    for (auto [wanted, flag] : {std::pair{plan.user_xattr, "userxattr"},
                                std::pair{plan.is_volatile, "volatile"}})
        if (wanted)
            check(try_act(Why{"as the plan says"}, "fsconfig", set_flag,
                          context, flag),
                  "overlay ", flag, kernel_words(context));
    if (try_act(Why{"now it is one tree"}, "fsconfig", create, context) < 0) {
        int error = errno;
        throw Error(kind_of_errno(error),
                    cat("mount overlay", kernel_words(context)), error);
    }
    return UniqueFd(
        act(Why{"a mount of it, which hangs nowhere yet"}, "fsmount", ::fsmount,
            context, shown(unsigned{FSMOUNT_CLOEXEC}, "FSMOUNT_CLOEXEC"), 0U));
}
//@ end make-overlay

void attach_mount(const UniqueFd& mount, const std::string& folder) {
    act(Why{"hang it in its place", "umount2"}, "move_mount", ::move_mount,
        mount, "", shown(AT_FDCWD, "AT_FDCWD"), folder,
        shown(unsigned{MOVE_MOUNT_F_EMPTY_PATH}, "EMPTY_PATH"));
}

}  // namespace slipway
