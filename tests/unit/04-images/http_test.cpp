#include "04-images/http.hpp"

#include <sys/stat.h>

#include "common/files.hpp"
#include "unit/04-images/http_server.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

HttpRequest get(const std::string& url) {
    HttpRequest request;
    request.url = parse_url(url);
    return request;
}

TestAnswer redirect(int status, const std::string& to) {
    return answer(status, "Location: " + to + "\r\n", "elsewhere");
}

}  // namespace

TEST_CASE("a request and its answer, and the connection stays open") {
    TestServer server([](const TestRequest& request) {
        return answer(200, "X-Tail:  a b \r\nx-tail: c\r\n", request.target);
    });
    HttpClient client({});
    for (const char* path : {"/one", "/two?x=1"}) {
        HttpResponse got = client.send(get(server.url(path)));
        CHECK(got.status == 200);
        CHECK(got.body == path);
        CHECK(got.header("x-tail") == "a b");
        CHECK(got.all("x-tail") == std::vector<std::string>{"a b", "c"});
        CHECK_FALSE(got.header("x-other"));
        CHECK_FALSE(got.broken);
    }
    CHECK(server.connections() == 1);
}

TEST_CASE("a body is sent, with its length") {
    TestServer server([](const TestRequest& request) {
        return answer(201, "", request.method + request.body);
    });
    std::string bytes(300'000, 'x');
    HttpRequest request = get(server.url("/"));
    request.method = "PUT";
    request.body = HttpBody::of(bytes);
    std::uint64_t sent = 0;
    request.progress = [&](std::uint64_t now) { sent = now; };
    HttpClient client({});
    CHECK(client.send(request).body == "PUT" + bytes);
    CHECK(sent == bytes.size());
    CHECK(server.requests()[0].header("Content-Length") == "300000");
    request.method = "POST";
    request.body = HttpBody::of("");
    CHECK(client.send(request).body == "POST");
    CHECK(server.requests()[1].header("Content-Length") == "0");
}

TEST_CASE("case 51: Authorization goes to its own server only") {
    TestServer other([](const TestRequest&) { return answer(200, "", "x"); });
    TestServer server([&](const TestRequest& request) {
        if (request.target == "/away") return redirect(307, other.url("/"));
        if (request.target == "/back") return redirect(302, "/here");
        return answer(200, "", "here");
    });
    HttpClient client({});
    HttpRequest request = get(server.url("/away"));
    request.authorization = "Bearer secret";
    HttpResponse got = client.send(request);
    CHECK(got.body == "x");
    CHECK(got.url.text == other.url("/"));
    CHECK(other.requests().at(0).head.find("secret") == std::string::npos);
    CHECK(other.requests().at(0).header("Authorization").empty());
    request.url = parse_url(server.url("/back"));
    CHECK(client.send(request).body == "here");
    for (const TestRequest& each : server.requests())
        CHECK(each.header("Authorization") == "Bearer secret");
}

TEST_CASE("case 51: redirects that are not followed") {
    std::string to;
    int status = 302;
    TestServer server([&](const TestRequest&) { return redirect(status, to); });
    HttpClient client({});
    HttpRequest request = get(server.url("/"));
    SECTION("for ever") {
        to = server.url("/");
        CHECK_THROWS_WITH(client.send(request),
                          ContainsSubstring("more than 10 redirects"));
        CHECK(server.requests().size() == 11);
    }
    SECTION("to another protocol, or to nowhere") {
        to = GENERATE(as<std::string>{}, "file:///etc/passwd", "gopher://a/",
                      "http://[", "ftp://a/");
        CHECK_THROWS_AS(client.send(request), Error);
        CHECK(server.requests().size() == 1);
    }
    SECTION("in the clear to another machine") {
        to = "http://registry.example/";
        CHECK(kind_thrown_by([&] { client.send(request); }) ==
              ErrorKind::Forbidden);
    }
    SECTION("with a user name") {
        to = "http://user:password@127.0.0.1/";
        CHECK(kind_thrown_by([&] { client.send(request); }) ==
              ErrorKind::Forbidden);
    }
    SECTION("of an upload, without saying how") {
        to = server.url("/");
        request.method = "PUT";
        request.body = HttpBody::of("x");
        CHECK(kind_thrown_by([&] { client.send(request); }) ==
              ErrorKind::Unsupported);
    }
    SECTION("with a password in the body") {
        to = "http://127.0.0.1:1/";
        status = 307;
        request.method = "POST";
        request.body = HttpBody::of("password");
        request.body_is_secret = true;
        CHECK(kind_thrown_by([&] { client.send(request); }) ==
              ErrorKind::Forbidden);
    }
}

TEST_CASE("the body goes along with redirect 307") {
    TestServer server([&](const TestRequest& request) {
        return request.target == "/a" ? redirect(307, "/b")
                                      : answer(201, "", request.body);
    });
    HttpRequest request = get(server.url("/a"));
    request.method = "PUT";
    request.body = HttpBody::of("bytes");
    HttpClient client({});
    CHECK(client.send(request).body == "bytes");
    CHECK(server.requests().at(1).method == "PUT");
}

TEST_CASE("case 51: TLS: bad certificates, a host's own, and no way to http") {
    TestCertificate certificate;
    TestServer plain([](const TestRequest&) { return answer(200, "", ""); });
    TestServer server(
        [&](const TestRequest& request) {
            return request.target == "/down" ? redirect(302, plain.url("/"))
                                             : answer(200, "", "safe");
        },
        &certificate);
    HttpClient stranger({});
    CHECK(kind_thrown_by([&] { stranger.send(get(server.url("/"))); }) ==
          ErrorKind::Forbidden);
    TempDir folder("certs");
    HttpOptions options;
    options.certificates = folder.path();
    ::mkdir(cat(folder.path(), "/", server.host()).c_str(), 0755);
    write_file_atomic(cat(folder.path(), "/", server.host(), "/ca.crt"),
                      certificate.pem());
    HttpClient client(options);
    CHECK(client.send(get(server.url("/"))).body == "safe");
    CHECK(kind_thrown_by([&] { client.send(get(server.url("/down"))); }) ==
          ErrorKind::Forbidden);
    CHECK(plain.requests().empty());
    // The certificate counts for its host and for no other.
    TestServer neighbour([](const TestRequest&) { return answer(200, "", ""); },
                         &certificate);
    CHECK(kind_thrown_by([&] { client.send(get(neighbour.url("/"))); }) ==
          ErrorKind::Forbidden);
    CHECK(kind_thrown_by([&] {
              client.send(get("https://" + plain.host() + "/"));
          }) == ErrorKind::Unsupported);
}

TEST_CASE("case 51: answers without end are cut off") {
    TestAnswer endless;
    endless.endless = true;
    SECTION("bodies") {
        endless.bytes = "HTTP/1.1 200 OK\r\n\r\n";
        TestServer server([&](const TestRequest&) { return endless; });
        HttpRequest request = get(server.url("/"));
        request.largest_answer = 1 << 20;
        HttpClient client({});
        CHECK_THROWS_WITH(client.send(request),
                          ContainsSubstring("more than the expected"));
    }
    SECTION("bodies of redirects, which nobody reads") {
        endless.bytes = "HTTP/1.1 307 Go\r\nLocation: /there\r\n\r\n";
        TestServer server([&](const TestRequest& request) {
            return request.target == "/" ? endless : answer(200, "", "there");
        });
        HttpRequest request = get(server.url("/"));
        std::string taken;
        request.sink = [&](const HttpHead&, std::string_view bytes) {
            taken += bytes;
        };
        HttpClient client({});
        client.send(request);
        CHECK(taken == "there");
    }
    SECTION("headers") {
        endless.bytes = "HTTP/1.1 200 OK\r\nX: ";
        TestServer server([&](const TestRequest&) { return endless; });
        HttpClient client({});
        CHECK_THROWS_AS(client.send(get(server.url("/"))), Error);
    }
    SECTION("many headers") {
        std::string many = "HTTP/1.1 200 OK\r\n";
        for (int i = 0; i < 3000; ++i) many += "X-Header: 0123456789abcdef\r\n";
        TestServer server([&](const TestRequest&) {
            return TestAnswer{many + "\r\n", true};
        });
        HttpClient client({});
        CHECK_THROWS_WITH(client.send(get(server.url("/"))),
                          ContainsSubstring("headers exceed"));
    }
    SECTION("texts of failures") {
        endless.bytes = "HTTP/1.1 500 Oh\r\n\r\n";
        TestServer server([&](const TestRequest&) { return endless; });
        HttpClient client({});
        HttpResponse got = client.send(get(server.url("/")));
        CHECK(got.status == 500);
        CHECK(got.body.size() == 64 * 1024);
    }
}

TEST_CASE("connections that break are told apart from those never made") {
    std::string bytes;
    TestServer server([&](const TestRequest&) {
        return TestAnswer{bytes, true};
    });
    HttpClient client({});
    bytes = GENERATE(as<std::string>{}, "", "HTTP/1.1 200 OK\r\n",
                     "HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc");
    HttpResponse got = client.send(get(server.url("/")));
    REQUIRE(got.broken);
    CHECK(got.broken->kind() == ErrorKind::Unavailable);
    CHECK(got.broken->message().find(server.host()) != std::string::npos);
    // Nobody listens on port 1.
    CHECK(kind_thrown_by([&] { client.send(get("http://127.0.0.1:1/")); }) ==
          ErrorKind::Unavailable);
}

TEST_CASE("who says nothing is given up") {
    TestServer server([](const TestRequest&) {
        return TestAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nx"};
    });
    HttpOptions options;
    options.stall_timeout = Milliseconds(1000);
    HttpClient client(options);
    HttpResponse got = client.send(get(server.url("/")));
    CHECK(got.broken);
    CHECK(got.body == "x");
}

TEST_CASE("callbacks may end a request") {
    TestServer server([](const TestRequest& request) {
        return request.target == "/wait"
                   ? TestAnswer{"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n"}
                   : answer(200, "", "bytes");
    });
    HttpOptions options;
    bool stop = false;
    options.tick = [&] {
        if (stop) throw Error(ErrorKind::Cancelled, "stop");
    };
    HttpClient client(options);
    HttpRequest request = get(server.url("/"));
    request.sink = [](const HttpHead&, std::string_view) {
        throw Error(ErrorKind::System, "disk full");
    };
    CHECK_THROWS_WITH(client.send(request), ContainsSubstring("disk full"));
    stop = true;
    CHECK(kind_thrown_by([&] { client.send(get(server.url("/wait"))); }) ==
          ErrorKind::Cancelled);
}

TEST_CASE("case 51: plain http is for this machine and for named hosts") {
    HttpClient client({});
    CHECK(kind_thrown_by([&] { client.send(get("http://a.example/")); }) ==
          ErrorKind::Forbidden);
    CHECK(is_allowed(parse_url("https://a.example/"), {}));
    CHECK(is_allowed(parse_url("http://a.example:5000/"), {"a.example:5000"}));
    CHECK_FALSE(
        is_allowed(parse_url("http://a.example:5001/"), {"a.example:5000"}));
}

TEST_CASE("headers cannot be smuggled in") {
    HttpClient client({});
    HttpRequest request = get("http://127.0.0.1:1/");
    request.authorization = "Bearer x\r\nX-Evil: y";
    CHECK(kind_thrown_by([&] { client.send(request); }) ==
          ErrorKind::InvalidArgument);
}

TEST_CASE("waits grow, are bounded, and end") {
    std::vector<Milliseconds> waits;
    RetryPolicy policy;
    policy.wait = [&](Milliseconds time) { waits.push_back(time); };
    Attempts attempts(policy);
    while (attempts.next()) {
    }
    CHECK(waits ==
          std::vector<Milliseconds>{Milliseconds(500), Milliseconds(1000),
                                    Milliseconds(2000), Milliseconds(4000)});
    Attempts asked(policy);
    CHECK(asked.next(Milliseconds(7000)));
    CHECK(waits.back() == Milliseconds(7000));
    CHECK_FALSE(asked.next(std::chrono::hours(1)));
    for (int status : {408, 429, 500, 502, 503, 504})
        CHECK(is_worth_retrying(status));
    for (int status : {200, 400, 401, 404, 501, 505})
        CHECK_FALSE(is_worth_retrying(status));
    auto before = std::chrono::steady_clock::now();
    let_pass(Milliseconds(20));
    CHECK(std::chrono::steady_clock::now() - before >= Milliseconds(20));
}
