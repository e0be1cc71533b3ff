// An ordinary user, as distributions make them: with a home, with subordinate
// ids, and with nothing else. The machine's own users are left alone.
#pragma once

#include <string>
#include <vector>

namespace slipway::compare {

/// A file or folder that one program, and nobody else, sees in another's place.
struct Cover {
    std::string source, target;
};

/// There on every machine, and nobody's.
constexpr unsigned ordinary_user = 65534;

/// What the user has: a folder in `folder`, and ids. Throws Unsupported where
/// users cannot have such.
void make_ordinary_user(const std::string& folder);
/// Its folder.
std::string home_of(const std::string& folder);
/// Where it finds our programs, which may be in a place that others may not go
/// to.
std::string programs_of(const std::string& folder);

/// Gives it a group of this name in each tree that sets limits, as systemd does
/// for who asks it to. Returns the groups to start it in; none without trees.
std::vector<std::string> delegate_groups(const std::string& name);

/// What it is shown: our programs, those of `bin`; and its ids, when
/// make_ordinary_user() has given it some.
std::vector<Cover> covers_for_user(const std::string& folder,
                                   const std::string& bin, bool has_ids);

}  // namespace slipway::compare
