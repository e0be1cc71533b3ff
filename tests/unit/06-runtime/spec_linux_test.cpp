#include <sched.h>
#include <sys/mount.h>

#include "06-engine/runtime/spec.hpp"
#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

std::string why_not(const std::string& config) {
    try {
        parse_spec(config);
    } catch (const Error& error) {
        CHECK_FALSE(error.advice().empty());
        return error.message();
    }
    return "accepted";
}

// One whose namespaces are these, with more below linux and beside it.
std::string config(const std::string& types, const std::string& linux = "",
                   const std::string& top = "") {
    std::string list;
    for (const std::string& type : split(types, ' '))
        list += (list.empty() ? "" : ",") + std::string("{\"type\":\"") + type +
                "\"}";
    if (types.empty()) list.clear();
    return R"({"ociVersion":"1.2.0","root":{"path":"r"})" +
           (top.empty() ? "" : "," + top) + R"(,"linux":{"namespaces":[)" +
           list + "]" + (linux.empty() ? "" : "," + linux) + "}}";
}
std::string why_not_linux(const std::string& types, const std::string& linux) {
    std::string message = why_not(config(types, linux));
    if (message == "accepted") return message;
    CHECK(message.starts_with("config.json: linux"));
    return message.substr(message.find("linux") + 5);
}
std::string why_not_top(const std::string& types, const std::string& top) {
    std::string message = why_not(config(types, "", top));
    return message == "accepted" ? message : message.substr(13);
}
std::string why_no_mount(const std::string& mount,
                         const std::string& types = "mount") {
    return why_not_top(types, R"("mounts":[{)" + mount + "}]");
}

constexpr char maps[] =
    R"("uidMappings":[{"containerID":0,"hostID":5,"size":1}],
    "gidMappings":[{"containerID":0,"hostID":5,"size":1}])";

}  // namespace

TEST_CASE("namespaces: known ones, once each") {
    CHECK(why_not(config("pid network mount ipc uts cgroup time")) ==
          "accepted");
    CHECK(why_not(config("pid net")) ==
          "config.json: linux.namespaces[1].type: \"net\" is not known");
    CHECK(why_not(config("pid ipc pid")) ==
          "config.json: linux.namespaces[2].type: pid is there twice");
    CHECK(
        why_not(R"({"ociVersion":"1.2.0","root":{"path":"r"},"linux":
                      {"namespaces":[{"type":"pid","path":"ns"}]}})") ==
        "config.json: linux.namespaces[0].path: \"ns\" does not begin with /");
    CHECK(why_not(R"({"ociVersion":"1.2.0","root":{"path":"r"},"linux":
                      {"namespaces":[{"path":"/ns"}]}})") ==
          "config.json: linux.namespaces[0]: type is missing");
}

TEST_CASE("names need a uts namespace, new or joined") {
    CHECK(why_not_top("uts", R"("hostname":"a","domainname":"b")") ==
          "accepted");
    CHECK(why_not_top("pid", R"("hostname":"","domainname":"")") == "accepted");
    CHECK_THAT(why_not_top("pid", R"("hostname":"a")"),
               ContainsSubstring("hostname: it needs a uts namespace"));
    CHECK_THAT(why_not_top("pid", R"("domainname":"a")"),
               ContainsSubstring("domainname: it needs a uts namespace"));
    CHECK_THAT(
        why_not_top("uts", R"("hostname":")" + std::string(65, 'a') + "\""),
        ContainsSubstring("hostname: it is longer than 64"));
}

