#include "04-images/registry.hpp"

#include "unit/04-images/registry_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("a manifest comes with its bytes, type and digest") {
    std::string bytes = "{\"schemaVersion\": 2 }\n";
    std::string extra;
    TestServer server([&](const TestRequest& request) {
        if (request.target == "/v2/team/app/manifests/2")
            return answer(404, "",
                          "{\"errors\":[{\"code\":\"MANIFEST_UNKNOWN\","
                          "\"message\":\"no \\u001b[31m\"}]}");
        TestAnswer all = answer(
            200, cat("Content-Type: ", manifest_type, "; a=b\r\n", extra),
            bytes);
        if (request.method == "HEAD")
            all.bytes.resize(all.bytes.size() - bytes.size());
        return all;
    });
    Waits waits;
    Repository repository(image_at(server), waits.options());
    RemoteManifest got = get_manifest(repository, "1");
    CHECK(got.bytes == bytes);
    CHECK(got.media_type == manifest_type);
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

TEST_CASE("the Hub is where it is") {
    Repository repository(parse_reference("nginx"));
    CHECK(repository.origin().base.text ==
          "https://registry-1.docker.io/v2/library/nginx");
    CHECK(repository.origin().registry == "docker.io");
    CHECK(manifest_reference(parse_reference("nginx:1")) == "1");
}
