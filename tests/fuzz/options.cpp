// Values of Docker's options, files that they name, and the record that is
// made of them: what is accepted is in order, and written and read again it is
// the same.
#include <cstdint>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "06-engine/cli/key_values.hpp"
#include "06-engine/cli/mount_option.hpp"
#include "06-engine/cli/network_option.hpp"
#include "06-engine/cli/ports.hpp"
#include "06-engine/engine/binds.hpp"
#include "common/error.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

template <class Parse>
void try_parse(Parse parse) {
    try {
        parse();
    } catch (const Error& error) {
        must(!error.message().empty());
        for (char c : error.message()) must(c != '\x1b' && c != '\n');
        must(error.kind() == ErrorKind::InvalidArgument ||
             error.kind() == ErrorKind::Unsupported ||
             error.kind() == ErrorKind::DataLoss);
    }
}

void must_survive(const HostConfig& host) {
    ContainerRecord record;
    record.host = host;
    std::string text = record_json(record).dump(
        -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
    std::string again = record_json(parse_record(text)).dump();
    must(again == text);
}

void check_mount(const MountRequest& mount) {
    must(mount.target.starts_with('/'));
    must(mount.type != "bind" || mount.source.starts_with('/'));
    must(mount.type != "tmpfs" || mount.source.empty());
    HostConfig host;
    host.mounts = {mount};
    must_survive(host);
}

void try_ports(std::string_view text) {
    HostConfig host;
    host.ports = parse_publish(text);
    must(!host.ports.empty());
    for (const PortBinding& port : host.ports) {
        must(port.container_port != 0);
        must(port.protocol == "tcp" || port.protocol == "udp");
        must(port.host_port_last == 0 || port.host_port_last > port.host_port);
    }
    constexpr std::size_t few = 50;
    if (host.ports.size() < few) must_survive(host);
}

void try_network(std::string_view text) {
    HostConfig host;
    host.networks = {parse_network_option(text)};
    must(!host.networks[0].network.empty());
    must_survive(host);
}

void try_files(std::string_view text) {
    for (const std::string& variable : parse_env_file("f", text)) {
        must(variable.find('=') != 0 && variable.find('=') != variable.npos);
        must(variable.find('\n') == variable.npos);
        must(variable.find('\0') == variable.npos);
    }
    for (const std::string& label : parse_label_file("f", text))
        must(!label.empty() && label[0] != '=');
}

// From nothing, chance makes no record: a good one is cut open.
std::string spliced(std::string_view bytes) {
    static const std::string good = [] {
        ContainerRecord record;
        record.host.mounts = {parse_bind("a0:/b:ro"), parse_bind("/x"),
                              parse_mount_option("type=bind,src=/,dst=/x"),
                              parse_tmpfs_option("/t:size=1m")};
        record.host.ports = parse_publish("8000-8010:80");
        record.host.networks = {parse_network_option("name=n,alias=b")};
        record.config.healthcheck = Healthcheck{{"CMD", "x"}, 1, 2, 3, 4, 5};
        return record_json(record).dump();
    }();
    auto byte = [&](std::size_t i) {
        return static_cast<std::size_t>(static_cast<std::uint8_t>(bytes[i]));
    };
    std::string document = good;
    std::size_t place = (byte(0) * 256 + byte(1)) % document.size();
    return document.replace(place, byte(2) % 24, bytes.substr(3));
}

void try_record(std::string_view text) {
    ContainerRecord record = parse_record(text);
    must_survive(record.host);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    try_parse([&] { try_ports(text); });
    try_parse([&] { check_mount(parse_volume_option(text)); });
    try_parse([&] { check_mount(parse_mount_option(text)); });
    try_parse([&] { check_mount(parse_tmpfs_option(text)); });
    try_parse([&] { try_network(text); });
    try_parse([&] { try_files(text); });
    if (size >= 4) try_parse([&] { try_record(spliced(text)); });
    return 0;
}
