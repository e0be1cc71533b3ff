// HTTP, as far as registries need it: one request after the other, on libcurl.
//
// What the other side controls is bounded: sizes, times, where it may lead us.
// Redirects are followed here and not by libcurl, because what may go along to
// another server is ours to decide.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "04-images/retry.hpp"
#include "04-images/url.hpp"
#include "common/error.hpp"

namespace slipway {

struct CurlHandle;  // http_exchange.hpp

/// Bytes that can be read more than once: a request may have to be repeated.
struct HttpBody {
    std::uint64_t size = 0;
    /// Copies up to `capacity` bytes from `offset` and returns how many, at
    /// least 1 before the end. May throw.
    std::function<std::size_t(std::uint64_t offset, char* buffer,
                              std::size_t capacity)>
        read;
    /// `bytes` must outlive it.
    static HttpBody of(std::string_view bytes);
};

struct HttpHead {
    int status = 0;
    /// Names in lower case.
    std::vector<std::pair<std::string, std::string>> headers;
    /// The value of the first header of this name (lower case), or nothing.
    std::optional<std::string> header(std::string_view name) const;
    std::vector<std::string> all(std::string_view name) const;
};

struct HttpResponse : HttpHead {
    std::string body;  ///< what no sink took
    Url url;           ///< who answered, after redirects
    /// Retry-After, as a number or a date.
    std::optional<Milliseconds> retry_after;
    /// The connection broke, or was too slow, and another attempt may help.
    /// What had come until then has gone to the sink.
    std::optional<Error> broken;
};

struct HttpRequest {
    std::string method = "GET";
    Url url;
    /// Sent along, also to other servers after a redirect.
    std::vector<std::pair<std::string, std::string>> headers;
    /// The value of Authorization; empty: none. Sent to this server only.
    std::string authorization;
    std::optional<HttpBody> body;
    bool body_is_secret = false;  ///< no redirect takes it to another server
    /// Receives the body of an answer with status 2xx, piece by piece. May
    /// throw, which ends the request. Without one: HttpResponse::body.
    std::function<void(const HttpHead& head, std::string_view bytes)> sink;
    /// A larger body of an answer is an Error. Of failures (status 400 and
    /// above) the first 64 KiB are kept instead.
    std::uint64_t largest_answer = 4 << 20;
    /// How many bytes of `body` have been sent.
    std::function<void(std::uint64_t sent)> progress;
};

struct HttpOptions {
    /// HOST or HOST:PORT, as written in the URL, that may be talked to in the
    /// clear; this machine always may.
    std::vector<std::string> insecure;
    /// Folder with HOST/ca.crt or HOST:PORT/ca.crt: certificates that are
    /// trusted for this host besides the system's. Empty: none.
    std::string certificates;
    Milliseconds connect_timeout{30'000};
    /// Slower than 1 byte a second for this long (whole seconds): broken.
    Milliseconds stall_timeout{60'000};
    std::string user_agent = "slipway";
    /// Called about once a second while a request runs; may throw to end it.
    std::function<void()> tick;
};

/// Whether `url` may be talked to: https, or http to this machine or to a host
/// of the list.
bool is_allowed(const Url& url, const std::vector<std::string>& insecure);

/// Speaks HTTP/1.1 or 2 and keeps connections open between requests. Not for
/// two threads at once: each has its own. Proxies come from the environment
/// (https_proxy, no_proxy …; libcurl-env(3)), never for this machine.
class HttpClient {
  public:
    explicit HttpClient(HttpOptions options);
    HttpClient(HttpClient&&) noexcept;
    HttpClient& operator=(HttpClient&&) = delete;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    ~HttpClient();

    const HttpOptions& options() const { return options_; }

    /// Sends the request and follows up to 10 redirects, never from https to
    /// http, and to another server (scheme, host or port) without
    /// Authorization. Status codes are answers and no Errors.
    ///
    /// Throws NotFound for a host that has no address, Unavailable when nobody
    /// listens, Forbidden for certificates that are not trusted and for http
    /// where it is not allowed, InvalidArgument for answers that make no sense
    /// or exceed a limit, and whatever a callback throws.
    HttpResponse send(HttpRequest request);

  private:
    HttpOptions options_;
    std::unique_ptr<CurlHandle> handle_;
};

}  // namespace slipway
