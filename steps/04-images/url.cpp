#include "04-images/url.hpp"

#include <memory>

#include "04-images/curl_library.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_url = 8192;

struct FreeUrl {
    void operator()(CURLU* url) const { curl().url_cleanup(url); }
};
using Handle = std::unique_ptr<CURLU, FreeUrl>;

[[noreturn]] void refuse(std::string_view text, std::string_view why) {
    throw Error(
        ErrorKind::InvalidArgument,
        cat("URL ", quote(text.substr(0, longest_url / 64)), ": ", why));
}

void check_text(std::string_view text) {
    if (text.size() > longest_url)
        refuse(text, cat("is longer than ", longest_url, " bytes"));
    for (char c : text)
        if (static_cast<unsigned char>(c) <= ' ' || c == '\x7f')
            refuse(text, "has a blank or a control character");
}

std::string part(const Handle& url, CURLUPart which, unsigned flags = 0) {
    char* text = nullptr;
    if (curl().url_get(url.get(), which, &text, flags) != CURLUE_OK) return "";
    std::string copy(text);
    curl().free(text);
    return copy;
}

void set(const Handle& url, std::string_view text) {
    CURLUcode code =
        curl().url_set(url.get(), CURLUPART_URL, std::string(text).c_str(), 0);
    if (code != CURLUE_OK) refuse(text, curl().url_strerror(code));
}

std::string lower(std::string text) {
    for (char& c : text)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return text;
}

Url parts_of(const Handle& handle, std::string_view text) {
    curl().url_set(handle.get(), CURLUPART_FRAGMENT, nullptr, 0);
    Url url;
    url.text = part(handle, CURLUPART_URL);
    url.scheme = lower(part(handle, CURLUPART_SCHEME));
    url.host = lower(part(handle, CURLUPART_HOST));
    std::string port = part(handle, CURLUPART_PORT, CURLU_DEFAULT_PORT);
    url.port_is_written = !part(handle, CURLUPART_PORT).empty();
    url.has_user = !part(handle, CURLUPART_USER).empty() ||
                   !part(handle, CURLUPART_PASSWORD).empty();
    if (url.scheme != "http" && url.scheme != "https")
        refuse(text, "is neither http nor https");
    auto number = parse_unsigned(port, 65535);
    if (!number || *number == 0) refuse(text, "has no port that could be");
    url.port = static_cast<std::uint16_t>(*number);
    return url;
}

}  // namespace

std::string Url::host_and_port() const {
    return port_is_written ? cat(host, ":", port) : host;
}

Url parse_url(std::string_view text) {
    check_text(text);
    // Without a scheme libcurl guesses one.
    if (text.find("://") == std::string_view::npos)
        refuse(text, "does not begin with https://");
    Handle handle(curl().url());
    set(handle, text);
    return parts_of(handle, text);
}

Url resolve_url(const Url& base, std::string_view reference) {
    check_text(reference);
    if (reference.empty()) refuse(reference, "is empty");
    Handle handle(curl().url());
    set(handle, base.text);
    set(handle, reference);
    return parts_of(handle, reference);
}

bool same_origin(const Url& left, const Url& right) {
    return left.scheme == right.scheme && left.host == right.host &&
           left.port == right.port;
}

bool is_loopback(const Url& url) {
    if (url.host == "localhost" || url.host == "[::1]") return true;
    if (!url.host.starts_with("127.")) return false;
    // "127.evil.example" is a name like any other.
    std::vector<std::string> numbers = split(url.host, '.');
    for (const std::string& number : numbers)
        if (!parse_unsigned(number, 255)) return false;
    return numbers.size() == 4;
}

std::string url_encode(std::string_view text) {
    constexpr char digits[] = "0123456789ABCDEF";
    std::string encoded;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                     (c >= '0' && c <= '9') || c == '-' || c == '.' ||
                     c == '_' || c == '~';
        if (plain)
            encoded += c;
        else
            encoded.append({'%', digits[byte >> 4], digits[byte & 15]});
    }
    return encoded;
}

std::string with_query(std::string url, std::string_view name,
                       std::string_view value) {
    url += url.find('?') == std::string::npos ? '?' : '&';
    return url + url_encode(name) + '=' + url_encode(value);
}

}  // namespace slipway
