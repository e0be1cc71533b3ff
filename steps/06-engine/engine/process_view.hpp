// Processes as ps(1) shows them, from /proc: what `slipway top` prints.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// A column: what is shown, and its title.
struct ProcessColumn {
    std::string field;  ///< "pid", "%cpu"
    std::string title;
};

/// What stands behind `top CONTAINER`, in the manner of ps: nothing (-ef), -f,
/// aux, -o LIST, -eo LIST; -e, -A and -w are fine. A column's own title:
/// -o pid=NUMBER. Throws InvalidArgument for other options and columns.
std::vector<ProcessColumn> process_columns(
    const std::vector<std::string>& options);

/// /proc/PID/stat, as far as it is wanted.
struct ProcessStat {
    std::string name;
    char state = '?';
    int parent = 0, group = 0, session = 0, terminal = 0;
    int terminal_group = 0;
    std::uint64_t user_ticks = 0, system_ticks = 0, start_ticks = 0;
    long priority = 0, nice = 0, threads = 0;
    std::uint64_t virtual_bytes = 0, resident_pages = 0;
    int processor = 0;
};
/// Empty for a text that is none. The name may have blanks and parentheses.
std::optional<ProcessStat> parse_process_stat(std::string_view text);

/// "pts/0", "tty1", "?"; proc(5), tty_nr.
std::string terminal_text(int device);
/// "2-03:04:05", "03:04:05"; with `full` false "04:05", as ps has ELAPSED.
std::string clock_text(std::uint64_t seconds, bool full);

/// The titles, then a row for each process that is still there.
std::vector<std::vector<std::string>> process_table(
    const std::vector<pid_t>& pids, const std::vector<ProcessColumn>& columns);

}  // namespace slipway
