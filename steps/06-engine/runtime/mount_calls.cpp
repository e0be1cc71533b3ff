#include "06-engine/runtime/mount_calls.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cerrno>

#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

int configure(int context, unsigned command, const char* key,
              const char* value) {
    // ledger: passed to act() by name
    return ::fsconfig(context, command, key, value, 0);
}

// A context is also a file that tells what was wrong: "e proc: Unknown …".
std::string complaints(const UniqueFd& context) {
    std::string all;
    char line[512];
    ssize_t size = 0;
    while ((size = ::read(context.get(), line, sizeof line)) > 2) {
        std::string_view text(line, static_cast<std::size_t>(size));
        if (text.ends_with('\n')) text.remove_suffix(1);
        all += cat(all.empty() ? "" : "; ", text.substr(2));
    }
    return all;
}

[[noreturn]] void throw_refused(const UniqueFd& context, int error,
                                std::string_view what) {
    std::string said = complaints(context);
    throw_errno(error, said.empty() ? cat(what) : cat(what, " (", said, ")"));
}

void set_word(const UniqueFd& context, const std::string& word) {
    std::size_t equals = word.find('=');
    std::string key = word.substr(0, equals);
    bool has_value = equals != std::string::npos;
    std::string value = has_value ? word.substr(equals + 1) : "";
    // "size=" is a text, too, an empty one.
    if (configure(context.get(),
                  has_value ? FSCONFIG_SET_STRING : FSCONFIG_SET_FLAG,
                  key.c_str(), has_value ? value.c_str() : nullptr) != 0)
        throw_refused(context, errno, cat("option ", quote(word)));
}

int set_attributes(int mount, unsigned flags, mount_attr* change) {
    // ledger: passed to act() by name
    return ::mount_setattr(mount, "", flags, change, sizeof *change);
}

}  // namespace

UniqueFd copy_mount(const char* reason, int folder, const std::string& path,
                    bool recursive) {
    unsigned flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC;
    if (recursive) flags |= AT_RECURSIVE;
    if (path.empty()) flags |= AT_EMPTY_PATH;
    return UniqueFd(act(Why{reason}, "open_tree", ::open_tree, folder, path,
                        shown(flags, recursive ? "CLONE|RECURSIVE" : "CLONE")));
}

//@ begin make-file-system
UniqueFd make_file_system(const char* reason, const NewFileSystem& what) {
    UniqueFd context(act(Why{reason}, "fsopen", ::fsopen, what.type,
                         shown(unsigned{FSOPEN_CLOEXEC}, "0")));
    if (!what.source.empty()) set_word(context, "source=" + what.source);
    for (const std::string& word : what.flags) set_word(context, word);
    for (const std::string& word : what.data) set_word(context, word);
    if (try_act(Why{"with these options"}, "fsconfig", configure, context,
                shown(unsigned{FSCONFIG_CMD_CREATE}, "CREATE"),
                shown(static_cast<const char*>(nullptr), join(what.data, ",")),
                static_cast<const char*>(nullptr)) != 0)
        throw_refused(context, errno, cat("make file system ", what.type));
    return UniqueFd(act(
        Why{"a mount of it, which hangs nowhere yet"}, "fsmount", ::fsmount,
        context, shown(unsigned{FSMOUNT_CLOEXEC}, "0"),
        shown(static_cast<unsigned>(what.attributes), cat(what.attributes))));
}
//@ end make-file-system

//@ begin attach-mount
void attach_mount(const char* reason, const UniqueFd& mount, int target,
                  const std::string& shown_target) {
    act(Why{reason}, "move_mount", ::move_mount, mount, "",
        shown(target, quote(shown_target)), "",
        shown(unsigned{MOVE_MOUNT_F_EMPTY_PATH} |
                  unsigned{MOVE_MOUNT_T_EMPTY_PATH},
              "EMPTY_PATH"));
}
//@ end attach-mount

void change_mount(const char* reason, int mount, const MountChange& change) {
    mount_attr attributes{};
    attributes.attr_set = change.set;
    attributes.attr_clr = change.clear;
    attributes.propagation = change.propagation;
    if (change.user_namespace >= 0) {
        attributes.attr_set |= MOUNT_ATTR_IDMAP;
        attributes.userns_fd =
            static_cast<std::uint64_t>(change.user_namespace);
    }
    unsigned flags = AT_EMPTY_PATH;
    if (change.recursive) flags |= AT_RECURSIVE;
    act(Why{reason}, "mount_setattr", set_attributes, mount,
        shown(flags, change.recursive ? "RECURSIVE" : "0"),
        shown(&attributes, cat("set ", attributes.attr_set, ", clear ",
                               attributes.attr_clr)));
}

}  // namespace slipway
