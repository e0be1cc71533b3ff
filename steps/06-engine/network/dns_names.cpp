#include "06-engine/network/dns_names.hpp"

#include <arpa/inet.h>

#include <algorithm>

#include "common/text.hpp"

namespace slipway {

namespace {

bool equal_letters(std::string_view one, std::string_view other) {
    return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                      [](unsigned char a, unsigned char b) {
                          return std::tolower(a) == std::tolower(b);
                      });
}

bool is_called(const Endpoint& endpoint, std::string_view name,
               const std::string& network) {
    for (const std::string& each : endpoint.dns_names)
        if (equal_letters(each, name) ||
            equal_letters(cat(each, ".", network), name))
            return true;
    return false;
}

void add_addresses(const Endpoint& endpoint, const DnsQuestion& question,
                   std::vector<DnsRecord>& records) {
    auto add = [&](DnsType type, int family, const std::string& text) {
        in6_addr bytes{};
        if (!(question.is(type) || question.is(DnsType::Any)) ||
            ::inet_pton(family, text.c_str(), &bytes) != 1)
            return;
        records.push_back(
            {type,
             {reinterpret_cast<const char*>(&bytes),
              family == AF_INET6 ? sizeof bytes : sizeof(in_addr)}});
    };
    add(DnsType::A, AF_INET, endpoint.ip);
    add(DnsType::Aaaa, AF_INET6, endpoint.ip6);
}

}  // namespace

DnsNames::Asker DnsNames::who_asks(const std::string& address) const {
    Asker asker{.networks = {own_}};
    auto own = networks_.find(own_);
    if (own == networks_.end()) return asker;
    asker.may_leave = !own->second.internal;
    std::string container;
    for (const Endpoint& endpoint : own->second.endpoints)
        if (endpoint.ip == address) {
            container = endpoint.container;
            asker.servers = endpoint.dns_servers;
        }
    if (container.empty()) return asker;
    for (const auto& [name, leases] : networks_)
        for (const Endpoint& endpoint : leases.endpoints)
            if (endpoint.container == container && name != own_) {
                asker.networks.push_back(name);
                asker.may_leave = asker.may_leave || !leases.internal;
            }
    return asker;
}

std::optional<std::vector<DnsRecord>> DnsNames::look_up(
    const Asker& asker, const DnsQuestion& question) const {
    std::vector<DnsRecord> records;
    bool ours = false;
    auto reversed = reverse_address(question.name);
    for (const std::string& network : asker.networks) {
        auto found = networks_.find(network);
        // The default network has no names, as in Docker.
        if (found == networks_.end() || network == "bridge") continue;
        for (const Endpoint& endpoint : found->second.endpoints) {
            if (reversed && endpoint.ip == *reversed) {
                ours = true;
                if (question.is(DnsType::Ptr))
                    records.push_back(
                        {DnsType::Ptr,
                         dns_name_bytes(cat(endpoint.name, ".", network))});
            } else if (is_called(endpoint, question.name, network)) {
                ours = true;
                add_addresses(endpoint, question, records);
            }
        }
    }
    if (!ours) return std::nullopt;
    return records;
}

}  // namespace slipway
