// Reading a tar: its entries one after the other, by libarchive, which knows
// the dialects (ustar, pax, GNU's, with sparse files). Of its many formats only
// tar is switched on, and no compression.
//
// Nothing of the tar is kept but the entry at hand. Bytes of files are handed
// out where they were read to, without a copy.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/byte_stream.hpp"

struct archive;
struct archive_entry;

namespace slipway {

struct TarXattr {
    const char* name;
    std::string_view value;
};

/// Texts belong to the reader and are good until the next entry.
struct TarEntry {
    enum class Type {
        File,
        Folder,
        Symlink,
        HardLink,
        CharDevice,
        BlockDevice,
        Fifo,
        Other
    };
    Type type = Type::Other;
    const char* name = "";
    const char* target = "";  ///< of a link
    mode_t mode = 0;          ///< permissions
    std::int64_t uid = 0, gid = 0;
    /// Of a file with holes, these included; of others what the blocks are.
    std::int64_t size = 0;
    bool sparse = false;
    timespec times[2] = {};  ///< access and modification, as utimensat(2)
    std::int64_t device_major = 0, device_minor = 0;
    std::vector<TarXattr> xattrs;
};

struct TarBlock {
    std::string_view bytes;
    std::int64_t offset;  ///< in the file: what no block covers is a hole
};

class TarReader {
  public:
    /// Borrows the source. Throws InvalidArgument when there is more of it than
    /// `most_bytes`.
    TarReader(const ByteSource& source, std::uint64_t most_bytes);
    ~TarReader();
    TarReader(const TarReader&) = delete;
    TarReader& operator=(const TarReader&) = delete;

    /// The next entry; null at the end of the tar, when the source has been
    /// read to its end as well. Throws DataLoss for a tar that is broken, ends
    /// in the middle of an entry, or has more than zeros behind its end, and
    /// what the source throws. The mark at the end may be missing, as for other
    /// tars: that nothing is missing is what a digest says.
    const TarEntry* next();

    /// The next bytes of a file. False at its end. Who does not want them goes
    /// on with next().
    bool block(TarBlock& found);

  private:
    static ssize_t read_from(archive* reader, void* self, const void** bytes);
    std::size_t fill();
    void fill_entry(archive_entry* from);
    int checked(int result);
    void read_rest();

    const ByteSource& source_;
    std::uint64_t most_bytes_;
    std::string buffer_;
    std::size_t filled_ = 0;      // of the buffer
    std::uint64_t taken_ = 0;     // from the source, all in all
    std::uint64_t silent_ = 0;    // of these, since libarchive's last answer
    std::exception_ptr failure_;  // of the source: not to cross C code
    archive* reader_;
    TarEntry entry_;
    bool body_left_ = false;
};

}  // namespace slipway
