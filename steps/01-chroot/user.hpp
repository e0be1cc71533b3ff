// Changing to another user, for good.
#pragma once

#include <sys/types.h>

#include <string_view>
#include <vector>

namespace slipway {

struct User {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups = {};  ///< supplementary ones
};

/// "1000" or "1000:100". Without a group the group gets the user's number:
/// that is never more than was asked for, while Docker's choice, group 0, is.
/// Names are refused: whose /etc/passwd should say what they mean? Throws
/// InvalidArgument, also for 4294967295, which the kernel reads as "no change".
User parse_user(std::string_view text);

/// Gives up all ids of the process for `user`'s: supplementary groups, group,
/// user, in that order. Root's capabilities are gone afterwards (unless
/// `user.uid` is 0). Needs CAP_SETUID and CAP_SETGID. Source: credentials(7).
void become_user(const User& user);
/// The same for the ids alone: the groups stay.
void change_ids(const User& user);

}  // namespace slipway
