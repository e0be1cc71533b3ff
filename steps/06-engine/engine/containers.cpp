#include "06-engine/engine/containers.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/container_root.hpp"
#include "06-engine/engine/disk_use.hpp"
#include "06-engine/engine/health.hpp"
#include "06-engine/engine/monitored_start.hpp"
#include "06-engine/engine/run_note.hpp"
#include "06-engine/engine/volumes.hpp"
#include "06-engine/network/endpoint.hpp"
#include "06-engine/network/ports.hpp"
#include "06-engine/network/traces.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

const char* word_of(Phase phase, const EndNote& end) {
    switch (phase) {
        case Phase::Running:
        case Phase::Ending:
            return "running";
        case Phase::Restarting:
            return "restarting";
        case Phase::Starting:
            return "created";
        default:
            // One that never ran, because its start failed, was only created.
            return end.started.empty() ? "created" : "exited";
    }
}

void add_networks(const Engine& engine, const ContainerRecord& record,
                  ContainerStatusView& view) {
    NetworkStore store = network_store(engine);
    for (const Endpoint& endpoint : endpoints_of(store, record.id)) {
        EndpointView shown;
        shown.network = endpoint.network;
        shown.network_id = endpoint.network_id;
        shown.endpoint_id = endpoint.id;
        shown.ip = endpoint.ip;
        shown.gateway = endpoint.gateway;
        shown.prefix_length = endpoint.prefix;
        shown.ip6 = endpoint.ip6;
        shown.gateway6 = endpoint.gateway6;
        shown.prefix_length6 = endpoint.prefix6;
        shown.mac = endpoint.mac;
        shown.aliases = endpoint.aliases;
        shown.dns_names = endpoint.dns_names;
        view.endpoints.push_back(std::move(shown));
    }
    for (const PortMapping& port : published_ports(store, record.id))
        view.bound_ports.push_back(
            {port.container_port, port.protocol, port.host_ip, port.host_port});
}

// Who looks at a container whose name server or proxy was killed gets it
// started again: nobody else watches over them.
void repair(const Engine& engine, const ContainerRecord& record,
            const ContainerStatusView& view) {
    std::vector<std::string> networks;
    for (const EndpointView& endpoint : view.endpoints)
        networks.push_back(endpoint.network);
    if (networks.empty()) return;
    try {
        repair_helpers(network_store(engine), engine.warn, record.id, networks);
    } catch (const Error& error) {
        engine.warn(error.message());
    }
}

ContainerStatusView status_of(const Engine& engine,
                              const ContainerRecord& record) {
    std::optional<RunNote> run = read_run(engine, record.id);
    Phase phase = phase_of(engine, record.id, run);
    std::optional<EndNote> noted = read_end(engine, record.id);
    EndNote end = noted                    ? *noted
                  : phase == Phase::Exited ? end_with_machine(engine, record.id)
                                           : EndNote{};
    ContainerStatusView view;
    view.status = word_of(phase, end);
    view.exit_code = end.exit_code;
    view.error = end.error;
    view.oom_killed = end.oom_killed;
    view.reason = end.reason;
    view.started = end.started;
    view.finished = end.finished;
    view.restart_count = end.restarts;
    //@ begin status-of
    if (phase == Phase::Lost) {
        view.status = "exited";
        view.exit_code = 137;
        view.reason = "the process that looked after it was killed";
        view.started = run->started;
    }
    if (phase == Phase::Running || phase == Phase::Ending) {
        if (is_paused(engine, record.id)) view.status = "paused";
        view.pid = run->init.pid;
        view.exit_code = 0;
        view.error.clear();
        view.reason.clear();
        view.oom_killed = false;
        view.started = run->started;
        view.sandbox = cat("/proc/", run->init.pid, "/ns/net");
        view.health = read_health(engine, record);
        add_networks(engine, record, view);
        if (phase == Phase::Running) repair(engine, record, view);
    }
    //@ end status-of
    if (run) view.restart_count = run->restarts;
    return view;
}

MountView mount_view(const Engine& engine, const MountRequest& mount) {
    MountView view;
    view.type = mount.type;
    view.destination = mount.target;
    view.read_only = mount.read_only;
    view.source = mount.source;
    if (mount.type == "bind")
        view.propagation =
            mount.propagation.empty() ? "rprivate" : mount.propagation;
    if (mount.type != "volume") return view;
    view.name = mount.source;
    view.driver = "local";
    view.mode = "z";
    view.source = cat(engine.volumes(), "/", mount.source, "/_data");
    return view;
}

void add_mounts(const Engine& engine, const ContainerRecord& record,
                ContainerStatusView& view) {
    for (const MountRequest& mount : record.host.mounts)
        view.mounts.push_back(mount_view(engine, mount));
}

void add_folders(const Engine& engine, const ContainerRecord& record,
                 ContainerStatusView& view) {
    OverlayPlan overlay =
        container_overlay(engine, ImageStore(engine.root).snapshots, record);
    view.lower_folders.assign(overlay.lower.rbegin(), overlay.lower.rend());
    view.upper_folder = overlay.upper;
    view.work_folder = overlay.work;
    std::string folder = engine.folder_of(record.id);
    if (record.host.log_driver != "none")
        view.log_path = log_path(engine, record.id);
    view.hostname_path = folder + "/hostname";
    view.hosts_path = folder + "/hosts";
    view.resolv_conf_path = folder + "/resolv.conf";
}

}  // namespace

namespace {

// A run has a folder in STATE.
std::vector<std::string> begun_ids(const Engine& engine) {
    std::vector<std::string> ids;
    std::error_code missing;
    for (const auto& entry : std::filesystem::directory_iterator(
             engine.state + "/containers", missing))
        ids.push_back(entry.path().filename());
    return ids;
}

}  // namespace

std::vector<KnownContainer> known_containers(const Engine& engine,
                                             Which which) {
    std::vector<KnownContainer> known;
    for (const std::string& id :
         which == Which::All ? container_ids(engine) : begun_ids(engine))
        try {
            ContainerRecord record = read_container(engine, id);
            ContainerStatusView status = status_of(engine, record);
            add_mounts(engine, record, status);
            known.push_back({std::move(record), std::move(status)});
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::NotFound)
                engine.warn(error.message());
        }
    std::sort(known.begin(), known.end(),
              [](const KnownContainer& a, const KnownContainer& b) {
                  return a.record.created > b.record.created;
              });
    return known;
}

KnownContainer look_at_container(const Engine& engine, const std::string& id) {
    KnownContainer known;
    known.record = read_container(engine, id);
    known.status = status_of(engine, known.record);
    add_mounts(engine, known.record, known.status);
    add_folders(engine, known.record, known.status);
    return known;
}

std::uint64_t writable_size(const Engine& engine, const std::string& id) {
    return disk_use(engine.folder_of(id) + "/upper");
}

}  // namespace slipway
