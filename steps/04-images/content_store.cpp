#include "04-images/content_store.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <filesystem>

#include "04-images/image_index.hpp"
#include "04-images/store_lock.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

constexpr char layout_file[] = "{\"imageLayoutVersion\":\"1.0.0\"}";

// Not through a symlink: blobs are renamed from folder to folder, which must
// be one file system, and a planted link must not lead our writes elsewhere.
UniqueFd open_folder(int parent, const std::string& root, const char* name) {
    if (::mkdirat(parent, name, 0755) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", root, "/", name));
    return UniqueFd(check(
        ::openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
        "open folder ", root, "/", name));
}

bool is_there(int folder, const char* name) {
    struct stat about {};
    return ::fstatat(folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0;
}

// Below the lock: another process may be creating the same store, and may
// have named an image in it by now.
void create_files(const ContentStore& store) {
    int folder = store.folder.get();
    if (is_there(folder, "oci-layout") && is_there(folder, "index.json"))
        return;
    UniqueFd lock = lock_index(store);
    if (!is_there(folder, "index.json"))
        write_file_atomic(store.root + "/index.json", empty_index());
    if (!is_there(folder, "oci-layout"))
        write_file_atomic(store.root + "/oci-layout", layout_file);
}

[[noreturn]] void throw_no_blob(const ContentStore& store,
                                const Digest& digest) {
    throw Error(ErrorKind::NotFound,
                cat("blob ", digest.text(), " is not in ", store.root))
        .advise("pull or load the image that it belongs to");
}

std::uint64_t size_of(int fd, const Digest& digest) {
    struct stat about {};
    check(::fstat(fd, &about), "stat blob ", digest.text());
    return static_cast<std::uint64_t>(about.st_size);
}

std::string name_of(const Digest& digest) {
    return std::string(digest.hex());
}

[[noreturn]] void throw_wrong_bytes(const Digest& wanted, const Digest& found) {
    throw Error(ErrorKind::DataLoss,
                cat("blob ", wanted.text(),
                    " is damaged: its bytes have digest ", found.text()))
        .advise("fsck --repair puts it aside, the next pull fetches it again");
}

}  // namespace

ContentStore::ContentStore(const std::string& path) {
    std::error_code failure;
    root = std::filesystem::absolute(path, failure).string();
    if (!failure) std::filesystem::create_directories(root, failure);
    if (failure)
        throw_errno(failure.value(), cat("create image store ", quote(path)));
    folder.reset(check(::open(root.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                       "open image store ", root));
    UniqueFd parent = open_folder(folder.get(), root, "blobs");
    blobs = open_folder(parent.get(), root + "/blobs", "sha256");
    ingest = open_folder(folder.get(), root, "ingest");
    create_files(*this);
}

std::string ContentStore::blob_path(const Digest& digest) const {
    return cat(root, "/blobs/sha256/", digest.hex());
}

std::string read_store_file(const ContentStore& store, const char* name,
                            std::size_t limit) {
    // No links and no waiting for a FIFO's writer, whoever planted them.
    std::string path = cat(store.root, "/", name);
    UniqueFd fd(check(::openat(store.folder.get(), name,
                               O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC),
                      "open ", path));
    return with_context(path, [&] { return read_all(fd.get(), limit); });
}

std::optional<std::uint64_t> blob_size(const ContentStore& store,
                                       const Digest& digest) {
    struct stat about {};
    if (::fstatat(store.blobs.get(), name_of(digest).c_str(), &about,
                  AT_SYMLINK_NOFOLLOW) != 0) {
        if (errno == ENOENT) return std::nullopt;
        throw_errno(errno, cat("look for ", store.blob_path(digest)));
    }
    if (!S_ISREG(about.st_mode)) return std::nullopt;
    return static_cast<std::uint64_t>(about.st_size);
}

UniqueFd open_blob(const ContentStore& store, const Digest& digest) {
    // O_NONBLOCK: a planted FIFO would keep us waiting for its writer.
    int fd = ::openat(store.blobs.get(), name_of(digest).c_str(),
                      O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0 && (errno == ENOENT || errno == ELOOP || errno == ENXIO))
        throw_no_blob(store, digest);
    UniqueFd blob(check(fd, "open ", store.blob_path(digest)));
    struct stat about {};
    check(::fstat(blob.get(), &about), "stat ", store.blob_path(digest));
    if (!S_ISREG(about.st_mode)) throw_no_blob(store, digest);
    return blob;
}

std::string read_blob(const ContentStore& store, const Digest& digest,
                      std::size_t limit) {
    UniqueFd fd = open_blob(store, digest);
    if (std::uint64_t size = size_of(fd.get(), digest); size > limit)
        throw Error(ErrorKind::InvalidArgument,
                    cat("blob ", digest.text(), " has ", size,
                        " bytes, more than the allowed ", limit));
    std::string bytes = with_context(store.blob_path(digest),
                                     [&] { return read_all(fd.get(), limit); });
    Digest found = Digest::of(bytes);
    if (found != digest) throw_wrong_bytes(digest, found);
    return bytes;
}

BlobReader::BlobReader(const ContentStore& store, const Digest& digest)
    : fd_(open_blob(store, digest)),
      digest_(digest),
      size_(size_of(fd_.get(), digest)) {}

std::size_t BlobReader::read(char* buffer, std::size_t capacity) {
    if (verified_) return 0;
    ssize_t count = 0;
    do {
        count = ::read(fd_.get(), buffer, capacity);
    } while (count < 0 && errno == EINTR);
    check(count, "read blob ", digest_.text());
    auto length = static_cast<std::size_t>(count);
    hash_.add({buffer, length});
    if (length == 0) {
        Digest found = hash_.finish();
        // Also when somebody goes on after the exception: still an error.
        hash_ = Sha256();
        if (found != digest_) throw_wrong_bytes(digest_, found);
        verified_ = true;
    }
    return length;
}

}  // namespace slipway
