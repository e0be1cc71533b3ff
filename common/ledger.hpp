// The ledger: every privileged act explains itself.
//
// A privileged system call is never made directly. It is handed to act(), by
// name, together with the reason for it:
//
//     act(Why{"from here on files belong to this group"}, "setgid", ::setgid,
//         group);
//
// act() makes the call, throws an Error when it fails, and, when somebody
// asked with --explain, writes one line about it. The reason is the comment at
// the call: it cannot be forgotten, because act() does not compile without it,
// and a direct call does not pass tests/house/calls.py.
//
// Each line leaves by one write(2) on a descriptor that children inherit. So
// parent and children, also in other namespaces or below another root, write
// to one ledger, in the order in which things happened.
#pragma once

#include <cerrno>
#include <cstdint>
#include <functional>
#include <initializer_list>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "common/error.hpp"
#include "common/text.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// Why an act is done, in one sentence, and what takes it back (nullptr: it
/// ends with the process).
struct Why {
    const char* reason;
    const char* undo = nullptr;
};

/// An argument shown by other words than its value: shown(MS_BIND, "MS_BIND").
template <class Value>
struct Shown {
    Value value;
    std::string_view text;
};
template <class Value>
Shown<Value> shown(Value value, std::string_view text) {
    return {value, text};
}

namespace ledger {

enum class Format { Text, Json };

/// Starts recording to `fd`, which stays open until the process ends. Times
/// count from here. Not for use while other threads run.
void start(Format format, UniqueFd fd);
bool recording();
/// Where it is written; -1: nowhere. For who closes all that is open.
int descriptor();
/// What this process is called from now on ("parent" at first). A child says
/// so right after fork or clone.
void set_process_name(std::string_view name);

/// What one line says; `result` is what the call returned, `error` its errno.
struct Entry {
    Why why;
    std::string_view call;
    std::initializer_list<std::string> arguments;
    long result = 0;
    int error = 0;
    std::int64_t started_ns = 0;  ///< CLOCK_MONOTONIC
    bool returns = true;          ///< false: execve, recorded beforehand
};
void write(const Entry& entry);
std::int64_t now_ns();
[[noreturn]] void throw_failure(int error, std::string_view call,
                                std::initializer_list<std::string> arguments);

// How an argument reads in the ledger …
std::string describe(const char* text);
std::string describe(const void* pointer);
inline std::string describe(std::nullptr_t) {
    return "NULL";
}
inline std::string describe(const std::string& text) {
    return quote(text);
}
inline std::string describe(const UniqueFd& fd) {
    return as_text(fd.get());
}
std::string describe(std::integral auto number) {
    return as_text(number);
}
template <class Value>
std::string describe(const Shown<Value>& argument) {
    return std::string(argument.text);
}
// … and how it is passed to the kernel.
inline const char* native(const std::string& text) {
    return text.c_str();
}
inline int native(const UniqueFd& fd) {
    return fd.get();
}
template <class Value>
Value native(const Shown<Value>& argument) {
    return argument.value;
}
template <class Value>
const Value& native(const Value& value) {
    return value;
}

}  // namespace ledger

/// Like act(), for calls whose failure is an answer: returns what the call
/// returned and leaves errno as the call set it.
template <class Function, class... Arguments>
auto try_act(Why why, const char* call, Function function,
             const Arguments&... arguments) {
    if (!ledger::recording())
        return std::invoke(function, ledger::native(arguments)...);
    std::int64_t started = ledger::now_ns();
    auto result = std::invoke(function, ledger::native(arguments)...);
    int error = result == static_cast<decltype(result)>(-1) ? errno : 0;
    ledger::write({why,
                   call,
                   {ledger::describe(arguments)...},
                   static_cast<long>(result),
                   error,
                   started});
    if (error != 0) errno = error;
    return result;
}

/// Makes the call `function(arguments…)`, records it, and returns its result.
/// Throws an Error that names call and arguments when it returns -1.
template <class Function, class... Arguments>
auto act(Why why, const char* call, Function function,
         const Arguments&... arguments) {
    auto result = try_act(why, call, function, arguments...);
    if (result == static_cast<decltype(result)>(-1)) {
        int error = errno;  // before describe() allocates
        ledger::throw_failure(error, call, {ledger::describe(arguments)...});
    }
    return result;
}

/// Records a call that does not return when it works (execve). Call it just
/// before; a failure is reported by whoever makes the call.
template <class... Arguments>
void announce(Why why, const char* call, const Arguments&... arguments) {
    if (ledger::recording())
        ledger::write({.why = why,
                       .call = call,
                       .arguments = {ledger::describe(arguments)...},
                       .started_ns = ledger::now_ns(),
                       .returns = false});
}

}  // namespace slipway
