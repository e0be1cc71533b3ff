// Errors: one exception class, with context and advice.
//
// A failure is thrown where it is found and printed once, by main. On its way
// up it gathers context at the borders of the things people name (an image,
// a volume, an instruction), never in every function:
//
//     prog: copy site: open site/index.html: Permission denied
//       the file belongs to another user: run it with sudo, or …
//
// Messages are lower-case, without a full stop: what was tried, on which
// object, why it failed. Absence that is no failure is a std::optional.
#pragma once

#include <cerrno>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include "common/text.hpp"

namespace slipway {

/// What kind of failure it is, for those who must decide and not only print.
enum class ErrorKind {
    InvalidArgument,  ///< the caller asked for something that makes no sense
    NotFound,         ///< the named thing does not exist
    Conflict,         ///< it exists already, or is in a state that forbids this
    NotModified,      ///< nothing to do
    Unauthorized,     ///< credentials are missing or wrong
    Forbidden,        ///< known who asks, still not allowed
    Unavailable,      ///< try later: the other side does not answer
    Unsupported,      ///< this kernel, file system or build cannot do it
    DataLoss,         ///< bytes are not what their digest promised
    Cancelled,        ///< somebody asked us to stop
    System,           ///< everything else that the kernel said
};

/// Docker's exit codes, kept by every program here.
constexpr int exit_engine_error = 125;     ///< we failed, not the command
constexpr int exit_cannot_run = 126;       ///< command found, cannot be run
constexpr int exit_command_missing = 127;  ///< command not found

class Error : public std::exception {
  public:
    /// `system_errno` is the errno behind the failure, 0 when there is none;
    /// its text is appended to the message.
    Error(ErrorKind kind, std::string_view message, int system_errno = 0);

    /// One line that tells the reader what to do; printed below the error.
    /// Meant to be chained: throw Error(...).advise("...").
    [[nodiscard]] Error advise(std::string advice) &&;
    /// The status with which main ends (default: exit_engine_error).
    [[nodiscard]] Error exit_with(int code) &&;

    void add_context(std::string_view outer);
    void set_advice(std::string advice) { advice_ = std::move(advice); }

    ErrorKind kind() const { return kind_; }
    int system_errno() const { return errno_; }
    int exit_code() const { return exit_code_; }
    const std::string& message() const { return message_; }
    /// The advice given, or else what is known about the errno, or empty.
    std::string advice() const;
    const char* what() const noexcept override { return message_.c_str(); }

    /// Bytes that carry an error to another process, and back. decode()
    /// understands only what encode() wrote (same program, other process).
    std::string encode() const;
    static Error decode(std::string_view bytes);

  private:
    ErrorKind kind_;
    int errno_;
    int exit_code_ = exit_engine_error;
    std::string message_;
    std::string advice_;
};

/// The one place where an errno becomes a kind.
ErrorKind kind_of_errno(int error);

/// Turns the -1 of a system call into an Error that says what was tried:
///     int fd = check(::open(path, O_RDONLY | O_CLOEXEC), "open ", path);
/// Returns the result otherwise.
template <class Result, class... Parts>
Result check(Result result, const Parts&... what);

/// Runs `body`; an Error that leaves it gets `subject` put in front.
template <class Body>
auto with_context(std::string_view subject, Body&& body) {
    try {
        return body();
    } catch (Error& error) {
        error.add_context(subject);
        throw;
    }
}

[[noreturn]] void throw_errno(int error, std::string_view what);

template <class Result, class... Parts>
Result check(Result result, const Parts&... what) {
    if (result == static_cast<Result>(-1)) {
        int error = errno;  // before cat() allocates
        throw_errno(error, cat(what...));
    }
    return result;
}

}  // namespace slipway
