// What the engine does with networks, as commands, for the tests:
//     network --state DIR VERB WORD...
#include <unistd.h>

#include <cstdio>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include "06-engine/network/endpoint.hpp"
#include "06-engine/network/name_files.hpp"
#include "06-engine/network/network_config.hpp"
#include "06-engine/network/ports.hpp"
#include "06-engine/network/traces.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/program.hpp"
#include "common/text.hpp"

using namespace slipway;

namespace {

using Words = std::vector<std::string>;

std::uint16_t port_number(const std::string& text) {
    return static_cast<std::uint16_t>(parse_unsigned(text, 65535).value());
}

// [IP,]HOST:CONTAINER[/PROTOCOL]
PortMapping parse_mapping(std::string text) {
    PortMapping mapping;
    if (std::size_t slash = text.find('/'); slash != std::string::npos) {
        mapping.protocol = text.substr(slash + 1);
        text.resize(slash);
    }
    if (std::size_t comma = text.find(','); comma != std::string::npos) {
        mapping.host_ip = text.substr(0, comma);
        text.erase(0, comma + 1);
    }
    std::size_t colon = text.find(':');
    mapping.host_port = port_number(text.substr(0, colon));
    mapping.container_port = port_number(text.substr(colon + 1));
    return mapping;
}

void print_ports(const std::vector<PortMapping>& ports) {
    for (const PortMapping& port : ports)
        std::printf("%s %s %u %u\n", port.protocol.c_str(),
                    port.host_ip.c_str(), port.host_port, port.container_port);
}

// NETWORK CONTAINER PID [key=value...]
void attach_words(const NetworkStore& store, const Words& words) {
    EndpointRequest request{.container = words[2], .name = words[2]};
    Network network = get_network(store, words[1]);
    for (std::size_t i = 4; i < words.size(); ++i) {
        std::size_t equals = words[i].find('=');
        std::string key = words[i].substr(0, equals);
        std::string value = words[i].substr(equals + 1);
        if (key == "ip") request.ip = value;
        if (key == "mac") request.mac = value;
        if (key == "alias") request.aliases.push_back(value);
        if (key == "interface") request.interface = value;
        if (key == "dns") request.dns_servers.push_back(value);
        if (key == "route") request.default_route = value == "yes";
        if (key == "removed") remove_network(store, network);
    }
    UniqueFd inside = open_network_namespace(
        static_cast<pid_t>(*parse_unsigned(words[3], 1 << 22)));
    request.network_namespace = inside.get();
    Endpoint endpoint = attach(store, network, request);
    std::printf("%s %s %s\n", endpoint.ip.c_str(), endpoint.ip6.c_str(),
                endpoint.mac.c_str());
}

NewNetwork new_network(const Words& words) {
    NewNetwork wanted{.name = words[1]};
    for (std::size_t i = 2; i < words.size(); ++i) {
        std::size_t equals = words[i].find('=');
        std::string key = words[i].substr(0, equals);
        std::string value =
            equals == std::string::npos ? "" : words[i].substr(equals + 1);
        if (key == "subnet")
            wanted.subnet = value;
        else if (key == "range")
            wanted.ip_range = value;
        else if (key == "internal")
            wanted.internal = true;
        else if (key == "ipv6")
            wanted.ipv6 = true;
        else if (key == "driver")
            wanted.driver = value;
        else
            wanted.options[key] = value;
    }
    return wanted;
}

int run(const NetworkStore& store, const Words& words) {
    const std::string& verb = words.at(0);
    if (verb == "create")
        std::printf("%s\n",
                    create_network(store, new_network(words)).id.c_str());
    else if (verb == "ls")
        for (const Network& network : list_networks(store))
            std::printf("%s %s %s\n", network.name.c_str(),
                        network.driver.c_str(), network.subnet.c_str());
    else if (verb == "inspect")
        std::printf(
            "%s\n",
            network_json(get_network(store, words.at(1))).dump().c_str());
    else if (verb == "rm")
        remove_network(store, get_network(store, words.at(1)));
    else if (verb == "prune")
        for (const std::string& name : prune_networks(store))
            std::printf("%s\n", name.c_str());
    else if (verb == "attach")
        attach_words(store, words);
    else if (verb == "detach")
        detach(store, get_network(store, words.at(1)), words.at(2),
               Link::RemovedNow);
    else if (verb == "end")
        detach_everywhere(store, words.at(1), Link::LeftToTheKernel);
    else if (verb == "publish") {
        Network network = get_network(store, words.at(1));
        std::vector<PortMapping> wanted;
        for (std::size_t i = 3; i < words.size(); ++i)
            wanted.push_back(parse_mapping(words[i]));
        for (const Endpoint& endpoint : endpoints_on(store, network))
            if (endpoint.container == words.at(2))
                print_ports(publish(store, network, endpoint, wanted));
    } else if (verb == "unpublish")
        unpublish(store, words.at(1));
    else if (verb == "ports")
        print_ports(published_ports(store, words.at(1)));
    else if (verb == "repair")
        repair_networks(store, [&](const std::string& container) {
            return std::find(words.begin() + 1, words.end(), container) !=
                   words.end();
        });
    else if (verb == "warnings")
        for (const std::string& warning : firewall_warnings())
            std::printf("%s\n", warning.c_str());
    else if (verb == "idle")
        remove_idle_traces(store);
    else
        throw Error(ErrorKind::InvalidArgument, cat("verb ", verb));
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    NetworkStore store;
    CommandLine line("network-driver", "--state DIR VERB WORD...",
                     "What the engine does with networks.");
    line.value("--state", "DIR", "root and state",
               [&](const std::string& text) {
                   store.root = text + "/root";
                   store.state = text + "/state";
               });
    return run_program(line, argc, argv,
                       [&](const Words& words) { return run(store, words); });
}
