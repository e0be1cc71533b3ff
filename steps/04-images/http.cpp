#include "04-images/http.hpp"

#include <algorithm>
#include <cstring>

#include "04-images/http_exchange.hpp"

namespace slipway {

namespace {

constexpr int most_redirects = 10;

bool is_redirect(const HttpResponse& response) {
    int status = response.status;
    return (status == 301 || status == 302 || status == 303 || status == 307 ||
            status == 308) &&
           response.header("location");
}

// Where the answer leads, unless that is somewhere we do not go.
Url redirect_target(const HttpRequest& request, const HttpResponse& response) {
    std::string from = cat("redirect of ", request.url.host_and_port());
    Url target = with_context(from, [&] {
        return resolve_url(request.url, *response.header("location"));
    });
    if (request.url.scheme == "https" && target.scheme == "http")
        throw Error(
            ErrorKind::Forbidden,
            cat(from, ": leads from https to http at ", target.host_and_port()))
            .advise(
                "what comes from there could be read and changed on the "
                "way: tell who runs the registry");
    if (target.has_user)
        throw Error(ErrorKind::Forbidden,
                    cat(from, ": brings a user name along"));
    bool reads = request.method == "GET" || request.method == "HEAD";
    if (!reads && response.status < 307)
        throw Error(ErrorKind::Unsupported,
                    cat(from, ": status ", response.status, " on ",
                        request.method, " does not say what to send there"));
    if (request.body_is_secret && !same_origin(request.url, target))
        throw Error(
            ErrorKind::Forbidden,
            cat(from, ": would take a password to ", target.host_and_port()));
    return target;
}

void check_allowed(const Url& url, const HttpOptions& options) {
    if (is_allowed(url, options.insecure)) return;
    throw Error(ErrorKind::Forbidden,
                cat("connect to ", url.host_and_port(),
                    ": plain http is for this machine only"))
        .advise(cat("everybody on the way could read and change it; name ",
                    url.host_and_port(), " as insecure if that may be"));
}

}  // namespace

HttpBody HttpBody::of(std::string_view bytes) {
    auto read = [bytes](std::uint64_t offset, char* buffer,
                        std::size_t capacity) {
        std::string_view rest =
            bytes.substr(static_cast<std::size_t>(offset), capacity);
        std::memcpy(buffer, rest.data(), rest.size());
        return rest.size();
    };
    return {bytes.size(), read};
}

std::optional<std::string> HttpHead::header(std::string_view name) const {
    for (const auto& [its_name, value] : headers)
        if (its_name == name) return value;
    return {};
}

std::vector<std::string> HttpHead::all(std::string_view name) const {
    std::vector<std::string> found;
    for (const auto& [its_name, value] : headers)
        if (its_name == name) found.push_back(value);
    return found;
}

bool is_allowed(const Url& url, const std::vector<std::string>& insecure) {
    return url.scheme == "https" || is_loopback(url) ||
           std::find(insecure.begin(), insecure.end(), url.host_and_port()) !=
               insecure.end();
}

HttpClient::HttpClient(HttpOptions options) : options_(std::move(options)) {
    handle_ = std::make_unique<CurlHandle>();
}

HttpClient::HttpClient(HttpClient&&) noexcept = default;
HttpClient::~HttpClient() = default;

HttpResponse HttpClient::send(HttpRequest request) {
    for (int redirects = 0;; ++redirects) {
        check_allowed(request.url, options_);
        Exchange exchange(*handle_, request, options_);
        HttpResponse response = exchange.perform();
        if (response.broken || !is_redirect(response)) return response;
        if (redirects == most_redirects)
            throw Error(ErrorKind::InvalidArgument,
                        cat("answer of ", request.url.host_and_port(),
                            ": more than ", most_redirects, " redirects"));
        Url target = redirect_target(request, response);
        if (!same_origin(request.url, target)) request.authorization.clear();
        request.url = std::move(target);
    }
}

}  // namespace slipway
