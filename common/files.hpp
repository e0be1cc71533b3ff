// Files: whole reads and writes, atomic replacement, temporary folders, and
// opening names that somebody else chose.
#pragma once

#include <sys/types.h>

#include <string>
#include <string_view>

#include "common/unique_fd.hpp"

namespace slipway {

/// Reads to the end. Throws InvalidArgument beyond `limit` bytes: whoever
/// wrote the file must not decide how much memory we use.
std::string read_all(int fd, std::size_t limit);
std::string read_file(const std::string& path, std::size_t limit);

/// Writes all of `bytes`, also when the kernel takes them in pieces.
void write_all(int fd, std::string_view bytes);

/// Writes into a file that is there, by one write(2): a file in /proc or /sys
/// takes each write as one order. Made for act(): returns -1 and sets errno, or
/// 0. `path` is looked up from the folder, AT_FDCWD for the working directory.
int write_kernel_file(int folder, const char* path, const char* text);

enum class ToDisk {
    Now,    ///< waits for it
    Later,  ///< when the kernel likes: a power cut may leave an empty file
};

/// Replaces `path` so that readers see the old content or the new, never a
/// part, also after a power cut: temporary file beside it, fsync, rename,
/// fsync of the folder. On failure the old file stays and nothing is left.
void write_file_atomic(const std::string& path, std::string_view bytes,
                       mode_t mode = 0644, ToDisk to_disk = ToDisk::Now);

/// Opens `path` as a process would whose root is `root_fd`: absolute names,
/// absolute symlinks and ".." all stay inside. For every name that comes out
/// of a root filesystem or an archive. Magic links (/proc/PID/fd) are refused.
/// openat2(2), RESOLVE_IN_ROOT; O_CLOEXEC is added.
UniqueFd open_in_root(int root_fd, const std::string& path, int flags,
                      mode_t mode = 0);

/// The same; empty when the path leads to nothing (ENOENT, ENOTDIR).
UniqueFd find_in_root(int root_fd, const std::string& path, int flags);

/// Removes a folder and all below it. Never leaves the folder and never
/// enters what is mounted below it: that is an error, not a loss of data.
/// However deep it is. A `path` that does not exist is fine.
void remove_tree(const std::string& path);

/// A folder that lives as long as the object; mode 0700.
class TempDir {
  public:
    /// In $TMPDIR, or /tmp. The name begins with "slipway-" and `label`.
    explicit TempDir(std::string_view label);
    TempDir(TempDir&& other) noexcept : path_(std::move(other.path_)) {
        other.path_.clear();
    }
    TempDir& operator=(TempDir&&) = delete;
    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;
    /// Removes it; what cannot be removed stays (remove() tells why).
    ~TempDir();

    const std::string& path() const { return path_; }
    void remove();

  private:
    std::string path_;
};

/// /dev/null, to read and to write.
UniqueFd open_null();

}  // namespace slipway
