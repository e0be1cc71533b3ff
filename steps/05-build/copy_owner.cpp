#include "05-build/copy_owner.hpp"

#include <sys/stat.h>

#include "04-images/image_user.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool is_number(std::string_view text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::pair<uid_t, gid_t> find_owner(int root_fd, const std::string& chown) {
    std::size_t colon = chown.find(':');
    std::string user = chown.substr(0, colon);
    bool has_group = colon != std::string::npos;
    std::string group = has_group ? chown.substr(colon + 1) : "";
    if (user.empty() || (has_group && group.empty()))
        throw Error(ErrorKind::InvalidArgument, cat("owner ", quote(chown)))
            .advise("write user or user:group, names or numbers");
    std::string text = chown;
    if (!has_group && is_number(user)) text = cat(user, ":", user);
    bool has_names = !is_number(user) || (has_group && !is_number(group));
    if (root_fd < 0 && has_names)
        throw Error(ErrorKind::NotFound, cat("owner ", quote(chown),
                                             ": there are no users, the "
                                             "stage is empty"))
            .advise("use numbers: --chown=1000:1000");
    ImageUser found = find_image_user(root_fd, text);
    return {found.uid, found.gid};
}

void EntryChange::apply(PlanEntry& entry) const {
    if (owner) {
        entry.uid = owner->first;
        entry.gid = owner->second;
    }
    if (!mode || S_ISLNK(entry.mode)) return;
    entry.mode = (entry.mode & S_IFMT) |
                 mode->apply(entry.mode & 07777, S_ISDIR(entry.mode));
}

EntryChange entry_change(int root_fd, const std::string& chown,
                         const std::string& chmod) {
    EntryChange change;
    if (!chown.empty())
        change.owner =
            with_context("--chown", [&] { return find_owner(root_fd, chown); });
    if (!chmod.empty())
        change.mode =
            with_context("--chmod", [&] { return parse_mode_change(chmod); });
    return change;
}

}  // namespace slipway
