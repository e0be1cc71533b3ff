// What is known of a container between two commands: of the run that goes on,
// and of the one that has ended.
//
//     STATE/containers/ID/run.json          there is a run, or somebody died
//                         attach            socket of its monitor
//                         exit.json         the monitor's: how it ended
//                         health.json       the last health checks
//                         joined            others are in its network, too
//     ROOT/engine/containers/ID/ended.json  how the last run ended
//
// Nothing else says whether a container runs: its processes do. A note of
// processes that have gone is what a kill -9 or the end of the machine left.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "06-engine/engine/engine.hpp"
#include "06-engine/runtime/state.hpp"

namespace slipway {

/// As RunNote::stopped_by: it is to be started again, so --rm does not count.
inline constexpr const char* by_restart = "slipway restart";

struct RunNote {
    ProcessId monitor;    ///< the process that looks after it, or starts it
    ProcessId init;       ///< pid 0: not there yet, or it waits to be restarted
    std::string started;  ///< RFC 3339
    unsigned restarts = 0;     ///< how often the policy has started it again
    unsigned back_off_ms = 0;  ///< the last wait before a restart
    /// Somebody asked for its end: no restart. "slipway stop" and the like.
    std::string stopped_by = {};
    int stop_signal = 0;  ///< the last signal that we sent
};

std::optional<RunNote> read_run(const Engine& engine, const std::string& id);
void write_run(const Engine& engine, const std::string& id,
               const RunNote& note);
/// Where its monitor writes how it ended, before anything else is done.
std::string exit_record_path(const Engine& engine, const std::string& id);
/// Before another container joins its network namespace, which may then be
/// there for longer than the run.
void note_joined(const Engine& engine, const std::string& id);
bool has_been_joined(const Engine& engine, const std::string& id);
/// The run is over: its folder goes.
void remove_run(const Engine& engine, const std::string& id);

/// How the last run ended.
struct EndNote {
    int exit_code = 0;
    int signal = 0;  ///< 0: it exited by itself
    bool oom_killed = false;
    std::string started, finished;  ///< RFC 3339; empty: never
    std::string error = {};         ///< why it could not be started
    std::string reason = {};  ///< why it ended, in a sentence, if more is known
    unsigned restarts = 0;
    /// Somebody stopped it: "unless-stopped" does not start it at boot.
    bool stopped_by_hand = false;
};

std::optional<EndNote> read_end(const Engine& engine, const std::string& id);
/// Of one that has run (Phase::Exited) and of whose end nothing was noted: the
/// machine went down before it, and took with it what STATE said.
EndNote end_with_machine(const Engine& engine, const std::string& id);
/// The same from the container's folder, wherever that is by now.
std::optional<EndNote> read_end_in(const std::string& folder);
void write_end(const Engine& engine, const std::string& id,
               const EndNote& note);

/// A run's own view of the world, in a word.
enum class Phase {
    Created,     ///< never started
    Starting,    ///< somebody is starting it
    Running,     ///< or paused: see is_paused()
    Ending,      ///< its program has ended, its monitor is cleaning up
    Restarting,  ///< its monitor waits before it starts it again
    Exited,
    Lost,  ///< its monitor was killed: to be cleaned up
};
Phase phase_of(const Engine& engine, const std::string& id,
               const std::optional<RunNote>& run);

/// And nobody has forgotten to let it go on (reading_pause.hpp).
bool is_paused(const Engine& engine, const std::string& id);

}  // namespace slipway
