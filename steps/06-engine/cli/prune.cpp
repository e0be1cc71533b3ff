#include "06-engine/cli/prune.hpp"

#include <algorithm>
#include <ctime>
#include <map>
#include <set>

#include "04-images/image_index.hpp"
#include "04-images/image_view.hpp"
#include "04-images/prune.hpp"
#include "05-build/duration.hpp"
#include "06-engine/cli/image_events.hpp"
#include "06-engine/engine/build_step.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/containers.hpp"
#include "06-engine/engine/end.hpp"
#include "06-engine/engine/events.hpp"
#include "06-engine/engine/remove.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/volumes.hpp"
#include "06-engine/network/traces.hpp"
#include "06-engine/network/user_network.hpp"
#include "common/error.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

// "until=24h", "until=2024-05-01T12:00:00Z": only what is older.
bool is_old_enough(const Filters& filters, const std::string& created) {
    constexpr std::int64_t second = 1'000'000'000;
    return filters.any("until", [&](const std::string& value) {
        std::optional<std::time_t> limit = parse_time(value);
        if (auto age = parse_duration(value))
            limit = std::time(nullptr) - *age / second;
        if (!limit)
            throw Error(ErrorKind::InvalidArgument,
                        cat("--filter until=", value))
                .advise("write until=24h, or until=2024-05-01T12:00:00Z");
        auto time = parse_time(created);
        return time && *time <= *limit;
    });
}

void record_prune(const Engine& engine, const char* type, std::uint64_t bytes) {
    record_event(engine, {type, "prune", "", {{"reclaimed", cat(bytes)}}});
}

// A run whose monitor was killed has ended; its remains are given back first.
bool has_ended(const Engine& engine, const std::string& id) {
    ContainerLock lock(engine, id);
    Phase phase = phase_of(engine, id, read_run(engine, id));
    if (phase == Phase::Lost) return end_lost_run(engine, id);
    return phase == Phase::Created || phase == Phase::Exited;
}

void repair(const Engine& engine) {
    NetworkStore store = network_store(engine);
    if (!has_bridge_network(store)) return;
    in_bridge_network(store, engine.warn, [&] {
        repair_networks(store, [&](const std::string& id) {
            std::optional<RunNote> run = read_run(engine, id);
            return (run && (run->init.is_alive() || run->monitor.is_alive())) ||
                   build_step_runs(engine, id);
        });
        remove_idle_traces(store);
    });
}

}  // namespace

Filters prune_filters() {
    return Filters({"label", "label!", "until"});
}

Filters prune_volume_filters() {
    return Filters({"label", "label!"});
}

PrunedObjects prune_containers(const Engine& engine, const Filters& filters) {
    PrunedObjects pruned;
    remove_unfinished(engine);
    for (const KnownContainer& each : known_containers(engine)) try {
            const ContainerRecord& record = each.record;
            if (!is_old_enough(filters, record.created) ||
                !filters.labels("label", record.config.labels))
                continue;
            if (!has_ended(engine, record.id)) continue;
            std::uint64_t bytes = writable_size(engine, record.id);
            remove_container(engine, record.id, false, RemoveVolumes::None);
            pruned.names.push_back(record.id);
            pruned.bytes += bytes;
        } catch (const Error& error) {
            // Somebody has removed or started it meanwhile.
            if (error.kind() != ErrorKind::NotFound &&
                error.kind() != ErrorKind::Conflict)
                throw;
        }
    repair(engine);
    empty_trash(engine);
    record_prune(engine, "container", pruned.bytes);
    return pruned;
}

std::vector<std::string> prune_unused_networks(const Engine& engine,
                                               const Filters& filters) {
    NetworkStore store = network_store(engine);
    std::vector<std::string> wanted;
    for (const KnownContainer& each : known_containers(engine))
        for (const NetworkRequest& request : networks_of(each.record)) try {
                // A stopped container wants its network back.
                wanted.push_back(get_network(store, request.network).id);
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::NotFound) throw;
            }
    std::map<std::string, std::string> ids;
    std::vector<std::string> gone =
        prune_networks(store, [&](const Network& network) {
            ids[network.name] = network.id;
            for (const std::string& id : wanted)
                if (id == network.id) return true;
            return !filters.labels("label", network.labels) ||
                   !is_old_enough(filters, network.created);
        });
    for (const std::string& name : gone)
        record_event(engine, {"network",
                              "destroy",
                              ids[name],
                              {{"name", name}, {"type", "bridge"}}});
    record_prune(engine, "network", 0);
    return gone;
}

PrunedObjects prune_unused_volumes(const Engine& engine, bool all,
                                   const Filters& filters) {
    PrunedObjects pruned;
    pruned.names =
        prune_volumes(engine, all, pruned.bytes, [&](const Volume& volume) {
            return !filters.labels("label", volume.labels);
        });
    empty_trash(engine);
    for (const std::string& name : pruned.names)
        record_event(engine,
                     {"volume", "destroy", name, {{"driver", "local"}}});
    record_prune(engine, "volume", pruned.bytes);
    return pruned;
}

namespace {

// Images that nothing was made of, or with `all` also those that have a name.
void forget_unused_images(const Engine& engine, const ImageStore& images,
                          bool all, const Filters& filters,
                          std::vector<std::string>& names) {
    std::set<std::string> used;
    for (const KnownContainer& each : known_containers(engine))
        used.insert(each.record.image_id);
    for (const NamedImage& named : list_images(images.content)) try {
            if (!all && !named.is_unnamed()) continue;
            StoredImage image = read_image(images.content, named);
            if (used.contains(image.id().text()) ||
                !filters.labels("label", image.config.config.labels) ||
                !is_old_enough(filters, image.config.created))
                continue;
            remove_images(images.content, {named.name});
            if (named.is_unnamed()) continue;
            ImageName name = split_name(named.name);
            names.push_back(cat("untagged: ", name.repository, ":", name.tag));
        } catch (const Error& error) {
            engine.warn(error.message());
        }
}

}  // namespace

PrunedObjects prune_unused_images(const Engine& engine, bool all,
                                  const Filters& filters) {
    PrunedObjects result;
    ImageChanges changes(engine);
    ImageStore images(engine.root);
    forget_unused_images(engine, images, all, filters, result.names);
    Pruned pruned = *prune_store(images, Wait::Yes);
    for (const Digest& digest : pruned.content.blobs)
        result.names.push_back("deleted: " + digest.text());
    for (const Digest& digest : pruned.snapshots)
        result.names.push_back("deleted: " + digest.text());
    result.bytes = pruned.bytes;
    changes.record("tag");
    record_prune(engine, "image", result.bytes);
    return result;
}

}  // namespace slipway
