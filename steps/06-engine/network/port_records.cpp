#include "06-engine/network/port_records.hpp"

#include <unistd.h>

#include <cerrno>

#include "06-engine/network/network_store.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_record = 16 << 20;
constexpr std::uint64_t largest_port = 65535;

}  // namespace

std::string port_record_text(const PortRecord& record) {
    std::string text;
    for (const PortRule& rule : record.rules)
        text += cat(rule.protocol, " ", rule.host_address, " ", rule.host_port,
                    " ", rule.address, " ", rule.port, "\n");
    return text;
}

PortRecord parse_port_record(std::string_view text) {
    PortRecord record;
    for (const std::string& line : split(text, '\n')) {
        std::vector<std::string> fields = split(line, ' ');
        if (fields.size() != 5) continue;
        auto host_port = parse_unsigned(fields[2], largest_port);
        auto port = parse_unsigned(fields[4], largest_port);
        if (!host_port || !port) continue;
        record.rules.push_back({fields[0], fields[1],
                                static_cast<std::uint16_t>(*host_port),
                                fields[3], static_cast<std::uint16_t>(*port)});
    }
    return record;
}

PortRecord read_port_record(const NetworkStore& store,
                            const std::string& container) {
    try {
        return parse_port_record(
            read_file(state_path(store, "ports", container), largest_record));
    } catch (const Error& error) {
        if (error.system_errno() == ENOENT) return {};
        throw;
    }
}

void write_port_record(const NetworkStore& store, const std::string& container,
                       const PortRecord& record) {
    write_file_atomic(state_path(store, "ports", container),
                      port_record_text(record), 0644, ToDisk::Later);
}

void delete_port_record(const NetworkStore& store,
                        const std::string& container) {
    std::string path = state_path(store, "ports", container);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        check(-1, "remove ", path);
}

std::vector<FirewallElement> port_elements(const PortRecord& record) {
    std::vector<FirewallElement> elements;
    for (const PortRule& rule : record.rules)
        if (is_ipv6(rule.host_address) == is_ipv6(rule.address))
            elements.push_back(port_element(rule));
    return elements;
}

}  // namespace slipway
