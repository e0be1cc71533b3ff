// Seccomp: which system calls a container may make at all.
//
// A profile is compiled by libseccomp into a program for the kernel, which is
// run at each system call. That takes 10 to 20 ms, more than all the rest of a
// start: so it is done once and the program kept, with the profile beside it.
// Sources: seccomp(2), libseccomp's manual pages, OCI runtime specification
// config-linux.md "Seccomp".
#pragma once

#include <linux/filter.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/document.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

struct SeccompArgument {
    unsigned index;  ///< 0 to 5
    std::uint64_t value, value_two;
    std::string op;  ///< "SCMP_CMP_EQ"
};
struct SeccompRule {
    std::vector<std::string> names;
    std::string action;  ///< "SCMP_ACT_ALLOW"
    std::optional<std::uint32_t> errno_value;
    std::vector<SeccompArgument> arguments;
};
struct SeccompProfile {
    std::string default_action;
    std::optional<std::uint32_t> default_errno;
    std::vector<std::string> architectures;  ///< "SCMP_ARCH_X86_64"
    std::vector<std::string> flags;          ///< "SECCOMP_FILTER_FLAG_LOG"
    std::string listener_path, listener_metadata;
    std::vector<SeccompRule> rules;
};

/// Reads linux.seccomp. Throws InvalidArgument that names the field for what
/// the specification does not know; names of system calls are not checked: a
/// call that this kernel or library does not have needs no rule.
SeccompProfile read_seccomp(const DocumentField& field);

/// A program for the kernel, and how it is to be loaded.
struct SeccompFilter {
    std::vector<sock_filter> program;
    unsigned flags = 0;         ///< SECCOMP_FILTER_FLAG_…
    bool notifies = false;      ///< an action is SCMP_ACT_NOTIFY
    std::string listener_path;  ///< socket that gets the notify descriptor
    std::string listener_metadata;
};

SeccompFilter compile_seccomp(const SeccompProfile& profile);

/// What any sensible profile needs is a hundredth of this.
constexpr unsigned longest_compilation = 5;

/// The same for a profile that somebody else wrote, in a child: a few rules
/// with many args can keep libseccomp busy for days. Throws InvalidArgument
/// that names the profile's place when it takes more than this processor time.
/// For a process with one thread.
SeccompFilter compile_within(const DocumentField& profile,
                             unsigned seconds = longest_compilation);

/// compile_within(), from a folder of programs that were compiled before; it is
/// made when missing (0700). What is kept there is taken only if it belongs to
/// us and is for exactly this profile, library and kernel; a folder that cannot
/// be written is no error.
SeccompFilter cached_seccomp(const DocumentField& profile,
                             const std::string& folder);

/// For the calling thread and what it starts, for good. Needs no_new_privs or
/// CAP_SYS_ADMIN. Returns the notify descriptor, or none.
UniqueFd load_seccomp(const SeccompFilter& filter);

/// Docker's default profile for a container with these capabilities, in the
/// form of config.json: an allow list, with some calls opened by capabilities.
nlohmann::json default_seccomp(std::uint64_t capabilities);

/// A profile in the form of Docker's files, which --security-opt seccomp=FILE
/// names, as config.json has it: of the rules those whose conditions (includes,
/// excludes: capabilities, architectures, minKernel) are met here, and of
/// archMap this machine's line. A profile without these stays as it is. Throws
/// InvalidArgument; what the result says is read_seccomp()'s to check.
/// Source: moby, profiles/seccomp/seccomp_linux.go.
nlohmann::json docker_seccomp(const DocumentField& profile,
                              std::uint64_t capabilities);

}  // namespace slipway
