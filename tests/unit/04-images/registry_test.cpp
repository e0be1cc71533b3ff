#include "04-images/registry.hpp"

#include <sys/stat.h>

#include "04-images/registry_push.hpp"
#include "common/files.hpp"
#include "unit/04-images/http_server.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

constexpr char type[] = "application/vnd.oci.image.manifest.v1+json";

// Waits take no time here; how long they would be is kept.
struct Waits {
    std::vector<Milliseconds> times;
    RegistryOptions options() {
        RegistryOptions options;
        options.retry.wait = [this](Milliseconds t) { times.push_back(t); };
        return options;
    }
};

Reference image_at(const TestServer& server) {
    return parse_reference(server.host() + "/team/app:1");
}

std::string get_all(Repository& repository, const std::string& bytes,
                    std::uint64_t offset = 0) {
    std::string got;
    get_blob(repository, Digest::of(bytes), bytes.size(), offset,
             [&](std::string_view piece) { got += piece; });
    return got;
}

std::size_t count_of(const TestServer& server, const std::string& method) {
    std::size_t count = 0;
    for (const TestRequest& each : server.requests())
        if (each.method == method && each.target != "/v2/") ++count;
    return count;
}

}  // namespace

TEST_CASE("a manifest comes with its bytes, type and digest") {
    std::string bytes = "{\"schemaVersion\": 2 }\n";
    std::string extra;
    TestServer server([&](const TestRequest& request) {
        if (request.target == "/v2/team/app/manifests/2")
            return answer(404, "",
                          "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\","
                          "\"message\":\"no \\u001b[31m\"}]}");
        TestAnswer all =
            answer(200, cat("Content-Type: ", type, "; a=b\r\n", extra), bytes);
        if (request.method == "HEAD")
            all.bytes.resize(all.bytes.size() - bytes.size());
        return all;
    });
    Waits waits;
    Repository repository(image_at(server), waits.options());
    RemoteManifest got = get_manifest(repository, "1");
    CHECK(got.bytes == bytes);
    CHECK(got.media_type == type);
    CHECK(got.digest == Digest::of(bytes));
    CHECK(got.size == bytes.size());
    CHECK(server.requests().back().header("Accept").find(
              "vnd.docker.distribution.manifest.list.v2+json") !=
          std::string::npos);
    CHECK(get_manifest(repository, got.digest.text()).bytes == bytes);
    CHECK_FALSE(head_manifest(repository, "1"));  // it tells no digest
    extra = cat("Docker-Content-Digest: ", got.digest.text(), "\r\n");
    CHECK(get_manifest(repository, "1").bytes == bytes);
    REQUIRE(head_manifest(repository, "1"));
    CHECK(head_manifest(repository, "1")->digest == got.digest);

    SECTION("what is not there") {
        CHECK_FALSE(head_manifest(repository, "2"));
        try {
            get_manifest(repository, "2");
            FAIL("it is there");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::NotFound);
            CHECK(error.message().find("MANIFEST_UNKNOWN") !=
                  std::string::npos);
            CHECK(error.message().find('\x1b') == std::string::npos);
        }
    }
    SECTION("another digest than the server's own, or the one asked for") {
        std::string other = Digest::of("other").text();
        CHECK(kind_thrown_by([&] { get_manifest(repository, other); }) ==
              ErrorKind::DataLoss);
        extra = cat("Docker-Content-Digest: ", other, "\r\n");
        CHECK(kind_thrown_by([&] { get_manifest(repository, "1"); }) ==
              ErrorKind::DataLoss);
    }
    SECTION("too large") {
        bytes = std::string((4 << 20) + 1, ' ');
        extra = "";
        CHECK(kind_thrown_by([&] { get_manifest(repository, "1"); }) ==
              ErrorKind::InvalidArgument);
    }
    SECTION("names that would lead elsewhere are not sent") {
        std::size_t before = server.requests().size();
        for (const char* tag :
             {"", "../x", "a/b", "a?b", "a b", "-a", "sha256:00", "a%2f"})
            CHECK(kind_thrown_by([&] { get_manifest(repository, tag); }) ==
                  ErrorKind::InvalidArgument);
        CHECK(server.requests().size() == before);
    }
    CHECK(waits.times.empty());
}

