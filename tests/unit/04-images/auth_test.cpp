#include "04-images/auth.hpp"

#include <sys/stat.h>

#include "common/files.hpp"
#include "unit/04-images/registry_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

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

TEST_CASE("for another thread: the proof and the way to the server are known") {
    TestCertificate certificate;
    TestServer server(
        [](const TestRequest& request) {
            if (request.header("Authorization").empty())
                return answer(401, "WWW-Authenticate: Basic realm=\"here\"\r\n",
                              "");
            return answer(200, cat("Content-Type: ", manifest_type, "\r\n"),
                          "{}");
        },
        &certificate);
    TempDir folder("certs");
    ::mkdir(cat(folder.path(), "/", server.host()).c_str(), 0755);
    write_file_atomic(cat(folder.path(), "/", server.host(), "/ca.crt"),
                      certificate.pem());
    Waits waits;
    RegistryOptions options = waits.options();
    options.http.certificates = folder.path();
    int asked = 0;
    options.credentials = [&](const std::string&) {
        ++asked;
        return Credentials{"me", "secret", {}};
    };
    Repository repository(image_at(server), options);
    get_manifest(repository, "1");
    CHECK(count_of(server, "GET") == 2);
    std::size_t all = server.requests().size();
    auto other = repository.another();
    get_manifest(*other, "1");
    CHECK(server.requests().size() == all + 1);
    CHECK(asked == 1);
}
