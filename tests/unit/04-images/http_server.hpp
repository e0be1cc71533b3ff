// A server on this machine that answers as a test tells it to, also with what
// no good server would say. In the clear or with TLS.
#pragma once

#include <fcntl.h>
#include <netinet/in.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "common/error.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

struct TestRequest {
    std::string method, target, head, body;
    /// Of a header, written as in `head`; empty: none.
    std::string header(const std::string& name) const {
        std::size_t begin = head.find("\r\n" + name + ": ");
        if (begin == std::string::npos) return "";
        begin += name.size() + 4;
        return head.substr(begin, head.find("\r\n", begin) - begin);
    }
};

struct TestAnswer {
    std::string bytes;  ///< all of it, from "HTTP/1.1"
    bool then_close = false;
    bool endless = false;  ///< goes on with zeros until the client is gone
};

inline TestAnswer answer(int status, const std::string& headers,
                         const std::string& body) {
    return {cat("HTTP/1.1 ", status, " Test\r\n", headers,
                "Content-Length: ", body.size(), "\r\n\r\n", body)};
}

/// A key and a certificate that vouches for itself, for 127.0.0.1.
struct TestCertificate {
    std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key{EVP_EC_gen("P-256"),
                                                            EVP_PKEY_free};
    std::unique_ptr<X509, decltype(&X509_free)> certificate{X509_new(),
                                                            X509_free};
    TestCertificate() {
        X509* x = certificate.get();
        X509_set_version(x, 2);
        ASN1_INTEGER_set(X509_get_serialNumber(x), 1);
        X509_gmtime_adj(X509_getm_notBefore(x), -60);
        X509_gmtime_adj(X509_getm_notAfter(x), 3600);
        X509_set_pubkey(x, key.get());
        X509_NAME* name = X509_get_subject_name(x);
        X509_NAME_add_entry_by_txt(
            name, "CN", MBSTRING_ASC,
            reinterpret_cast<const unsigned char*>("test"), -1, -1, 0);
        X509_set_issuer_name(x, name);
        add(NID_subject_alt_name, "IP:127.0.0.1");
        add(NID_basic_constraints, "critical,CA:TRUE");
        X509_sign(x, key.get(), EVP_sha256());
    }
    std::string pem() const {
        BIO* memory = BIO_new(BIO_s_mem());
        PEM_write_bio_X509(memory, certificate.get());
        char* bytes = nullptr;
        auto size = static_cast<std::size_t>(BIO_get_mem_data(memory, &bytes));
        std::string text(bytes, size);
        BIO_free(memory);
        return text;
    }

  private:
    void add(int what, const char* value) {
        X509_EXTENSION* extension =
            X509V3_EXT_conf_nid(nullptr, nullptr, what, value);
        X509_add_ext(certificate.get(), extension, -1);
        X509_EXTENSION_free(extension);
    }
};

class TestServer {
  public:
    using Handler = std::function<TestAnswer(const TestRequest&)>;

