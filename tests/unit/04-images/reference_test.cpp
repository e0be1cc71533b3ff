#include "04-images/reference.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

const std::string digest =
    "sha256:"
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

}  // namespace

TEST_CASE("short names mean Docker Hub's, and are shown short again") {
    struct Row {
        std::string typed, full, familiar;
    };
    Row row = GENERATE(
        Row{"nginx", "docker.io/library/nginx:latest", "nginx:latest"},
        Row{"nginx:1.25", "docker.io/library/nginx:1.25", "nginx:1.25"},
        Row{"team/app", "docker.io/team/app:latest", "team/app:latest"},
        Row{"docker.io/nginx", "docker.io/library/nginx:latest",
            "nginx:latest"},
        Row{"index.docker.io/nginx", "docker.io/library/nginx:latest",
            "nginx:latest"},
        Row{"library/nginx", "docker.io/library/nginx:latest", "nginx:latest"},
        Row{"library/a/b", "docker.io/library/a/b:latest",
            "library/a/b:latest"},
        Row{"docker.io/b.io/b", "docker.io/b.io/b:latest",
            "docker.io/b.io/b:latest"},
        Row{"localhost/a", "localhost/a:latest", "localhost/a:latest"},
        Row{"localhost:5000/a/b:t", "localhost:5000/a/b:t",
            "localhost:5000/a/b:t"},
        Row{"ghcr.io/a", "ghcr.io/a:latest", "ghcr.io/a:latest"},
        Row{"HOST/a", "HOST/a:latest", "HOST/a:latest"},
        Row{"[::1]:5000/a", "[::1]:5000/a:latest", "[::1]:5000/a:latest"},
        Row{"a_b/c__d/e---f.g", "docker.io/a_b/c__d/e---f.g:latest",
            "a_b/c__d/e---f.g:latest"},
        Row{"a--b.c-d.e:65535/f", "a--b.c-d.e:65535/f:latest",
            "a--b.c-d.e:65535/f:latest"},
        Row{std::string(64, 'a') + ":t",
            "docker.io/library/" + std::string(64, 'a') + ":t",
            std::string(64, 'a') + ":t"},
        // The registry does not count.
        Row{"example.org/" + std::string(255, 'a'),
            "example.org/" + std::string(255, 'a') + ":latest",
            "example.org/" + std::string(255, 'a') + ":latest"},
        Row{"a:T_.-1", "docker.io/library/a:T_.-1", "a:T_.-1"});
    Reference reference = parse_reference(row.typed);
    CHECK(reference.text() == row.full);
    CHECK(reference.familiar() == row.familiar);
    CHECK(parse_reference(reference.text()) == reference);
    CHECK(parse_reference(reference.familiar()) == reference);
}

TEST_CASE("digests: alone there is no tag, with a tag both are kept") {
    Reference alone = parse_reference("nginx@" + digest);
    CHECK(alone.tag.empty());
    CHECK(alone.digest->text() == digest);
    CHECK(alone.familiar() == "nginx@" + digest);
    Reference both = parse_reference("localhost:5000/a:t@" + digest);
    CHECK(both.tag == "t");
    CHECK(both.text() == "localhost:5000/a:t@" + digest);
}

TEST_CASE("what is wrong with a name is said") {
    struct Row {
        std::string typed, reason;
    };
    std::string hex(64, 'a');
    Row row = GENERATE_COPY(
        Row{"", "it is empty"}, Row{"Nginx", "capital letters"},
        Row{"https://a/b", "leave out https://"}, Row{"a:", "nothing follows"},
        Row{"a:t t", "is no tag"}, Row{"a:-t", "is no tag"},
        Row{"a:" + std::string(129, 't'), "longer than 128"},
        Row{std::string(300, 'a'), "longer than 255"}, Row{"a//b", "is empty"},
        Row{"/a", "is empty"}, Row{"a/", "is empty"},
        Row{"a..b", "does not belong there"}, Row{"a___b", "does not belong"},
        Row{"-a", "does not belong"}, Row{"a-", "does not belong"},
        Row{"a b", "does not belong"}, Row{"a@sha256:12", "digest"},
        Row{"a@" + digest + "@" + digest, "digest"}, Row{hex, "are an id"},
        Row{"example.org/" + std::string(256, 'a'), "longer than 255"},
        Row{std::string(248, 'a'), "longer than 255"},  // with "library/"
        Row{"host:/a", "no port"}, Row{"host:0/a", "no port"},
        Row{"host:65536/a", "no port"}, Row{"host:+1/a", "no port"},
        Row{"host:1:2/a", "no port"}, Row{"[::1]x/a", "not closed"},
        Row{"[]/a", "does not belong"}, Row{"[]:1/a", "no registry"},
        Row{"[::ffff:1.2.3.4]/a", "no registry"}, Row{"[::1]:/a", "no port"},
        Row{"[::1%eth0]/a", "no registry"}, Row{"a..b/c", "no registry"},
        Row{"a.-b/c", "no registry"}, Row{"a-.b/c", "no registry"},
        Row{"a.b./c", "no registry"}, Row{".a/c", "no registry"},
        Row{"a_b.c/d", "no registry"}, Row{":1/d", "no registry"},
        Row{std::string(300, 'a') + ".b/c", "no registry"},
        Row{"host:port/a", "no port"}, Row{"-x.y/a", "is no registry"},
        Row{"[::1/a", "not closed"}, Row{"localhost:5000/", "there is no name"},
        Row{"../a", "is no registry"}, Row{"a/../b", "does not belong"},
        Row{std::string("a\0b", 3), "does not belong"});
    CHECK_THROWS_WITH(parse_reference(row.typed),
                      ContainsSubstring(row.reason));
}

TEST_CASE("a name without tag that looks like an ID is shown whole") {
    Reference reference = parse_reference(std::string(64, 'a') + ":t");
    reference.tag.clear();
    CHECK(reference.familiar() == reference.name());
}

TEST_CASE("a very long name is not repeated in the message") {
    std::string longest(100'000, 'a');
    for (const std::string& typed :
         {longest, longest + ".b/c", "a:" + longest, "a@" + longest,
          "A" + longest, "a/" + longest + "..",
          "a" + std::string(100'000, '.')}) {
        try {
            parse_reference(typed);
            FAIL("it did not throw");
        } catch (const Error& error) {
            CHECK(error.message().size() < 500);
        }
    }
}
