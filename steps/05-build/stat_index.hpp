// What is known of files from earlier builds: the hash of a content, by what
// stat(2) says of the file. A file that looks as it did is not read again.
//
// A change that leaves no trace would not be seen: ctime cannot be set, but two
// writes within one tick of the kernel's clock have the same. So a file that
// was changed just before it was read is not remembered; the next build reads
// it once more. (git calls such files "racily clean".)
//
// One file a context, replaced as a whole, with a checksum: whatever is wrong
// with it, the files are read instead. Of several builds at once the last one
// to write wins.
#pragma once

#include <sys/stat.h>
#include <time.h>

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "05-build/content_hash.hpp"

namespace slipway {

/// Whether a file that was changed then could be changed again after it was
/// looked at, and its times be the same.
bool could_change_unseen(const timespec& changed, const timespec& looked);

/// What is remembered of a file.
struct KnownFile {
    ContentHash hash = {};
    bool has_xattrs = false;  ///< that a layer keeps: to be read then
};

/// For use by several threads, save() apart.
class StatIndex {
  public:
    /// `file` need not be there, and is read when something is looked up. Never
    /// throws because of what is in it.
    explicit StatIndex(std::string file);
    StatIndex(const StatIndex&) = delete;
    StatIndex& operator=(const StatIndex&) = delete;
    ~StatIndex() = default;

    std::optional<KnownFile> find(const struct stat& info);
    /// `read_at`: the time before its first byte was read.
    void remember(const struct stat& info, const KnownFile& known,
                  const timespec& read_at);
    /// Writes the file, if anything is new. Its folder exists.
    void save();

    std::size_t size();

  private:
    struct Record {
        std::uint64_t device, inode, size;
        std::int64_t modified, changed;  // ns since 1970
        ContentHash hash;
        std::uint64_t has_xattrs;
    };
    static Record key_of(const struct stat& info);
    static bool comes_before(const Record& a, const Record& b);
    void load_once();
    void load();

    std::string file_;
    bool loaded_ = false;
    std::vector<Record> old_;  // sorted by device and inode
    std::vector<bool> used_;   // of old_, in this build
    std::mutex mutex_;
    std::map<std::pair<std::uint64_t, std::uint64_t>, Record> fresh_;
};

/// Where a context's index is, in a folder for all of them: named after where
/// the context is.
std::string stat_index_file(const std::string& folder, int context_fd);

}  // namespace slipway
