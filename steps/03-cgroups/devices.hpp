// Which device nodes a group may make, read and write.
#pragma once

#include <linux/bpf.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// One line of the policy; the last one that fits an access decides, and what
/// none fits is denied.
struct DeviceRule {
    bool allow = true;
    char type = 'a';                     ///< 'c', 'b', or 'a' for both
    std::optional<std::uint32_t> major;  ///< empty: any
    std::optional<std::uint32_t> minor;  ///< empty: any
    std::string access = "rwm";          ///< read, write, mknod

    /// As the v1 files take it: "c 1:3 rwm", "b *:* m", "a *:* rwm".
    std::string text() const;
};

/// "c 1:3 rwm", "c 5:* rw", "a" (all). As Docker's --device-cgroup-rule.
/// Throws InvalidArgument.
DeviceRule parse_device_rule(std::string_view text);

/// Docker's: nodes may be made, but only the harmless ones can be opened.
std::vector<DeviceRule> default_device_rules();

/// The same policy as a program for the kernel, for cgroup v2, which has no
/// files for it. It is run at each access to a device node: r1 points to the
/// question, r0 is the answer, 1 or 0. Source: kernel,
/// Documentation/admin-guide/cgroup-v2.rst "Device controller"; linux/bpf.h.
std::vector<bpf_insn> device_program(const std::vector<DeviceRule>& rules);
/// Loads the program and attaches it to the group whose folder (of the v2
/// tree) is open as `cgroup_fd`. It goes with the group. Needs CAP_BPF or
/// CAP_SYS_ADMIN, and CAP_NET_ADMIN.
void attach_device_program(int cgroup_fd, const std::vector<DeviceRule>& rules);

}  // namespace slipway
