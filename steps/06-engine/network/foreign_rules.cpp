#include "06-engine/network/traces.hpp"

namespace slipway {

std::vector<std::string> firewall_warnings() {
    return {};
}

}  // namespace slipway
