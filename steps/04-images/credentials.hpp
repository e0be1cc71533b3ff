// Credentials: the user's name and password for a registry, where Docker and
// others keep them too.
//
//     { "auths":       { "ghcr.io": { "auth": "<base64 of user:password>" } },
//       "credHelpers": { "gcr.io": "gcloud" },
//       "credsStore":  "secretservice" }
//
// Source: docker login's reference, "Credential stores" and "Credential
// helpers"; docker/cli, cli/config/configfile.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace slipway {

struct Credentials {
    std::string username, password;
    /// In their place: exchanged for tokens by OAuth 2. Empty: none.
    std::string identity_token;
};

/// $DOCKER_CONFIG/config.json, or ~/.docker/config.json; empty without HOME.
std::string docker_config_path();

/// What the file knows about a registry ("docker.io", "localhost:5000"). The
/// helper that is named for this registry, then what stands in the file, then
/// the helper for all. Empty when there is nothing, no file included. Throws
/// InvalidArgument for a file that is larger than 1 MiB or makes no sense.
std::optional<Credentials> find_credentials(const std::string& file,
                                            std::string_view registry);

/// Writes them into the file (mode 0600, its folder 0700 when it is made), all
/// else in it unchanged. Readers see the file before or after, never a part.
/// They are encoded, not encrypted: whoever may read the file has them.
void save_credentials(const std::string& file, std::string_view registry,
                      const Credentials& credentials);

/// False when there were none. Helpers are not asked to forget theirs.
bool remove_credentials(const std::string& file, std::string_view registry);

/// The name under which a registry stands in the file: docker.io is
/// "https://index.docker.io/v1/", for reasons of history.
std::string credentials_key(std::string_view registry);

std::string encode_base64(std::string_view bytes);
/// Standard alphabet with padding. Empty for anything else.
std::optional<std::string> decode_base64(std::string_view text);

}  // namespace slipway
