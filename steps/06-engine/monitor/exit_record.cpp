#include "06-engine/monitor/exit_record.hpp"

#include <climits>

#include "06-engine/monitor/container_log.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// Our own writing: nothing is between name and number. -1: not there.
int number_at(const std::string& text, std::string_view name) {
    std::size_t at = text.find(cat("\"", name, "\":"));
    if (at == std::string::npos) return -1;
    at += name.size() + 3;
    std::size_t end = text.find_first_not_of("0123456789", at);
    auto number = parse_unsigned(text.substr(at, end - at), INT_MAX);
    return number ? static_cast<int>(*number) : -1;
}

}  // namespace

void write_exit_record(const std::string& path, pid_t pid,
                       const ExitStatus& status) {
    write_file_atomic(path,
                      cat("{\"pid\":", pid, ",\"exitCode\":",
                          status.exit_code(), ",\"signal\":", status.signal,
                          ",\"finished\":\"", log_time(), "\"}\n"),
                      0600, ToDisk::Later);
}

std::optional<ExitStatus> read_exit_record(const std::string& path) {
    std::string text;
    try {
        constexpr std::size_t largest = 4096;
        text = read_file(path, largest);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
        return std::nullopt;
    }
    ExitStatus status{number_at(text, "exitCode"), number_at(text, "signal")};
    if (status.code < 0 || status.signal < 0)
        throw Error(ErrorKind::DataLoss, cat("the exit record ", path))
            .advise("it is not as the container's monitor writes it");
    if (status.signal != 0) status.code = 0;
    return status;
}

}  // namespace slipway
