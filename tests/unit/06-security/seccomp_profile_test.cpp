#include "common/error.hpp"
#include "seccomp_fixture.hpp"

using namespace slipway;

namespace {

SeccompProfile read(const std::string& json) {
    return read_seccomp(profile_document(json));
}

}  // namespace

TEST_CASE("a profile is read whole") {
    SeccompProfile profile = read(R"({
        "defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 38,
        "architectures": ["SCMP_ARCH_X86_64", "SCMP_ARCH_LOONGARCH64"],
        "flags": ["SECCOMP_FILTER_FLAG_TSYNC"],
        "listenerPath": "/run/agent", "listenerMetadata": "blob",
        "syscalls": [
          {"names": ["read", "no_such_call"], "action": "SCMP_ACT_ALLOW"},
          {"names": ["mount"], "action": "SCMP_ACT_NOTIFY", "args": [
            {"index": 5, "value": 18446744073709551615, "valueTwo": 7,
             "op": "SCMP_CMP_MASKED_EQ"}]},
          {"names": ["kill"], "action": "SCMP_ACT_TRACE", "errnoRet": 65535}]
        })");
    CHECK(profile.default_action == "SCMP_ACT_ERRNO");
    CHECK(profile.default_errno == 38);
    CHECK(profile.architectures.size() == 2);
    CHECK(profile.flags.size() == 1);
    CHECK(profile.listener_path == "/run/agent");
    CHECK(profile.listener_metadata == "blob");
    REQUIRE(profile.rules.size() == 3);
    CHECK(profile.rules[0].names[1] == "no_such_call");
    CHECK_FALSE(profile.rules[0].errno_value);
    const SeccompArgument& argument = profile.rules[1].arguments.at(0);
    CHECK(argument.index == 5);
    CHECK(argument.value == UINT64_MAX);
    CHECK(argument.value_two == 7);
    CHECK(profile.rules[2].errno_value == 65535);
}

TEST_CASE("all words of the specification are known, null is nothing") {
    for (const char* action : {"KILL", "KILL_PROCESS", "KILL_THREAD", "TRAP",
                               "ERRNO", "TRACE", "ALLOW", "LOG"})
        CHECK(read(R"({"defaultAction":"SCMP_ACT_)" + std::string(action) +
                   R"(","syscalls":null})")
                  .rules.empty());
    for (const char* flag :
         {"TSYNC", "LOG", "SPEC_ALLOW", "WAIT_KILLABLE_RECV"})
        CHECK(read(R"({"defaultAction":"SCMP_ACT_ALLOW","flags":)"
                   R"(["SECCOMP_FILTER_FLAG_)" +
                   std::string(flag) + "\"]}")
                  .flags.size() == 1);
    for (const char* architecture :
         {"X86", "X86_64", "X32", "ARM", "AARCH64", "MIPS", "MIPS64",
          "MIPS64N32", "MIPSEL", "MIPSEL64", "MIPSEL64N32", "PPC", "PPC64",
          "PPC64LE", "S390", "S390X", "PARISC", "PARISC64", "RISCV64"})
        CHECK(read(R"({"defaultAction":"SCMP_ACT_ALLOW","architectures":)"
                   R"(["SCMP_ARCH_)" +
                   std::string(architecture) + "\"]}")
                  .architectures.size() == 1);
}

TEST_CASE("what is wrong is named with its place") {
    struct Wrong {
        const char *json, *message;
    };
    auto [json, message] = GENERATE(values<Wrong>({
        {R"({})", "seccomp: defaultAction is missing"},
        {R"({"defaultAction":"SCMP_ACT_ALOW"})",
         "seccomp: defaultAction: \"SCMP_ACT_ALOW\" is no action; did you mean "
         "SCMP_ACT_ALLOW?"},
        {R"({"defaultAction":"SCMP_ACT_NOTIFY"})",
         "seccomp: defaultAction: with SCMP_ACT_NOTIFY"},
        {R"({"defaultAction":"SCMP_ACT_KILL","defaultErrnoRet":1})",
         "seccomp: defaultErrnoRet: SCMP_ACT_KILL returns no errno"},
        {R"({"defaultAction":"SCMP_ACT_ERRNO","defaultErrnoRet":4096})",
         "seccomp: defaultErrnoRet: it is no whole number from 0 to 4095"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","architectures":["X86"]})",
         "seccomp: architectures[0]: \"X86\" is no architecture"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","flags":["TSYNC"]})",
         "seccomp: flags[0]: \"TSYNC\" is no flag"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","listenerMetadata":"x"})",
         "seccomp: listenerMetadata: it goes with listenerPath"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":{}})",
         "seccomp: syscalls: it is no list"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW",
             "syscalls":[{"action":"SCMP_ACT_ALLOW"}]})",
         "seccomp: syscalls[0]: names is missing"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW",
             "syscalls":[{"names":[],"action":"SCMP_ACT_ALLOW"}]})",
         "seccomp: syscalls[0].names: it names no system call"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":
             [{"names":["read"],"action":"SCMP_ACT_NOTIFY"}]})",
         "seccomp: SCMP_ACT_NOTIFY needs listenerPath"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/x","syscalls":
             [{"names":["read","write"],"action":"SCMP_ACT_NOTIFY"}]})",
         "seccomp: syscalls[0].names: write cannot have SCMP_ACT_NOTIFY"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],
             "action":"SCMP_ACT_ALLOW","errnoRet":1}]})",
         "seccomp: syscalls[0].errnoRet: SCMP_ACT_ALLOW returns no errno"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],
             "action":"SCMP_ACT_ERRNO",
             "args":[{"index":6,"value":0,"op":"SCMP_CMP_EQ"}]}]})",
         "seccomp: syscalls[0].args[0].index: it is no whole number from 0 to "
         "5"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],
             "action":"SCMP_ACT_ERRNO",
             "args":[{"index":0,"value":-1,"op":"SCMP_CMP_EQ"}]}]})",
         "seccomp: syscalls[0].args[0].value: it is no whole number"},
        {R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["read"],
             "action":"SCMP_ACT_ERRNO",
             "args":[{"index":0,"value":0,"op":"EQ"}]}]})",
         "seccomp: syscalls[0].args[0].op: \"EQ\" is no operator"},
    }));
    CHECK_THROWS_WITH(read(json), ContainsSubstring(message));
}
