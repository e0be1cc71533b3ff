// Cgroup: a group of processes with limits, made, used and taken away.
#pragma once

#include <string>
#include <vector>

#include "03-cgroups/folder.hpp"
#include "03-cgroups/layout.hpp"
#include "03-cgroups/limits.hpp"
#include "03-cgroups/stats.hpp"

namespace slipway {

/// One folder in each tree that is needed, all of one name, "slipway.PID". Each
/// carries a lock as long as its maker lives: whoever finds one without lock
/// knows that it was left behind by a killed process, and cleans.
class Cgroup {
  public:
    /// Makes the group and sets the limits; cleans what others left behind.
    /// Without limits a system or user that allows no groups is fine: then the
    /// group is nothing and counts nothing. With limits it throws: Unsupported
    /// when the system lacks a controller, Forbidden when this user may not,
    /// and what the kernel said when it did not take a value.
    static Cgroup create(const CgroupLayout& layout,
                         const CgroupLimits& limits);
    Cgroup(Cgroup&&) = default;
    Cgroup& operator=(Cgroup&&) = delete;
    Cgroup(const Cgroup&) = delete;
    Cgroup& operator=(const Cgroup&) = delete;
    /// As remove(), but what does not work is left for the next start.
    ~Cgroup();

    /// The v2 folder, for clone's CLONE_INTO_CGROUP; -1 when there is none.
    int fd() const;
    /// Moves the calling process, which has one thread, into the v1 folders.
    /// For the child, first of all: what it has used before is not counted.
    void join() const;
    CgroupStats stats() const { return read_cgroup_stats(folders_); }
    /// Kills who is still in it, and removes it.
    void remove();

    const std::vector<CgroupFolder>& folders() const { return folders_; }

  private:
    Cgroup() = default;
    std::vector<CgroupFolder> folders_;  ///< as find_places() orders them
};

/// Shows the trees at /sys/fs/cgroup inside a root that is being built, read-
/// only. For a child with a cgroup namespace of its own: its group is then the
/// top of what it sees.
void mount_cgroups(int root_fd, const CgroupLayout& layout);

}  // namespace slipway
