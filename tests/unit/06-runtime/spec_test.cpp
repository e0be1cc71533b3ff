#include "06-engine/runtime/spec.hpp"

#include <sched.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/resource.h>

#include "common/error.hpp"
#include "unit/06-runtime/spec_examples.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

template <class Read>
std::string why(Read read) {
    try {
        read();
    } catch (const Error& error) {
        CHECK_FALSE(error.advice().empty());
        return error.message();
    }
    return "accepted";
}
std::string why_not(const std::string& config) {
    return why([&] { parse_spec(config); });
}

// A config with something more in it: `top` beside root, `linux` below linux.
std::string config(const std::string& top, const std::string& linux = "") {
    return R"({"ociVersion":"1.2.0","root":{"path":"r"})" +
           (top.empty() ? "" : "," + top) + R"(,"linux":{"namespaces":[)" +
           R"({"type":"mount"},{"type":"pid"}])" +
           (linux.empty() ? "" : "," + linux) + "}}";
}
std::string process(const std::string& more) {
    return R"({"args":["sh"],"cwd":"/")" + (more.empty() ? "" : "," + more) +
           "}";
}
std::string why_no_process(const std::string& more) {
    std::string message = why([&] { parse_process(process(more)); });
    // The same in a whole config, named from its top.
    if (message != "accepted")
        CHECK(why_not(config("\"process\":" + process(more))) ==
              "config.json: process." + message.substr(message.find(": ") + 2));
    return message;
}

}  // namespace

TEST_CASE("a config as runc spec writes it") {
    Spec spec = parse_spec(runc_config);
    CHECK(spec.oci_version == "1.0.2-dev");
    CHECK(spec.root_path == "rootfs");
    CHECK(spec.root_read_only);
    CHECK(spec.hostname == "runc");
    REQUIRE(spec.process);
    CHECK(spec.process->terminal);
    REQUIRE(spec.process->console_size);
    CHECK(spec.process->console_size->width == 80);
    CHECK(spec.process->args == std::vector<std::string>{"sh"});
    CHECK(spec.process->env.size() == 2);
    CHECK(spec.process->no_new_privileges);
    REQUIRE(spec.process->capabilities);
    CHECK(spec.process->capabilities->ambient ==
          CapabilityMask{1} << *capability_number("CAP_KILL"));
    CHECK(spec.process->capabilities->inheritable == 0);
    REQUIRE(spec.process->rlimits.size() == 1);
    CHECK(spec.process->rlimits[0].resource == RLIMIT_NOFILE);
    CHECK(spec.process->rlimits[0].soft == 512);
    CHECK(spec.process->rlimits[0].hard == 1024);
    REQUIRE(spec.mounts.size() == 3);
    CHECK(spec.mounts[1].options.data ==
          std::vector<std::string>{"mode=755", "size=65536k"});
    CHECK(spec.is_new(CLONE_NEWPID));
    CHECK_FALSE(spec.find_namespace(CLONE_NEWUSER));
    CHECK_FALSE(spec.is_new(CLONE_NEWUSER));
    CHECK(spec.masked_paths.size() == 2);
    CHECK(spec.readonly_paths.back() == "/proc/sys");
    REQUIRE(spec.resources.devices.size() == 1);
    CHECK_FALSE(spec.resources.devices[0].allow);
    CHECK_FALSE(spec.seccomp);
    CHECK(spec.warnings.empty());
}

