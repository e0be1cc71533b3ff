// The end of a run: what is known of it is noted, what it had is given back,
// and what the restart policy says is decided.
#pragma once

#include <optional>
#include <string>

#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"
#include "06-engine/engine/run_note.hpp"
#include "common/exit_status.hpp"

namespace slipway {

/// What the monitor does next.
struct AfterEnd {
    EndNote end;
    /// To be started again after so many milliseconds; empty: no.
    std::optional<unsigned> restart_after_ms = {};
};

/// By the monitor, when the first process has been waited for: takes the lock.
/// The end is noted before anything is taken away. With --rm the container is
/// gone afterwards; of one that is to be restarted, the run's note stays.
AfterEnd end_run(const Engine& engine, const std::string& id,
                 const ExitStatus& status);

/// With the lock held: a run whose monitor was killed. What is left of it is
/// killed, its end noted, everything given back. The container stays, unless it
/// was one with --rm; then it goes: false.
bool end_lost_run(const Engine& engine, const std::string& id);

/// With the lock held: gives back all that a run had: processes, groups,
/// addresses, ports, its note. What was given back already is fine.
void clean_up_run(const Engine& engine, const std::string& id);

/// Docker's: 100 ms, doubled each time up to a minute, and from the beginning
/// again after a run of ten seconds. Empty: the policy says no.
std::optional<unsigned> restart_delay_ms(const RestartPolicy& policy,
                                         const RunNote& run, const EndNote& end,
                                         unsigned ran_for_s);

}  // namespace slipway
