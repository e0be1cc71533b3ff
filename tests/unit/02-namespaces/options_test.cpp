#include "02-namespaces/options.hpp"

#include <sched.h>
#include <unistd.h>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("namespaces are known by the names of /proc/PID/ns") {
    CHECK(parse_namespaces("mnt,pid").flags == (CLONE_NEWNS | CLONE_NEWPID));
    CHECK(parse_namespaces("mount,network").text() ==
          "CLONE_NEWNS|CLONE_NEWNET");
    CHECK(default_namespaces().has(CLONE_NEWCGROUP));
    CHECK_FALSE(default_namespaces().has(CLONE_NEWUSER));
    for (const char* text : {"", "mnt,", "mnts", "mnt pid", "MNT"})
        CHECK_THROWS_AS(parse_namespaces(text), Error);
    try {
        parse_namespaces("nte");
    } catch (const Error& error) {
        CHECK(error.advice() == "did you mean net?");
    }
}

TEST_CASE("joins are TYPE=PID or TYPE=PATH, opened at once") {
    CHECK(open_namespace(cat("net=", ::getpid())).kind.flag == CLONE_NEWNET);
    CHECK(open_namespace("uts=/proc/self/ns/uts").fd);
    for (const char* text : {"net", "net=", "x=1", "net=/no/such", "net=0"})
        CHECK_THROWS_AS(open_namespace(text), Error);
}

TEST_CASE("id ranges are three numbers with room") {
    IdRange range = parse_id_range("0:100000:65536");
    CHECK(range.inside == 0);
    CHECK(range.outside == 100000);
    CHECK(range.count == 65536);
    std::string text = GENERATE(as<std::string>{}, "", "0", "0:1", "0:1:0",
                                "0:1:2:3", "a:1:1", "-1:0:1", "0:4294967295:1",
                                "0:4294967294:2", "4294967294:0:2", "0: 1:1");
    CHECK_THROWS_AS(parse_id_range(text), Error);
}

TEST_CASE("map_root makes the caller root") {
    IdMaps maps = map_root();
    REQUIRE_FALSE(maps.uids.empty());
    CHECK(maps.uids[0].inside == 0);
    CHECK(maps.uids[0].outside == ::geteuid());
}

TEST_CASE("volumes are SRC:DST, with ro or rw") {
    CHECK_FALSE(parse_bind_mount("/a:/b").read_only);
    CHECK(parse_bind_mount("/a:/b:ro").read_only);
    CHECK_FALSE(parse_bind_mount("/a:/b:rw").read_only);
    for (const char* text : {"", "/a", ":/b", "/a:", "/a:b", "/a:/b:rx",
                             "/a:/b:ro:x", "/a:/", "/a://"})
        CHECK_THROWS_AS(parse_bind_mount(text), Error);
}

namespace {

std::string refusal(const std::function<void(IsolationOptions&)>& set) {
    IsolationOptions options;
    set(options);
    try {
        finish_options(options, {"/srv", "true"});
    } catch (const Error& error) {
        return error.message();
    }
    return "accepted";
}

}  // namespace

TEST_CASE("options that contradict each other are refused") {
    auto only_pid = parse_namespaces("pid"), only_mnt = parse_namespaces("mnt");
    CHECK(refusal([](auto&) {}) == "accepted");
    CHECK_THAT(refusal([&](auto& o) { o.only = o.without = only_pid; }),
               ContainsSubstring("--only and --without"));
    CHECK_THAT(refusal([&](auto& o) {
                   o.only = only_pid;
                   o.rootfs.read_only = true;
               }),
               ContainsSubstring("need a mount namespace"));
    CHECK_THAT(refusal([&](auto& o) {
                   o.only = only_pid;
                   o.hostname = "x";
               }),
               ContainsSubstring("needs a uts namespace"));
    CHECK_THAT(refusal([&](auto& o) { o.hostname = std::string(65, 'x'); }),
               ContainsSubstring("longer than 64"));
    CHECK_THAT(refusal([&](auto& o) {
                   o.only = only_mnt;
                   o.init = true;
               }),
               ContainsSubstring("needs a pid namespace"));
    CHECK_THAT(refusal([&](auto& o) {
                   o.map_root = true;
                   o.id_maps.emplace();
               }),
               ContainsSubstring("--map-root and --uid-map"));
    CHECK_THAT(refusal([&](auto& o) {
                   o.id_maps.emplace().uids.push_back({0, 0, 1});
               }),
               ContainsSubstring("go together"));
}

TEST_CASE("joining a namespace means not making a new one") {
    IsolationOptions options;
    options.joins.push_back(open_namespace("net=/proc/self/ns/net"));
    finish_options(options, {"/srv", "true"});
    CHECK_FALSE(options.rootfs.namespaces.has(CLONE_NEWNET));
    CHECK(options.rootfs.namespaces.has(CLONE_NEWPID));
}
