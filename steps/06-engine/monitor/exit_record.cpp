#include "06-engine/monitor/exit_record.hpp"

#include <cstdio>

#include "06-engine/monitor/container_log.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

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
    ExitStatus status;
    int pid = 0;
    constexpr int fields = 3;
    if (std::sscanf(text.c_str(), R"({"pid":%d,"exitCode":%d,"signal":%d)",
                    &pid, &status.code, &status.signal) != fields)
        throw Error(ErrorKind::DataLoss, cat("the exit record ", path))
            .advise("it is not as the container's monitor writes it");
    if (status.signal != 0) status.code = 0;
    return status;
}

}  // namespace slipway
