#include "04-images/http_exchange.hpp"

#include <unistd.h>

#include <algorithm>
#include <new>

#include "common/signals.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_head = 64 << 10;
constexpr std::size_t longest_failure = 64 << 10;

std::string lower(std::string_view text) {
    std::string copy(text);
    for (char& c : copy)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return copy;
}

std::string_view trimmed(std::string_view text) {
    constexpr char blanks[] = " \t\r\n";
    std::size_t begin = text.find_first_not_of(blanks);
    if (begin == std::string_view::npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

[[noreturn]] void refuse_answer(const Url& url, std::string_view why) {
    throw Error(ErrorKind::InvalidArgument,
                cat("answer of ", url.host_and_port(), ": ", why))
        .advise("what answers may be no registry, or a proxy before it");
}

// What libcurl calls. `size` is the number of bytes.

std::size_t on_header(char* bytes, std::size_t, std::size_t size, void* data) {
    auto& exchange = *static_cast<Exchange*>(data);
    bool good = exchange.guarded([&] { exchange.take_header({bytes, size}); });
    return good ? size : 0;
}

std::size_t on_body(char* bytes, std::size_t, std::size_t size, void* data) {
    auto& exchange = *static_cast<Exchange*>(data);
    bool good = exchange.guarded([&] { exchange.take_body({bytes, size}); });
    return good && !exchange.is_cut() ? size : 0;
}

std::size_t on_read(char* buffer, std::size_t, std::size_t size, void* data) {
    auto& exchange = *static_cast<Exchange*>(data);
    std::size_t count = 0;
    bool good =
        exchange.guarded([&] { count = exchange.give_body(buffer, size); });
    return good ? count : CURL_READFUNC_ABORT;
}

// When a kept connection turns out dead, libcurl sends the body again.
int on_seek(void* data, curl_off_t offset, int origin) {
    if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
    static_cast<Exchange*>(data)->rewind(static_cast<std::uint64_t>(offset));
    return CURL_SEEKFUNC_OK;
}

int on_tick(void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
    auto& exchange = *static_cast<Exchange*>(data);
    if (!exchange.options().tick) return 0;
    return exchange.guarded(exchange.options().tick) ? 0 : 1;
}

void check_line(const std::string& line) {
    // A line end would begin a header that somebody else thought of.
    if (line.find_first_of(std::string_view("\r\n\0", 3)) != std::string::npos)
        throw Error(ErrorKind::InvalidArgument,
                    cat("header ", quote(line), ": has a line end"));
}

}  // namespace

CurlHandle::CurlHandle() : easy(curl().easy_init()) {
    if (easy == nullptr)
        throw Error(ErrorKind::System, "libcurl does not start");
}

Exchange::Exchange(CurlHandle& handle, const HttpRequest& request,
                   const HttpOptions& options)
    : handle_(handle), request_(request), options_(options) {
    response_.url = request.url;
    auto add = [this](const std::string& line) {
        check_line(line);
        curl_slist* longer = curl().slist_append(headers_.get(), line.c_str());
        if (longer == nullptr) throw std::bad_alloc();
        (void)headers_.release();
        headers_.reset(longer);
    };
    for (const auto& [name, value] : request.headers)
        add(cat(name, ": ", value));
    if (!request.authorization.empty())
        add("Authorization: " + request.authorization);
    // libcurl would wait a second for "100 Continue", which few servers send.
    add("Expect:");

    curl().easy_reset(handle_.easy);  // the connections stay
    handle_.reason[0] = '\0';
    handle_.set(CURLOPT_ERRORBUFFER, handle_.reason);
    handle_.set(CURLOPT_URL, request.url.text.c_str());
    handle_.set(CURLOPT_HTTPHEADER, headers_.get());
    if (is_loopback(request.url)) handle_.set(CURLOPT_NOPROXY, "*");
    set_limits();
    set_trust();
    set_method();
    set_callbacks();
}

void Exchange::set_limits() {
    using std::chrono::seconds;
    handle_.set(CURLOPT_NOSIGNAL, 1L);  // no signal handlers: there are threads
    handle_.set(CURLOPT_PROTOCOLS_STR, "http,https");
    handle_.set(CURLOPT_FOLLOWLOCATION, 0L);
    handle_.set(CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
    handle_.set(CURLOPT_USERAGENT, options_.user_agent.c_str());
    handle_.set(CURLOPT_CONNECTTIMEOUT_MS,
                static_cast<long>(options_.connect_timeout.count()));
    handle_.set(CURLOPT_LOW_SPEED_LIMIT, 1L);
    auto stall = std::chrono::ceil<seconds>(options_.stall_timeout);
    handle_.set(CURLOPT_LOW_SPEED_TIME, static_cast<long>(stall.count()));
    handle_.set(CURLOPT_TCP_KEEPALIVE, 1L);
    handle_.set(CURLOPT_BUFFERSIZE, 256L * 1024);
}

// A host's own certificates count besides the system's: libcurl takes one file
// and one folder, so the system's are named by their folder then.
void Exchange::set_trust() {
    handle_.set(CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    const Url& url = request_.url;
    if (options_.certificates.empty() || url.host.starts_with('.') ||
        url.host.find('/') != std::string::npos)
        return;
    std::string file =
        cat(options_.certificates, "/", url.host_and_port(), "/ca.crt");
    if (::access(file.c_str(), F_OK) != 0) return;
    handle_.set(CURLOPT_CAINFO, file.c_str());
    const curl_version_info_data* built = curl().version_info(CURLVERSION_NOW);
    if (built->capath != nullptr) handle_.set(CURLOPT_CAPATH, built->capath);
}

void Exchange::set_method() {
    if (request_.method == "HEAD") handle_.set(CURLOPT_NOBODY, 1L);
    if (request_.body) {
        handle_.set(CURLOPT_UPLOAD, 1L);
        handle_.set(CURLOPT_INFILESIZE_LARGE,
                    static_cast<curl_off_t>(request_.body->size));
        handle_.set(CURLOPT_UPLOAD_BUFFERSIZE, 256L * 1024);
        handle_.set(CURLOPT_READFUNCTION, on_read);
        handle_.set(CURLOPT_READDATA, static_cast<void*>(this));
        handle_.set(CURLOPT_SEEKFUNCTION, on_seek);
        handle_.set(CURLOPT_SEEKDATA, static_cast<void*>(this));
    }
    handle_.set(CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void Exchange::set_callbacks() {
    handle_.set(CURLOPT_HEADERFUNCTION, on_header);
    handle_.set(CURLOPT_HEADERDATA, static_cast<void*>(this));
    handle_.set(CURLOPT_WRITEFUNCTION, on_body);
    handle_.set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    handle_.set(CURLOPT_XFERINFOFUNCTION, on_tick);
    handle_.set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    handle_.set(CURLOPT_NOPROGRESS, 0L);
}

void Exchange::take_header(std::string_view line) {
    head_size_ += line.size();
    if (head_size_ > longest_head)
        refuse_answer(request_.url, "its headers exceed 64 KiB");
    if (line.starts_with("HTTP/")) {  // after "100 Continue" comes another one
        response_.headers.clear();
        head_is_whole_ = false;
        return;
    }
    std::size_t colon = line.find(':');
    if (trimmed(line).empty()) head_is_whole_ = true;
    if (colon == std::string_view::npos) return;
    response_.headers.emplace_back(lower(trimmed(line.substr(0, colon))),
                                   trimmed(line.substr(colon + 1)));
}

void Exchange::take_body(std::string_view bytes) {
    response_.status =
        static_cast<int>(handle_.info(CURLINFO_RESPONSE_CODE, 0L));
    received_ += bytes.size();
    if (response_.status >= 300) {
        std::size_t room = longest_failure - response_.body.size();
        response_.body += bytes.substr(0, room);
        cut_ = bytes.size() > room;
        return;
    }
    if (received_ > request_.largest_answer)
        refuse_answer(request_.url, cat("more than the expected ",
                                        request_.largest_answer, " bytes"));
    if (request_.sink && response_.status >= 200 && response_.status < 300)
        request_.sink(response_, bytes);
    else
        response_.body += bytes;
}

std::size_t Exchange::give_body(char* buffer, std::size_t capacity) {
    const HttpBody& body = *request_.body;
    auto count = static_cast<std::size_t>(
        std::min<std::uint64_t>(capacity, body.size - sent_));
    if (count > 0) count = body.read(sent_, buffer, count);
    sent_ += count;
    if (request_.progress) request_.progress(sent_);
    return count;
}

// Broken in a way that another attempt may mend.
bool Exchange::is_broken(CURLcode code) const {
    switch (code) {
        case CURLE_PARTIAL_FILE:
        case CURLE_GOT_NOTHING:
        case CURLE_SEND_ERROR:
        case CURLE_RECV_ERROR:
        case CURLE_HTTP2:
        case CURLE_HTTP2_STREAM:
        case CURLE_SEND_FAIL_REWIND:
            return true;
        case CURLE_OPERATION_TIMEDOUT:  // once it listened, it may again
            return handle_.info(CURLINFO_PRETRANSFER_TIME_T, curl_off_t{0}) > 0;
        default:
            return false;
    }
}

Error Exchange::failure_of(CURLcode code) const {
    const char* why =
        handle_.reason[0] != '\0' ? handle_.reason : curl().easy_strerror(code);
    std::string host = request_.url.host_and_port();
    std::string what = cat("connect to ", host, ": ", why);
    switch (code) {
        case CURLE_COULDNT_RESOLVE_HOST:
        case CURLE_COULDNT_RESOLVE_PROXY:
            return Error(ErrorKind::NotFound, what)
                .advise(
                    "is the name right, and is there a network? proxies "
                    "are set by https_proxy");
        case CURLE_COULDNT_CONNECT:
            return Error(ErrorKind::Unavailable, what)
                .advise("does it run, and is the port right?");
        case CURLE_PEER_FAILED_VERIFICATION:
        case CURLE_SSL_CACERT_BADFILE:
            return Error(ErrorKind::Forbidden, what)
                .advise(cat("if you trust it, put the certificate of its "
                            "authority into certs.d/",
                            host, "/ca.crt"));
        case CURLE_SSL_CONNECT_ERROR:
            return Error(ErrorKind::Unsupported, what)
                .advise(
                    "does it speak TLS? one that speaks plain http has to "
                    "be named as insecure");
        case CURLE_OPERATION_TIMEDOUT:
            return Error(ErrorKind::Unavailable, what)
                .advise("it does not answer: is there a firewall between?");
        default:
            return Error(is_broken(code) ? ErrorKind::Unavailable
                                         : ErrorKind::System,
                         what)
                .advise(
                    "the network or the server has a problem: try again "
                    "later");
    }
}

HttpResponse Exchange::perform() {
    CURLcode code = CURLE_OK;
    {
        HeldSigpipe guard;
        code = curl().easy_perform(handle_.easy);
    }
    if (failure_) std::rethrow_exception(failure_);
    response_.status =
        static_cast<int>(handle_.info(CURLINFO_RESPONSE_CODE, 0L));
    auto wait = handle_.info(CURLINFO_RETRY_AFTER, curl_off_t{0});
    if (wait > 0)
        response_.retry_after =
            std::chrono::seconds(std::min<curl_off_t>(wait, 1'000'000));
    // A connection that ends between two headers is no failure to libcurl.
    if (code == CURLE_OK && !head_is_whole_) code = CURLE_GOT_NOTHING;
    if (code == CURLE_OK || (code == CURLE_WRITE_ERROR && cut_))
        return std::move(response_);
    Error failure = failure_of(code);
    if (!is_broken(code)) throw Error(failure);
    response_.broken = failure;
    return std::move(response_);
}

}  // namespace slipway
