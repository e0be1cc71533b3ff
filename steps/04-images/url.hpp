// URLs, as far as a client needs them that must not be led astray: where one
// leads, whether two lead to the same server, and what a Location means.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace slipway {

/// An http or https URL in its parts. Parsed by libcurl, as the request is:
/// two parsers that disagree are how clients are tricked.
struct Url {
    std::string text;      ///< normalised, without #fragment
    std::string scheme;    ///< "http" or "https"
    std::string host;      ///< lower case; IPv6 in brackets
    std::uint16_t port;    ///< the scheme's own when none is written
    bool port_is_written;  ///< whether it stands in the text
    bool has_user;         ///< "user@" or "user:password@"
    /// The host as people write it: "localhost:5000", "ghcr.io".
    std::string host_and_port() const;
};

/// Throws InvalidArgument for what is no http or https URL, has control
/// characters, or is longer than 8 KiB.
Url parse_url(std::string_view text);

/// What `reference` (absolute or relative) means in an answer from `base`.
Url resolve_url(const Url& base, std::string_view reference);

/// Same scheme, host and port: what a secret for one may be sent to the other.
bool same_origin(const Url& left, const Url& right);

/// "localhost", 127.x.y.z or [::1]: nobody on the network can listen.
bool is_loopback(const Url& url);

/// `text` with all but letters, digits and "-._~" as %XX.
std::string url_encode(std::string_view text);

/// Adds name=value, encoded, behind what query there is. What stands there
/// stays byte for byte: an upload's Location is to be used as it came.
std::string with_query(std::string url, std::string_view name,
                       std::string_view value);

}  // namespace slipway
