// Writing a tar: entries one after the other, by libarchive, as pax has them
// (POSIX.1-2001), which every tar of today reads. What fits the old header is
// in the old header; the rest (long names, nanoseconds, xattrs) goes before it.
//
// The bytes depend on nothing but the entries: not on the clock, the process,
// or the locale.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <exception>
#include <map>
#include <string>
#include <string_view>

#include "04-images/byte_stream.hpp"

struct archive;

namespace slipway {

class TarWriter {
  public:
    struct Header {
        std::string name = {};  ///< "etc/passwd"; folders without a slash, too
        mode_t mode = 0;        ///< with S_IFMT
        uid_t uid = 0;
        gid_t gid = 0;
        std::uint64_t size = 0;  ///< of a file
        timespec modified = {};
        dev_t device = 0;         ///< of a device
        std::string target = {};  ///< of a symlink
        std::string hard_link =
            {};  ///< the name before it that is the same file
        std::map<std::string, std::string> xattrs = {};
    };

    explicit TarWriter(ByteSink out);
    TarWriter(const TarWriter&) = delete;
    TarWriter& operator=(const TarWriter&) = delete;
    /// Without finish() the tar has no end mark.
    ~TarWriter();

    // All throw what the sink throws; after that the tar is lost.
    /// Begins an entry. Exactly `size` bytes come next.
    void begin(const Header& header);
    void write(std::string_view bytes);
    void write_zeros(std::uint64_t count);
    void finish();

  private:
    static ssize_t hand_on(archive* writer, void* self, const void* bytes,
                           std::size_t size);
    void checked(ssize_t result);

    ByteSink out_;
    std::exception_ptr failure_;  // of the sink: not to cross C code
    archive* writer_;
};

}  // namespace slipway