TEST_CASE("a process as podman writes it") {
    Spec spec = parse_spec(podman_config);
    REQUIRE(spec.process);
    const ProcessSpec& process = *spec.process;
    CHECK(process.user.uid == 33);
    CHECK(process.user.groups == std::vector<gid_t>{33, 4});
    CHECK(process.umask == 022);
    CHECK(process.rlimits[1].hard == RLIM_INFINITY);
    CHECK(process.oom_score_adj == -500);
    CHECK(process.apparmor_profile == "containers-default");
    CHECK(process.selinux_label.ends_with("c1,c2"));
    REQUIRE(process.scheduler);
    CHECK(process.scheduler->policy == SCHED_BATCH);
    CHECK(process.scheduler->nice == 5);
    CHECK(process.scheduler->flags == 1);
    CHECK(process.io_priority == (2 << 13 | 6));
    REQUIRE(process.exec_cpu_affinity);
    CHECK(process.exec_cpu_affinity->final_cpus ==
          std::vector<unsigned>{0, 1, 3});
    CHECK(spec.warnings ==
          std::vector<std::string>{"process.capabilities.bounding: "
                                   "\"CAP_FROM_2040\" is no capability here"});
    CHECK(process.warnings.empty());
}

TEST_CASE("the rest of it") {
    Spec spec = parse_spec(podman_config);
    CHECK(spec.domainname == "example.org");
    CHECK(spec.annotations.at("io.container.manager") == "libpod");
    REQUIRE(spec.hooks.create_runtime.size() == 1);
    CHECK(spec.hooks.create_runtime[0].args.size() == 2);
    CHECK(spec.hooks.create_runtime[0].timeout_s == 30u);
    CHECK(spec.hooks.poststop[0].path == "/usr/bin/podman");
    CHECK_FALSE(spec.hooks.poststop[0].timeout_s);
    REQUIRE(spec.mounts.size() == 3);
    CHECK(spec.mounts[1].options.bind);
    CHECK(spec.mounts[2].options.recursive_bind);
    CHECK(spec.mounts[2].options.id_map);
    CHECK(spec.mounts[2].uid_mappings[0].outside == 100000);
}

TEST_CASE("and what is below linux") {
    Spec spec = parse_spec(podman_config);
    CHECK(spec.find_namespace(CLONE_NEWNET)->path == "/run/netns/netns-1");
    CHECK_FALSE(spec.is_new(CLONE_NEWNET));
    CHECK(spec.is_new(CLONE_NEWIPC));
    CHECK(spec.uid_mappings[0].count == 65536);
    REQUIRE(spec.time_offsets.size() == 2);
    CHECK(spec.time_offsets[0].nanoseconds == 5);
    CHECK(spec.time_offsets[1].seconds == -3);
    REQUIRE(spec.sysctl.size() == 4);
    CHECK(spec.sysctl[0].name == "kernel.domainname");
    CHECK(spec.sysctl[0].flag == CLONE_NEWUTS);
    CHECK(spec.sysctl[3].name == "net.ipv4.ip_forward");
    CHECK(spec.sysctl[3].flag == CLONE_NEWNET);
    CHECK(spec.cgroups_path == "machine.slice:libpod:77");
    REQUIRE(spec.devices.size() == 2);
    CHECK(spec.devices[0].mode == 0666);
    CHECK(spec.devices[0].minor == 229);
    CHECK(spec.devices[1].type == 'p');
    CHECK(spec.rootfs_propagation == (MS_SLAVE | MS_REC));
    CHECK(spec.masked_paths.empty());
    CHECK(spec.personality == static_cast<unsigned long>(PER_LINUX32));
    REQUIRE(spec.seccomp);
    CHECK(spec.seccomp->at("defaultAction").text() == "SCMP_ACT_ERRNO");
    CHECK(spec.resources.memory.limit == 64 << 20);
}

TEST_CASE("the least there can be") {
    Spec spec = parse_spec(R"({"ociVersion":"1.0.0","root":{"path":"/r"}})");
    CHECK_FALSE(spec.process);
    CHECK(spec.namespaces.empty());
    CHECK(why_not(R"({"root":{"path":"r"}})") ==
          "config.json: ociVersion is missing");
    CHECK(why_not(R"({"ociVersion":"1.0.0"})") ==
          "config.json: root is missing");
    CHECK(why_not(R"({"ociVersion":"1.0.0","root":{}})") ==
          "config.json: root: path is missing");
    CHECK(why_not(R"({"ociVersion":"1.0.0","root":{"path":""}})") ==
          "config.json: root.path: it is empty");
}

