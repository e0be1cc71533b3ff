#include <fcntl.h>
#include <linux/capability.h>
#include <sched.h>
#include <seccomp.h>
#include <sys/socket.h>

#include <set>

#include <nlohmann/json.hpp>

#include "06-engine/security/capabilities.hpp"
#include "seccomp_fixture.hpp"

using namespace slipway;

namespace {

constexpr std::uint64_t admin = std::uint64_t{1} << CAP_SYS_ADMIN;

SeccompFilter default_filter(std::uint64_t capabilities) {
    return filter_of(default_seccomp(capabilities).dump());
}

std::uint32_t native() {
    return ::seccomp_arch_native();
}

/// By name, without arguments, on the machine the test runs on.
std::uint32_t asked(const SeccompFilter& filter, const char* call,
                    std::uint64_t argument = 0) {
    int number = ::seccomp_syscall_resolve_name(call);
    REQUIRE(number >= 0);
    return answer(filter, native(), number, argument);
}

constexpr std::uint32_t refused = SECCOMP_RET_ERRNO | EPERM,
                        no_such_call = SECCOMP_RET_ERRNO | ENOSYS;

}  // namespace

TEST_CASE("the default profile names no call twice") {
    std::set<std::string> seen;
    nlohmann::json profile = default_seccomp(0);
    for (const auto& name : profile["syscalls"][0]["names"]) {
        INFO(name);
        CHECK(seen.insert(name.get<std::string>()).second);
    }
    CHECK(seen.size() > 300);
}

TEST_CASE("the default program answers as the default profile says") {
    nlohmann::json profile = default_seccomp(0);
    SeccompFilter filter = default_filter(0);
    std::set<int> allowed;
    int last = 0;
    for (const auto& rule : profile["syscalls"])
        for (const auto& name : rule["names"]) {
            int number =
                ::seccomp_syscall_resolve_name(name.get<std::string>().c_str());
            last = std::max(last, number);
            if (!rule.contains("args") && rule["action"] == "SCMP_ACT_ALLOW")
                allowed.insert(number);
        }
    for (const char* special : {"personality", "socket", "clone", "clone3"})
        allowed.erase(::seccomp_syscall_resolve_name(special));
    for (int number = 0; number < 600; ++number) {
        INFO("call " << number);
        std::uint32_t is = answer(filter, native(), number, AF_ALG);
        if (allowed.count(number) != 0)
            CHECK(is == SECCOMP_RET_ALLOW);
        else if (number > last)
            CHECK(is == no_such_call);
        else if (number != ::seccomp_syscall_resolve_name("clone") &&
                 number != ::seccomp_syscall_resolve_name("clone3"))
            CHECK(is == refused);
    }
}

TEST_CASE("calls that a container must not make") {
    SeccompFilter filter = default_filter(default_capabilities());
    for (const char* call : {"keyctl",
                             "add_key",
                             "request_key",
                             "bpf",
                             "userfaultfd",
                             "mount",
                             "umount2",
                             "unshare",
                             "setns",
                             "pivot_root",
                             "kexec_load",
                             "kexec_file_load",
                             "open_by_handle_at",
                             "init_module",
                             "finit_module",
                             "delete_module",
                             "reboot",
                             "swapon",
                             "swapoff",
                             "settimeofday",
                             "clock_settime",
                             "perf_event_open",
                             "io_uring_setup",
                             "io_uring_enter",
                             "io_uring_register",
                             "acct",
                             "quotactl",
                             "syslog",
                             "fsopen",
                             "move_mount",
                             "open_tree",
                             "nfsservctl",
                             "mbind",
                             "set_mempolicy",
                             "kcmp",
                             "pidfd_getfd",
                             "vhangup",
                             "iopl",
                             "sethostname",
                             "setdomainname",
                             "lookup_dcookie"}) {
        INFO(call);
        int number = ::seccomp_syscall_resolve_name(call);
        if (number < 0) continue;  // not on this architecture
        CHECK(answer(filter, native(), number) == refused);
    }
    CHECK(asked(filter, "clone3") == no_such_call);
    CHECK(asked(filter, "chroot") == SECCOMP_RET_ALLOW);  // one of the fourteen
    CHECK(asked(filter, "ptrace") == SECCOMP_RET_ALLOW);
}

TEST_CASE("a capability opens its calls") {
    struct Opens {
        int capability;
        const char* call;
    };
    auto [capability, call] = GENERATE(values<Opens>({
        {CAP_SYS_ADMIN, "mount"},
        {CAP_SYS_ADMIN, "unshare"},
        {CAP_SYS_ADMIN, "clone3"},
        {CAP_SYS_ADMIN, "bpf"},
        {CAP_SYS_ADMIN, "syslog"},
        {CAP_DAC_READ_SEARCH, "open_by_handle_at"},
        {CAP_SYS_CHROOT, "chroot"},
        {CAP_SYS_PTRACE, "kcmp"},
        {CAP_SYS_NICE, "mbind"},
        {CAP_SYS_MODULE, "init_module"},
        {CAP_SYS_BOOT, "reboot"},
        {CAP_SYS_PACCT, "acct"},
        {CAP_SYS_TIME, "clock_settime"},
        {CAP_SYS_TTY_CONFIG, "vhangup"},
        {CAP_SYSLOG, "syslog"},
        {CAP_BPF, "bpf"},
        {CAP_PERFMON, "perf_event_open"},
    }));
    INFO(call);
    CHECK(asked(default_filter(0), call) != SECCOMP_RET_ALLOW);
    CHECK(asked(default_filter(std::uint64_t{1} << capability), call) ==
          SECCOMP_RET_ALLOW);
}

