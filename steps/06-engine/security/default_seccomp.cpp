// Docker's default profile. It refuses what it does not name: the calls of the
// kernel's keyring, io_uring, kexec, userfaultfd, NUMA policies …, because they
// are not divided into namespaces or had too many holes.
#include <linux/capability.h>
#include <sched.h>
#include <sys/socket.h>

#include <cerrno>

#include <nlohmann/json.hpp>

#include "06-engine/security/default_calls.hpp"
#include "06-engine/security/seccomp.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::json;

struct Opened {
    int capability;
    const char* calls;
};

// The kernel asks for the capability as well. But a process without it can have
// it in a user namespace of its own, where much of the kernel comes within
// reach that was written with root alone in mind.
//@ begin opened-by
constexpr Opened opened_by_capability[] = {
    // Mounts, namespaces, and what is not divided into namespaces.
    {CAP_SYS_ADMIN,
     "mount umount umount2 mount_setattr move_mount open_tree fsopen fsconfig "
     "fsmount fspick quotactl quotactl_fd clone clone3 unshare setns "
     "sethostname setdomainname bpf perf_event_open syslog lookup_dcookie "
     "fanotify_init lsm_get_self_attr lsm_set_self_attr lsm_list_modules"},
    {CAP_DAC_READ_SEARCH, "open_by_handle_at"},  // the way out of 2014: Shocker
    {CAP_SYS_CHROOT, "chroot"},
    {CAP_SYS_PTRACE,
     "kcmp pidfd_getfd process_madvise process_vm_readv process_vm_writev "
     "ptrace"},
    {CAP_SYS_NICE, "get_mempolicy set_mempolicy set_mempolicy_home_node mbind"},
    {CAP_SYS_MODULE, "init_module finit_module delete_module"},
    {CAP_SYS_BOOT, "reboot"},
    {CAP_SYS_PACCT, "acct"},
    {CAP_SYS_RAWIO, "iopl ioperm"},
    {CAP_SYS_TIME, "settimeofday stime clock_settime clock_settime64"},
    {CAP_SYS_TTY_CONFIG, "vhangup"},
    {CAP_SYSLOG, "syslog"},
    {CAP_BPF, "bpf"},
    {CAP_PERFMON, "perf_event_open"},
};
//@ end opened-by

json allow(const std::vector<std::string>& names) {
    return {{"names", names}, {"action", "SCMP_ACT_ALLOW"}};
}

json allow_if(const char* call, const char* op, std::uint64_t value) {
    json rule = allow({call});
    rule["args"] = json::array({{{"index", 0}, {"value", value}, {"op", op}}});
    return rule;
}

/// The native one, and those whose programs the same kernel runs. One that is
/// forgotten here is refused altogether; one too many would be a way around.
json architectures() {
#if defined(__x86_64__)
    return json::array({"SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"});
#elif defined(__aarch64__)
    return json::array({"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"});
#else
    return json::array();
#endif
}

/// Without CAP_SYS_ADMIN: a new process, but no new namespaces.
//@ begin clone-rules
void add_clone(json& rules) {
    constexpr std::uint64_t namespaces =
        CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC |
        CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET;
    json clone = allow_if("clone", "SCMP_CMP_MASKED_EQ", namespaces);
    clone["args"][0]["valueTwo"] = 0;
    rules.push_back(std::move(clone));
    // Its flags lie in memory, where a filter cannot look. A libc that hears
    // "no such call" goes back to clone.
    rules.push_back({{"names", json::array({"clone3"})},
                     {"action", "SCMP_ACT_ERRNO"},
                     {"errnoRet", ENOSYS}});
}
//@ end clone-rules

/// All families but two: AF_VSOCK leads to the host of a virtual machine, and
/// AF_ALG into the kernel's cryptography (CVE-2026-31431). Each rule is one
/// more way to be allowed, so "neither" is said by three of them.
void add_socket(json& rules) {
    static_assert(AF_VSOCK == AF_ALG + 2);
    rules.push_back(allow_if("socket", "SCMP_CMP_LT", AF_ALG));
    rules.push_back(allow_if("socket", "SCMP_CMP_EQ", AF_ALG + 1));
    rules.push_back(allow_if("socket", "SCMP_CMP_GT", AF_VSOCK));
}

/// Linux or 32-bit Linux, each also with the names of Linux 2.6; and to ask.
/// Others switch off the randomised address space or bring back old bugs.
void add_personality(json& rules) {
    for (std::uint32_t persona :
         {0x0U, 0x0008U, 0x20000U, 0x20008U, 0xffffffffU})
        rules.push_back(allow_if("personality", "SCMP_CMP_EQ", persona));
}

}  // namespace

json default_seccomp(std::uint64_t capabilities) {
    auto has = [capabilities](int number) {
        return (capabilities >> number & 1) != 0;
    };
    std::vector<std::string> always;
    for (const char* subject : allowed_calls)
        for (std::string& name : split(subject, ' '))
            always.push_back(std::move(name));
    json rules = json::array();
    rules.push_back(allow(always));
    add_personality(rules);
    add_socket(rules);
    if (!has(CAP_SYS_ADMIN)) add_clone(rules);
    for (const Opened& one : opened_by_capability)
        if (has(one.capability)) rules.push_back(allow(split(one.calls, ' ')));
    return {{"defaultAction", "SCMP_ACT_ERRNO"},
            {"defaultErrnoRet", EPERM},
            {"architectures", architectures()},
            {"syscalls", std::move(rules)}};
}

}  // namespace slipway
