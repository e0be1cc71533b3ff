#include "06-engine/cli/attached.hpp"

#include <unistd.h>

#include <cstdio>

#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/monitored_start.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/stop.hpp"
#include "06-engine/monitor/attach_client.hpp"
#include "06-engine/monitor/attach_protocol.hpp"
#include "common/error.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

namespace {

AttachOptions options_of(const ContainerRecord& record,
                         const AttachedRun& run) {
    AttachOptions options;
    options.input = run.input;
    options.output = run.output;
    options.errors = run.errors;
    options.terminal = record.tty;
    options.keep_signals = !run.proxy_signals;
    options.detach_keys = run.detach_keys;
    return options;
}

int exit_code_of(const Engine& engine, const ContainerRecord& record,
                 const AttachEnd& end, int socket, const KeptFolder& kept) {
    switch (end.how) {
        case AttachEnd::How::Detached:
            if (end.signal == 0) std::fputs("read escape sequence\n", stderr);
            return 0;
        case AttachEnd::How::Ended:
            wait_until_gone(socket);
            return end.exit_code;
        case AttachEnd::How::Lost:
            break;
    }
    return wait_for_end(engine, record.id, kept);
}

}  // namespace

int start_attached(const Engine& engine, const std::string& id,
                   const AttachedRun& run) {
    ContainerRecord record = read_container(engine, id);
    KeptFolder kept(engine, id);
    SocketPair sockets = make_socket_pair();
    SignalForwarder signals;  // what arrives from here on is passed on
    start_detached(engine, id, std::move(sockets.theirs));
    AttachOptions options = options_of(record, run);
    options.signals = &signals;
    AttachEnd end = attach(sockets.ours.get(), options);
    return exit_code_of(engine, record, end, sockets.ours.get(), kept);
}

int attach_to(const Engine& engine, const std::string& id,
              const AttachedRun& run) {
    ContainerRecord record = read_container(engine, id);
    KeptFolder kept(engine, id);
    std::optional<RunNote> note = read_run(engine, id);
    Phase phase = phase_of(engine, id, note);
    if (phase != Phase::Running)
        throw Error(ErrorKind::Conflict,
                    "You cannot attach to a stopped container, start it first")
            .advise(cat("slipway start --attach ", record.name))
            .exit_with(1);
    if (is_paused(engine, id))
        throw Error(ErrorKind::Conflict,
                    "You cannot attach to a paused container, unpause it first")
            .exit_with(1);
    UniqueFd socket = connect_attach(engine.run_folder_of(id) + "/attach");
    AttachOptions options = options_of(record, run);
    options.redraw = true;
    AttachEnd end = attach(socket.get(), options);
    return exit_code_of(engine, record, end, socket.get(), kept);
}

}  // namespace slipway
