// What the kernel does with compiled filters.
#include "06-engine/security/seccomp.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/wait.h>

#include "common/error.hpp"
#include "seccomp_fixture.hpp"

using namespace slipway;

namespace {

// A call that is harmless and that nobody else makes.
int call_umask(std::uint64_t argument = 022) {
    return errno_of_call(SYS_umask, argument);
}
std::string umask_rule(const std::string& action,
                       const std::string& more = "") {
    return R"({"names":["umask"],"action":"SCMP_ACT_)" + action + "\"" + more +
           "}";
}
std::string condition(int index, const std::string& op, std::uint64_t value,
                      std::uint64_t two = 0) {
    return cat(R"({"index":)", index, R"(,"op":"SCMP_CMP_)", op,
               R"(","value":)", value, R"(,"valueTwo":)", two, "}");
}

/// For which of the values an errno rule with this condition fits.
std::vector<std::uint64_t> fitting(const std::string& conditions,
                                   const std::vector<std::uint64_t>& values) {
    SeccompFilter filter = filter_of(all_but(
        umask_rule("ERRNO", R"(,"errnoRet":99,"args":[)" + conditions + "]")));
    ExitStatus status = run_filtered(filter, [&] {
        int bits = 0;
        for (std::size_t i = 0; i < values.size(); ++i)
            if (call_umask(values[i]) == 99) bits |= 1 << i;
        return bits;
    });
    REQUIRE(status.signal == 0);
    std::vector<std::uint64_t> fit;
    for (std::size_t i = 0; i < values.size(); ++i)
        if (status.code >> i & 1) fit.push_back(values[i]);
    return fit;
}

}  // namespace

TEST_CASE("ERRNO: the number asked for, or EPERM") {
    CHECK(run_filtered(filter_of(all_but(umask_rule("ERRNO"))), [] {
              return call_umask();
          }).code == EPERM);
    CHECK(run_filtered(
              filter_of(all_but(umask_rule("ERRNO", R"(,"errnoRet":99)"))),
              [] { return call_umask(); })
              .code == 99);
}

TEST_CASE("TRACE without a tracer is ENOSYS, LOG and ALLOW let pass") {
    CHECK(run_filtered(filter_of(all_but(umask_rule("TRACE"))), [] {
              return call_umask();
          }).code == ENOSYS);
    for (const char* action : {"LOG", "ALLOW"})
        CHECK(run_filtered(filter_of(all_but(umask_rule(action))), [] {
                  return call_umask();
              }).ok());
}

TEST_CASE("KILL and its kinds end the process by SIGSYS") {
    for (const char* action : {"KILL", "KILL_THREAD", "KILL_PROCESS"})
        CHECK(run_filtered(filter_of(all_but(umask_rule(action))), [] {
                  return call_umask();
              }).signal == SIGSYS);
}

TEST_CASE("TRAP sends a signal that can be caught") {
    ExitStatus status =
        run_filtered(filter_of(all_but(umask_rule("TRAP"))), [] {
            struct sigaction action {};
            action.sa_handler = [](int) { ::_exit(7); };
            ::sigaction(SIGSYS, &action, nullptr);
            call_umask();
            return 1;
        });
    CHECK(status.code == 7);
}

TEST_CASE("operators compare all 64 bits, without sign") {
    using Values = std::vector<std::uint64_t>;
    const Values values{
        0, 4, 5, 6, UINT32_MAX, 5 | std::uint64_t{1} << 32, UINT64_MAX};
    CHECK(fitting(condition(0, "EQ", 5), values) == Values{5});
    CHECK(fitting(condition(0, "NE", 5), values) ==
          Values{0, 4, 6, UINT32_MAX, values[5], UINT64_MAX});
    CHECK(fitting(condition(0, "LT", 5), values) == Values{0, 4});
    CHECK(fitting(condition(0, "LE", 5), values) == Values{0, 4, 5});
    CHECK(fitting(condition(0, "GE", 6), values) ==
          Values{6, UINT32_MAX, values[5], UINT64_MAX});
    CHECK(fitting(condition(0, "GT", 6), values) ==
          Values{UINT32_MAX, values[5], UINT64_MAX});
    // (argument & 5) == 4
    CHECK(fitting(condition(0, "MASKED_EQ", 5, 4), values) == Values{4, 6});
}

TEST_CASE("conditions on several arguments must all fit") {
    SeccompFilter filter = filter_of(
        all_but(umask_rule("ERRNO", R"(,"args":[)" + condition(0, "EQ", 1) +
                                        "," + condition(1, "EQ", 2) + "]")));
    CHECK(run_filtered(filter, [] {
              bool both = errno_of_call(SYS_umask, 1, 2) == EPERM;
              bool one = errno_of_call(SYS_umask, 1, 3) == 0;
              return both && one ? 0 : 1;
          }).ok());
}

