#include "06-engine/security/newer_calls.hpp"

#include <linux/seccomp.h>

#include <algorithm>
#include <cerrno>
#include <cstddef>
#include <set>

#include "06-engine/security/seccomp_words.hpp"

namespace slipway {

namespace {

// From here on numbers are no counting: ARM's private calls, x32 with its bit
// 30, and -1 with which a tracer skips a call. The profile decides on them.
constexpr int first_special = 0xf0000;

/// Those whose calls are counted up. x32 has the numbers of x86-64.
std::set<std::uint32_t> architectures(void* context) {
    std::set<std::uint32_t> tokens;
    for (const auto& word : seccomp_architectures)
        if (word.value != SCMP_ARCH_X32 && word.value != no_such_architecture &&
            ::seccomp_arch_exist(context, word.value) == 0)
            tokens.insert(word.value);
    return tokens;
}

/// -1 when the profile names none that this architecture has.
int last_named_call(std::uint32_t architecture, const SeccompProfile& profile) {
    int last = -1;
    for (const SeccompRule& rule : profile.rules)
        for (const std::string& name : rule.names) {
            int number =
                ::seccomp_syscall_resolve_name_arch(architecture, name.c_str());
            if (number < first_special) last = std::max(last, number);
        }
    return last;
}

sock_filter load(std::size_t offset) {
    return BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
                    static_cast<std::uint32_t>(offset));
}
// How many instructions to skip if so, and if not.
sock_filter jump(std::uint16_t test, std::uint32_t value, std::uint8_t yes,
                 std::uint8_t no) {
    return BPF_JUMP(static_cast<std::uint16_t>(BPF_JMP | BPF_K | test), value,
                    yes, no);
}

}  // namespace

//@ begin newer-calls
std::vector<sock_filter> refuse_newer_calls(void* context,
                                            const SeccompProfile& profile) {
    std::vector<sock_filter> program;
    if (profile.default_action != act_errno) return program;
    for (std::uint32_t architecture : architectures(context)) {
        int last = last_named_call(architecture, profile);
        if (last < 0) continue;
        program.insert(
            program.end(),
            {
                load(offsetof(seccomp_data, arch)),
                jump(BPF_JEQ, architecture, 0, 4),
                load(offsetof(seccomp_data, nr)),
                jump(BPF_JGE, first_special, 2, 0),
                jump(BPF_JGT, static_cast<std::uint32_t>(last), 0, 1),
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
            });
    }
    return program;
}
//@ end newer-calls

}  // namespace slipway
