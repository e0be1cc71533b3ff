// Users by name: who "www-data" is, the image's own files say.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct ImageUser {
    uid_t uid = 0;
    gid_t gid = 0;
    std::vector<gid_t> groups;  ///< supplementary ones, from /etc/group
    std::string name;           ///< empty: only a number is known
    std::string home = "/";
};

/// "", "name", "1000", "name:group", "1000:100" as the image configuration's
/// User and --user have it. `root_fd` is the root of the image; its /etc/passwd
/// and /etc/group are read there (at most 1 MiB each), never through the C
/// library, which would load plug-ins of the wrong system (CVE-2019-14271).
///
/// Without a group it is the user's own, and the supplementary groups are those
/// that list the name; a number that nobody has gets group 0, as Docker does.
/// With a group there are no supplementary ones. Throws NotFound for a name
/// that the files lack, InvalidArgument for 4294967295, which means "no
/// change", and above.
ImageUser find_image_user(int root_fd, std::string_view text);

/// A group alone, by name or number. Throws as above.
gid_t find_image_group(int root_fd, std::string_view text);

}  // namespace slipway