TEST_CASE("conditions on one argument twice are rules of their own") {
    CHECK(fitting(condition(0, "EQ", 5) + "," + condition(0, "EQ", 7),
                  {4, 5, 6, 7}) == std::vector<std::uint64_t>{5, 7});
}

TEST_CASE("names that nobody knows are passed over") {
    SeccompFilter filter = filter_of(
        all_but(R"({"names":["call_of_the_year_2040","umask","s390_sthyi"],)"
                R"("action":"SCMP_ACT_ERRNO"})"));
    CHECK(run_filtered(filter, [] { return call_umask(); }).code == EPERM);
}

TEST_CASE("a rule that says what the default says is no error") {
    CHECK(run_filtered(filter_of(all_but(umask_rule("ALLOW"))), [] {
              return call_umask();
          }).ok());
}

TEST_CASE("a rule may be there twice, but not with two answers") {
    std::string five = ",\"args\":[" + condition(0, "EQ", 5) + "]";
    std::string rule = umask_rule("ERRNO", five);
    CHECK_FALSE(filter_of(all_but(rule + "," + rule)).program.empty());
    CHECK_THROWS_WITH(
        filter_of(all_but(rule + "," + umask_rule("TRAP", five))),
        ContainsSubstring("two rules for system call \"umask\" contradict"));
}

TEST_CASE("foreign architectures are killed, listed ones asked") {
    SeccompFilter filter = filter_of(
        R"({"defaultAction":"SCMP_ACT_ALLOW","architectures":)"
        R"(["SCMP_ARCH_X86_64","SCMP_ARCH_AARCH64","SCMP_ARCH_S390X"]})");
    CHECK(answer(filter, AUDIT_ARCH_X86_64, 1) == SECCOMP_RET_ALLOW);
    CHECK(answer(filter, AUDIT_ARCH_AARCH64, 1) == SECCOMP_RET_ALLOW);
    CHECK(answer(filter, AUDIT_ARCH_I386, 1) == SECCOMP_RET_KILL_PROCESS);
}

TEST_CASE("flags go to the kernel") {
    SeccompFilter filter =
        filter_of(R"({"defaultAction":"SCMP_ACT_ALLOW","flags":)"
                  R"(["SECCOMP_FILTER_FLAG_TSYNC","SECCOMP_FILTER_FLAG_LOG",)"
                  R"("SECCOMP_FILTER_FLAG_SPEC_ALLOW",)"
                  R"("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"]})");
    // The last one is for listeners, and there is none.
    CHECK(filter.flags == (SECCOMP_FILTER_FLAG_TSYNC | SECCOMP_FILTER_FLAG_LOG |
                           SECCOMP_FILTER_FLAG_SPEC_ALLOW));
    CHECK(run_filtered(filter, [] { return call_umask(); }).ok());
}

TEST_CASE("a program too large for the kernel is refused with advice") {
    std::string rules;
    for (int i = 0; i < 5000; ++i)
        rules +=
            cat(i > 0 ? "," : "", R"({"names":["umask"],"action":)",
                R"("SCMP_ACT_ERRNO","args":[)",
                condition(0, "EQ", static_cast<std::uint64_t>(i) * 3), "]}");
    CHECK_THROWS_WITH(filter_of(all_but(rules)),
                      ContainsSubstring("the kernel takes 4096"));
}

TEST_CASE("NOTIFY: somebody else answers the call") {
    SeccompFilter filter = filter_of(
        R"({"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/run/agent",)"
        R"("listenerMetadata":"about","syscalls":[)" +
        umask_rule("NOTIFY") + "]}");
    CHECK(filter.notifies);
    CHECK(filter.listener_path == "/run/agent");
    CHECK(filter.listener_metadata == "about");
    ChildProcess child = start_child(Why{"test"}, [&] {
        ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
        UniqueFd listener = load_seccomp(filter);
        bool good = ::fcntl(listener.get(), F_GETFD) == FD_CLOEXEC;
        // Its own child asks: the filter is inherited.
        pid_t asks = ::fork();
        if (asks == 0) ::_exit(errno_of_call(SYS_umask, 0123));
        seccomp_notif question{};
        good =
            good &&
            ::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_RECV, &question) == 0 &&
            question.data.nr == SYS_umask && question.data.args[0] == 0123;
        seccomp_notif_resp reply{};
        reply.id = question.id;
        reply.error = -77;
        good = good &&
               ::ioctl(listener.get(), SECCOMP_IOCTL_NOTIF_SEND, &reply) == 0;
        int status = 0;
        ::waitpid(asks, &status, 0);
        ::_exit(good && WIFEXITED(status) ? WEXITSTATUS(status) : 1);
    });
    CHECK(child.wait().code == 77);
}
