// What --chown and --chmod make of an entry.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "05-build/layer_plan.hpp"
#include "05-build/mode_change.hpp"

namespace slipway {

/// "user", "user:group", names or numbers. A number alone is the group's as
/// well; of a name it is the group that the root's /etc/passwd gives the user.
/// Throws NotFound for a name that the root does not have; -1: it has none.
std::pair<uid_t, gid_t> find_owner(int root_fd, const std::string& chown);

struct EntryChange {
    std::optional<std::pair<uid_t, gid_t>> owner = {};
    std::optional<ModeChange> mode = {};
    void apply(PlanEntry& entry) const;
};
EntryChange entry_change(int root_fd, const std::string& chown,
                         const std::string& chmod);

}  // namespace slipway
