// What the host is, for the probe to compare with what it sees.
#pragma once

#include <sys/types.h>

#include <map>
#include <string>
#include <vector>

namespace slipway::compare {

struct HostLink {
    std::string name, mac;
};
/// The first link besides the loopback that has a hardware address; or empty.
HostLink host_link();
/// The first IPv4 address besides the loopback's; or empty.
std::string host_address();

/// KiB, of /proc/meminfo.
long memory_total();
/// Since the machine's start.
long boot_seconds();
/// Of this process.
int capability_count();
/// The inode of a file in /proc/PID/ns; 0: it cannot be seen.
unsigned long namespace_number(const std::string& path);
/// Where something with this source is mounted.
std::vector<std::string> mounts_of(const std::string& source);

/// What is mounted below a folder, the innermost first.
std::vector<std::string> mounts_below(const std::string& folder);

/// The disk that a file lies on; if that cannot be opened, even here, another
/// block device that can; 0: there is none.
dev_t readable_disk(const std::string& file);

/// "v1", also beside version 2, "v2" or "none".
std::string cgroup_version();
bool has_user_namespaces();
/// Of the machine, for the head of a matrix.
std::map<std::string, std::string> describe_host();

}  // namespace slipway::compare
