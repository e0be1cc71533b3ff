#include "06-engine/security/capabilities.hpp"

#include <linux/capability.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// By number: the order of linux/capability.h, which is never changed.
constexpr std::array<std::string_view, 41> names{
    "CHOWN",
    "DAC_OVERRIDE",
    "DAC_READ_SEARCH",
    "FOWNER",
    "FSETID",
    "KILL",
    "SETGID",
    "SETUID",
    "SETPCAP",
    "LINUX_IMMUTABLE",
    "NET_BIND_SERVICE",
    "NET_BROADCAST",
    "NET_ADMIN",
    "NET_RAW",
    "IPC_LOCK",
    "IPC_OWNER",
    "SYS_MODULE",
    "SYS_RAWIO",
    "SYS_CHROOT",
    "SYS_PTRACE",
    "SYS_PACCT",
    "SYS_ADMIN",
    "SYS_BOOT",
    "SYS_NICE",
    "SYS_RESOURCE",
    "SYS_TIME",
    "SYS_TTY_CONFIG",
    "MKNOD",
    "LEASE",
    "AUDIT_WRITE",
    "AUDIT_CONTROL",
    "SETFCAP",
    "MAC_OVERRIDE",
    "MAC_ADMIN",
    "SYSLOG",
    "WAKE_ALARM",
    "BLOCK_SUSPEND",
    "AUDIT_READ",
    "PERFMON",
    "BPF",
    "CHECKPOINT_RESTORE",
};
static_assert(names[CAP_SYS_ADMIN] == "SYS_ADMIN");
static_assert(names[CAP_AUDIT_READ] == "AUDIT_READ");

constexpr int most_capabilities = 64;

constexpr CapabilityMask bit(int number) {
    return CapabilityMask{1} << number;
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

int get_sets(__user_cap_header_struct* header, __user_cap_data_struct* data) {
    return static_cast<int>(::syscall(SYS_capget, header, data));
}
int set_sets(__user_cap_header_struct* header, __user_cap_data_struct* data) {
    // ledger: passed to act() by name
    return static_cast<int>(::syscall(SYS_capset, header, data));
}

// The kernel's form: two halves of 32 bits. Pid 0 is the calling thread.
struct KernelSets {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> halves{};
};

CapabilityMask joined(std::uint32_t low, std::uint32_t high) {
    return CapabilityMask{high} << 32 | low;
}

// Of the calling thread: effective, permitted, inheritable.
CapabilitySets held_sets() {
    KernelSets kernel;
    check(get_sets(&kernel.header, kernel.halves.data()), "capget");
    const auto& [low, high] = kernel.halves;
    CapabilitySets sets;
    sets.effective = joined(low.effective, high.effective);
    sets.permitted = joined(low.permitted, high.permitted);
    sets.inheritable = joined(low.inheritable, high.inheritable);
    return sets;
}

bool in_kernel(int number) {
    return ::prctl(PR_CAPBSET_READ, static_cast<unsigned long>(number)) >= 0;
}

/// Of the bits asked for, a call each: who needs few asks for few. /proc has
/// them all in one file; but inside a new root, that file is the image's word.
CapabilityMask bounding_set(CapabilityMask asked) {
    CapabilityMask set = 0;
    for (int number = 0; number < most_capabilities; ++number) {
        if ((asked & bit(number)) == 0) continue;
        int is_set =
            ::prctl(PR_CAPBSET_READ, static_cast<unsigned long>(number));
        if (is_set < 0) break;  // the kernel knows no more
        if (is_set > 0) set |= bit(number);
    }
    return set;
}

CapabilityMask own_ambient_set() {
    constexpr int ask = PR_CAP_AMBIENT;  // no act: nothing is changed
    CapabilityMask set = 0;
    for (int number = 0; number < most_capabilities; ++number) {
        int is_set = ::prctl(ask, PR_CAP_AMBIENT_IS_SET,
                             static_cast<unsigned long>(number), 0UL, 0UL);
        if (is_set < 0) break;
        if (is_set > 0) set |= bit(number);
    }
    return set;
}

void set_kernel_sets(const CapabilitySets& sets) {
    KernelSets kernel;
    auto low = [](CapabilityMask mask) {
        return static_cast<std::uint32_t>(mask);
    };
    auto high = [](CapabilityMask mask) {
        return static_cast<std::uint32_t>(mask >> 32);
    };
    kernel.halves[0] = {low(sets.effective), low(sets.permitted),
                        low(sets.inheritable)};
    kernel.halves[1] = {high(sets.effective), high(sets.permitted),
                        high(sets.inheritable)};
    act(Why{"what is not in here, the process can no longer do"},  //
        "capset", set_sets, shown(&kernel.header, "version 3"),
        shown(kernel.halves.data(),
              cat("permitted ", sets.permitted, ", effective ", sets.effective,
                  ", inheritable ", sets.inheritable)));
}

void set_ambient_set(CapabilityMask ambient) {
    act(Why{"none of ours goes on to the program by accident"},  //
        "prctl", ::prctl, shown(PR_CAP_AMBIENT, "PR_CAP_AMBIENT"),
        shown(PR_CAP_AMBIENT_CLEAR_ALL, "PR_CAP_AMBIENT_CLEAR_ALL"), 0UL, 0UL,
        0UL);
    for (int number = 0; number < most_capabilities; ++number)
        if (ambient & bit(number))
            act(Why{"kept over execve by a user who is not root"},  //
                "prctl", ::prctl, shown(PR_CAP_AMBIENT, "PR_CAP_AMBIENT"),
                shown(PR_CAP_AMBIENT_RAISE, "PR_CAP_AMBIENT_RAISE"),
                shown(static_cast<unsigned long>(number),
                      capability_name(number)),
                0UL, 0UL);
}

}  // namespace

