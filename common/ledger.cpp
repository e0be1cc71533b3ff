#include "common/ledger.hpp"

#include <fcntl.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <cinttypes>
#include <cstdio>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/signals.hpp"
#include "common/terminal_safe.hpp"

namespace slipway::ledger {

namespace {

// One ledger for a process and its children: they share the descriptor and the
// starting time by inheritance, and each has its own name.
struct State {
    int fd = -1;
    Format format = Format::Text;
    std::int64_t started_ns = 0;
    std::string process = "parent";
};

State& state() {
    static State the_state;
    return the_state;
}

std::string as_call(std::string_view call,
                    const std::vector<std::string>& arguments) {
    return cat(call, "(", join(arguments, ", "), ")");
}

std::string errno_name(int error) {
    const char* name = ::strerrorname_np(error);
    return name ? name : cat("errno ", error);
}

std::string text_line(const Entry& entry, std::int64_t now) {
    double at = static_cast<double>(entry.started_ns - state().started_ns);
    std::string call = terminal_safe(as_call(entry.call, entry.arguments));
    if (entry.error != 0) call += cat(" = -1 ", errno_name(entry.error));
    char took[16] = "";
    if (entry.returns)
        std::snprintf(took, sizeof took, "+%.3f",
                      static_cast<double>(now - entry.started_ns) / 1e6);
    char head[64];
    std::snprintf(head, sizeof head, "%8.3f ms %7s  %-7s ", at / 1e6, took,
                  state().process.substr(0, 16).c_str());
    // A long call gets a line of its own, so that the reasons stay in line.
    constexpr std::size_t call_width = 44;
    std::string line = head + call;
    if (call.size() <= call_width)
        line.append(call_width - call.size(), ' ');
    else
        line +=
            '\n' + std::string(std::string_view(head).size() + call_width, ' ');
    line += cat("  ", entry.why.reason);
    if (entry.why.undo) line += cat(" (undo: ", entry.why.undo, ")");
    return line + '\n';
}

std::string json_line(const Entry& entry, std::int64_t now) {
    nlohmann::ordered_json line;
    line["at_us"] = (entry.started_ns - state().started_ns) / 1000;
    line["process"] = state().process;
    line["pid"] = ::getpid();
    line["call"] = entry.call;
    line["args"] = std::vector<std::string>(entry.arguments);
    line["why"] = entry.why.reason;
    if (entry.returns) {
        line["result"] = entry.result;
        line["took_us"] = (now - entry.started_ns) / 1000;
    } else {
        line["result"] = nullptr;
        line["took_us"] = nullptr;
    }
    if (entry.error != 0) line["errno"] = errno_name(entry.error);
    if (entry.why.undo) line["undo"] = entry.why.undo;
    // A path may hold any bytes; JSON holds only UTF-8.
    return line.dump(-1, ' ', false,
                     nlohmann::ordered_json::error_handler_t::replace) +
           '\n';
}

}  // namespace

void start(Format format, UniqueFd fd) {
    state().format = format;
    state().started_ns = now_ns();
    state().fd = fd.release();
}

int descriptor() {
    return state().fd;
}

bool recording() {
    return state().fd >= 0;
}

void set_process_name(std::string_view name) {
    state().process = name;
}

void write(const Entry& entry) {
    std::int64_t now = now_ns();
    std::string line = state().format == Format::Text ? text_line(entry, now)
                                                      : json_line(entry, now);
    // A reader that went away must not stop the act that is being explained.
    HeldSigpipe held;
    [[maybe_unused]] ssize_t ignored =
        ::write(state().fd, line.data(), line.size());
}

std::int64_t now_ns() {
    timespec now{};
    ::clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * std::int64_t{1'000'000'000} + now.tv_nsec;
}

void throw_failure(int error, std::string_view call,
                   std::initializer_list<std::string> arguments) {
    throw_errno(error, as_call(call, arguments));
}

std::string describe(const char* text) {
    return text ? quote(text) : std::string("NULL");
}

std::string describe(const void* pointer) {
    char text[24];
    std::snprintf(text, sizeof text, "0x%" PRIxPTR,
                  reinterpret_cast<std::uintptr_t>(pointer));
    return pointer ? text : "NULL";
}

}  // namespace slipway::ledger
