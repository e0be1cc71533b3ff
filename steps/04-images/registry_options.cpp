#include "04-images/registry_options.hpp"

#include "04-images/login.hpp"

namespace slipway {

void declare_registry(CommandLine& line, RegistryOptions& registry) {
    registry.http.certificates = "/etc/slipway/certs.d";
    registry.http.user_agent = "slipway/" SLIPWAY_VERSION;
    registry.credentials = find_login;
    line.values("--insecure", "HOST[:PORT]",
                "may be talked to in the clear; this machine always may",
                [&](auto& text) { registry.http.insecure.push_back(text); });
    line.value("--certs", "DIR",
               "HOST[:PORT]/ca.crt in it are trusted for that registry\n"
               "(default: /etc/slipway/certs.d)",
               [&](auto& text) { registry.http.certificates = text; });
}

}  // namespace slipway