std::optional<int> capability_number(std::string_view name) {
    std::string wanted = upper(name);
    std::string_view rest = wanted;
    if (rest.substr(0, 4) == "CAP_") rest.remove_prefix(4);
    for (std::size_t number = 0; number < names.size(); ++number)
        if (names[number] == rest) return static_cast<int>(number);
    return std::nullopt;
}

std::string capability_name(int number) {
    bool known = number >= 0 && static_cast<std::size_t>(number) < names.size();
    if (!known) return cat("CAP_", number);
    return cat("CAP_", names[static_cast<std::size_t>(number)]);
}

std::vector<std::string> capability_names() {
    std::vector<std::string> all;
    all.reserve(names.size());
    for (std::string_view name : names) all.push_back(cat("CAP_", name));
    return all;
}

//@ begin default-capabilities
CapabilityMask default_capabilities() {
    CapabilityMask set = 0;
    for (int number : {
             // Files of all the container's users.
             CAP_CHOWN, CAP_DAC_OVERRIDE, CAP_FOWNER, CAP_FSETID, CAP_SETFCAP,
             CAP_MKNOD,  // which the cgroup's device rules hold in check
             // To become another user, and to have less than root.
             CAP_SETUID, CAP_SETGID, CAP_SETPCAP, CAP_SYS_CHROOT,
             // What servers and ping need.
             CAP_NET_BIND_SERVICE, CAP_NET_RAW, CAP_KILL,
             CAP_AUDIT_WRITE,  // sshd and sudo report who came in
         })
        set |= bit(number);
    return set;
}
//@ end default-capabilities

CapabilityMask own_bounding_set() {
    return bounding_set(~CapabilityMask{0});
}

CapabilitySets own_capabilities() {
    CapabilitySets sets = held_sets();
    sets.bounding = own_bounding_set();
    sets.ambient = own_ambient_set();
    return sets;
}

//@ begin limit-bounding-set
void limit_bounding_set(CapabilityMask keep) {
    for (int number = 0; number < most_capabilities; ++number) {
        if (keep & bit(number)) continue;
        bool named = static_cast<std::size_t>(number) < names.size();
        // Kernels may have more than we have names for, and those go as well.
        if (!named && !in_kernel(number)) break;
        int result = try_act(
            Why{"no set-user-id program inside brings it back"},  //
            "prctl", ::prctl, shown(PR_CAPBSET_DROP, "PR_CAPBSET_DROP"),
            shown(static_cast<unsigned long>(number), capability_name(number)));
        if (result == 0) continue;
        int error = errno;
        if (error == EINVAL) break;  // the kernel knows no more
        // Without CAP_SETPCAP also what is gone already cannot be dropped.
        if (bounding_set(bit(number)) != 0)
            throw_errno(error,
                        cat("prctl PR_CAPBSET_DROP ", capability_name(number)));
    }
}
//@ end limit-bounding-set

//@ begin set-capabilities
void set_capabilities(const CapabilitySets& sets) {
    // Capabilities can be given up, never taken: the kernel would refuse the
    // whole call for one bit too many.
    CapabilitySets held = held_sets(), result;
    result.permitted = sets.permitted & held.permitted;
    result.inheritable = sets.inheritable & (held.permitted | held.inheritable);
    CapabilityMask bounding =
        bounding_set(result.permitted | result.inheritable);
    result.permitted &= bounding;
    result.inheritable &= bounding;
    result.effective = sets.effective & result.permitted;
    set_kernel_sets(result);
    // After the others: only what is permitted and inheritable can be ambient.
    set_ambient_set(sets.ambient & result.permitted & result.inheritable);
}
//@ end set-capabilities

void keep_capabilities() {
    act(Why{"the change of user would take them all"},  //
        "prctl", ::prctl, shown(PR_SET_KEEPCAPS, "PR_SET_KEEPCAPS"), 1UL, 0UL,
        0UL, 0UL);
}

}  // namespace slipway
