// A folder for what a build needs only while it runs: what a RUN writes, a
// layer that is being unpacked, a context that came as a tar.
//
//     ROOT/build/work/XXXXXX/
//
// Beside the snapshots, so that what becomes a layer need only be renamed.
#pragma once

#include <string>

#include "common/unique_fd.hpp"

namespace slipway {

class WorkFolder {
  public:
    /// Below the store's root. Locked as long as this lives.
    explicit WorkFolder(const std::string& store_root);
    WorkFolder(WorkFolder&&) noexcept = default;
    WorkFolder& operator=(WorkFolder&&) = delete;
    WorkFolder(const WorkFolder&) = delete;
    WorkFolder& operator=(const WorkFolder&) = delete;
    /// Removes it with all that is in it.
    ~WorkFolder();

    const std::string& path() const { return path_; }
    /// Makes a folder in it, mode 0755, and returns its path.
    std::string make(const std::string& name) const;

  private:
    std::string path_;
    UniqueFd lock_;
};

/// Removes what killed builds left: folders that nobody holds.
void remove_work_leftovers(const std::string& store_root);

}  // namespace slipway
