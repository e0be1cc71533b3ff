// Proofs of identity: from a server's challenge and the user's password to
// what the Authorization header says.
//
//   client            registry            token server
//     GET ──────────────▶
//     ◀── 401 Bearer realm=…
//     GET realm?service=…&scope=…, password ──▶
//     ◀────────────────────────────── { "token": … }
//     GET, Bearer token ▶
//
// Source: Docker registry v2, token authentication (GET), and its OAuth 2
// variant (POST, for identity tokens); RFC 7617 (Basic).
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/challenge.hpp"
#include "04-images/credentials.hpp"
#include "04-images/http.hpp"

namespace slipway {

struct Proof {
    std::string authorization;  ///< "Bearer …", "Basic …"
    std::chrono::steady_clock::time_point expires;
};

/// Proofs at hand, in memory only. May be used by several threads, whose
/// downloads then share one token.
class ProofCache {
  public:
    /// `key` names the registry and what is allowed by the proof.
    std::optional<std::string> find(const std::string& key);
    void put(const std::string& key, Proof proof);
    void forget(const std::string& key);

  private:
    std::mutex mutex_;
    std::map<std::string, Proof> proofs_;
};

/// The answer to a challenge of `registry`: a token when it offers that, else
/// the password itself. `scopes` are what the proof is for:
/// "repository:library/nginx:pull". Nothing is sent but to the registry's
/// realm, and there not in the clear when the registry itself was not.
///
/// Throws Unauthorized when there are no credentials where they are needed, or
/// wrong ones; Unsupported when it wants something else; InvalidArgument for
/// answers that make no sense; what HttpClient::send() throws.
Proof answer_challenge(HttpClient& client, const RetryPolicy& retry,
                       const Url& registry,
                       const std::vector<Challenge>& challenges,
                       const std::vector<std::string>& scopes,
                       const std::optional<Credentials>& credentials);

/// All challenges in an answer.
std::vector<Challenge> challenges_in(const HttpHead& answer);

/// Sends a request until it is answered: waits and tries again while that may
/// help. Throws Unavailable when it did not. Not for requests with a sink,
/// which would see bytes twice.
HttpResponse send_patiently(HttpClient& client, const RetryPolicy& retry,
                            const HttpRequest& request);

/// Why a request failed, in the server's own words, bounded and quoted:
/// "status 404, MANIFEST_UNKNOWN "manifest unknown"".
std::string describe_failure(const HttpResponse& response);

}  // namespace slipway
