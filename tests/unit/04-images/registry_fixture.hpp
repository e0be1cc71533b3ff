// Registries that a test makes up, and what it wants to know of them.
#pragma once

#include <string>
#include <vector>

#include "04-images/registry.hpp"
#include "unit/04-images/http_server.hpp"

namespace slipway {

constexpr char manifest_type[] = "application/vnd.oci.image.manifest.v1+json";

// Waits take no time here; how long they would be is kept.
struct Waits {
    std::vector<Milliseconds> times;
    RegistryOptions options() {
        RegistryOptions options;
        options.retry.wait = [this](Milliseconds t) { times.push_back(t); };
        return options;
    }
};

inline Reference image_at(const TestServer& server) {
    return parse_reference(server.host() + "/team/app:1");
}

inline std::string get_all(Repository& repository, const std::string& bytes,
                           std::uint64_t offset = 0) {
    std::string got;
    get_blob(repository, Digest::of(bytes), bytes.size(), offset,
             [&](std::string_view piece) { got += piece; });
    return got;
}

inline std::size_t count_of(const TestServer& server,
                            const std::string& method) {
    std::size_t count = 0;
    for (const TestRequest& each : server.requests())
        if (each.method == method && each.target != "/v2/") ++count;
    return count;
}

}  // namespace slipway