TEST_CASE("users are mapped in a user namespace, and must be in a new one") {
    CHECK(why_not_linux("user", maps) == "accepted");
    CHECK(why_not_linux("user", "") ==
          ": a new user namespace needs uidMappings");
    CHECK_THAT(why_not_linux("pid", maps),
               ContainsSubstring(".uidMappings: ids are mapped in a user"));
    std::string range =
        R"("gidMappings":[{"containerID":1,"hostID":1,"size":1}],
                           "uidMappings":[{"containerID":)";
    CHECK_THAT(why_not_linux("user", range + R"(0,"hostID":0,"size":0}])"),
               ContainsSubstring(".uidMappings[0].size: it is 0"));
    CHECK_THAT(
        why_not_linux("user", range + R"(4294967290,"hostID":0,"size":9}])"),
        ContainsSubstring(".uidMappings[0]: it goes beyond"));
    CHECK_THAT(
        why_not_linux("user", range + R"(0,"hostID":9,"size":4294967290}])"),
        ContainsSubstring(".uidMappings[0]: it goes beyond"));
    CHECK(
        why_not_linux("user", range + R"(0,"hostID":0,"size":4294967294}])") ==
        "accepted");
    CHECK_THAT(why_not_linux("user", range + R"(0,"size":1}])"),
               ContainsSubstring(".uidMappings[0]: hostID is missing"));
}

TEST_CASE("clocks of a new time namespace") {
    CHECK(why_not_linux("time", R"("timeOffsets":{"monotonic":{}})") ==
          "accepted");
    CHECK_THAT(why_not_linux("pid", R"("timeOffsets":{"monotonic":{}})"),
               ContainsSubstring("a new time namespace only"));
    CHECK_THAT(why_not_linux("time", R"("timeOffsets":{"realtime":{}})"),
               ContainsSubstring(".timeOffsets.realtime: the clocks are"));
    CHECK_THAT(
        why_not_linux("time", R"("timeOffsets":{"boottime":{"nanosecs":1e9}})"),
        ContainsSubstring("boottime.nanosecs: it is no whole number"));
}

TEST_CASE("device nodes") {
    auto device = [](const char* json) {
        return why_not_linux("mount",
                             std::string("\"devices\":[{") + json + "}]");
    };
    CHECK(device(R"("type":"u","path":"/d","major":1,"minor":3)") ==
          "accepted");
    CHECK(device(R"("type":"x","path":"/d")") ==
          ".devices[0].type: \"x\" is not known");
    CHECK(device(R"("type":"c","path":"/d","minor":3)") ==
          ".devices[0]: major is missing");
    CHECK(device(R"("type":"b","path":"/d","major":1)") ==
          ".devices[0]: minor is missing");
    CHECK(device(R"("type":"p","path":"d")") ==
          ".devices[0].path: \"d\" does not begin with /");
    CHECK_THAT(device(R"("type":"c","path":"/d","major":4096,"minor":0)"),
               ContainsSubstring(".devices[0].major: it is no whole"));
    CHECK_THAT(device(R"("type":"c","path":"/d","major":-1,"minor":0)"),
               ContainsSubstring(".devices[0].major: it is no whole"));
    CHECK_THAT(device(R"("type":"p","path":"/d","fileMode":65536)"),
               ContainsSubstring(".devices[0].fileMode: it is no whole"));
}

TEST_CASE("kernel settings belong to a namespace of the container") {
    auto sysctl = [](const char* types, const char* json) {
        return why_not_linux(types, std::string("\"sysctl\":{") + json + "}");
    };
    CHECK(sysctl("network", R"("net.core.somaxconn":"1024")") == "accepted");
    CHECK(sysctl("ipc", R"("fs.mqueue.msg_max":"9","kernel.sem":"1 2 3 4")") ==
          "accepted");
    CHECK(sysctl("uts", R"("kernel.domainname":"d")") == "accepted");
    CHECK(sysctl("ipc uts", R"("net.core.somaxconn":"1")") ==
          ".sysctl.net.core.somaxconn: the host's namespace would be changed");
    CHECK_THAT(sysctl("network", R"("kernel.msgmax":"1")"),
               ContainsSubstring("the host's namespace"));
    CHECK_THAT(sysctl("network", R"("kernel.domainname":"1")"),
               ContainsSubstring("the host's namespace"));
    CHECK_THAT(sysctl("uts", R"("kernel.hostname":"h")"),
               ContainsSubstring("there is hostname for that"));
    CHECK_THAT(sysctl("network", R"("vm.swappiness":"1")"),
               ContainsSubstring(".sysctl.vm.swappiness: "));
    CHECK_THAT(sysctl("network", R"("net.ipv4/../../x":"1")"),
               ContainsSubstring(".sysctl."));
    CHECK_THAT(sysctl("network", R"("net/../x":"1")"),
               ContainsSubstring(".sysctl."));
    CHECK_THAT(sysctl("network", R"("net.core.somaxconn":1)"),
               ContainsSubstring(".sysctl.net.core.somaxconn: it is no text"));
}

TEST_CASE("paths, propagation, personality") {
    CHECK(why_not_linux("mount", R"("maskedPaths":["/a","b"])") ==
          ".maskedPaths[1]: \"b\" does not begin with /");
    CHECK(why_not_linux("mount", R"("readonlyPaths":["b"])") ==
          ".readonlyPaths[0]: \"b\" does not begin with /");
    CHECK_THAT(why_not_linux("pid", R"("maskedPaths":["/a"])"),
               ContainsSubstring("needs a mount namespace"));
    CHECK(why_not_linux("pid", R"("maskedPaths":[],"readonlyPaths":null)") ==
          "accepted");
    CHECK(why_not_linux("mount", R"("rootfsPropagation":"open")") ==
          ".rootfsPropagation: \"open\" is not known");
    CHECK(why_not_linux("mount", R"("rootfsPropagation":"")") == "accepted");
    CHECK(parse_spec(config("mount", R"("rootfsPropagation":"private")"))
              .rootfs_propagation == MS_PRIVATE);
    CHECK(why_not_linux("pid", R"("personality":{"domain":"BSD"})") ==
          ".personality.domain: \"BSD\" is not known");
    CHECK_THAT(why_not_linux(
                   "pid", R"("personality":{"domain":"LINUX","flags":["X"]})"),
               ContainsSubstring(".personality.flags[0]: \"X\""));
    CHECK_THAT(why_not_linux("pid", R"("cgroupsPath":"/a/../../b")"),
               ContainsSubstring(".cgroupsPath: \"/a/../../b\" leads out"));
}

TEST_CASE("what this runtime cannot do is refused, if it is asked for") {
    for (const char* field : {"intelRdt", "netDevices", "memoryPolicy"}) {
        std::string name = std::string("\"") + field + "\":";
        CHECK(why_not_linux("pid", name + "{}") == "accepted");
        try {
            parse_spec(config("pid", name + R"({"closID":"a"})"));
            FAIL("accepted");
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::Unsupported);
            CHECK_THAT(error.message(),
                       ContainsSubstring(std::string("linux.") + field));
        }
    }
}

