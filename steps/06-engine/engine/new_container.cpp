#include "06-engine/engine/new_container.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include <nlohmann/json.hpp>

#include "04-images/pins.hpp"
#include "04-images/store_lock.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/names.hpp"
#include "06-engine/engine/volumes.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/scope_guard.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

void join_health(std::optional<Healthcheck>& ours, const Healthcheck& typed) {
    if (typed == Healthcheck{}) return;
    Healthcheck joined = ours.value_or(Healthcheck{});
    if (!typed.test.empty()) joined.test = typed.test;
    auto take = [](std::uint64_t& to, std::uint64_t from) {
        if (from != 0) to = from;
    };
    take(joined.interval, typed.interval);
    take(joined.timeout, typed.timeout);
    take(joined.start_period, typed.start_period);
    take(joined.start_interval, typed.start_interval);
    take(joined.retries, typed.retries);
    ours = joined;
}

bool is_target(const HostConfig& host, const std::string& place) {
    return std::any_of(
        host.mounts.begin(), host.mounts.end(),
        [&](const MountRequest& mount) { return mount.target == place; });
}

// --volumes-from: the mounts of another container, unless one of ours is there.
void take_volumes_from(const Engine& engine, HostConfig& host) {
    for (const std::string& text : host.volumes_from) {
        std::size_t colon = text.find(':');
        std::string mode = colon == text.npos ? "" : text.substr(colon + 1);
        if (!mode.empty() && mode != "ro" && mode != "rw")
            throw Error(ErrorKind::InvalidArgument,
                        cat("--volumes-from ", text))
                .advise("NAME, NAME:ro or NAME:rw");
        ContainerRecord other = read_container(
            engine, find_container(engine, text.substr(0, colon)));
        for (MountRequest mount : other.host.mounts) {
            if (mount.type == "tmpfs" || is_target(host, mount.target))
                continue;
            if (mode == "ro") mount.read_only = true;
            host.mounts.push_back(std::move(mount));
        }
    }
}

// Each volume of the record is there from now on; those without a name get one.
void make_volumes(const Engine& engine, ContainerRecord& record) {
    for (const std::string& place : record.config.volumes)
        if (!is_target(record.host, place)) {
            MountRequest anonymous;
            anonymous.target = place;
            record.host.mounts.push_back(std::move(anonymous));
        }
    for (MountRequest& mount : record.host.mounts) {
        if (mount.type != "volume") continue;
        Volume wanted;
        wanted.name = mount.source;
        wanted.labels = mount.labels;
        wanted.options = mount.driver_options;
        if (!mount.driver.empty()) wanted.driver = mount.driver;
        // With --volumes-from it has a name by now, but nobody gave it one.
        if (mount.source.empty()) mount.anonymous = true;
        wanted.anonymous = mount.anonymous;
        mount.source = create_volume(engine, wanted, !mount.no_copy).name;
    }
}

// Ports, of which the image only says that they may be published.
std::vector<PortBinding> all_exposed(const RunConfig& config) {
    std::vector<PortBinding> ports;
    for (const std::string& text : config.exposed_ports) {
        std::size_t slash = text.find('/');
        // What an image says is not checked: a port that is none is left out.
        auto number = parse_unsigned(text.substr(0, slash), UINT16_MAX);
        if (!number) continue;
        PortBinding port;
        port.container_port = static_cast<std::uint16_t>(*number);
        if (slash != text.npos) port.protocol = text.substr(slash + 1);
        ports.push_back(port);
    }
    return ports;
}

void publish_exposed(HostConfig& host, const RunConfig& config) {
    for (const PortBinding& port : all_exposed(config)) {
        bool there = std::any_of(
            host.ports.begin(), host.ports.end(), [&](const PortBinding& own) {
                return own.container_port == port.container_port &&
                       own.protocol == port.protocol;
            });
        if (!there) host.ports.push_back(port);
    }
}

std::string hostname_for(const Engine& engine, const CreateRequest& request,
                         const std::string& id) {
    if (!request.hostname.empty()) return request.hostname;
    const std::string& network = request.host.network_mode;
    if (network.starts_with("container:"))
        return read_container(engine,
                              find_container(engine, network.substr(10)))
            .hostname;
    if (request.host.uts_mode == "host" || network == "host") {
        char own[256] = "";
        ::gethostname(own, sizeof own - 1);
        return own;
    }
    return id.substr(0, 12);
}

// "container:NAME" → "container:ID": the name may be another one's tomorrow.
void resolve_container(const Engine& engine, std::string& mode) {
    if (mode.starts_with("container:"))
        mode = "container:" + find_container(engine, mode.substr(10));
}

void note_attached(ContainerRecord& record, const CreateRequest& request) {
    auto wanted = [&](const char* stream, bool otherwise) {
        return request.attach.empty() ? otherwise && !request.detached
                                      : request.attach.count(stream) != 0;
    };
    record.attach_stdin = wanted("stdin", request.open_stdin);
    record.attach_stdout = wanted("stdout", true);
    record.attach_stderr = wanted("stderr", true);
    record.stdin_once = record.open_stdin && record.attach_stdin;
}

