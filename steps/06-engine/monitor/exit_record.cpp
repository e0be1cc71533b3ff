#include "06-engine/monitor/exit_record.hpp"

#include <cstdio>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

void write_exit_record(const std::string& path, const ExitRecord& record) {
    write_file_atomic(path,
                      cat("{\"pid\":", record.pid,
                          ",\"exitCode\":", record.status.exit_code(),
                          ",\"signal\":", record.status.signal,
                          ",\"finished\":\"", record.finished, "\"}\n"),
                      0600, ToDisk::Later);
}

std::optional<ExitRecord> read_exit_record(const std::string& path) {
    std::string text;
    try {
        constexpr std::size_t largest = 4096;
        text = read_file(path, largest);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
        return std::nullopt;
    }
    ExitRecord record;
    int code = 0;
    char finished[64] = "";
    constexpr int fields = 4;
    if (std::sscanf(
            text.c_str(),
            R"({"pid":%d,"exitCode":%d,"signal":%d,"finished":"%63[^"])",
            &record.pid, &code, &record.status.signal, finished) != fields)
        throw Error(ErrorKind::DataLoss, cat("the exit record ", path))
            .advise("it is not as the container's monitor writes it");
    record.status.code = record.status.signal != 0 ? 0 : code;
    record.finished = finished;
    return record;
}

}  // namespace slipway