TEST_CASE("clone makes processes and threads, but no namespaces") {
    SeccompFilter filter = default_filter(0);
    CHECK(asked(filter, "clone", SIGCHLD) == SECCOMP_RET_ALLOW);
    CHECK(asked(filter, "clone", CLONE_VM | CLONE_THREAD | CLONE_SIGHAND) ==
          SECCOMP_RET_ALLOW);
    for (std::uint64_t flag :
         {CLONE_NEWNS, CLONE_NEWCGROUP, CLONE_NEWUTS, CLONE_NEWIPC,
          CLONE_NEWUSER, CLONE_NEWPID, CLONE_NEWNET})
        CHECK(asked(filter, "clone", flag | SIGCHLD) == refused);
    CHECK(asked(default_filter(admin), "clone", CLONE_NEWUSER) ==
          SECCOMP_RET_ALLOW);
}

TEST_CASE("families of sockets, and personalities") {
    SeccompFilter filter = default_filter(default_capabilities());
    for (std::uint64_t family : {AF_UNIX, AF_INET, AF_INET6, AF_NETLINK,
                                 AF_PACKET, AF_ALG + 1, AF_VSOCK + 1})
        CHECK(asked(filter, "socket", family) == SECCOMP_RET_ALLOW);
    for (std::uint64_t family : {AF_ALG, AF_VSOCK})
        CHECK(asked(filter, "socket", family) == refused);
    for (std::uint64_t persona : {0x0U, 0x8U, 0x20000U, 0x20008U, 0xffffffffU})
        CHECK(asked(filter, "personality", persona) == SECCOMP_RET_ALLOW);
    for (std::uint64_t persona : {0x40000U, 0x9U, 0x400000U})
        CHECK(asked(filter, "personality", persona) == refused);
}

TEST_CASE("programs of the machine's other architectures run, too") {
    if (native() != AUDIT_ARCH_X86_64) return;
    SeccompFilter filter = default_filter(default_capabilities());
    CHECK(answer(filter, AUDIT_ARCH_I386, 3) == SECCOMP_RET_ALLOW);  // read
    CHECK(answer(filter, AUDIT_ARCH_I386, 21) == refused);           // mount
    constexpr int x32 = 0x40000000;
    CHECK(answer(filter, AUDIT_ARCH_X86_64, x32) == SECCOMP_RET_ALLOW);
    CHECK(answer(filter, AUDIT_ARCH_X86_64, x32 | 165) == refused);  // mount
    CHECK(answer(filter, AUDIT_ARCH_AARCH64, 63) == SECCOMP_RET_KILL_PROCESS);
}

TEST_CASE("the kernel takes the default program and does what it says") {
    SeccompFilter filter = default_filter(default_capabilities());
    CHECK(filter.program.size() <= BPF_MAXINSNS);
    // The number of the line that is wrong.
    auto body = [] {
        if (errno_of_call(SYS_keyctl, 0, 0, 0, 0, 0) != EPERM) return 1;
        if (errno_of_call(SYS_add_key, "user", "x", "y", 1, -3) != EPERM)
            return 2;
        if (errno_of_call(SYS_bpf, 0, nullptr, 0) != EPERM) return 3;
        if (errno_of_call(SYS_userfaultfd, 0) != EPERM) return 4;
        if (errno_of_call(SYS_mount, "", "", "", 0, nullptr) != EPERM) return 5;
        if (errno_of_call(SYS_unshare, CLONE_NEWUSER) != EPERM) return 6;
        if (errno_of_call(SYS_kexec_load, 0, 0, nullptr, 0) != EPERM) return 7;
        if (errno_of_call(SYS_open_by_handle_at, 0, nullptr, 0) != EPERM)
            return 8;
        if (errno_of_call(SYS_clone3, nullptr, 0) != ENOSYS) return 9;
        if (errno_of_call(1000) != ENOSYS) return 10;
        if (errno_of_call(SYS_socket, AF_ALG, SOCK_SEQPACKET, 0) != EPERM)
            return 11;
        if (errno_of_call(SYS_socket, AF_UNIX, SOCK_STREAM, 0) != 0) return 12;
        if (errno_of_call(SYS_openat, AT_FDCWD, "/", O_RDONLY) != 0) return 13;
        pid_t child = ::fork();
        if (child < 0) return 14;
        if (child == 0) ::_exit(0);
        return 0;
    };
    CHECK(run_filtered(filter, body).code == 0);
}

TEST_CASE("with CAP_SYS_ADMIN mount and clone3 reach the kernel") {
    ExitStatus status = run_filtered(default_filter(admin), [] {
        // Addresses that nobody can read: only the kernel finds out.
        auto* nowhere = reinterpret_cast<void*>(8);
        if (errno_of_call(SYS_mount, nowhere, nowhere, nowhere, 0, nullptr) ==
            EPERM)
            return 1;
        if (errno_of_call(SYS_clone3, nullptr, 0) != EINVAL) return 2;
        return 0;
    });
    CHECK(status.code == 0);
}
