// What a store leaves on the host that was removed by hand (rm -r), or with the
// power of a kill -9: nobody else has it in a list.
#include <arpa/inet.h>
#include <net/if.h>
#include <unistd.h>

#include <algorithm>

#include "06-engine/network/firewall.hpp"
#include "06-engine/network/links.hpp"
#include "06-engine/network/traces.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view owner_prefix = "slipway: ";

// Whoever looks from other mounts may not see a store that is there: so only
// bridges go that nobody is on, which a store makes again when it wants one.
void remove_orphaned_bridges(int socket) {
    for (const auto& [link, owner] : link_aliases(socket)) {
        if (!owner.starts_with(owner_prefix)) continue;
        std::string store = owner.substr(owner_prefix.size());
        if (::access(store.c_str(), F_OK) == 0) continue;
        FoundLink bridge = find_link(socket, link);
        if (bridge.number != 0 && ports_of(socket, bridge.number).empty())
            delete_link(socket, link);
    }
}

// `address` is in one of the ranges.
bool leads_to(const std::vector<FirewallElement>& ranges,
              const std::string& address) {
    return std::any_of(
        ranges.begin(), ranges.end(), [&](const FirewallElement& range) {
            return range.key.substr(0, address.size()) <= address &&
                   address <= range.key_end.substr(0, address.size());
        });
}

}  // namespace

std::string bridge_owner(const NetworkStore& store) {
    std::string owner = cat(owner_prefix, store.root);
    constexpr std::size_t longest = 255;
    return owner.size() <= longest ? owner : "";
}

//@ begin remove-stale
void remove_stale_traces(int socket) {
    remove_orphaned_bridges(socket);
    // Ports first, then networks: a network is there before its ports.
    std::vector<FirewallElement> ports, stale;
    for (const char* map : {"ports", "ports_at", "ports6", "ports6_at"})
        for (FirewallElement& each : list_elements(map))
            ports.push_back(std::move(each));
    std::vector<FirewallElement> ranges4, ranges6;
    for (const char* set :
         {"bridges", "same", "own", "own6", "masqueraded", "internal"})
        for (FirewallElement& each : list_elements(set))
            if (find_link(socket, device_of(each)).number == 0)
                stale.push_back(std::move(each));
            else if (each.set == "own")
                ranges4.push_back(std::move(each));
            else if (each.set == "own6")
                ranges6.push_back(std::move(each));
    for (FirewallElement& each : ports) {
        bool six = each.set.starts_with("ports6");
        std::string address =
            each.value.substr(0, six ? sizeof(in6_addr) : sizeof(in_addr));
        if (!leads_to(six ? ranges6 : ranges4, address))
            stale.push_back(std::move(each));
    }
    remove_elements(stale);
}
//@ end remove-stale

}  // namespace slipway
