#include "01-chroot/user.hpp"

#include <grp.h>
#include <unistd.h>

#include <cstdint>
#include <optional>
#include <string>

#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

//@ begin parse-id
std::uint32_t parse_id(std::string_view text, std::string_view whole) {
    constexpr std::uint32_t no_change = UINT32_MAX;  // (uid_t)-1
    std::optional<std::uint64_t> id = parse_unsigned(text, no_change - 1);
    if (!id)
        throw Error(ErrorKind::InvalidArgument,
                    cat("user ", quote(whole), ": ", quote(text),
                        " is no id between 0 and 4294967294"))
            .advise(
                "write numbers, UID or UID:GID; the root filesystem's "
                "etc/passwd lists its users");
    return static_cast<std::uint32_t>(*id);
}
//@ end parse-id

}  // namespace

//@ begin parse-user
User parse_user(std::string_view text) {
    std::size_t colon = text.find(':');
    User user;
    user.uid = parse_id(text.substr(0, colon), text);
    user.gid = colon == std::string_view::npos
                   ? user.uid
                   : parse_id(text.substr(colon + 1), text);
    return user;
}
//@ end parse-user

//@ begin become-user
void become_user(const User& user) {
    // Groups first: once the user id is given up, so is the right to change
    // groups. A process that forgets this keeps root's groups.
    act(Why{"leave root's groups behind"},  //
        "setgroups", ::setgroups, user.groups.size(), user.groups.data());
    change_ids(user);
}

void change_ids(const User& user) {
    // Real, effective and saved id: one that is left at 0 is a way back.
    act(Why{"the group, while we still may"},  //
        "setresgid", ::setresgid, user.gid, user.gid, user.gid);
    act(Why{"the user: all capabilities go with it"},  //
        "setresuid", ::setresuid, user.uid, user.uid, user.uid);
}
//@ end become-user

}  // namespace slipway