TEST_CASE("version 1 is read, in any of its forms, and no other") {
    auto version = [](const char* text) {
        return why_not(std::string(R"({"root":{"path":"r"},"ociVersion":")") +
                       text + "\"}");
    };
    for (const char* good : {"1.0.0", "1.2.1", "1.0.2-dev", "1.3.0+dev",
                             "1.0.0-rc6-dev", "1.99.0"})
        CHECK(version(good) == "accepted");
    for (const char* bad : {"0.5.0", "2.0.0", "10.0.0"})
        CHECK_THAT(version(bad), ContainsSubstring("only version 1"));
    for (const char* bad : {"", "1", "1.0", "1.0.x", "v1.0.0", "1.0.0.0", "-1"})
        CHECK_THAT(version(bad), ContainsSubstring("is no version like"));
}

TEST_CASE("what is no document is an error, not a crash") {
    CHECK_THAT(why_not(std::string(largest_spec + 1, ' ')),
               ContainsSubstring("larger than 8 MiB"));
    CHECK_THAT(why_not(std::string(10'000, '[')),
               ContainsSubstring("nested more than"));
    CHECK_THAT(why_not(config(R"("a":)" + std::string(10'000, '['))),
               ContainsSubstring("nested more than"));
    CHECK(why_not(config(R"("root":{"path":"/other"})")) ==
          "config.json: two fields named \"root\"");
    CHECK_THAT(why_not("{\"ociVersion\":"), ContainsSubstring("no JSON"));
    CHECK_THAT(why_not(config(R"("hostname":"a\u0000b")")),
               ContainsSubstring("config.json: hostname: it has a NUL byte"));
    std::string long_word(1 << 20, 'x');
    CHECK(why_not(config(R"("mounts":[{"destination":"/a","type":"b"}],
                            "hooks":{"prestart":[{"path":")" +
                         long_word + "\"}]}"))
              .size() < 300);
}

TEST_CASE("processes: each wrong field is named") {
    CHECK(why([] { parse_process(R"({"cwd":"/"})"); }) ==
          "process: args is missing");
    CHECK(why([] { parse_process(R"({"cwd":"/","args":[]})"); }) ==
          "process: args: it is empty: there is nothing to run");
    CHECK(why([] { parse_process(R"({"args":["a"]})"); }) ==
          "process: cwd is missing");
    CHECK(why([] { parse_process(R"({"args":["a"],"cwd":"x"})"); }) ==
          "process: cwd: \"x\" does not begin with /");
    struct Case {
        const char *json, *message;
    };
    for (const Case& one : std::initializer_list<Case>{
             {R"("terminal":1)", "terminal: it is neither true nor false"},
             {R"("consoleSize":{"height":1})", "consoleSize: width is missing"},
             {R"("env":["A"])", "env[0]: \"A\" is no NAME=VALUE"},
             {R"("env":["A=1","=x"])", "env[1]: \"=x\" is no NAME=VALUE"},
             {R"("user":{"gid":0})", "user: uid is missing"},
             {R"("user":{"uid":0})", "user: gid is missing"},
             {R"("user":{"uid":4294967295,"gid":0})",
              "user.uid: it is no whole number from 0 to 4294967294"},
             {R"("user":{"uid":4294967296,"gid":0})",
              "user.uid: it is no whole number from 0 to 4294967294"},
             {R"("user":{"uid":-1,"gid":0})",
              "user.uid: it is no whole number from 0 to 4294967294"},
             {R"("user":{"uid":"root","gid":0})",
              "user.uid: it is no whole number from 0 to 4294967294"},
             {R"("user":{"uid":0,"gid":0,"umask":512})",
              "user.umask: it is no whole number from 0 to 511"},
             {R"("user":{"uid":0,"gid":0,"additionalGids":[1,-1]})",
              "user.additionalGids[1]: it is no whole number from 0 to "
              "4294967294"},
             {R"("capabilities":["CAP_KILL"])",
              "capabilities: it is no object"},
             {R"("oomScoreAdj":1001)",
              "oomScoreAdj: it is no whole number from -1000 to 1000"},
             {R"("execCPUAffinity":{"final":"3-1"})",
              "execCPUAffinity.final: \"3-1\" is no list of processors like "
              "0-2,5"},
             {R"("execCPUAffinity":{"initial":"0,99999"})",
              "execCPUAffinity.initial: \"0,99999\" is no list of processors "
              "like 0-2,5"}})
        CHECK(why_no_process(one.json) ==
              std::string("process: ") + one.message);
    CHECK(why_no_process(R"("env":["a.b-c=","X=="])") == "accepted");
    CHECK_FALSE(
        parse_process(process(R"("consoleSize":{"height":1,"width":2})"))
            .console_size);
}

TEST_CASE("resource limits of a process") {
    CHECK(
        why_no_process(R"("rlimits":[{"type":"NOFILE","soft":1,"hard":1}])") ==
        "process: rlimits[0].type: \"NOFILE\" is not known");
    CHECK(why_no_process(
              R"("rlimits":[{"type":"RLIMIT_CPU","soft":2,"hard":1}])") ==
          "process: rlimits[0]: soft, 2, is above hard, 1");
    CHECK(why_no_process(R"("rlimits":[{"type":"RLIMIT_CPU","hard":1}])") ==
          "process: rlimits[0]: soft is missing");
    CHECK(why_no_process(
              R"("rlimits":[{"type":"RLIMIT_CPU","soft":1,"hard":1},
                            {"type":"RLIMIT_CPU","soft":1,"hard":1}])") ==
          "process: rlimits[1].type: RLIMIT_CPU is there twice");
}

TEST_CASE("schedulers and priorities") {
    auto scheduler = [](const char* json) {
        return why_no_process(std::string("\"scheduler\":") + json);
    };
    CHECK(scheduler(R"({"policy":"SCHED_RR","priority":99})") == "accepted");
    CHECK(scheduler(R"({"policy":"SCHED_DEADLINE","runtime":1,"deadline":2,
                        "period":3})") == "accepted");
    CHECK(scheduler("{}") == "process: scheduler: policy is missing");
    CHECK(scheduler(R"({"policy":"RR"})") ==
          "process: scheduler.policy: \"RR\" is not known");
    CHECK_THAT(scheduler(R"({"policy":"SCHED_FIFO"})"),
               ContainsSubstring("scheduler: SCHED_FIFO and SCHED_RR need"));
    CHECK_THAT(scheduler(R"({"policy":"SCHED_OTHER","priority":1})"),
               ContainsSubstring("scheduler.priority: it is for SCHED_FIFO"));
    CHECK_THAT(scheduler(R"({"policy":"SCHED_OTHER","period":1})"),
               ContainsSubstring("scheduler.period: it is for SCHED_DEADLINE"));
    CHECK_THAT(scheduler(R"({"policy":"SCHED_OTHER","nice":20})"),
               ContainsSubstring("scheduler.nice: it is no whole number"));
    CHECK_THAT(scheduler(R"({"policy":"SCHED_OTHER","flags":["x"]})"),
               ContainsSubstring("scheduler.flags[0]: \"x\" is not known"));
    CHECK_THAT(why_no_process(R"("ioPriority":{"class":"RT"})"),
               ContainsSubstring("ioPriority.class: \"RT\" is not known"));
    CHECK_THAT(why_no_process(
                   R"("ioPriority":{"class":"IOPRIO_CLASS_RT","priority":8})"),
               ContainsSubstring("ioPriority.priority: it is no whole"));
}
