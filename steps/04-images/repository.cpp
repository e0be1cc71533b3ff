#include "04-images/repository.hpp"

#include <algorithm>

#include "common/error.hpp"

namespace slipway {

namespace {

// The Hub's images are named after a host that does not serve them.
std::string host_of(const std::string& registry) {
    return registry == "docker.io" ? "registry-1.docker.io" : registry;
}

Endpoint mirror_endpoint(const Mirror& mirror, const std::string& repository,
                         const HttpOptions& options) {
    std::string url = mirror.url;
    while (url.ends_with('/')) url.pop_back();
    Url base = with_context(
        "mirror", [&] { return parse_url(cat(url, "/v2/", repository)); });
    if (!is_allowed(base, options.insecure))
        throw Error(ErrorKind::Forbidden,
                    cat("mirror ", quote(mirror.url),
                        ": plain http is for this machine only"))
            .advise(cat("write https://, or name ", base.host_and_port(),
                        " as insecure"));
    return {base.host_and_port(), base, true};
}

ErrorKind kind_of_status(int status) {
    switch (status) {
        case 401:
            return ErrorKind::Unauthorized;
        case 403:
            return ErrorKind::Forbidden;
        case 404:
            return ErrorKind::NotFound;
        case 405:
            return ErrorKind::Unsupported;
        default:
            return is_worth_retrying(status) ? ErrorKind::Unavailable
                                             : ErrorKind::InvalidArgument;
    }
}

std::string advice_for_status(int status, const std::string& host) {
    switch (status) {
        case 401:
        case 403:
            return cat("are you logged in to ", host,
                       ", and may you do this there?");
        case 404:
            return "is the name right, and the tag?";
        case 405:
            return cat("does ", host, " take uploads? mirrors often do not");
        case 413:
            return cat(host, " does not take things of this size");
        default:
            return cat("this is what ", host, " says; it may know more");
    }
}

}  // namespace

Repository::Repository(const Reference& image, RegistryOptions options,
                       std::shared_ptr<ProofCache> proofs)
    : image_(image),
      name_(image.name()),
      registry_(image.registry),
      repository_(image.repository),
      options_(std::move(options)),
      once_(options_.retry),
      proofs_(proofs ? std::move(proofs) : std::make_shared<ProofCache>()),
      client_(options_.http) {
    once_.attempts = 1;
    for (const Mirror& mirror : options_.mirrors)
        if (mirror.registry == registry_)
            mirrors_.push_back(
                mirror_endpoint(mirror, repository_, options_.http));
}

std::unique_ptr<Repository> Repository::another() const {
    auto other = std::make_unique<Repository>(image_, options_, proofs_);
    other->origin_ = origin_;
    other->credentials_ = credentials_;
    return other;
}

const Endpoint& Repository::endpoint(std::size_t index) {
    if (index < mirrors_.size()) return mirrors_[index];
    if (!origin_)
        origin_ = Endpoint{registry_, find_base(host_of(registry_)), false};
    return *origin_;
}

// Where http is not allowed there is nothing to find out, so nobody on the way
// can talk us into it.
Url Repository::find_base(const std::string& host) {
    std::string path = cat(host, "/v2/", repository_);
    Url secure = parse_url("https://" + path);
    Url plain = parse_url("http://" + path);
    if (!is_allowed(plain, options_.http.insecure)) return secure;
    try {
        HttpRequest probe;
        probe.url = parse_url(cat("https://", host, "/v2/"));
        return client_.send(probe).broken ? plain : secure;
    } catch (const Error& error) {
        // A server that speaks TLS and is not trusted is an error, not a
        // reason to go on without.
        if (error.kind() != ErrorKind::Unsupported &&
            error.kind() != ErrorKind::Unavailable)
            throw;
        return plain;
    }
}

Scopes Repository::pull_scope() const {
    return {cat("repository:", repository_, ":pull")};
}

Scopes Repository::push_scope() const {
    return {cat("repository:", repository_, ":pull,push")};
}

const std::optional<Credentials>& Repository::credentials(
    const std::string& registry) {
    auto found = credentials_.find(registry);
    if (found != credentials_.end()) return found->second;
    std::optional<Credentials> user;
    if (options_.credentials) user = options_.credentials(registry);
    return credentials_.emplace(registry, std::move(user)).first->second;
}

HttpResponse Repository::send_proven(const Endpoint& endpoint,
                                     HttpRequest request, const Scopes& scopes,
                                     const Send& send_it) {
    // An upload may have been sent elsewhere: no proof of ours goes there.
    bool is_own = same_origin(request.url, endpoint.base);
    std::string key =
        cat(endpoint.base.scheme, "://", endpoint.base.host_and_port(), " ",
            join(scopes, " "));
    if (is_own) request.authorization = proofs_->find(key).value_or("");
    HttpResponse response = send_it(request);
    if (response.broken || response.status != 401 || !is_own ||
        !same_origin(response.url, endpoint.base))
        return response;
    proofs_->forget(key);
    Proof proof = answer_challenge(client_, retry(endpoint), endpoint.base,
                                   challenges_in(response), scopes,
                                   credentials(endpoint.registry));
    request.authorization = proof.authorization;
    response = send_it(request);
    // Kept only when it was of use: the next one then asks anew.
    if (!response.broken && response.status != 401)
        proofs_->put(key, std::move(proof));
    return response;
}

HttpResponse Repository::send(const Endpoint& endpoint, HttpRequest request,
                              const Scopes& scopes) {
    return send_proven(
        endpoint, std::move(request), scopes,
        [this](const HttpRequest& ready) { return client_.send(ready); });
}

HttpResponse Repository::send_patiently(const Endpoint& endpoint,
                                        HttpRequest request,
                                        const Scopes& scopes) {
    return send_proven(
        endpoint, std::move(request), scopes, [&](const HttpRequest& ready) {
            return slipway::send_patiently(client_, retry(endpoint), ready);
        });
}

void expect_status(const HttpResponse& response, std::vector<int> good,
                   std::string_view what) {
    if (std::find(good.begin(), good.end(), response.status) != good.end())
        return;
    std::string host = response.url.host_and_port();
    throw Error(kind_of_status(response.status),
                cat(what, ": ", host, ": ", describe_failure(response)))
        .advise(advice_for_status(response.status, host));
}

std::optional<Digest> content_digest(const HttpHead& answer) {
    auto text = answer.header("docker-content-digest");
    if (!text || !text->starts_with("sha256:")) return {};
    return Digest::parse(*text);
}

}  // namespace slipway
