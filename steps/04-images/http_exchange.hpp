// One request and its answer as libcurl sees them: a handle, its options, and
// the callbacks through which the bytes come and go. For http.cpp.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string_view>

#include "04-images/curl_library.hpp"
#include "04-images/http.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

/// An easy handle of libcurl, which owns the connections that stay open.
struct CurlHandle {
    CURL* easy;
    char reason[CURL_ERROR_SIZE] = "";

    CurlHandle();
    CurlHandle(const CurlHandle&) = delete;
    CurlHandle& operator=(const CurlHandle&) = delete;
    ~CurlHandle() { curl().easy_cleanup(easy); }

    template <class Value>
    void set(CURLoption option, Value value) {
        CURLcode code = curl().easy_setopt(easy, option, value);
        if (code != CURLE_OK)
            throw Error(ErrorKind::Unsupported,
                        cat("libcurl ", curl().version(), ", option ",
                            static_cast<int>(option), ": ",
                            curl().easy_strerror(code)));
    }
    template <class Value>
    Value info(CURLINFO which, Value value) const {
        curl().easy_getinfo(easy, which, &value);
        return value;
    }
};

/// Stays where it is while the request runs: libcurl points to it.
class Exchange {
  public:
    Exchange(CurlHandle& handle, const HttpRequest& request,
             const HttpOptions& options);
    Exchange(const Exchange&) = delete;
    Exchange& operator=(const Exchange&) = delete;
    ~Exchange() = default;

    /// Runs it to its end. Throws what a callback has thrown, and what
    /// HttpClient::send() says of connections.
    HttpResponse perform();

    // Called through libcurl.
    void take_header(std::string_view line);
    void take_body(std::string_view bytes);
    std::size_t give_body(char* buffer, std::size_t capacity);
    void rewind(std::uint64_t offset) { sent_ = offset; }
    /// Enough of a failure's text has come.
    bool is_cut() const { return cut_; }
    const HttpOptions& options() const { return options_; }

    /// An exception must not travel through libcurl, which is written in C: it
    /// is kept, and false returned.
    template <class Body>
    bool guarded(Body body) {
        try {
            body();
            return true;
        } catch (...) {
            failure_ = std::current_exception();
            return false;
        }
    }

  private:
    void set_limits();
    void set_trust();
    void set_method();
    void set_callbacks();
    Error failure_of(CURLcode code) const;
    bool is_broken(CURLcode code) const;

    struct FreeList {
        void operator()(curl_slist* list) const { curl().slist_free_all(list); }
    };
    CurlHandle& handle_;
    const HttpRequest& request_;
    const HttpOptions& options_;
    std::unique_ptr<curl_slist, FreeList> headers_;
    HttpResponse response_;
    std::size_t head_size_ = 0;
    std::uint64_t received_ = 0, sent_ = 0;
    bool cut_ = false, head_is_whole_ = false;
    std::exception_ptr failure_;
};

}  // namespace slipway
