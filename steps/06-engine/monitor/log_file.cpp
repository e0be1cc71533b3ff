#include "06-engine/monitor/log_file.hpp"

#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "common/text.hpp"

namespace slipway {

namespace {

// Its owner's alone: a program may print what others must not read.
UniqueFd open_log(const std::string& path, int flags) {
    return UniqueFd(::open(
        path.c_str(),
        O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | flags, 0600));
}

// Returns how many were written; fewer than all: errno says why.
std::size_t write_what_fits(int fd, std::string_view bytes) {
    std::size_t done = 0;
    while (done < bytes.size()) {
        ssize_t n = ::write(fd, bytes.data() + done, bytes.size() - done);
        if (n < 0 && errno == EINTR) continue;
        if (n <= 0) break;
        done += static_cast<std::size_t>(n);
    }
    return done;
}

}  // namespace

bool LogFile::open() {
    if (file_) return true;
    file_ = open_log(path_, 0);
    struct stat info {};
    if (!file_ || ::fstat(file_.get(), &info) != 0) {
        errno_ = errno;
        return false;
    }
    size_ = static_cast<std::uint64_t>(info.st_size);
    return true;
}

//@ begin log-rotate
// The next file is there before the others move: on a full disk nothing moves,
// and nothing is lost that was written before.
bool LogFile::rotate() {
    std::string next_path = cat(path_, ".next");
    UniqueFd next = open_log(next_path, O_TRUNC);
    if (!next) {
        errno_ = errno;
        return false;
    }
    auto part = [&](unsigned number) {
        return number == 0 ? path_ : cat(path_, ".", number);
    };
    for (unsigned number = limits_.max_files; number-- > 1;)
        ::rename(part(number - 1).c_str(), part(number).c_str());
    if (::rename(next_path.c_str(), path_.c_str()) != 0) {
        errno_ = errno;
        return false;
    }
    file_ = std::move(next);
    size_ = 0;
    return true;
}
//@ end log-rotate

// Up to the first line end at or behind the limit: a file is longer than that
// by less than a line, as Docker's.
std::size_t LogFile::room_for(std::string_view lines) const {
    if (limits_.max_size == 0) return lines.size();
    std::uint64_t left = limits_.max_size - size_;
    if (left >= lines.size()) return lines.size();
    std::size_t end = lines.find('\n', static_cast<std::size_t>(left) - 1);
    return end == std::string_view::npos ? lines.size() : end + 1;
}

std::size_t LogFile::append(std::string_view lines) {
    std::size_t done = 0;
    while (done < lines.size()) {
        if (!open()) break;
        if (limits_.max_size != 0 && size_ >= limits_.max_size && !rotate())
            break;
        std::string_view part = lines.substr(done);
        part = part.substr(0, room_for(part));
        std::size_t written = append_here(part);
        done += written;
        if (written < part.size()) break;
    }
    return done;
}

// To the file that is open.
std::size_t LogFile::append_here(std::string_view lines) {
    std::size_t done = write_what_fits(file_.get(), lines);
    if (done < lines.size()) {
        errno_ = errno;
        std::size_t end = lines.substr(0, done).rfind('\n');
        done = end == std::string_view::npos ? 0 : end + 1;
        // Half a line would make one with the next.
        if (::ftruncate(file_.get(), static_cast<off_t>(size_ + done)) != 0)
            file_.reset();
    }
    size_ += done;
    return done;
}

}  // namespace slipway