TEST_CASE("mounts: what must be there, and what may be forgotten") {
    CHECK(why_no_mount(R"("type":"proc")") ==
          "mounts[0]: destination is missing");
    CHECK(why_no_mount(R"("destination":"","type":"proc")") ==
          "mounts[0].destination: it is empty");
    CHECK(why_no_mount(R"("destination":"/a")") ==
          "mounts[0]: type is missing, and it is no bind mount");
    CHECK(why_no_mount(R"("destination":"/a","options":["bind"])") ==
          "mounts[0]: source is missing");
    CHECK(why_no_mount(
              R"("destination":"/a","source":"/b","options":["rbind"])") ==
          "accepted");
    CHECK(why_no_mount(
              R"("destination":"/a","type":"x","options":["remount"])") ==
          "mounts[0].options: a mount of this list is new: there is none to "
          "remount");
    Spec spec = parse_spec(config("mount", "", R"("mounts":[
        {"destination":"a","type":"bind","source":"b"}])"));
    CHECK(spec.mounts[0].destination == "/a");
    CHECK(spec.mounts[0].options.bind);
    REQUIRE(spec.warnings.size() == 1);
    CHECK_THAT(spec.warnings[0], ContainsSubstring("\"a\" does not begin"));
}

TEST_CASE("id-mapped mounts: of files that are there, with both maps or none") {
    std::string bind = R"("destination":"/a","source":"/b","options":["bind")";
    CHECK(why_no_mount(bind + "]," + maps) == "accepted");
    CHECK(why_no_mount(bind + R"(,"ridmap"],)" + maps) == "accepted");
    CHECK_THAT(why_no_mount(bind + R"(,"idmap"])"),
               ContainsSubstring("mounts[0]: idmap needs uidMappings"));
    CHECK_THAT(why_no_mount(bind + R"(],"uidMappings":[{"containerID":0,
                                      "hostID":1,"size":1}])"),
               ContainsSubstring("one of uidMappings and gidMappings"));
    CHECK_THAT(why_no_mount(
                   std::string(R"("destination":"/a","type":"tmpfs",)") + maps),
               ContainsSubstring("mounts[0]: ids are mapped for bind"));
    Spec spec = parse_spec(
        config("user", maps, "\"mounts\":[{" + bind + R"(,"idmap"]}])"));
    CHECK(spec.mounts[0].options.id_map);
    CHECK(spec.mounts[0].uid_mappings.empty());
}

TEST_CASE("hooks: all six lists, and what each must be") {
    for (const char* list : {"prestart", "createRuntime", "createContainer",
                             "startContainer", "poststart", "poststop"}) {
        auto hook = [&](const char* json) {
            return why_not_top("pid", std::string("\"hooks\":{\"") + list +
                                          "\":[{\"path\":\"/ok\"},{" + json +
                                          "}]}");
        };
        std::string place = std::string("hooks.") + list + "[1]";
        CHECK(hook(R"("path":"/h","timeout":1)") == "accepted");
        CHECK(hook("") == place + ": path is missing");
        CHECK(hook(R"("path":"h")") ==
              place + ".path: \"h\" does not begin with /");
        CHECK(hook(R"("path":"/h","timeout":0)") ==
              place + ".timeout: it is 0 seconds");
        CHECK_THAT(hook(R"("path":"/h","timeout":-1)"),
                   ContainsSubstring(place + ".timeout: it is no whole"));
        CHECK_THAT(hook(R"("path":"/h","env":["A"])"),
                   ContainsSubstring(place + ".env[0]: \"A\" is no NAME"));
        CHECK_THAT(hook(R"("path":"/h","args":[1])"),
                   ContainsSubstring(place + ".args[0]: it is no text"));
    }
}

TEST_CASE("annotations are texts with names") {
    CHECK_THAT(why_not_top("pid", R"("annotations":{"a":1})"),
               ContainsSubstring("annotations.a: it is no text"));
    CHECK(why_not_top("pid", R"("annotations":{"":"x"})") ==
          "annotations: one has no name");
}
