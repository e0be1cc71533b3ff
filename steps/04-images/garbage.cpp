#include "04-images/garbage.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <cerrno>
#include <map>

#include "04-images/blob_references.hpp"
#include "04-images/store_folder.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

// What only a sha512 blob refers to would look like garbage to us.
void must_be_all_sha256(const ContentStore& store) {
    std::string path = store.root + "/blobs";
    UniqueFd folder(
        check(::openat(store.folder.get(), "blobs",
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
              "open folder ", path));
    for (const std::string& name : names_in(folder.get(), path))
        if (name != "sha256")
            throw Error(ErrorKind::Unsupported,
                        cat("collect garbage in ", path, ": ", quote(name),
                            " is no kind of digest known here"))
                .advise("another tool put it there: remove it with that tool");
}

// Frees nothing while a second name keeps the bytes, which is rare enough.
std::uint64_t remove_file(int folder, const std::string& name,
                          const std::string& path) {
    struct stat about {};
    check(::fstatat(folder, name.c_str(), &about, AT_SYMLINK_NOFOLLOW), "stat ",
          path);
    check(::unlinkat(folder, name.c_str(), 0), "remove ", path);
    return S_ISREG(about.st_mode) ? static_cast<std::uint64_t>(about.st_size)
                                  : 0;
}

bool is_folder(int folder, const std::string& name) {
    struct stat about {};
    return ::fstatat(folder, name.c_str(), &about, AT_SYMLINK_NOFOLLOW) == 0 &&
           S_ISDIR(about.st_mode);
}

// Nobody should be: who ingests holds a lease. But a lease may have been given
// up too early, and what is being written is no leftover.
bool is_being_written(int folder, const std::string& name) {
    UniqueFd file(::openat(folder, name.c_str(),
                           O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    return file && !lock_file(file.get(), LOCK_EX, Wait::No, name);
}

void sweep_blobs(const ContentStore& store,
                 const std::map<Digest, Reached>& reached,
                 Collected& collected) {
    int folder = store.blobs.get();
    for (const std::string& name :
         names_in(folder, store.root + "/blobs/sha256")) {
        if (!is_blob_name(name) || is_folder(folder, name)) continue;
        Digest digest = Digest::parse("sha256:" + name);
        if (reached.contains(digest)) continue;
        collected.bytes += remove_file(folder, name, store.blob_path(digest));
        collected.blobs.push_back(digest);
    }
}

void sweep_folder(const ContentStore& store, int folder,
                  const std::string& folder_name, Collected& collected) {
    for (const std::string& name :
         names_in(folder, cat(store.root, "/", folder_name))) {
        if (is_folder(folder, name) || is_being_written(folder, name)) continue;
        std::string inside = cat(folder_name, "/", name);
        collected.bytes +=
            remove_file(folder, name, cat(store.root, "/", inside));
        collected.leftovers.push_back(inside);
    }
}

// write_file_atomic() was killed before its rename. Its temporary names are
// the file's and six letters more.
bool is_temporary(const std::string& name) {
    for (std::string_view file : {"index.json.", "oci-layout."})
        if (name.starts_with(file) && name.size() == file.size() + 6)
            return true;
    return false;
}

void sweep_temporaries(const ContentStore& store, Collected& collected) {
    UniqueFd lock = lock_index(store);  // so that none is in use
    int folder = store.folder.get();
    for (const std::string& name : names_in(folder, store.root)) {
        if (!is_temporary(name) || is_folder(folder, name)) continue;
        collected.bytes +=
            remove_file(folder, name, cat(store.root, "/", name));
        collected.leftovers.push_back(name);
    }
}

void sweep_bad(const ContentStore& store, Collected& collected) {
    int fd = ::openat(store.folder.get(), "bad",
                      O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) return;
    UniqueFd folder(check(fd, "open folder ", store.root, "/bad"));
    sweep_folder(store, folder.get(), "bad", collected);
}

}  // namespace

//@ begin collect
Collected collect_garbage(const WholeStore& whole,
                          const std::vector<Digest>& keep) {
    const ContentStore& store = whole.store;
    must_be_all_sha256(store);
    std::map<Digest, Reached> reached = reach_all(store);
    std::vector<BlobReference> more;
    more.reserve(keep.size());
    for (const Digest& digest : keep) more.push_back({"", digest, 0});
    reach_from(store, std::move(more), reached);

    Collected collected;
    sweep_blobs(store, reached, collected);
    sweep_folder(store, store.ingest.get(), "ingest", collected);
    sweep_bad(store, collected);
    sweep_temporaries(store, collected);
    return collected;
}
//@ end collect

std::optional<Collected> collect_garbage(const ContentStore& store, Wait wait,
                                         const std::vector<Digest>& keep) {
    std::optional<WholeStore> whole = lock_whole_store(store, wait);
    if (!whole) return std::nullopt;
    return collect_garbage(*whole, keep);
}

}  // namespace slipway
