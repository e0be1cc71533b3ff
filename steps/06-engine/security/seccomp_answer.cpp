#include "06-engine/security/seccomp_answer.hpp"

#include <linux/seccomp.h>
#include <seccomp.h>

#include <cstring>

namespace slipway {

namespace {

std::uint32_t word_at(const seccomp_data& data, std::uint32_t offset) {
    std::uint32_t word = 0;
    if (offset <= sizeof data - sizeof word)
        std::memcpy(&word, reinterpret_cast<const char*>(&data) + offset,
                    sizeof word);
    return word;
}

bool jumps(unsigned condition, std::uint32_t value, std::uint32_t with) {
    switch (condition) {
        case BPF_JEQ:
            return value == with;
        case BPF_JGT:
            return value > with;
        case BPF_JGE:
            return value >= with;
        default:  // BPF_JSET
            return (value & with) != 0;
    }
}

// The kernel's machine, as far as libseccomp uses it: one register, jumps
// forward.
std::uint32_t run(const std::vector<sock_filter>& program,
                  const seccomp_data& data) {
    std::uint32_t value = 0;
    for (std::size_t at = 0; at < program.size(); ++at) {
        const sock_filter& one = program[at];
        switch (one.code) {
            case BPF_RET | BPF_K:
                return one.k;
            case BPF_LD | BPF_W | BPF_ABS:
                value = word_at(data, one.k);
                break;
            case BPF_ALU | BPF_AND | BPF_K:
                value &= one.k;
                break;
            case BPF_JMP | BPF_JA:
                at += one.k;
                break;
            case BPF_JMP | BPF_JEQ | BPF_K:
            case BPF_JMP | BPF_JGT | BPF_K:
            case BPF_JMP | BPF_JGE | BPF_K:
            case BPF_JMP | BPF_JSET | BPF_K:
                at += jumps(BPF_OP(one.code), value, one.k) ? one.jt : one.jf;
                break;
            default:
                return SECCOMP_RET_ALLOW;
        }
    }
    return SECCOMP_RET_ALLOW;
}

}  // namespace

bool seccomp_allows(const SeccompFilter& filter, long call,
                    std::uint64_t argument) {
    seccomp_data data{};
    data.nr = static_cast<int>(call);
    data.arch = ::seccomp_arch_native();
    data.args[0] = argument;
    switch (run(filter.program, data) & SECCOMP_RET_ACTION_FULL) {
        case SECCOMP_RET_ALLOW:
        case SECCOMP_RET_LOG:
        case SECCOMP_RET_USER_NOTIF:
            return true;
        default:
            return false;
    }
}

}  // namespace slipway
