#include "06-engine/monitor/log_parts.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/error.hpp"

namespace slipway {

namespace {

UniqueFd open_part(const std::string& path, unsigned number) {
    std::string name = number == 0 ? path : cat(path, ".", number);
    UniqueFd file(::open(name.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW));
    if (!file && errno != ENOENT)
        throw_errno(errno, cat("open the log ", name));
    return file;
}

bool is_same_file(const UniqueFd& one, const UniqueFd& other) {
    struct stat a {
    }, b{};
    check(::fstat(one.get(), &a), "stat a log");
    check(::fstat(other.get(), &b), "stat a log");
    return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

off_t size_of(int file) {
    struct stat info {};
    check(::fstat(file, &info), "stat a log");
    return info.st_size;
}

// Where the last `lines` lines of a file begin; `lines` becomes the number of
// those that it does not have.
off_t find_tail(int file, std::uint64_t& lines) {
    constexpr off_t block = 64 << 10;
    std::string bytes;
    off_t end = size_of(file);
    bool is_last = true;  // of the file: the end of its last line begins none
    while (end > 0) {
        off_t from = std::max<off_t>(end - block, 0);
        bytes.resize(static_cast<std::size_t>(end - from));
        ssize_t n = check(::pread(file, bytes.data(), bytes.size(), from),
                          "read a log");
        std::size_t at = static_cast<std::size_t>(n);
        if (is_last && at > 0) at -= bytes[at - 1] == '\n' ? 1 : 0;
        is_last = false;
        while (at > 0) {
            at = std::string_view(bytes).substr(0, at).rfind('\n');
            if (at == std::string_view::npos) break;
            if (--lines == 0) return from + static_cast<off_t>(at) + 1;
        }
        end = from;
    }
    if (size_of(file) > 0) --lines;  // the file's first
    return 0;
}

}  // namespace

//@ begin log-parts
// From the newest to the oldest: when the files move on meanwhile, one is met
// twice, but none is missed.
std::vector<LogPart> open_log_parts(const std::string& path) {
    std::vector<LogPart> parts;
    for (unsigned number = 0;; ++number) {
        UniqueFd file = open_part(path, number);
        if (!file && number > 0) break;  // 0: about to be replaced, or no log
        if (!file) continue;
        if (parts.empty() || !is_same_file(file, parts.back().file))
            parts.push_back({std::move(file)});
    }
    std::reverse(parts.begin(), parts.end());
    return parts;
}
//@ end log-parts

void keep_tail(std::vector<LogPart>& parts, std::uint64_t lines) {
    std::size_t first = parts.size();
    while (first > 0 && lines > 0) {
        --first;
        parts[first].from = find_tail(parts[first].file.get(), lines);
    }
    if (!parts.empty() && first == parts.size())  // none: but what comes later
        parts.back().from = size_of(parts[--first].file.get());
    parts.erase(parts.begin(),
                parts.begin() + static_cast<std::ptrdiff_t>(first));
}

UniqueFd open_next_part(const std::string& path, const UniqueFd& part) {
    std::vector<LogPart> parts = open_log_parts(path);
    if (!part) return parts.empty() ? UniqueFd() : std::move(parts[0].file);
    for (std::size_t i = 0; i < parts.size(); ++i)
        if (is_same_file(parts[i].file, part))
            return i + 1 < parts.size() ? std::move(parts[i + 1].file)
                                        : UniqueFd();
    // It was the oldest one, and has been removed.
    return parts.empty() ? UniqueFd() : std::move(parts[0].file);
}

}  // namespace slipway
