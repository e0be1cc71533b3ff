// The folder that a layer is unpacked to, and the way to the places in it.
//
// Nobody else writes below the folder meanwhile; what makes the way dangerous
// is what the tar itself has put there: symlinks. A symlink in the middle of a
// name is followed as a process would whose root is the folder: an absolute
// one counts from the folder, and ".." ends there. So does Docker (it unpacks
// after chroot(2)), and there are tars with "lib -> usr/lib" and "lib/x". At
// the end of a name no symlink is ever followed.
// Source: openat2(2), RESOLVE_IN_ROOT.
#pragma once

#include <time.h>

#include <string>
#include <vector>

#include "common/unique_fd.hpp"

namespace slipway {

class LayerFolder {
  public:
    LayerFolder(const std::string& path, bool user_xattr);

    /// Gives the layer's own folder what a folder has that the tar does not
    /// mention: mode 0755, root's, of 1970.
    void make_ordinary();

    /// The folder of this name ("" for the layer's own), opened. Folders that
    /// are missing are made, with mode 0755, root's, of 1970. A whiteout on the
    /// way becomes an opaque folder: what it hid stays hidden. The descriptor
    /// is good until the next call of any of these. Throws InvalidArgument when
    /// something else is in the way.
    int parent(const std::string& path);
    /// The same for the target of a hard link, beside parent()'s, but nothing
    /// is made: -1 when it is missing.
    int target_parent(const std::string& path);

    /// Makes parent()/name a folder, unless it is one, and opens it; it is what
    /// parent(path) returns as long as nothing else is asked for. Anything else
    /// of this name goes.
    int make_folder(int parent, const std::string& name,
                    const std::string& path, mode_t mode);

    /// Removes what an earlier entry has left at this name.
    void remove(int parent, const std::string& name);

    /// When all is there: whatever is put into a folder changes its times.
    void remember_times(const std::string& path, const timespec (&times)[2]);
    void set_times();

  private:
    struct Open {
        std::string path;
        UniqueFd fd;
    };
    struct Times {
        std::string path;
        timespec times[2];
    };

    int cached(Open& open, const std::string& path);
    UniqueFd open(const std::string& path, int more_flags = 0) const;
    UniqueFd make_missing(const std::string& path);
    UniqueFd make_one(int parent, const std::string& name,
                      const std::string& path);
    void check_depth(int fd) const;

    bool user_xattr_;
    UniqueFd root_;
    Open parent_, target_;
    std::vector<Times> times_;
    std::size_t remembered_ = 0;  // bytes of names in times_
};

}  // namespace slipway
