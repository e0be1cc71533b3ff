// The form of the leases' file.
#include <string>

#include "06-engine/network/leases.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// Every field of a line, for writing and for reading.
template <class Visit>
void visit_fields(Endpoint& endpoint, Visit visit) {
    visit("id", endpoint.id);
    visit("network", endpoint.network);
    visit("network_id", endpoint.network_id);
    visit("container", endpoint.container);
    visit("name", endpoint.name);
    visit("ip", endpoint.ip);
    visit("gateway", endpoint.gateway);
    visit("prefix", endpoint.prefix);
    visit("ip6", endpoint.ip6);
    visit("gateway6", endpoint.gateway6);
    visit("prefix6", endpoint.prefix6);
    visit("mac", endpoint.mac);
    visit("interface", endpoint.interface);
    visit("host_interface", endpoint.host_interface);
    visit("aliases", endpoint.aliases);
    visit("dns_names", endpoint.dns_names);
    visit("dns_servers", endpoint.dns_servers);
}

struct Writer {
    std::string& line;
    void operator()(const char* key, const std::string& value) const {
        if (!value.empty()) line += cat(" ", key, "=", value);
    }
    void operator()(const char* key, unsigned value) const {
        if (value != 0) line += cat(" ", key, "=", value);
    }
    void operator()(const char* key,
                    const std::vector<std::string>& values) const {
        (*this)(key, join(values, ","));
    }
};

struct Reader {
    std::string_view key;
    std::string value;
    void operator()(const char* name, std::string& target) const {
        if (key == name) target = value;
    }
    void operator()(const char* name, unsigned& target) const {
        if (key == name)
            target =
                static_cast<unsigned>(parse_unsigned(value, 128).value_or(0));
    }
    void operator()(const char* name, std::vector<std::string>& target) const {
        if (key == name) target = split(value, ',');
    }
};

Endpoint parse_line(const std::vector<std::string>& fields) {
    Endpoint endpoint;
    for (const std::string& field : fields) {
        std::size_t equals = field.find('=');
        if (equals == std::string::npos) continue;
        visit_fields(endpoint, Reader{std::string_view(field).substr(0, equals),
                                      field.substr(equals + 1)});
    }
    return endpoint;
}

}  // namespace

std::string leases_text(const NetworkLeases& leases) {
    std::string text = leases.internal ? "network internal\n" : "network\n";
    for (Endpoint endpoint : leases.endpoints) {
        std::string line = "endpoint";
        visit_fields(endpoint, Writer{line});
        text += line + '\n';
    }
    return text;
}

NetworkLeases parse_leases(std::string_view text) {
    NetworkLeases leases;
    for (const std::string& line : split(text, '\n')) {
        std::vector<std::string> fields = split(line, ' ');
        if (fields[0] == "network")
            leases.internal = fields.size() > 1 && fields[1] == "internal";
        if (fields[0] == "endpoint")
            leases.endpoints.push_back(parse_line(fields));
    }
    return leases;
}

}  // namespace slipway
