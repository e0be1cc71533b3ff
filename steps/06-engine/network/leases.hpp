// Leases: who is on a network now, with which address and under which names.
//
// One text file for each network, a line for each endpoint, fields as
// `key=value` with blanks between them: the DNS forwarder reads it, too. All
// functions want lock_state() to be held, but reading is safe without: files
// are replaced, never changed.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "06-engine/network/endpoint.hpp"

namespace slipway {

struct NetworkLeases {
    bool internal = false;  ///< the forwarder asks nobody outside
    std::vector<Endpoint> endpoints = {};
};

/// No file: nobody.
NetworkLeases read_leases(const NetworkStore& store,
                          const std::string& network);
/// No endpoints: no file.
void write_leases(const NetworkStore& store, const std::string& network,
                  const NetworkLeases& leases);

std::string leases_text(const NetworkLeases& leases);
/// Lines and fields that it does not know are passed over.
NetworkLeases parse_leases(std::string_view text);

/// The address of a new endpoint: the one asked for, or the lowest that is
/// free. Throws as attach() says.
Ipv4 choose_address(const Network& network,
                    const std::vector<Endpoint>& endpoints,
                    const std::string& wanted);

}  // namespace slipway
