// For tests of seccomp filters: made from text, asked here or in a child.
#pragma once

#include <linux/audit.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstring>
#include <functional>
#include <string>

#include "06-engine/security/seccomp.hpp"
#include "common/process.hpp"
#include "unit/catch.hpp"

inline slipway::DocumentField profile_document(const std::string& json) {
    return slipway::parse_document(json, "seccomp", 1 << 20);
}
inline slipway::SeccompFilter filter_of(const std::string& json) {
    return slipway::compile_seccomp(
        slipway::read_seccomp(profile_document(json)));
}
/// Allows all but this rule.
inline std::string all_but(const std::string& rule) {
    return R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[)" + rule + "]}";
}

/// Loads it in a child and ends with what `body` returns.
inline slipway::ExitStatus run_filtered(const slipway::SeccompFilter& filter,
                                        const std::function<int()>& body) {
    slipway::ChildProcess child =
        slipway::start_child(slipway::Why{"test"}, [&] {
            ::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
            slipway::UniqueFd listener = slipway::load_seccomp(filter);
            ::_exit(body());
        });
    return child.wait();
}

/// The errno of a call by number, 0 when it works.
template <class... Arguments>
int errno_of_call(long number, Arguments... arguments) {
    return ::syscall(number, arguments...) == -1 ? errno : 0;
}

/// What the kernel would do, SECCOMP_RET_…. Knows the instructions that
/// libseccomp uses, and no others.
inline std::uint32_t answer(const std::vector<sock_filter>& program,
                            const seccomp_data& question) {
    std::uint32_t value = 0;
    for (std::size_t at = 0; at < program.size(); ++at) {
        const sock_filter& one = program[at];
        bool jump = false;
        switch (one.code) {
            case BPF_LD | BPF_W | BPF_ABS:
                std::memcpy(&value,
                            reinterpret_cast<const char*>(&question) + one.k,
                            sizeof value);
                continue;
            case BPF_ALU | BPF_AND | BPF_K:
                value &= one.k;
                continue;
            case BPF_RET | BPF_K:
                return one.k;
            case BPF_JMP | BPF_JA:
                at += one.k;
                continue;
            case BPF_JMP | BPF_JEQ | BPF_K:
                jump = value == one.k;
                break;
            case BPF_JMP | BPF_JGT | BPF_K:
                jump = value > one.k;
                break;
            case BPF_JMP | BPF_JGE | BPF_K:
                jump = value >= one.k;
                break;
            default:
                FAIL("unknown instruction " << one.code);
        }
        at += jump ? one.jt : one.jf;
    }
    FAIL("the program does not end");
    return 0;
}

/// The same for one call with up to two arguments.
inline std::uint32_t answer(const slipway::SeccompFilter& filter,
                            std::uint32_t architecture, int call,
                            std::uint64_t first = 0, std::uint64_t second = 0) {
    seccomp_data question{};
    question.nr = call;
    question.arch = architecture;
    question.args[0] = first;
    question.args[1] = second;
    return answer(filter.program, question);
}
