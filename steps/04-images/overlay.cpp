#include "04-images/overlay.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>
#include <set>
#include <string_view>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/scope_guard.hpp"
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

[[noreturn]] void refuse(const char* what, const UniqueFd& context) {
    int error = errno;
    throw Error(kind_of_errno(error),
                cat("overlay: ", what, kernel_words(context)), error);
}

std::vector<const char*> flags_of(const OverlayPlan& plan) {
    std::vector<const char*> flags;
    if (plan.user_xattr) flags.push_back("userxattr");
    if (plan.is_volatile) flags.push_back("volatile");
    return flags;
}

// Before Linux 6.5 overlay took any option in silence and looked at them only
// at the end; "lowerdir+" came with 6.8.
bool takes_single_layers() {
    UniqueFd context(
        try_act(Why{"which options does this kernel know?"}, "fsopen", ::fsopen,
                "overlay", shown(unsigned{FSOPEN_CLOEXEC}, "FSOPEN_CLOEXEC")));
    return context && set_flag(context.get(), "no such option") < 0 &&
           errno == EINVAL &&
           set_string(context.get(), "lowerdir+", "/proc/self/cwd") == 0;
}

void check_plan(const OverlayPlan& plan) {
    if (plan.lower.empty())
        throw Error(ErrorKind::InvalidArgument, "an overlay without layers");
    if (plan.lower.size() > most_layers)
        throw Error(ErrorKind::InvalidArgument,
                    cat("an overlay of ", plan.lower.size(), " layers"))
            .advise(cat("the kernel takes ", most_layers,
                        ": export and import make one layer of them"));
}

// The kernel takes no folder twice (ELOOP). Of a layer that an image has twice
// the higher one is enough: what it has and what it hides covers all that the
// lower one did.
std::vector<UniqueFd> open_layers(const OverlayPlan& plan) {
    std::vector<UniqueFd> layers;  // the highest first, as overlay wants them
    std::set<std::string_view> known;
    layers.reserve(plan.lower.size());
    for (auto path = plan.lower.rbegin(); path != plan.lower.rend(); ++path)
        if (known.insert(*path).second) layers.push_back(open_folder(*path));
    return layers;
}

//@ begin describe-overlay
// Option by option, each with the kernel's words when it is refused.
UniqueFd mount_by_options(const OverlayPlan& plan,
                          const std::vector<UniqueFd>& layers) {
    UniqueFd context(act(Why{"an overlay, to be described option by option"},
                         "fsopen", ::fsopen, "overlay",
                         shown(unsigned{FSOPEN_CLOEXEC}, "FSOPEN_CLOEXEC")));
    auto set = [&](const char* reason, const char* key,
                   const std::string& value) {
        if (try_act(Why{reason}, "fsconfig", set_string, context, key, value) <
            0)
            refuse(key, context);
    };
    for (const UniqueFd& layer : layers)
        set("a layer, below those before it", "lowerdir+", fd_path(layer));
    if (!plan.upper.empty()) {
        set("what is written goes here", "upperdir", plan.upper);
        set("the kernel's scratch, beside it", "workdir", plan.work);
    }
    //@ end describe-overlay
    //@ begin finish-overlay
    set("a folder that is renamed is copied: no layer points into another",
        "redirect_dir", "nofollow");
    set("and a file whose owner changes is copied with its bytes", "metacopy",
        "off");
    for (const char* flag : flags_of(plan))
        if (try_act(Why{"as the plan says"}, "fsconfig", set_flag, context,
                    flag) < 0)
            refuse(flag, context);
    if (try_act(Why{"now it is one tree"}, "fsconfig", create, context) < 0)
        refuse("as a whole", context);
    return UniqueFd(
        act(Why{"a mount of it, which hangs nowhere yet"}, "fsmount", ::fsmount,
            context, shown(unsigned{FSMOUNT_CLOEXEC}, "FSMOUNT_CLOEXEC"), 0U));
    //@ end finish-overlay
}

//@ begin mount-by-text
// The older way: all options in one text of at most a page. 500 names fit when
// they are numbers, and they are in the folder of our open files. mount(2)
// wants a place; the copy that open_tree(2) makes then hangs nowhere.
UniqueFd mount_by_text(const OverlayPlan& plan,
                       const std::vector<UniqueFd>& layers) {
    std::vector<std::string> numbers;
    numbers.reserve(layers.size());
    for (const UniqueFd& layer : layers) numbers.push_back(cat(layer.get()));
    std::string options = "lowerdir=" + join(numbers, ":");
    UniqueFd upper, work;
    if (!plan.upper.empty()) {
        upper = open_folder(plan.upper);
        work = open_folder(plan.work);
        options += cat(",upperdir=", upper.get(), ",workdir=", work.get());
    }
    options += ",redirect_dir=nofollow,metacopy=off";  // as above
    for (const char* flag : flags_of(plan)) options += cat(",", flag);
    //@ end mount-by-text
    TempDir place("overlay");
    UniqueFd before = open_folder(".");
    ScopeGuard back(
        [&] { [[maybe_unused]] int done = ::fchdir(before.get()); });
    check(::chdir("/proc/self/fd"), "chdir /proc/self/fd");
    act(Why{"all layers, the highest first", "umount2"}, "mount", ::mount,
        "overlay", place.path(), "overlay", shown(0UL, "0"), options);
    ScopeGuard unmount([&] {
        try_act(Why{"the copy is enough"}, "umount2", ::umount2, place.path(),
                shown(MNT_DETACH, "MNT_DETACH"));
    });
    return UniqueFd(
        act(Why{"a copy of the mount, which hangs nowhere"}, "open_tree",
            ::open_tree, shown(AT_FDCWD, "AT_FDCWD"), place.path(),
            shown(unsigned{OPEN_TREE_CLONE} | unsigned{OPEN_TREE_CLOEXEC},
                  "OPEN_TREE_CLONE")));
}

}  // namespace

//@ begin make-overlay
UniqueFd make_overlay(const OverlayPlan& plan) {
    check_plan(plan);
    std::vector<UniqueFd> layers = open_layers(plan);
    try {
        return mount_by_options(plan, layers);
    } catch (const Error&) {
        // Asked only now: on a kernel of today it would cost time each start.
        if (takes_single_layers()) throw;
    }
    return mount_by_text(plan, layers);
}
//@ end make-overlay

//@ begin attach-mount
void attach_mount(const UniqueFd& mount, const std::string& folder) {
    act(Why{"hang it in its place", "umount2"}, "move_mount", ::move_mount,
        mount, "", shown(AT_FDCWD, "AT_FDCWD"), folder,
        shown(unsigned{MOVE_MOUNT_F_EMPTY_PATH}, "EMPTY_PATH"));
}
//@ end attach-mount

}  // namespace slipway