TEST_CASE("failures that may pass are tried again") {
    int failures = 0, status = 503;
    std::string extra;
    TestServer server([&](const TestRequest& request) {
        if (request.target == "/v2/" || failures-- <= 0)
            return answer(200, "", "{}");
        if (status == 0) return TestAnswer{"", true};
        return answer(status, extra, "");
    });
    Waits waits;
    Repository repository(image_at(server), waits.options());
    SECTION("errors of the server") {
        failures = 2;
        CHECK(get_manifest(repository, "1").bytes == "{}");
        CHECK(waits.times.size() == 2);
    }
    SECTION("broken connections") {
        status = 0;
        failures = 3;
        CHECK(get_manifest(repository, "1").bytes == "{}");
    }
    SECTION("too many requests: as long as it says") {
        failures = 1;
        status = 429;
        extra = "Retry-After: 17\r\n";
        CHECK(get_manifest(repository, "1").bytes == "{}");
        CHECK(waits.times == std::vector{Milliseconds(17'000)});
    }
    SECTION("but not as long as it likes") {
        failures = 1;
        status = 429;
        extra = "Retry-After: 86400\r\n";
        CHECK(kind_thrown_by([&] { get_manifest(repository, "1"); }) ==
              ErrorKind::Unavailable);
        CHECK(waits.times.empty());
    }
    SECTION("and not for ever") {
        failures = 1000;
        CHECK(kind_thrown_by([&] { get_manifest(repository, "1"); }) ==
              ErrorKind::Unavailable);
        CHECK(count_of(server, "GET") == 5);
        CHECK(waits.times.size() == 4);
    }
    SECTION("other failures are final") {
        failures = 1000;
        status = GENERATE(400, 404, 410, 501);
        CHECK_THROWS_AS(get_manifest(repository, "1"), Error);
        CHECK(count_of(server, "GET") == 1);
    }
}

TEST_CASE("a broken download goes on where it stopped") {
    std::string bytes;
    for (int i = 0; i < 100'000; ++i) bytes += std::to_string(i);
    std::size_t piece = 100'000;
    bool ranges = true;
    TestServer server([&](const TestRequest& request) {
        std::string range = request.header("Range");
        std::size_t begin =
            ranges && !range.empty() ? std::stoul(range.substr(6)) : 0;
        std::string rest = bytes.substr(begin);
        std::string status = "200 OK\r\n";
        if (begin > 0)
            status = cat("206 Partial\r\nContent-Range: bytes ", begin, "-",
                         bytes.size() - 1, "/", bytes.size(), "\r\n");
        return TestAnswer{cat("HTTP/1.1 ", status, "Content-Length: ",
                              rest.size(), "\r\n\r\n", rest.substr(0, piece)),
                          true};
    });
    Waits waits;
    Repository repository(image_at(server), waits.options());
    SECTION("from a server that can") {
        piece = 200'000;
        CHECK(get_all(repository, bytes) == bytes);
        CHECK(server.requests().back().header("Range") == "bytes=400000-");
    }
    SECTION("from one that cannot") {
        ranges = false;
        piece = bytes.size();
        CHECK(get_all(repository, bytes, 300'000) == bytes.substr(300'000));
        CHECK(server.requests().back().header("Range") == "bytes=300000-");
    }
    SECTION("not for ever") {
        piece = 1;
        CHECK(kind_thrown_by([&] { get_all(repository, bytes); }) ==
              ErrorKind::Unavailable);
        CHECK(count_of(server, "GET") == 5);
    }
    SECTION("what is there is not fetched") {
        CHECK(get_all(repository, bytes, bytes.size()).empty());
        CHECK(count_of(server, "GET") == 0);
    }
}

TEST_CASE("blobs that are not what was promised") {
    TestAnswer all;
    TestServer server([&](const TestRequest&) { return all; });
    Waits waits;
    Repository repository(image_at(server), waits.options());
    std::string got;
    auto get = [&](std::uint64_t offset) {
        get_blob(repository, Digest::of(""), 10, offset,
                 [&](std::string_view piece) { got += piece; });
    };
    SECTION("endless") {
        all = {"HTTP/1.1 200 OK\r\n\r\n", true, true};
        CHECK(kind_thrown_by([&] { get(0); }) == ErrorKind::DataLoss);
        CHECK(got.size() <= 10);
    }
    SECTION("too long") {
        all = answer(200, "", "01234567890");
        CHECK(kind_thrown_by([&] { get(0); }) == ErrorKind::DataLoss);
    }
    SECTION("too short") {
        all = answer(200, "", "012345678");
        CHECK(kind_thrown_by([&] { get(0); }) == ErrorKind::DataLoss);
    }
    SECTION("from another place") {
        std::string range = GENERATE(
            as<std::string>{}, "", "Content-Range: bytes 4-8/10\r\n",
            "Content-Range: bytes 50-54/100\r\n", "Content-Range: 5-9\r\n");
        all = answer(206, range, "56789");
        CHECK(kind_thrown_by([&] { get(5); }) == ErrorKind::InvalidArgument);
        CHECK(got.empty());
    }
    SECTION("no room for them: asked no further") {
        all = answer(200, "", "0123456789");
        auto full = [](std::string_view) {
            throw Error(ErrorKind::System, "disk full");
        };
        CHECK_THROWS_WITH(get_blob(repository, Digest::of(""), 10, 0, full),
                          ContainsSubstring("disk full"));
        CHECK(count_of(server, "GET") == 1);
    }
}

TEST_CASE("tokens: fetched once, renewed when refused") {
    int tokens = 0;
    std::string valid = "Bearer token-1";
    std::string token_answer;
    TestServer auth([&](const TestRequest&) {
        ++tokens;
        return answer(200, "",
                      token_answer.empty()
                          ? cat("{\"token\":\"token-", tokens, "\"}")
                          : token_answer);
    });
    TestServer server([&](const TestRequest& request) {
        if (request.header("Authorization") == valid)
            return answer(200, "", "{}");
        return answer(
            401,
            cat("WWW-Authenticate: Bearer realm=\"", auth.url("/token?x=1"),
                "\",service=\"the registry\",scope=\"evil\"\r\n"),
            "{\"errors\":[{\"code\":\"UNAUTHORIZED\"}]}");
    });
    Waits waits;
    RegistryOptions options = waits.options();
    int asked = 0;
    std::optional<Credentials> user;
    options.credentials = [&](const std::string& registry) {
        ++asked;
        CHECK(registry == server.host());
        return user;
    };
    auto proofs = std::make_shared<ProofCache>();
    Repository repository(image_at(server), options, proofs);

    SECTION("without a user") {
        CHECK(get_manifest(repository, "1").bytes == "{}");
        CHECK(get_manifest(repository, "1").bytes == "{}");
        Repository second(image_at(server), options, proofs);
        CHECK(get_manifest(second, "1").bytes == "{}");
        CHECK(tokens == 1);
        CHECK(auth.requests()[0].target ==
              "/token?x=1&service=the%20registry"
              "&scope=repository%3Ateam%2Fapp%3Apull");
        CHECK(auth.requests()[0].header("Authorization").empty());
        valid = "Bearer token-2";
        CHECK(get_manifest(repository, "1").bytes == "{}");
        CHECK(tokens == 2);
        CHECK(asked == 1);
    }
    SECTION("with a password") {
        user = Credentials{"me", "secret", ""};
        CHECK(get_manifest(repository, "1").bytes == "{}");
        CHECK(auth.requests()[0].header("Authorization") ==
              "Basic bWU6c2VjcmV0");
        CHECK(auth.requests()[0].target.ends_with("&account=me"));
        for (const TestRequest& each : server.requests())
            CHECK(each.head.find("bWU6c2VjcmV0") == std::string::npos);
    }
    SECTION("with an identity token") {
        user = Credentials{"", "", "id&token"};
        token_answer = "{\"access_token\":\"token-1\",\"expires_in\":300}";
        CHECK(get_manifest(repository, "1").bytes == "{}");
        CHECK(auth.requests()[0].method == "POST");
        CHECK(auth.requests()[0].body.ends_with("&refresh_token=id%26token"));
    }
    SECTION("that do not help") {
        valid = "Bearer other";
        CHECK(kind_thrown_by([&] { get_manifest(repository, "1"); }) ==
              ErrorKind::Unauthorized);
        CHECK(tokens == 1);
    }
    SECTION("that make no sense") {
        token_answer =
            GENERATE(as<std::string>{}, "[]", "{}", "no", "{\"token\":1}",
                     "{\"token\":\"\"}", "{\"token\":\"a\\r\\nX: y\"}",
                     "{\"token\":\"a\",\"expires_in\":\"1\"}");
        CHECK(kind_thrown_by([&] { get_manifest(repository, "1"); }) ==
              ErrorKind::InvalidArgument);
    }
}

TEST_CASE("Basic: the password goes to who asks for it, and is needed") {
    TestServer server([&](const TestRequest& request) {
        if (request.header("Authorization") == "Basic bWU6c2VjcmV0")
            return answer(200, "", "{}");
        return answer(401, "WWW-Authenticate: Basic realm=\"x\"\r\n", "");
    });
    Waits waits;
    RegistryOptions options = waits.options();
    Repository stranger(image_at(server), options);
    CHECK(kind_thrown_by([&] { get_manifest(stranger, "1"); }) ==
          ErrorKind::Unauthorized);
    std::string password = "secret";
    options.credentials = [&](const std::string&) {
        return Credentials{"me", password, ""};
    };
    Repository repository(image_at(server), options);
    CHECK(get_manifest(repository, "1").bytes == "{}");
    password = "wrong";
    Repository wrong(image_at(server), options);
    CHECK(kind_thrown_by([&] { get_manifest(wrong, "1"); }) ==
          ErrorKind::Unauthorized);
}

TEST_CASE("challenges that nobody should follow") {
    std::string challenge;
    TestServer server(
        [&](const TestRequest&) { return answer(401, challenge, ""); });
    Waits waits;
    RegistryOptions options = waits.options();
    options.credentials = [](const std::string&) {
        return Credentials{"me", "secret", ""};
    };
    Repository repository(image_at(server), options);
    challenge = GENERATE(
        as<std::string>{}, "", "WWW-Authenticate: Negotiate\r\n",
        "WWW-Authenticate: Bearer\r\n", "WWW-Authenticate: Bearer realm=\"\r\n",
        "WWW-Authenticate: Bearer realm=\"file:///etc/passwd\"\r\n",
        "WWW-Authenticate: Bearer realm=\"http://auth.example/\"\r\n",
        "WWW-Authenticate: Bearer realm=\"http://a:b@127.0.0.1/\"\r\n");
    CHECK_THROWS_AS(get_manifest(repository, "1"), Error);
}

TEST_CASE("a secret of TLS is not sent to a token server in the clear") {
    TestCertificate certificate;
    TestServer auth([](const TestRequest&) {
        return answer(200, "", "{\"token\":\"x\"}");
    });
    TestServer server(
        [&](const TestRequest&) {
            return answer(401,
                          cat("WWW-Authenticate: Bearer realm=\"",
                              auth.url("/"), "\"\r\n"),
                          "");
        },
        &certificate);
    TempDir folder("certs");
    ::mkdir(cat(folder.path(), "/", server.host()).c_str(), 0755);
    write_file_atomic(cat(folder.path(), "/", server.host(), "/ca.crt"),
                      certificate.pem());
    Waits waits;
    RegistryOptions options = waits.options();
    // Of a server that speaks TLS and is not known, none is asked in the clear.
    Repository stranger(image_at(server), options);
    CHECK(kind_thrown_by([&] { get_manifest(stranger, "1"); }) ==
          ErrorKind::Forbidden);
    options.http.certificates = folder.path();
    Repository repository(image_at(server), options);
    CHECK(repository.origin().base.scheme == "https");
    CHECK(kind_thrown_by([&] { get_manifest(repository, "1"); }) ==
          ErrorKind::Forbidden);
    CHECK(auth.requests().empty());
}

TEST_CASE("mirrors come first, and whatever they do is no failure") {
    std::string bytes = "0123456789";
    TestServer origin([&](const TestRequest& request) {
        std::string range = request.header("Range");
        if (range.empty()) return answer(200, "", bytes);
        std::size_t begin = std::stoul(range.substr(6));
        return answer(206, cat("Content-Range: bytes ", begin, "-9/10\r\n"),
                      bytes.substr(begin));
    });
    TestAnswer said;
    TestServer mirror([&](const TestRequest&) { return said; });
    Waits waits;
    RegistryOptions options = waits.options();
    options.mirrors = {{"other.example", "http://127.0.0.1:1"},
                       {origin.host(), "http://127.0.0.1:1"},
                       {origin.host(), mirror.url("/")}};
    Repository repository(image_at(origin), options);
    SECTION("one that has it") {
        said = answer(200, "", "{}");
        CHECK(get_manifest(repository, "1").bytes == "{}");
        CHECK(mirror.requests()[0].target == "/v2/team/app/manifests/1");
        CHECK(origin.requests().empty());
    }
    SECTION("one that has not, fails, or lies") {
        said = GENERATE(answer(404, "", ""), answer(500, "", ""),
                        TestAnswer{"", true}, answer(200, "", "lies"),
                        answer(401, "", ""));
        CHECK(get_manifest(repository, Digest::of(bytes).text()).bytes ==
              bytes);
        CHECK(waits.times.empty());
    }
    SECTION("one that breaks: the rest comes from the registry") {
        said = {"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n0123", true};
        CHECK(get_all(repository, bytes) == bytes);
        CHECK(origin.requests().back().header("Range") == "bytes=4-");
    }
    SECTION("one in the clear, elsewhere") {
        options.mirrors = {{origin.host(), "http://mirror.example"}};
        CHECK(kind_thrown_by([&] { Repository(image_at(origin), options); }) ==
              ErrorKind::Forbidden);
    }
}

TEST_CASE("tags, page by page") {
    std::string next = "</v2/team/app/tags/list?n=1000&last=b>; rel=\"next\"";
    std::string second = "{\"tags\":[\"c\"]}";
    TestServer server([&](const TestRequest& request) {
        if (request.target.ends_with("last=b")) return answer(200, "", second);
        return answer(200, cat("Link: ", next, "\r\n"),
                      "{\"name\":\"team/app\",\"tags\":[\"a\",\"b\"]}");
    });
    Waits waits;
    Repository repository(image_at(server), waits.options());
    CHECK(list_tags(repository) == std::vector<std::string>{"a", "b", "c"});
    SECTION("a page elsewhere") {
        next = "<https://evil.example/>; rel=\"next\"";
        CHECK(kind_thrown_by([&] { list_tags(repository); }) ==
              ErrorKind::Forbidden);
    }
    SECTION("pages that make no sense") {
        second = GENERATE(as<std::string>{}, "", "{\"tags\":1}",
                          "{\"tags\":[1]}", "{\"tags\":[\"\\u001b\"]}");
        CHECK(kind_thrown_by([&] { list_tags(repository); }) ==
              ErrorKind::InvalidArgument);
    }
    SECTION("no tags") {
        second = "{\"tags\":null}";
        CHECK(list_tags(repository) == std::vector<std::string>{"a", "b"});
    }
    SECTION("pages without end") {
        second = "{\"tags\":[]}";
        next = "</v2/team/app/tags/list>; rel=\"next\"";
        CHECK(kind_thrown_by([&] { list_tags(repository); }) ==
              ErrorKind::InvalidArgument);
    }
}

namespace {

// As much of a registry as uploads need.
struct Uploads {
    std::string stored, session;
    int posts = 0, break_at = -1, patches = 0;
    bool relative = true, mounts = false, forget = false;
    TestServer server{
        [this](const TestRequest& request) { return reply(request); }};

    std::string location() const {
        std::string path = "/v2/team/app/blobs/uploads/1?state=a%2Fb";
        return relative ? path : server.url(path);
    }
    TestAnswer accepted(int status) const {
        std::string range =
            session.empty() ? "0-0" : cat("0-", session.size() - 1);
        return answer(
            status, cat("Location: ", location(), "\r\nRange: ", range, "\r\n"),
            "");
    }
    TestAnswer reply(const TestRequest& request) {
        if (request.method == "HEAD")
            return {cat("HTTP/1.1 ", stored.empty() ? "404 No" : "200 OK",
                        "\r\nContent-Length: ", stored.size(), "\r\n\r\n")};
        if (request.target == "/v2/") return answer(200, "", "");
        if (request.method == "POST") {
            ++posts;
            session.clear();
            bool mount = request.target.find("?mount=") != std::string::npos;
            return mount && mounts ? answer(201, "", "") : accepted(202);
        }
        if (request.method == "GET")
            return forget ? answer(404, "", "") : accepted(204);
        if (request.method == "PATCH") {
            if (!request.header("Content-Range")
                     .starts_with(cat(session.size(), "-")))
                return answer(416, "", "");
            // With a beginning: else libcurl sends it again by itself.
            if (patches++ == break_at) return {"HTTP/1.1 202 A\r\n", true};
            session += request.body;
            return accepted(202);
        }
        stored = session + request.body;
        std::string digest = Digest::of(stored).text();
        return answer(201, cat("Docker-Content-Digest: ", digest, "\r\n"), "");
    }
};

}  // namespace

TEST_CASE("blobs are pushed whole, in pieces, or not at all") {
    Uploads registry;
    Waits waits;
    Repository repository(image_at(registry.server), waits.options());
    std::string bytes = "0123456789abcdefghij!";
    Digest digest = Digest::of(bytes);
    BlobPush how;
    std::vector<std::uint64_t> progress;
    how.progress = [&](std::uint64_t sent) { progress.push_back(sent); };
    auto push = [&] {
        return push_blob(repository, digest, HttpBody::of(bytes), how);
    };
    registry.relative = GENERATE(true, false);
    SECTION("whole") {
        CHECK(push() == Pushed::Uploaded);
        CHECK(registry.stored == bytes);
        CHECK(registry.patches == 0);
        TestRequest last = registry.server.requests().back();
        CHECK(last.target == cat("/v2/team/app/blobs/uploads/1?state=a%2Fb"
                                 "&digest=sha256%3A",
                                 digest.hex()));
        CHECK(progress.back() == bytes.size());
        CHECK(push() == Pushed::AlreadyThere);
    }
    SECTION("in pieces") {
        how.chunk = 10;
        CHECK(push() == Pushed::Uploaded);
        CHECK(registry.stored == bytes);
        CHECK(registry.patches == 2);
        CHECK(progress.back() == bytes.size());
    }
    SECTION("in pieces, with a broken connection") {
        how.chunk = 5;
        registry.break_at = 2;
        CHECK(push() == Pushed::Uploaded);
        CHECK(registry.stored == bytes);
        CHECK(registry.posts == 1);
        CHECK(waits.times.size() == 1);
    }
    SECTION("from the beginning, when the registry has forgotten") {
        how.chunk = 5;
        registry.break_at = 2;
        registry.forget = true;
        CHECK(push() == Pushed::Uploaded);
        CHECK(registry.stored == bytes);
        CHECK(registry.posts == 2);
    }
    SECTION("taken from another repository") {
        how.mount_from = "library/debian";
        registry.mounts = true;
        CHECK(push() == Pushed::Mounted);
        CHECK(registry.server.requests().back().target.ends_with(
            "&from=library%2Fdebian"));
    }
    SECTION("or not, when that has it not") {
        how.mount_from = "library/debian";
        CHECK(push() == Pushed::Uploaded);
        CHECK(registry.stored == bytes);
        CHECK(registry.posts == 1);
    }
}

TEST_CASE("uploads that go wrong end") {
    std::string location = "/upload";
    int status = 500;
    TestServer server([&](const TestRequest& request) {
        if (request.target == "/v2/") return answer(200, "", "");
        if (request.method == "HEAD")
            return TestAnswer{"HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n"};
        if (request.method == "POST")
            return answer(202, cat("Location: ", location, "\r\n"), "");
        if (request.method == "GET") return answer(404, "", "");
        return answer(
            status,
            cat("Docker-Content-Digest: ", Digest::of("x").text(), "\r\n"), "");
    });
    Waits waits;
    Repository repository(image_at(server), waits.options());
    auto push = [&] {
        push_blob(repository, Digest::of("bytes"), HttpBody::of("bytes"));
    };
    SECTION("after some attempts") {
        CHECK(kind_thrown_by(push) == ErrorKind::Unavailable);
        CHECK(count_of(server, "PUT") == 5);
    }
    SECTION("when something else was stored") {
        status = 201;
        CHECK(kind_thrown_by(push) == ErrorKind::DataLoss);
        CHECK(kind_thrown_by([&] {
                  put_manifest(repository, "1", type, "{}");
              }) == ErrorKind::DataLoss);
    }
    SECTION("when it may not be") {
        status = 403;
        CHECK(kind_thrown_by(push) == ErrorKind::Forbidden);
        CHECK(count_of(server, "PUT") == 1);
    }
    SECTION("when it would go to a stranger in the clear") {
        location = "http://evil.example/upload";
        CHECK(kind_thrown_by(push) == ErrorKind::Forbidden);
    }
}

TEST_CASE("a manifest is pushed byte for byte") {
    TestServer server([&](const TestRequest&) { return answer(201, "", ""); });
    Waits waits;
    Repository repository(image_at(server), waits.options());
    CHECK(put_manifest(repository, "1", type, "{ }") == Digest::of("{ }"));
    TestRequest last = server.requests().back();
    CHECK(last.body == "{ }");
    CHECK(last.target == "/v2/team/app/manifests/1");
    CHECK(last.header("Content-Type") == type);
}

TEST_CASE("the Hub is where it is") {
    Repository repository(parse_reference("nginx"));
    CHECK(repository.origin().base.text ==
          "https://registry-1.docker.io/v2/library/nginx");
    CHECK(repository.origin().registry == "docker.io");
    CHECK(manifest_reference(parse_reference("nginx:1")) == "1");
}
