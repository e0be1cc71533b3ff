#include "04-images/tar_reader.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <new>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// A multiple of a tar's blocks, and filled whole: then no block lies across two
// fillings, and libarchive has nothing to copy.
constexpr std::size_t buffer_size = std::size_t{256} * 1024;

// What libarchive may read before it answers: headers, and the maps of sparse
// files, which it keeps in memory, twenty times as large as in the tar.
constexpr std::uint64_t most_silent = std::uint64_t{4} << 20;

const char* text_or_empty(const char* text) {
    return text ? text : "";
}

TarEntry::Type type_of(archive_entry* entry) {
    if (::archive_entry_hardlink(entry)) return TarEntry::Type::HardLink;
    switch (::archive_entry_filetype(entry)) {
        case AE_IFREG:
            return TarEntry::Type::File;
        case AE_IFDIR:
            return TarEntry::Type::Folder;
        case AE_IFLNK:
            return TarEntry::Type::Symlink;
        case AE_IFCHR:
            return TarEntry::Type::CharDevice;
        case AE_IFBLK:
            return TarEntry::Type::BlockDevice;
        case AE_IFIFO:
            return TarEntry::Type::Fifo;
        default:
            return TarEntry::Type::Other;
    }
}

// Names that are no UTF-8 are names all the same.
bool is_about_charset(const char* warning) {
    return std::string_view(text_or_empty(warning))
               .find("can't be converted") != std::string_view::npos;
}

}  // namespace

TarReader::TarReader(const ByteSource& source, std::uint64_t most_bytes)
    : source_(source),
      most_bytes_(most_bytes),
      buffer_(buffer_size, '\0'),
      reader_(::archive_read_new()) {
    if (!reader_) throw std::bad_alloc();
    ::archive_read_support_format_tar(reader_);
    ::archive_read_open(reader_, this, nullptr, read_from, nullptr);
}

TarReader::~TarReader() {
    ::archive_read_free(reader_);
}

std::size_t TarReader::fill() {
    filled_ = 0;
    while (filled_ < buffer_.size()) {
        std::size_t got =
            source_(buffer_.data() + filled_, buffer_.size() - filled_);
        if (got == 0) break;
        filled_ += got;
    }
    taken_ += filled_;
    silent_ += filled_;
    if (taken_ > most_bytes_)
        throw Error(ErrorKind::InvalidArgument,
                    cat("tar of more than ", most_bytes_, " bytes"));
    return filled_;
}

ssize_t TarReader::read_from(archive* reader, void* self, const void** bytes) {
    auto* tar = static_cast<TarReader*>(self);
    try {
        if (tar->silent_ > most_silent)
            throw Error(ErrorKind::InvalidArgument,
                        "tar: headers of more than 4 MiB");
        *bytes = tar->buffer_.data();
        return static_cast<ssize_t>(tar->fill());
    } catch (...) {
        tar->failure_ = std::current_exception();
        ::archive_set_error(reader, EIO, "source failed");
        return ARCHIVE_FATAL;
    }
}

int TarReader::checked(int result) {
    silent_ = 0;
    if (failure_) std::rethrow_exception(failure_);
    if (result == ARCHIVE_OK || result == ARCHIVE_EOF) return result;
    const char* why = ::archive_error_string(reader_);
    if (result == ARCHIVE_WARN && is_about_charset(why)) return result;
    throw Error(ErrorKind::DataLoss, cat("tar: ", why ? why : "broken"));
}

const TarEntry* TarReader::next() {
    for (TarBlock unwanted; body_left_ && block(unwanted);) continue;
    archive_entry* entry = nullptr;
    int result = ::archive_read_next_header(reader_, &entry);
    // Nothing at all is a tar without entries, which libarchive has no word
    // for.
    if (!failure_ && result != ARCHIVE_OK && taken_ == 0) return nullptr;
    if (checked(result) == ARCHIVE_EOF) {
        read_rest();
        return nullptr;
    }
    fill_entry(entry);
    body_left_ = true;
    return &entry_;
}

void TarReader::fill_entry(archive_entry* from) {
    entry_.type = type_of(from);
    entry_.name = text_or_empty(::archive_entry_pathname(from));
    entry_.target = text_or_empty(entry_.type == TarEntry::Type::HardLink
                                      ? ::archive_entry_hardlink(from)
                                      : ::archive_entry_symlink(from));
    entry_.mode = ::archive_entry_perm(from);
    entry_.uid = ::archive_entry_uid(from);
    entry_.gid = ::archive_entry_gid(from);
    entry_.size = ::archive_entry_size(from);
    entry_.sparse = ::archive_entry_sparse_count(from) > 0;
    entry_.times[1] = {::archive_entry_mtime(from),
                       ::archive_entry_mtime_nsec(from)};
    entry_.times[0] = entry_.times[1];
    if (::archive_entry_atime_is_set(from))
        entry_.times[0] = {::archive_entry_atime(from),
                           ::archive_entry_atime_nsec(from)};
    entry_.device_major =
        static_cast<std::int64_t>(::archive_entry_rdevmajor(from));
    entry_.device_minor =
        static_cast<std::int64_t>(::archive_entry_rdevminor(from));
    entry_.xattrs.clear();
    const char* name;
    const void* value;
    std::size_t size;
    ::archive_entry_xattr_reset(from);
    while (::archive_entry_xattr_next(from, &name, &value, &size) == ARCHIVE_OK)
        entry_.xattrs.push_back(
            {name, {static_cast<const char*>(value), size}});
}

bool TarReader::block(TarBlock& found) {
    const void* bytes = nullptr;
    std::size_t size = 0;
    int result = checked(
        ::archive_read_data_block(reader_, &bytes, &size, &found.offset));
    body_left_ = result != ARCHIVE_EOF;
    if (!body_left_) return false;
    // A hostile map of a sparse file may have been added up without care.
    if (found.offset < 0 || size > std::numeric_limits<std::int64_t>::max() ||
        found.offset > std::numeric_limits<std::int64_t>::max() -
                           static_cast<std::int64_t>(size))
        throw Error(ErrorKind::DataLoss, "tar: broken map of a sparse file");
    found.bytes = {static_cast<const char*>(bytes), size};
    return true;
}

// What libarchive did not take of the buffer, and what is left of the source.
void TarReader::read_rest() {
    auto consumed =
        static_cast<std::uint64_t>(::archive_filter_bytes(reader_, 0));
    std::size_t left = static_cast<std::size_t>(
        std::min<std::uint64_t>(taken_ - consumed, filled_));
    std::string_view rest(buffer_.data() + filled_ - left, left);
    do {
        if (rest.find_first_not_of('\0') != rest.npos)
            throw Error(ErrorKind::DataLoss, "tar: other bytes behind its end");
        rest = {buffer_.data(), fill()};
    } while (!rest.empty());
}

}  // namespace slipway
