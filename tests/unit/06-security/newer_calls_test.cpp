// System calls beyond the last one that a profile names.
#include <cerrno>

#include "seccomp_fixture.hpp"

using namespace slipway;

namespace {

constexpr std::uint32_t no_such_call = SECCOMP_RET_ERRNO | ENOSYS,
                        refused = SECCOMP_RET_ERRNO | EPERM;
constexpr int x32 = 0x40000000;

// On x86-64, the last call named is 334, rseq; on x86 it is 386.
std::string profile(const std::string& action) {
    return R"({"defaultAction":"SCMP_ACT_)" + action +
           R"(","architectures":)"
           R"(["SCMP_ARCH_X86_64","SCMP_ARCH_X86","SCMP_ARCH_X32"],)"
           R"("syscalls":[{"names":["rseq","read","exit_group"],)"
           R"("action":"SCMP_ACT_ALLOW"}]})";
}

}  // namespace

TEST_CASE("calls newer than the profile do not exist") {
    SeccompFilter filter = filter_of(profile("ERRNO"));
    CHECK(answer(filter, AUDIT_ARCH_X86_64, 334) == SECCOMP_RET_ALLOW);
    CHECK(answer(filter, AUDIT_ARCH_X86_64, 333) == refused);
    CHECK(answer(filter, AUDIT_ARCH_X86_64, 335) == no_such_call);
    CHECK(answer(filter, AUDIT_ARCH_X86_64, 0xeffff) == no_such_call);
    CHECK(answer(filter, AUDIT_ARCH_I386, 386) == SECCOMP_RET_ALLOW);
    CHECK(answer(filter, AUDIT_ARCH_I386, 385) == refused);
    CHECK(answer(filter, AUDIT_ARCH_I386, 387) == no_such_call);
}

TEST_CASE("numbers that are no counting are left to the profile") {
    SeccompFilter filter = filter_of(profile("ERRNO"));
    CHECK(answer(filter, AUDIT_ARCH_X86_64, -1) == refused);
    CHECK(answer(filter, AUDIT_ARCH_X86_64, x32 | 0) == SECCOMP_RET_ALLOW);
    CHECK(answer(filter, AUDIT_ARCH_X86_64, x32 | 1) == refused);
    CHECK(answer(filter, AUDIT_ARCH_AARCH64, 0) == SECCOMP_RET_KILL_PROCESS);
}

TEST_CASE("who does not refuse with an errno gets what he asked for") {
    CHECK(answer(filter_of(profile("ALLOW")), AUDIT_ARCH_X86_64, 1000) ==
          SECCOMP_RET_ALLOW);
    CHECK(answer(filter_of(profile("KILL_PROCESS")), AUDIT_ARCH_X86_64, 1000) ==
          SECCOMP_RET_KILL_PROCESS);
    // No call is named: there is no last one.
    SeccompFilter nothing = filter_of(R"({"defaultAction":"SCMP_ACT_ERRNO"})");
    CHECK(answer(nothing, AUDIT_ARCH_X86_64, 1000) == refused);
}
