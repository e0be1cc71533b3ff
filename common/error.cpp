#include "common/error.hpp"

#include <cerrno>
#include <cstring>
#include <utility>

namespace slipway {

namespace {

// What people meet most, and what helps then. A caller that knows the object
// gives better advice; this is for those that do not.
const char* advice_for_errno(int error) {
    switch (error) {
        case EPERM:
            return "this needs a privilege that the process does not have: "
                   "try sudo, and see ./dev doctor";
        case ENOSPC:
            return "no room left: look at df -h and df -i; for namespaces "
                   "look at /proc/sys/user/max_*_namespaces";
        case EROFS:
            return "the file system is mounted read-only";
        case EMFILE:
            return "too many open files: look at ulimit -n";
        case ENFILE:
            return "the system's table of open files is full: look at "
                   "/proc/sys/fs/file-nr";
        case EAGAIN:
            return "a limit on processes was reached: look at ulimit -u and "
                   "at the pids limit of the control group";
        case ENOSYS:
            return "this kernel does not have the system call, or a filter "
                   "hides it: see ./dev doctor";
        default:
            return "";
    }
}

// The form on the wire: kind, errno, exit status, then message NUL advice.
struct Header {
    int kind;
    int system_errno;
    int exit_code;
};

}  // namespace

Error::Error(ErrorKind kind, std::string_view message, int system_errno)
    : kind_(kind), errno_(system_errno), message_(message) {
    if (system_errno != 0) message_ += cat(": ", std::strerror(system_errno));
}

Error Error::advise(std::string advice) && {
    advice_ = std::move(advice);
    return std::move(*this);
}

Error Error::exit_with(int code) && {
    exit_code_ = code;
    return std::move(*this);
}

void Error::add_context(std::string_view outer) {
    message_ = cat(outer, ": ", message_);
}

std::string Error::advice() const {
    return advice_.empty() ? advice_for_errno(errno_) : advice_;
}

std::string Error::encode() const {
    constexpr std::size_t longest = 32 << 10;  // a socket's message is limited
    Header header{static_cast<int>(kind_), errno_, exit_code_};
    std::string bytes(reinterpret_cast<const char*>(&header), sizeof header);
    return bytes + message_.substr(0, longest) + '\0' +
           advice_.substr(0, longest);
}

Error Error::decode(std::string_view bytes) {
    Header header{};
    std::size_t end = bytes.find('\0', sizeof header);
    if (bytes.size() < sizeof header || end == std::string_view::npos)
        return Error(ErrorKind::System, "a child process sent a broken error");
    std::memcpy(&header, bytes.data(), sizeof header);
    Error error(static_cast<ErrorKind>(header.kind),
                bytes.substr(sizeof header, end - sizeof header));
    error.errno_ = header.system_errno;
    error.exit_code_ = header.exit_code;
    error.advice_ = bytes.substr(end + 1);
    return error;
}

ErrorKind kind_of_errno(int error) {
    switch (error) {
        case EINVAL:
        case ENAMETOOLONG:
        case ENOTDIR:
        case EISDIR:
        case ELOOP:
            return ErrorKind::InvalidArgument;
        case ENOENT:
        case ESRCH:
        case ENXIO:
            return ErrorKind::NotFound;
        case EEXIST:
        case EBUSY:
        case ENOTEMPTY:
            return ErrorKind::Conflict;
        case EPERM:
        case EACCES:
        case EROFS:
            return ErrorKind::Forbidden;
        case EAGAIN:
        case ETIMEDOUT:
        case ECONNREFUSED:
            return ErrorKind::Unavailable;
        case ENOSYS:
        case EOPNOTSUPP:
        case ENODEV:
            return ErrorKind::Unsupported;
        case ECANCELED:
        case EINTR:
            return ErrorKind::Cancelled;
        default:
            return ErrorKind::System;
    }
}

void throw_errno(int error, std::string_view what) {
    throw Error(kind_of_errno(error), what, error);
}

}  // namespace slipway
