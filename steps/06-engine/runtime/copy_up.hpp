// Copying files from one open folder to another: "tmpcopyup", a volume that
// begins with what the image has, and `cp`.
#pragma once

#include <sys/types.h>

#include <optional>

namespace slipway {

struct CopyOptions {
    /// What is in the way is replaced, but for a folder by a folder: these are
    /// merged. Otherwise it is an error.
    bool replace = false;
    /// In place of the owners that the files have.
    std::optional<uid_t> uid = {};
    std::optional<gid_t> gid = {};
};

/// Copies what is in folder `from` into folder `to`: folders, files, links and
/// nodes, with owners, modes and times. Mounts below are not entered.
void copy_up(int from, int to, const CopyOptions& options = {});

/// Copies one of them, under another name. No link is followed on either side,
/// whatever others do to the names meanwhile: each folder is opened by its
/// parent's descriptor (CVE-2018-15664).
void copy_entry(int from, const char* name, int to, const char* new_name,
                const CopyOptions& options = {});

}  // namespace slipway
