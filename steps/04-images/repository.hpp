// A repository of a registry, as the client talks to it: which servers have
// it, whether in the clear or not, with which proof of identity.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/auth.hpp"
#include "04-images/credentials.hpp"
#include "04-images/http.hpp"
#include "04-images/reference.hpp"
#include "04-images/retry.hpp"
#include "04-images/url.hpp"

namespace slipway {

/// Another server with the same repositories, asked first when pulling.
struct Mirror {
    std::string registry;  ///< "docker.io"
    std::string url;  ///< "https://mirror.example", "http://localhost:5001"
};

struct RegistryOptions {
    HttpOptions http;
    RetryPolicy retry;
    std::vector<Mirror> mirrors;
    /// What is known about a registry ("docker.io"), asked once and only when
    /// it wants to know. Empty: nothing.
    std::function<std::optional<Credentials>(const std::string& registry)>
        credentials;
};

/// A server that has the repository.
struct Endpoint {
    std::string registry;  ///< whose credentials count
    Url base;              ///< "https://registry-1.docker.io/v2/library/nginx"
    bool is_mirror;
};

/// What a proof has to allow, in the token server's words.
using Scopes = std::vector<std::string>;

/// Not for two threads at once: each has its own, see another().
class Repository {
  public:
    /// Nothing is sent yet. Throws InvalidArgument for a mirror's URL that is
    /// none, Forbidden for one in the clear that is not allowed.
    explicit Repository(const Reference& image, RegistryOptions options = {},
                        std::shared_ptr<ProofCache> proofs = nullptr);

    /// "docker.io/library/nginx"
    const std::string& name() const { return name_; }
    /// The same for another thread: with the proofs shared, and what has been
    /// found out about the registry until now.
    std::unique_ptr<Repository> another() const;
    /// Of a mirror only one attempt is made: the next one is at hand.
    const RetryPolicy& retry(const Endpoint& endpoint) const {
        return endpoint.is_mirror ? once_ : options_.retry;
    }
    /// Those to pull from: mirrors first, then the registry itself.
    std::size_t endpoint_count() const { return mirrors_.size() + 1; }
    /// The last one is the registry itself, to which alone is pushed. The
    /// first use of one that may be talked to in the clear asks it whether it
    /// speaks TLS, which is preferred.
    const Endpoint& endpoint(std::size_t index);
    const Endpoint& origin() { return endpoint(endpoint_count() - 1); }

    Scopes pull_scope() const;
    Scopes push_scope() const;

    /// Sends with the proof at hand, and when that is not enough answers the
    /// challenge and sends once more. An answer with status 401 means that
    /// this did not help; answer_challenge() says what is thrown. Only the
    /// endpoint's own server sees proofs.
    HttpResponse send(const Endpoint& endpoint, HttpRequest request,
                      const Scopes& scopes);
    /// The same, and tries again as send_patiently() does.
    HttpResponse send_patiently(const Endpoint& endpoint, HttpRequest request,
                                const Scopes& scopes);

  private:
    using Send = std::function<HttpResponse(const HttpRequest& request)>;
    HttpResponse send_proven(const Endpoint& endpoint, HttpRequest request,
                             const Scopes& scopes, const Send& send_it);
    const std::optional<Credentials>& credentials(const std::string& registry);
    Url find_base(const std::string& host);

    Reference image_;
    std::string name_, registry_, repository_;
    RegistryOptions options_;
    RetryPolicy once_;
    std::shared_ptr<ProofCache> proofs_;
    HttpClient client_;
    std::vector<Endpoint> mirrors_;
    std::optional<Endpoint> origin_;
    std::map<std::string, std::optional<Credentials>> credentials_;
};

/// Throws what the status of an answer means, unless it is one of `good`:
/// NotFound, Unauthorized, Forbidden, Unavailable or InvalidArgument. `what` is
/// what was tried, on which object.
void expect_status(const HttpResponse& response, std::vector<int> good,
                   std::string_view what);

/// Docker-Content-Digest, when it is there and a sha256.
std::optional<Digest> content_digest(const HttpHead& answer);

}  // namespace slipway
