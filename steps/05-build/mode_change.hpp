// --chmod: "755", "u=rwX,go=rX", "+x".
// Source: chmod(1), "MODE"; POSIX, chmod, "Symbolic modes".
#pragma once

#include <sys/types.h>

#include <optional>
#include <string_view>
#include <vector>

namespace slipway {

struct ModeChange {
    struct Action {
        char operation;      ///< = + -
        mode_t who;          ///< the bits that it is about: 0700 0070 0007
        mode_t permissions;  ///< r w x, three times
        mode_t special;      ///< of set-uid, set-gid, sticky
        bool x_if_any;       ///< X: for folders, and what has an x already
        std::optional<char> copy_from;  ///< u, g or o: g=u
    };
    std::optional<mode_t> absolute = {};  ///< of octal digits
    std::vector<Action> actions = {};

    /// The permissions of a file, 07777, after the change.
    mode_t apply(mode_t permissions, bool is_folder) const;
};

/// Without "who" all are meant, and no umask counts. Throws InvalidArgument.
ModeChange parse_mode_change(std::string_view text);

}  // namespace slipway
