#include "04-images/snapshots.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <ctime>
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

//@ begin snapshot-mark
// "SIZE" is on the disk, "SIZE BOOT" may have been lost with that boot.
struct Mark {
    std::uint64_t size;
    std::string boot;
};

std::optional<Mark> read_mark(const std::string& path) {
    constexpr std::size_t longest = 128;
    std::string line;
    try {
        line = read_file(path, longest);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
    }
    std::size_t end = line.find('\n');
    if (end == std::string::npos) return {};  // itself lost
    line.resize(end);
    std::size_t blank = std::min(line.find(' '), end);
    auto size = parse_unsigned(line.substr(0, blank), UINT64_MAX);
    if (!size) return {};
    return Mark{*size, line.substr(std::min(blank + 1, end))};
}

bool is_whole(const std::optional<Mark>& mark) {
    return mark && (mark->boot.empty() || mark->boot == boot_id());
}
//@ end snapshot-mark

void write_mark(int fd, const std::string& path, const std::string& text) {
    // Emptied first: after a power cut the text of an earlier layer of this
    // name must not be found beside the later one's folder.
    check(::ftruncate(fd, 0), "write ", path);
    check(::pwrite(fd, text.data(), text.size(), 0), "write ", path);
}

std::optional<Digest> digest_of_name(const std::string& hex) {
    try {
        return Digest::parse("sha256:" + hex);
    } catch (const Error&) {
        return std::nullopt;  // not ours
    }
}

}  // namespace

const std::string& boot_id() {
    constexpr std::size_t uuid = 36;
    static const std::string id =
        read_file("/proc/sys/kernel/random/boot_id", 64).substr(0, uuid);
    return id;
}

Snapshots::Snapshots(std::string folder) : folder_(std::move(folder)) {
    std::filesystem::create_directories(folder_);
    check(::chmod(folder_.c_str(), 0700), "chmod ", folder_);
}

bool Snapshots::has(const Digest& diff_id) const {
    return is_folder(path(diff_id)) && is_whole(read_mark(mark(diff_id)));
}

bool Snapshots::has_all(const std::vector<Digest>& diff_ids) const {
    return std::all_of(diff_ids.begin(), diff_ids.end(),
                       [&](const Digest& diff_id) { return has(diff_id); });
}

std::string Snapshots::path(const Digest& diff_id) const {
    return cat(folder_, "/", diff_id.hex());
}

std::string Snapshots::mark(const Digest& diff_id) const {
    return cat(folder_, "/.", diff_id.hex());
}

std::string Snapshots::unfinished(const Digest& diff_id) const {
    return cat(folder_, "/.", diff_id.hex(), unfinished_end);
}

//@ begin make-snapshot
void Snapshots::make(
    const Digest& diff_id,
    const std::function<std::uint64_t(const std::string& folder)>& unpack) {
    if (has(diff_id)) return;
    UniqueFd lock = lock_layer(mark(diff_id), LOCK_EX);
    if (has(diff_id)) return;  // another process was quicker
    std::string half = unfinished(diff_id);
    remove_tree(half);           // of a process that was killed
    remove_tree(path(diff_id));  // of a boot that was cut short
    check(::mkdir(half.c_str(), 0755), "create ", half);
    ScopeGuard undo([&] {
        try {
            remove_tree(half);
        } catch (const Error&) {
            // The next one removes it.
        }
    });
    write_mark(lock.get(), mark(diff_id),
               cat(unpack(half), " ", boot_id(), "\n"));
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
    auto found = read_mark(mark(diff_id));
    if (!is_folder(path(diff_id)) || !is_whole(found)) return {};
    return found->size;
}

UniqueFd Snapshots::use(const Digest& diff_id) const {
    UniqueFd lock = lock_layer(mark(diff_id), LOCK_SH);
    if (has(diff_id)) return lock;
    throw Error(ErrorKind::NotFound,
                cat("layer ", diff_id.text(), " is not unpacked"))
        .advise("pull or load the image again");
}

bool Snapshots::remove(const Digest& diff_id) {
    UniqueFd lock = lock_layer(mark(diff_id), LOCK_EX | LOCK_NB);
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

//@ begin sync-snapshots
void Snapshots::sync(std::chrono::seconds age) const {
    std::vector<Digest> made;  // before syncfs: what comes later is not in it
    for (const Digest& layer : list()) {
        struct stat info {};
        auto found = read_mark(mark(layer));
        if (found && found->boot == boot_id() &&
            ::stat(mark(layer).c_str(), &info) == 0 &&
            ::time(nullptr) - info.st_mtime >= age.count())
            made.push_back(layer);
    }
    if (made.empty() && age.count() > 0) return;
    UniqueFd fd(
        check(::open(folder_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open ", folder_));
    check(::syncfs(fd.get()), "write ", folder_, " to the disk");
    for (const Digest& layer : made) {
        // Shared: whoever uses it has nothing against it. One that is just
        // being removed, or is made anew, has to be left alone.
        UniqueFd lock = lock_layer(mark(layer), LOCK_SH | LOCK_NB);
        auto found = lock ? read_mark(mark(layer)) : std::nullopt;
        if (!found || found->boot != boot_id()) continue;
        // One byte, so that nobody reads half a mark: the line ends before
        // the boot.
        check(::pwrite(lock.get(), "\n", 1,
                       static_cast<off_t>(cat(found->size).size())),
              "write ", mark(layer));
    }
}
//@ end sync-snapshots

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
