// Challenges: how a server says which proof of identity it wants.
//
//     WWW-Authenticate: Bearer realm="https://auth.example/token",
//                              service="registry.example", scope="…"
//
// Source: RFC 9110, 11.3 and 11.6.1 (grammar); RFC 6750, 3; Docker's token
// specification (realm, service, scope).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace slipway {

struct Challenge {
    std::string scheme;  ///< lower case: "bearer", "basic"
    std::string token;   ///< what some schemes have instead of parameters
    /// Names in lower case, each once, in the order in which they came.
    std::vector<std::pair<std::string, std::string>> parameters;

    /// Empty when it has no such parameter.
    std::optional<std::string> parameter(std::string_view name) const;
};

/// The value of one WWW-Authenticate header, which may hold several
/// challenges. Throws InvalidArgument for what does not follow the grammar,
/// names a parameter twice, has a control character, or exceeds a limit (16
/// KiB, 16 challenges, 16 parameters each): a server that sends such a thing
/// wants to be understood in two ways.
std::vector<Challenge> parse_challenges(std::string_view header);

}  // namespace slipway
