// A start: from the record to a running program, whose monitor this process is
// from then on.
#pragma once

#include <optional>

#include "04-images/image_store.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/engine.hpp"
#include "06-engine/engine/record.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/standard_streams.hpp"
#include "common/process.hpp"
#include "common/signals.hpp"

namespace slipway {

struct StartedContainer {
    ContainerRecord record;
    ChildProcess init;
    ContainerStreams streams;
};

/// Starts the container whose lock is held. It is a child of this process and
/// ends with it: this process is its monitor, or becomes it. `earlier`: the
/// note of the run that is to go on after a restart. `signals`: see
/// create_container().
///
/// Throws Conflict when it runs already or is being started, and what goes
/// wrong; then nothing of the run is left but a note of the error.
StartedContainer start_run(const Engine& engine, const ImageStore& images,
                           const std::string& id,
                           const std::optional<RunNote>& earlier,
                           const SignalForwarder* signals = nullptr);

}  // namespace slipway
