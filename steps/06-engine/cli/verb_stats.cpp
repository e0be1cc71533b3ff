// stats: what running containers use, again each second.
#include <poll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/containers.hpp"
#include "06-engine/engine/usage.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

struct StatsOptions {
    ListLook look;
    bool all = false, no_stream = false;
};

/// One container, and what it had used when we looked last.
struct Watched {
    std::string id, name;
    int init = 0;
    std::optional<Usage> before = {}, now = {};
};

/// Ticks. A share of the processors is seen between two looks only.
class Ticker {
  public:
    explicit Ticker(long milliseconds)
        : timer_(check(::timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC),
                       "make a timer")) {
        constexpr long per_second = 1000, nanoseconds = 1'000'000;
        timespec step{milliseconds / per_second,
                      milliseconds % per_second * nanoseconds};
        itimerspec times{step, step};
        check(::timerfd_settime(timer_.get(), 0, &times, nullptr),
              "set a timer");
    }
    void wait() {
        std::uint64_t ticks = 0;
        // An interrupted wait is a tick, too: it is only a table.
        [[maybe_unused]] ssize_t size =
            ::read(timer_.get(), &ticks, sizeof ticks);
    }

  private:
    UniqueFd timer_;
};

class Table {
  public:
    Table(Engine engine, StatsOptions options,
          const std::vector<std::string>& names)
        : engine_(std::move(engine)), options_(std::move(options)) {
        for (const std::string& name : names)
            ids_.push_back(find_container(engine_, name));
    }

    /// Looks at them, and keeps the look before.
    void look() {
        std::map<std::string, std::optional<Usage>> before;
        for (Watched& each : watched_) before[each.id] = each.now;
        watched_.clear();
        for (const KnownContainer& known : known()) {
            Watched each{known.record.id, known.record.name, known.status.pid};
            each.before = before[each.id];
            each.now = read_usage(engine_, each.id, each.init);
            watched_.push_back(std::move(each));
        }
    }

    std::string text() const {
        std::vector<ordered_json> rows;
        for (const Watched& each : watched_)
            rows.push_back(usage_row(each.id, each.name, options_.look.whole,
                                     each.before, each.now));
        return rows_text(rows,
                         {{"Container", "CONTAINER ID"},
                          {"Name", "NAME"},
                          {"CPUPerc", "CPU %"},
                          {"MemUsage", "MEM USAGE / LIMIT"},
                          {"MemPerc", "MEM %"},
                          {"NetIO", "NET I/O"},
                          {"BlockIO", "BLOCK I/O"},
                          {"PIDs", "PIDS"}},
                         options_.look.format, table_column);
    }

  private:
    std::vector<KnownContainer> known() const {
        std::vector<KnownContainer> known;
        if (ids_.empty()) {
            known = known_containers(engine_,
                                     options_.all ? Which::All : Which::Begun);
            if (!options_.all)
                std::erase_if(known, [](const KnownContainer& each) {
                    return each.status.pid == 0;
                });
            return known;
        }
        for (const std::string& id : ids_) try {
                known.push_back(look_at_container(engine_, id));
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::NotFound) throw;
            }
        return known;
    }

    Engine engine_;
    StatsOptions options_;
    std::vector<std::string> ids_;
    std::vector<Watched> watched_;
};

// From the top of the screen, over what stood there; console_codes(4).
std::string redrawn(const std::string& text) {
    std::string screen = "\033[H";
    for (char c : text) {
        if (c == '\n') screen += "\033[K";
        screen += c;
    }
    return screen + "\033[J";
}

int show_stats(Table table, bool once) {
    constexpr long first_ms = 500, next_ms = 1000;
    bool terminal = ::isatty(STDOUT_FILENO) == 1;
    table.look();
    Ticker(first_ms).wait();
    Ticker ticker(next_ms);
    if (!once && terminal) print_text("\033[2J");
    for (;;) {
        table.look();
        print_text(!once && terminal ? redrawn(table.text()) : table.text());
        if (once || std::fflush(stdout) != 0) return 0;
        ticker.wait();
    }
}

}  // namespace

Verb stats_verb(const EngineSettings& settings) {
    auto options = std::make_shared<StatsOptions>();
    return {"stats", "[OPTION...] [CONTAINER...]",
            "Display a live stream of what containers use",
            [options](CommandLine& line) {
                line.flag("-a,--all", "those that do not run, too",
                          options->all);
                declare_format(line, options->look.format);
                line.flag("--no-stream", "once", options->no_stream);
                declare_no_trunc(line, options->look);
            },
            [&settings, options](auto& words) {
                return show_stats(Table(settings.open(), *options, words),
                                  options->no_stream);
            }};
}

}  // namespace slipway
