#include "04-images/snapshots.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <optional>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view unfinished_end = ".tmp";

bool is_folder(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0 && S_ISDIR(info.st_mode);
}

// The lock of one layer. The file stays: if it were removed, two could hold
// locks on two files of one name.
UniqueFd lock_layer(const std::string& path, int how) {
    UniqueFd fd(check(
        ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600),
        "open ", path));
    while (::flock(fd.get(), how) != 0) {
        if (errno == EWOULDBLOCK) return UniqueFd();
        if (errno != EINTR) throw_errno(errno, cat("lock ", path));
    }
    return fd;
}

std::optional<Digest> digest_of_name(const std::string& hex) {
    try {
        return Digest::parse("sha256:" + hex);
    } catch (const Error&) {
        return std::nullopt;  // not ours
    }
}

}  // namespace

Snapshots::Snapshots(std::string folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    check(::chmod(folder_.c_str(), 0700), "chmod ", folder_);
}

bool Snapshots::has(const Digest& diff_id) const {
    return is_folder(path(diff_id));
}

std::string Snapshots::path(const Digest& diff_id) const {
    return cat(folder_, "/", diff_id.hex());
}

std::string Snapshots::unfinished(const Digest& diff_id) const {
    return cat(folder_, "/.", diff_id.hex(), unfinished_end);
}

//@ begin make-snapshot
void Snapshots::make(
    const Digest& diff_id,
    const std::function<std::uint64_t(const std::string& folder)>& unpack) {
    if (has(diff_id)) return;
    UniqueFd lock = lock_layer(cat(folder_, "/.", diff_id.hex()), LOCK_EX);
    if (has(diff_id)) return;  // another process was quicker
    std::string half = unfinished(diff_id);
    remove_tree(half);  // of a process that was killed
    check(::mkdir(half.c_str(), 0755), "create ", half);
    ScopeGuard undo([&] {
        try {
            remove_tree(half);
        } catch (const Error&) {
            // The next one removes it.
        }
    });
    std::string size = cat(unpack(half), "\n");
    check(::ftruncate(lock.get(), 0), "write ", path(diff_id));
    check(::pwrite(lock.get(), size.data(), size.size(), 0), "write ",
          path(diff_id));
    check(::rename(half.c_str(), path(diff_id).c_str()), "rename ", half);
    undo.dismiss();
}
//@ end make-snapshot

std::vector<Digest> Snapshots::list() const {
    std::vector<Digest> all;
    for (const auto& entry : std::filesystem::directory_iterator(folder_))
        if (auto digest = digest_of_name(entry.path().filename().string()))
            all.push_back(*digest);
    return all;
}

std::optional<std::uint64_t> Snapshots::size(const Digest& diff_id) const {
    if (!has(diff_id)) return {};
    constexpr std::size_t most_digits = 32;
    std::string text =
        read_file(cat(folder_, "/.", diff_id.hex()), most_digits);
    return parse_unsigned(text.substr(0, text.find('\n')), UINT64_MAX);
}

UniqueFd Snapshots::use(const Digest& diff_id) const {
    UniqueFd lock = lock_layer(cat(folder_, "/.", diff_id.hex()), LOCK_SH);
    if (has(diff_id)) return lock;
    throw Error(ErrorKind::NotFound,
                cat("layer ", diff_id.text(), " is not unpacked"))
        .advise("pull or load the image again");
}

bool Snapshots::remove(const Digest& diff_id) {
    UniqueFd lock =
        lock_layer(cat(folder_, "/.", diff_id.hex()), LOCK_EX | LOCK_NB);
    if (!lock) return false;
    std::string half = unfinished(diff_id);
    remove_tree(half);
    // Renamed first: a folder that is half gone must not look like a layer.
    if (::rename(path(diff_id).c_str(), half.c_str()) != 0) {
        if (errno == ENOENT) return true;
        throw_errno(errno, cat("remove layer ", diff_id.text()));
    }
    remove_tree(half);
    return true;
}

void Snapshots::sync() const {
    UniqueFd fd(
        check(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open ", folder_));
    check(::syncfs(fd.get()), "write ", folder_, " to the disk");
}

void Snapshots::remove_leftovers() {
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
        std::string name = entry.path().filename().string();
        if (!name.starts_with('.') || !name.ends_with(unfinished_end)) continue;
        name.resize(name.size() - unfinished_end.size());
        UniqueFd lock = lock_layer(cat(folder_, "/", name), LOCK_EX | LOCK_NB);
        if (lock) remove_tree(entry.path().string());
    }
}

}  // namespace slipway