ContainerRecord record_for(const Engine& engine, const StoredImage& image,
                           const CreateRequest& request,
                           const std::string& id) {
    ContainerRecord record;
    record.id = id;
    record.created = now_text();
    record.image = request.image;
    record.image_id = image.id().text();
    record.image_manifest = image.manifest_digest.text();
    for (const ImageLayer& layer : image.layers())
        record.layers.push_back(layer.diff_id);
    record.config = joined_config(image.config.config, request);
    record.hostname = hostname_for(engine, request, id);
    record.domainname = request.domainname;
    record.tty = request.tty;
    record.open_stdin = request.open_stdin;
    note_attached(record, request);
    record.stop_timeout = request.stop_timeout;
    record.host = request.host;
    for (std::string* mode : {&record.host.network_mode, &record.host.pid_mode,
                              &record.host.ipc_mode})
        resolve_container(engine, *mode);
    if (record.host.publish_all) publish_exposed(record.host, record.config);
    return record;
}

// The image's documents and layers stay in the store while the container is.
void pin_image(const ImageStore& images, const ContainerRecord& record) {
    nlohmann::ordered_json pin = {
        {"blobs", {record.image_manifest, record.image_id}},
        {"layers", nlohmann::ordered_json::array()}};
    for (const Digest& layer : record.layers)
        pin["layers"].push_back(layer.text());
    // On the disk before the record is: see write_container().
    put_pin(images, image_pin(record.id), pin.dump(),
            record.host.auto_remove ? ToDisk::Later : ToDisk::Now);
}

void make_folders(const std::string& folder) {
    // As the image's own root would be.
    check(::mkdir((folder + "/upper").c_str(), 0755), "create ", folder,
          "/upper");
    check(::mkdir((folder + "/work").c_str(), 0700), "create ", folder,
          "/work");
}

std::string free_name(const Engine& engine, const std::string& id) {
    constexpr int enough = 100;
    for (int attempt = 0; attempt < enough; ++attempt) try {
            std::string name = random_name(attempt);
            claim_name(engine, name, id);
            return name;
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::Conflict) throw;
        }
    claim_name(engine, id.substr(0, 12), id);
    return id.substr(0, 12);
}

}  // namespace

RunConfig joined_config(const RunConfig& image, const CreateRequest& request) {
    RunConfig config = image;
    const RunOverrides& typed = request.typed;
    if (!typed.user.empty()) config.user = typed.user;
    if (!typed.workdir.empty()) config.working_dir = typed.workdir;
    std::vector<std::string> environment;
    for (const std::string& each : config.env)
        if (each.find('=') != each.npos && each[0] != '=')
            set_environment(environment, each);
    for (const std::string& each : typed.environment) {
        // -e NAME, which we do not have either, takes the image's away.
        if (each.find('=') == each.npos)
            std::erase_if(environment, [&](const std::string& variable) {
                return variable.starts_with(each + "=");
            });
        add_environment(environment, each);
    }
    config.env = environment;
    if (typed.entrypoint) {
        config.entrypoint.clear();
        if (!typed.entrypoint->empty()) config.entrypoint = {*typed.entrypoint};
        config.cmd = typed.command;
    } else if (!typed.command.empty()) {
        config.cmd = typed.command;
    }
    command_of(config, {});  // throws when nothing is left
    for (const auto& [key, value] : request.labels) config.labels[key] = value;
    config.exposed_ports.insert(request.expose.begin(), request.expose.end());
    for (const PortBinding& port : request.host.ports)
        config.exposed_ports.insert(
            cat(port.container_port, "/", port.protocol));
    if (!request.stop_signal.empty()) config.stop_signal = request.stop_signal;
    join_health(config.healthcheck, request.health);
    return config;
}

StoredImage image_of(const ImageStore& images, const CreateRequest& request) {
    return find_stored_image(images.content, request.image,
                             request.platform.empty()
                                 ? host_platform()
                                 : parse_platform(request.platform));
}

std::string image_pin(const std::string& id) {
    return "container-" + id;
}

//@ begin new-container
ContainerRecord new_container(const Engine& engine, ImageStore& images,
                              const CreateRequest& request) {
    // Nothing that we find is collected before we say that we need it.
    StoreLease lease = hold_store(images.content);
    UniqueFd volumes = hold_volumes(engine);
    StoredImage image = image_of(images, request);
    std::string id = new_id();
    ContainerRecord record = record_for(engine, image, request, id);
    take_volumes_from(engine, record.host);

    std::string folder = engine.folder_of(id);
    check(::mkdir(folder.c_str(), 0710), "create ", folder);
    ScopeGuard remove_folder([&] {
        try {
            move_to_trash(engine, folder);
        } catch (const Error&) {
            // Without a record it is nobody's: prune takes it away.
        }
    });
    ContainerLock lock(engine, id);
    make_folders(folder);
    record.name = request.name.empty() ? free_name(engine, id) : request.name;
    if (!request.name.empty()) claim_name(engine, record.name, id);
    ScopeGuard give_name_back([&] {
        try {
            release_name(engine, record.name, id);
        } catch (const Error&) {
            // Without its folder it is nobody's.
        }
    });
    make_volumes(engine, record);
    pin_image(images, record);
    write_container(engine, record);  // from here on others see it
    give_name_back.dismiss();
    remove_folder.dismiss();
    return record;
}
//@ end new-container

}  // namespace slipway
