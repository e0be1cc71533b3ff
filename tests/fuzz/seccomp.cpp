// A seccomp profile: it comes with a bundle that somebody else made. What is
// accepted must compile to a program that ends, or be refused with an error.
#include "06-engine/security/seccomp.hpp"

#include <linux/seccomp.h>

#include <cstdint>
#include <string_view>

#include "common/error.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

// The kernel's own checks: a jump forward, inside the program; a return at the
// end.
void check_program(const SeccompFilter& filter) {
    std::size_t length = filter.program.size();
    must(length > 0 && length <= BPF_MAXINSNS);
    for (std::size_t at = 0; at < length; ++at) {
        const sock_filter& one = filter.program[at];
        if (BPF_CLASS(one.code) != BPF_JMP) continue;
        if (BPF_OP(one.code) == BPF_JA)
            must(one.k < length - at - 1);
        else
            must(one.jt < length - at - 1 && one.jf < length - at - 1);
    }
    must(BPF_CLASS(filter.program.back().code) == BPF_RET);
    must(filter.notifies == !filter.listener_path.empty());
}

// From nothing, chance makes no profile: rules are chosen by the bytes.
std::string made_profile(Bytes& bytes) {
    static const std::string actions[] = {"KILL",   "ERRNO", "ALLOW", "LOG",
                                          "NOTIFY", "TRAP",  "TRACE"};
    static const std::string names[] = {
        "read",   "openat",  "socket",    "clone",   "ipc",
        "semop",  "connect", "mmap",      "newcall", "socketcall",
        "umount", "shmget",  "exit_group"};
    static const std::string operators[] = {"NE", "LT", "LE",       "EQ",
                                            "GE", "GT", "MASKED_EQ"};
    static const std::string architectures[] = {"X86",      "X86_64",  "X32",
                                                "ARM",      "AARCH64", "S390X",
                                                "MIPSEL64", "PPC64LE"};
    auto pick = [&](const auto& words) {
        return words[bytes.next(std::size(words))];
    };
    std::string text = R"({"defaultAction":"SCMP_ACT_)" + pick(actions) +
                       R"(","listenerPath":"/l","architectures":[)";
    for (std::size_t left = bytes.next(4); left > 0; --left)
        text +=
            "\"SCMP_ARCH_" + pick(architectures) + (left > 1 ? "\"," : "\"");
    text += R"(],"syscalls":[)";
    for (std::size_t rules = bytes.next(12); rules > 0; --rules) {
        text += R"({"names":[")" + pick(names) + "\",\"" + pick(names) +
                R"("],"action":"SCMP_ACT_)" + pick(actions) + R"(","args":[)";
        for (std::size_t args = bytes.next(4); args > 0; --args) {
            std::uint64_t value = bytes.next(256);
            value <<= bytes.next(60);
            text += cat(R"({"index":)", bytes.next(7), R"(,"value":)", value);
            text += cat(R"(,"valueTwo":)", bytes.next(256));
            text += R"(,"op":"SCMP_CMP_)" + pick(operators) +
                    (args > 1 ? "\"}," : "\"}");
        }
        text += rules > 1 ? "]}," : "]}";
    }
    return text + "]}";
}

bool try_profile(std::string_view json) {
    try {
        DocumentField profile = parse_document(json, "seccomp", 1 << 16);
        compile_within(profile, 1);
        // Once more where the fuzzer sees which ways it goes.
        check_program(compile_seccomp(read_seccomp(profile)));
        return true;
    } catch (const Error& error) {
        must(!error.message().empty() && error.message().size() < 4096);
        for (char c : error.message()) must(c != '\x1b' && c != '\n');
        return false;
    }
}

}  // namespace

// libseccomp 2.5 loses some memory where one rule covers another. Each profile
// is compiled once, so that does no harm; leaks of ours are still found.
extern "C" const char* __lsan_default_suppressions() {
    return "leak:libseccomp\nleak:seccomp_rule_add";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    try_profile(bytes);
    Bytes choices{bytes};
    try_profile(made_profile(choices));
    return 0;
}
