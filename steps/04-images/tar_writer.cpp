#include "04-images/tar_writer.hpp"

#include <archive.h>
#include <archive_entry.h>
#include <locale.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <new>
#include <utility>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr int block_size = 128 * 1024;

// Pax headers are UTF-8, and libarchive takes names to be in the locale's
// encoding. So this thread has one where both are the same, for as long as
// libarchive is at work. A name that is no UTF-8 is marked as such and written
// as it is.
class Utf8Names {
  public:
    Utf8Names() : before_(::uselocale(utf8())) {}
    Utf8Names(const Utf8Names&) = delete;
    Utf8Names& operator=(const Utf8Names&) = delete;
    ~Utf8Names() { ::uselocale(before_); }

  private:
    // Lives as long as the program. On a system without it all names beyond
    // ASCII are marked.
    static locale_t utf8() {
        static const locale_t locale =
            ::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr);
        return locale;
    }
    locale_t before_;
};

bool is_about_names(const char* warning) {
    return warning && std::string_view(warning).starts_with("Can't translate");
}

using Entry = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

Entry entry_of(const TarWriter::Header& header) {
    Entry entry(::archive_entry_new(), ::archive_entry_free);
    if (!entry) throw std::bad_alloc();
    archive_entry* to = entry.get();
    ::archive_entry_set_pathname(to, header.name.c_str());
    ::archive_entry_set_mode(to, header.mode);
    ::archive_entry_set_uid(to, header.uid);
    ::archive_entry_set_gid(to, header.gid);
    ::archive_entry_set_size(to, static_cast<la_int64_t>(header.size));
    ::archive_entry_set_mtime(to, header.modified.tv_sec,
                              header.modified.tv_nsec);
    if (header.device != 0) ::archive_entry_set_rdev(to, header.device);
    if (!header.target.empty())
        ::archive_entry_set_symlink(to, header.target.c_str());
    if (!header.hard_link.empty())
        ::archive_entry_set_hardlink(to, header.hard_link.c_str());
    for (const auto& [name, value] : header.xattrs)
        ::archive_entry_xattr_add_entry(to, name.c_str(), value.data(),
                                        value.size());
    return entry;
}

}  // namespace

TarWriter::TarWriter(ByteSink out)
    : out_(std::move(out)), writer_(::archive_write_new()) {
    if (!writer_) throw std::bad_alloc();
    ::archive_write_set_format_pax(writer_);
    // As everybody else writes them; libarchive has a second way of its own.
    ::archive_write_set_format_option(writer_, "pax", "xattrheader", "SCHILY");
    ::archive_write_set_bytes_per_block(writer_, block_size);
    ::archive_write_set_bytes_in_last_block(writer_, 1);
    ::archive_write_open(writer_, this, nullptr, hand_on, nullptr);
}

TarWriter::~TarWriter() {
    // Otherwise it would write an end to a tar that has none.
    ::archive_write_fail(writer_);
    ::archive_write_free(writer_);
}

ssize_t TarWriter::hand_on(archive* writer, void* self, const void* bytes,
                           std::size_t size) {
    auto* tar = static_cast<TarWriter*>(self);
    try {
        tar->out_({static_cast<const char*>(bytes), size});
        return static_cast<ssize_t>(size);
    } catch (...) {
        tar->failure_ = std::current_exception();
        ::archive_set_error(writer, EIO, "sink failed");
        return -1;
    }
}

void TarWriter::checked(ssize_t result) {
    if (failure_) std::rethrow_exception(failure_);
    if (result >= ARCHIVE_OK) return;
    const char* why = ::archive_error_string(writer_);
    if (result == ARCHIVE_WARN && is_about_names(why)) return;
    throw Error(ErrorKind::InvalidArgument, cat("tar: ", why ? why : "failed"));
}

void TarWriter::begin(const Header& header) {
    Utf8Names names;
    checked(::archive_write_header(writer_, entry_of(header).get()));
}

void TarWriter::write(std::string_view bytes) {
    while (!bytes.empty()) {
        ssize_t taken =
            ::archive_write_data(writer_, bytes.data(), bytes.size());
        checked(taken);
        if (taken == 0)
            throw Error(ErrorKind::InvalidArgument,
                        "tar: more bytes than the entry has");
        bytes.remove_prefix(static_cast<std::size_t>(taken));
    }
}

void TarWriter::write_zeros(std::uint64_t count) {
    static const std::string zeros(block_size, '\0');
    while (count > 0) {
        std::size_t size = static_cast<std::size_t>(
            std::min<std::uint64_t>(count, zeros.size()));
        write({zeros.data(), size});
        count -= size;
    }
}

void TarWriter::finish() {
    Utf8Names names;
    checked(::archive_write_close(writer_));
}

}  // namespace slipway
