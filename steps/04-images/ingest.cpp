#include "04-images/ingest.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <utility>

#include "common/error.hpp"

namespace slipway {

namespace {

std::string path_of(const ContentStore& store, const std::string& name) {
    return cat(store.root, "/ingest/", name);
}

// A symlink or a second hard link would make us write to somebody else's file.
UniqueFd open_part(const ContentStore& store, const std::string& name) {
    int fd =
        ::openat(store.ingest.get(), name.c_str(),
                 O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC, 0644);
    bool foreign =
        fd < 0 && (errno == ELOOP || errno == EISDIR || errno == ENXIO);
    if (!foreign) check(fd, "open ", path_of(store, name));
    UniqueFd part(fd);
    struct stat about {};
    if (part) check(::fstat(fd, &about), "stat ", path_of(store, name));
    // No link at all is ours: just renamed or removed by another process.
    if (foreign || !S_ISREG(about.st_mode) || about.st_nlink > 1)
        throw Error(ErrorKind::Conflict, cat("fetch to ", path_of(store, name),
                                             ": is no file of ours"))
            .advise("look where it comes from; prune removes it");
    return part;
}

// Its name may have gone to another file while we waited for the lock.
bool has_name(const ContentStore& store, const std::string& name, int fd) {
    struct stat named {};
    struct stat open {};
    check(::fstat(fd, &open), "stat ", path_of(store, name));
    return ::fstatat(store.ingest.get(), name.c_str(), &named,
                     AT_SYMLINK_NOFOLLOW) == 0 &&
           named.st_ino == open.st_ino && named.st_dev == open.st_dev;
}

void fsync_folder(int fd, const std::string& path) {
    check(::fsync(fd), "fsync ", path);
}

void must_be_possible(const BlobName& blob) {
    if (blob.size > largest_blob)
        throw Error(
            ErrorKind::InvalidArgument,
            cat("blob ", blob.digest.text(), " is said to have ", blob.size,
                " bytes, more than the allowed ", largest_blob));
}

bool is_complete(const ContentStore& store, const BlobName& blob) {
    return blob_size(store, blob.digest) == blob.size;
}

}  // namespace

Ingest::Ingest(const ContentStore& store, std::string name, UniqueFd file)
    : store_(&store), name_(std::move(name)), file_(std::move(file)) {}

Ingest::~Ingest() {
    if (file_ && !expected_) discard();
}

void Ingest::discard() {
    if (!file_) return;
    // First the name, then the lock: who waits for it must not find the file.
    ::unlinkat(store_->ingest.get(), name_.c_str(), 0);
    file_.reset();
}

void Ingest::hash_what_is_there() {
    char buffer[64 * 1024];
    while (true) {
        ssize_t count = ::pread(file_.get(), buffer, sizeof buffer,
                                static_cast<off_t>(offset_));
        if (count < 0 && errno == EINTR) continue;
        check(count, "read ", path_of(*store_, name_));
        if (count == 0) break;
        hash_.add({buffer, static_cast<std::size_t>(count)});
        offset_ += static_cast<std::uint64_t>(count);
        if (offset_ > expected_->size) return restart();
    }
}

void Ingest::restart() {
    check(::ftruncate(file_.get(), 0), "truncate ", path_of(*store_, name_));
    hash_ = Sha256();
    offset_ = 0;
}

void Ingest::write(std::string_view bytes) {
    std::uint64_t limit = expected_ ? expected_->size : largest_blob;
    if (bytes.size() > limit - offset_) {
        discard();
        throw Error(
            ErrorKind::DataLoss,
            cat("blob ", name_, ": more than the expected ", limit, " bytes"));
    }
    while (!bytes.empty()) {
        // At our own offset: bytes of a write that failed half-way are
        // written again and never end up in the file twice.
        ssize_t count = ::pwrite(file_.get(), bytes.data(), bytes.size(),
                                 static_cast<off_t>(offset_));
        if (count < 0 && errno == EINTR) continue;
        check(count, "write ", path_of(*store_, name_));
        auto written = static_cast<std::size_t>(count);
        hash_.add(bytes.substr(0, written));
        offset_ += written;
        bytes.remove_prefix(written);
    }
}

//@ begin verify-blob
// Compares what came with what was promised.
BlobName Ingest::verified() {
    if (expected_ && offset_ < expected_->size)
        throw Error(ErrorKind::DataLoss,
                    cat("blob ", expected_->digest.text(), ": ", offset_,
                        " of ", expected_->size, " bytes"))
            .advise("the next attempt goes on from there");
    BlobName found{hash_.finish(), offset_};
    if (expected_ && found.digest != expected_->digest) {
        discard();
        throw Error(ErrorKind::DataLoss,
                    cat("blob ", expected_->digest.text(),
                        ": what came has digest ", found.digest.text()))
            .advise("try again; if it stays so, its source is damaged");
    }
    return found;
}
//@ end verify-blob

//@ begin commit-blob
BlobName Ingest::commit() {
    BlobName blob = verified();
    std::string part = path_of(*store_, name_);
    try {
        check(::ftruncate(file_.get(), static_cast<off_t>(offset_)),
              "truncate ", part);  // nobody may have added to it
        check(::fchmod(file_.get(), 0644), "chmod ", part);
        // Without fsync the name may reach the disk before the bytes do.
        check(::fsync(file_.get()), "fsync ", part);
        std::string hex(blob.digest.hex());
        check(::renameat(store_->ingest.get(), name_.c_str(),
                         store_->blobs.get(), hex.c_str()),
              "rename to ", store_->blob_path(blob.digest));
    } catch (const Error&) {
        // After a failed fsync the kernel takes its copy for written: a later
        // attempt would read it, find it right, and lose it.
        discard();
        throw;
    }
    file_.reset();
    fsync_folder(store_->blobs.get(), cat(store_->root, "/blobs/sha256"));
    return blob;
}
//@ end commit-blob

//@ begin begin-ingest
std::optional<Ingest> begin_ingest(const StoreLease& lease,
                                   const BlobName& blob, Wait wait) {
    const ContentStore& store = lease.store;
    must_be_possible(blob);
    if (is_complete(store, blob)) return std::nullopt;
    std::string name(blob.digest.hex());
    // Each turn means that another process has finished or given up.
    while (true) {
        UniqueFd part = open_part(store, name);
        if (!lock_file(part.get(), LOCK_EX, wait, path_of(store, name)))
            throw Error(ErrorKind::Unavailable,
                        cat("blob ", blob.digest.text(),
                            " is being fetched by another process"));
        if (!has_name(store, name, part.get())) continue;
        Ingest ingest(store, name, std::move(part));
        if (is_complete(store, blob)) {  // by the one we waited for
            ingest.discard();
            return std::nullopt;
        }
        ingest.expected_ = blob;
        ingest.hash_what_is_there();
        return ingest;
    }
}
//@ end begin-ingest

Ingest begin_new_blob(const StoreLease& lease) {
    std::string path = path_of(lease.store, "new-XXXXXX");
    UniqueFd file(check(::mkostemp(path.data(), O_CLOEXEC), "create ", path));
    Ingest ingest(lease.store, path.substr(path.rfind('/') + 1),
                  std::move(file));
    lock_file(ingest.file_.get(), LOCK_EX, Wait::Yes, path);
    return ingest;
}

BlobName put_blob(const StoreLease& lease, std::string_view bytes) {
    BlobName blob{Digest::of(bytes), bytes.size()};
    std::optional<Ingest> ingest = begin_ingest(lease, blob, Wait::Yes);
    if (!ingest) return blob;
    ingest->restart();
    ingest->write(bytes);
    return ingest->commit();
}

}  // namespace slipway