    explicit TestServer(Handler handler,
                        const TestCertificate* certificate = nullptr)
        : handler_(std::move(handler)) {
        if (certificate != nullptr) {
            tls_.reset(SSL_CTX_new(TLS_server_method()));
            SSL_CTX_use_certificate(tls_.get(), certificate->certificate.get());
            SSL_CTX_use_PrivateKey(tls_.get(), certificate->key.get());
        }
        listener_.reset(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* generic = reinterpret_cast<sockaddr*>(&address);
        check(::bind(listener_.get(), generic, size), "bind");
        check(::listen(listener_.get(), 16), "listen");
        check(::getsockname(listener_.get(), generic, &size), "getsockname");
        port_ = ntohs(address.sin_port);
        int ends[2];
        check(::pipe2(ends, O_CLOEXEC), "pipe");
        stop_read_.reset(ends[0]);
        stop_write_.reset(ends[1]);
        thread_ = std::thread([this] { serve(); });
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;
    ~TestServer() {
        stop_write_.reset();
        thread_.join();
    }

    std::string host() const { return cat("127.0.0.1:", port_); }
    std::string url(const std::string& path) const {
        return cat(tls_ ? "https://" : "http://", host(), path);
    }
    std::vector<TestRequest> requests() const {
        std::lock_guard lock(mutex_);
        return requests_;
    }
    int connections() const { return connections_; }

  private:
    struct Connection {
        UniqueFd fd;
        std::unique_ptr<SSL, decltype(&SSL_free)> tls{nullptr, SSL_free};
        std::string input;

        int read(char* buffer, int size) {
            if (tls) return SSL_read(tls.get(), buffer, size);
            return static_cast<int>(
                ::recv(fd.get(), buffer, static_cast<std::size_t>(size), 0));
        }
        bool write(std::string_view bytes) {
            while (!bytes.empty()) {
                auto count = tls ? SSL_write(tls.get(), bytes.data(),
                                             static_cast<int>(bytes.size()))
                                 : ::send(fd.get(), bytes.data(), bytes.size(),
                                          MSG_NOSIGNAL);
                if (count <= 0) return false;
                bytes.remove_prefix(static_cast<std::size_t>(count));
            }
            return true;
        }
    };

    void serve() {
        sigset_t pipe;  // TLS writes raise it when the client is gone
        sigemptyset(&pipe);
        sigaddset(&pipe, SIGPIPE);
        pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
        std::vector<Connection> open;
        while (true) {
            std::vector<pollfd> wanted{{stop_read_.get(), POLLIN, 0},
                                       {listener_.get(), POLLIN, 0}};
            for (const Connection& each : open)
                wanted.push_back({each.fd.get(), POLLIN, 0});
            ::poll(wanted.data(), wanted.size(), -1);
            if (wanted[0].revents != 0) return;
            std::vector<Connection> kept;
            for (std::size_t i = 0; i < open.size(); ++i)
                if (wanted[i + 2].revents == 0 || talk(open[i]))
                    kept.push_back(std::move(open[i]));
            open = std::move(kept);
            if (wanted[1].revents != 0) accept_into(open);
        }
    }

    void accept_into(std::vector<Connection>& open) {
        Connection fresh;
        fresh.fd.reset(
            ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
        timeval limit{5, 0};  // a test must end
        ::setsockopt(fresh.fd.get(), SOL_SOCKET, SO_RCVTIMEO, &limit,
                     sizeof limit);
        ++connections_;
        if (tls_) {
            fresh.tls.reset(SSL_new(tls_.get()));
            SSL_set_fd(fresh.tls.get(), fresh.fd.get());
            if (SSL_accept(fresh.tls.get()) != 1) return;
        }
        open.push_back(std::move(fresh));
    }

    // What there is to read; false when the connection is at its end.
    bool talk(Connection& connection) {
        char buffer[65536];
        do {
            int count = connection.read(buffer, sizeof buffer);
            if (count <= 0) return false;
            connection.input.append(buffer, static_cast<std::size_t>(count));
        } while (connection.tls && SSL_pending(connection.tls.get()) > 0);
        std::size_t head_end = connection.input.find("\r\n\r\n");
        if (connection.input.size() > 3 && connection.input[0] == '\x16')
            return false;  // TLS, where none is spoken
        if (head_end == std::string::npos) return true;
        TestRequest request = parse(connection.input.substr(0, head_end + 2));
        std::string length = request.header("Content-Length");
        std::size_t size = length.empty() ? 0 : std::stoul(length);
        if (connection.input.size() < head_end + 4 + size) return true;
        request.body = connection.input.substr(head_end + 4, size);
        connection.input.erase(0, head_end + 4 + size);
        {
            std::lock_guard lock(mutex_);
            requests_.push_back(request);
        }
        return give(connection, handler_(request));
    }

    static bool give(Connection& connection, const TestAnswer& answer) {
        bool good = connection.write(answer.bytes);
        const std::string zeros(65536, '0');
        while (good && answer.endless) good = connection.write(zeros);
        return good && !answer.then_close;
    }

    static TestRequest parse(const std::string& head) {
        std::size_t first = head.find(' ');
        std::size_t second = head.find(' ', first + 1);
        return {head.substr(0, first),
                head.substr(first + 1, second - first - 1), head, ""};
    }

    Handler handler_;
    std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> tls_{nullptr,
                                                           SSL_CTX_free};
    UniqueFd listener_, stop_read_, stop_write_;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_{0};
    mutable std::mutex mutex_;
    std::vector<TestRequest> requests_;
    std::thread thread_;
};

/// The kind of the Error that `body` throws; NotModified when it throws none.
template <class Body>
ErrorKind kind_thrown_by(Body body) {
    try {
        body();
    } catch (const Error& error) {
        return error.kind();
    }
    return ErrorKind::NotModified;
}

}  // namespace slipway
