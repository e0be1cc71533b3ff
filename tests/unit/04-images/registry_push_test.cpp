#include "04-images/registry_push.hpp"

#include "unit/04-images/registry_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;

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
                  put_manifest(repository, "1", manifest_type, "{}");
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
    CHECK(put_manifest(repository, "1", manifest_type, "{ }") ==
          Digest::of("{ }"));
    TestRequest last = server.requests().back();
    CHECK(last.body == "{ }");
    CHECK(last.target == "/v2/team/app/manifests/1");
    CHECK(last.header("Content-Type") == manifest_type);
}
