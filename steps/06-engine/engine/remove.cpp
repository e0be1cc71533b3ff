#include "06-engine/engine/remove.hpp"

#include <sys/file.h>
#include <unistd.h>

#include "04-images/image_store.hpp"
#include "04-images/pins.hpp"
#include "06-engine/engine/build_step.hpp"
#include "06-engine/engine/container_events.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/end.hpp"
#include "06-engine/engine/new_container.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/stop.hpp"
#include "06-engine/engine/volumes.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

void remove_anonymous_volumes(const Engine& engine,
                              const ContainerRecord& record) {
    for (const MountRequest& mount : record.host.mounts) {
        // How it was asked for, not what it is: the volume may be another's,
        // or one that `volume create` made up a name for.
        if (mount.type != "volume" || !mount.anonymous) continue;
        try {
            remove_volume(engine, mount.source, true);
        } catch (const Error& error) {
            // Another container has it with --volumes-from, or it has gone.
            if (error.kind() != ErrorKind::Conflict &&
                error.kind() != ErrorKind::NotFound)
                throw;
        }
    }
}

}  // namespace

void remove_ended(const Engine& engine, const ContainerRecord& record,
                  RemoveVolumes volumes) {
    // Its folder first: without it, a name or a pin belongs to nobody.
    move_to_trash(engine, engine.folder_of(record.id));
    release_name(engine, record.name, record.id);
    remove_pin(ImageStore(engine.root), image_pin(record.id));
    if (volumes == RemoveVolumes::Anonymous)
        remove_anonymous_volumes(engine, record);
    record_container_event(engine, record, "destroy");
}

void remove_container(const Engine& engine, const std::string& id, bool force,
                      RemoveVolumes volumes) {
    bool auto_remove = read_container(engine, id).host.auto_remove;
    if (force) try {
            stop_container(engine, id, {SIGKILL, 0, "slipway rm --force"});
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::NotModified &&
                !(error.kind() == ErrorKind::NotFound && auto_remove))
                throw;
            if (error.kind() == ErrorKind::NotFound) return;
        }
    try {
        ContainerLock lock(engine, id);
        ContainerRecord record = read_container(engine, id);
        std::optional<RunNote> run = read_run(engine, id);
        Phase phase = phase_of(engine, id, run);
        if (phase == Phase::Lost && !end_lost_run(engine, id)) return;
        if (phase != Phase::Created && phase != Phase::Exited &&
            phase != Phase::Lost)
            throw Error(ErrorKind::Conflict,
                        cat("cannot remove container ", quote(record.name),
                            ": container is running"))
                .advise(cat("stop it first: slipway stop ", record.name,
                            ", or remove it with rm --force"));
        remove_ended(engine, record, volumes);
    } catch (const Error& error) {
        // One with --rm was quicker.
        if (!(error.kind() == ErrorKind::NotFound && auto_remove)) throw;
    }
}

bool remove_if_unfinished(const Engine& engine, const std::string& id) {
    std::string folder = engine.folder_of(id);
    std::string record = folder + "/container.json";
    if (::access(record.c_str(), F_OK) == 0) return false;
    try {
        ContainerLock lock(engine, id);  // waits for a creator that lives
        if (::access(record.c_str(), F_OK) == 0) return false;
        move_to_trash(engine, folder);
        remove_pin(ImageStore(engine.root), image_pin(id));
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
    }
    return true;
}

void remove_unfinished(const Engine& engine) {
    remove_build_leftovers(engine);
    for (const std::string& id : container_ids(engine))
        remove_if_unfinished(engine, id);
}

}  // namespace slipway
