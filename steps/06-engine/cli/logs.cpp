#include "06-engine/cli/logs.hpp"

#include <unistd.h>

#include "06-engine/cli/moment.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

// Negative numbers mean all of it, as Docker has it.
void set_tail(LogQuery& query, const std::string& text) {
    query.tail = parse_unsigned(text, UINT64_MAX);
    bool is_all = text == "all" || text.starts_with('-');
    if (!query.tail && !is_all)
        refuse_option("--tail", text, "it is no number of lines",
                      "write a whole number, or all");
}

}  // namespace

void declare_logs(CommandLine& line, LogQuery& query) {
    line.flag("-f,--follow", "go on with what is written later", query.follow);
    line.flag("-t,--timestamps", "in front of each line", query.timestamps);
    line.flag("--details", "show the attributes that --log-opt asked for",
              query.details);
    line.value("-n,--tail", "LINES", "only the last so many",
               [&](const std::string& text) { set_tail(query, text); });
    line.value("--since", "TIME", "only later ones: 2024-05-01T12:34:56, 10m",
               [&](const std::string& text) {
                   query.since = parse_moment("--since", text, moment_now());
               });
    line.value("--until", "TIME", "only earlier ones",
               [&](const std::string& text) {
                   query.until = parse_moment("--until", text, moment_now());
               });
}

void show_log(const std::string& path, const LogQuery& query, int over) {
    read_log(
        path, query,
        [](LogStream stream, std::string_view text) {
            write_all(stream == LogStream::Out ? STDOUT_FILENO : STDERR_FILENO,
                      text);
        },
        over);
}

}  // namespace slipway
