// The words of a seccomp profile, and what libseccomp calls them. They are
// those of the OCI runtime specification, config-linux.md "Seccomp".
#pragma once

#include <linux/seccomp.h>
#include <seccomp.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

template <class Value>
struct SeccompWord {
    std::string_view text;
    Value value;
};

inline constexpr std::string_view act_errno = "SCMP_ACT_ERRNO",
                                  act_trace = "SCMP_ACT_TRACE",
                                  act_notify = "SCMP_ACT_NOTIFY";

// ERRNO and TRACE carry a number, which is added to the value.
inline constexpr SeccompWord<std::uint32_t> seccomp_actions[] = {
    {"SCMP_ACT_KILL", SCMP_ACT_KILL},
    {"SCMP_ACT_KILL_PROCESS", SCMP_ACT_KILL_PROCESS},
    {"SCMP_ACT_KILL_THREAD", SCMP_ACT_KILL_THREAD},
    {"SCMP_ACT_TRAP", SCMP_ACT_TRAP},
    {act_errno, SCMP_ACT_ERRNO(0)},
    {act_trace, SCMP_ACT_TRACE(0)},
    {"SCMP_ACT_ALLOW", SCMP_ACT_ALLOW},
    {"SCMP_ACT_LOG", SCMP_ACT_LOG},
    {act_notify, SCMP_ACT_NOTIFY},
};

inline constexpr SeccompWord<scmp_compare> seccomp_operators[] = {
    {"SCMP_CMP_NE", SCMP_CMP_NE},
    {"SCMP_CMP_LT", SCMP_CMP_LT},
    {"SCMP_CMP_LE", SCMP_CMP_LE},
    {"SCMP_CMP_EQ", SCMP_CMP_EQ},
    {"SCMP_CMP_GE", SCMP_CMP_GE},
    {"SCMP_CMP_GT", SCMP_CMP_GT},
    {"SCMP_CMP_MASKED_EQ", SCMP_CMP_MASKED_EQ},
};

inline constexpr SeccompWord<unsigned> seccomp_flags[] = {
    {"SECCOMP_FILTER_FLAG_TSYNC", SECCOMP_FILTER_FLAG_TSYNC},
    {"SECCOMP_FILTER_FLAG_LOG", SECCOMP_FILTER_FLAG_LOG},
    {"SECCOMP_FILTER_FLAG_SPEC_ALLOW", SECCOMP_FILTER_FLAG_SPEC_ALLOW},
    {"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
     SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV},
};

// Some are younger than some libraries: those have no such processes to fear.
constexpr std::uint32_t no_such_architecture = UINT32_MAX;
inline constexpr SeccompWord<std::uint32_t> seccomp_architectures[] = {
    {"SCMP_ARCH_X86", SCMP_ARCH_X86},
    {"SCMP_ARCH_X86_64", SCMP_ARCH_X86_64},
    {"SCMP_ARCH_X32", SCMP_ARCH_X32},
    {"SCMP_ARCH_ARM", SCMP_ARCH_ARM},
    {"SCMP_ARCH_AARCH64", SCMP_ARCH_AARCH64},
    {"SCMP_ARCH_MIPS", SCMP_ARCH_MIPS},
    {"SCMP_ARCH_MIPS64", SCMP_ARCH_MIPS64},
    {"SCMP_ARCH_MIPS64N32", SCMP_ARCH_MIPS64N32},
    {"SCMP_ARCH_MIPSEL", SCMP_ARCH_MIPSEL},
    {"SCMP_ARCH_MIPSEL64", SCMP_ARCH_MIPSEL64},
    {"SCMP_ARCH_MIPSEL64N32", SCMP_ARCH_MIPSEL64N32},
    {"SCMP_ARCH_PPC", SCMP_ARCH_PPC},
    {"SCMP_ARCH_PPC64", SCMP_ARCH_PPC64},
    {"SCMP_ARCH_PPC64LE", SCMP_ARCH_PPC64LE},
    {"SCMP_ARCH_S390", SCMP_ARCH_S390},
    {"SCMP_ARCH_S390X", SCMP_ARCH_S390X},
    {"SCMP_ARCH_PARISC", SCMP_ARCH_PARISC},
    {"SCMP_ARCH_PARISC64", SCMP_ARCH_PARISC64},
    {"SCMP_ARCH_RISCV64", SCMP_ARCH_RISCV64},
#ifdef SCMP_ARCH_LOONGARCH64
    {"SCMP_ARCH_LOONGARCH64", SCMP_ARCH_LOONGARCH64},
#else
    {"SCMP_ARCH_LOONGARCH64", no_such_architecture},
#endif
#ifdef SCMP_ARCH_M68K
    {"SCMP_ARCH_M68K", SCMP_ARCH_M68K},
#else
    {"SCMP_ARCH_M68K", no_such_architecture},
#endif
#ifdef SCMP_ARCH_SH
    {"SCMP_ARCH_SH", SCMP_ARCH_SH},
    {"SCMP_ARCH_SHEB", SCMP_ARCH_SHEB},
#else
    {"SCMP_ARCH_SH", no_such_architecture},
    {"SCMP_ARCH_SHEB", no_such_architecture},
#endif
};

template <class Value, std::size_t count>
const SeccompWord<Value>* find_word(const SeccompWord<Value> (&words)[count],
                                    std::string_view text) {
    for (const SeccompWord<Value>& word : words)
        if (word.text == text) return &word;
    return nullptr;
}

template <class Value, std::size_t count>
std::vector<std::string> word_texts(const SeccompWord<Value> (&words)[count]) {
    std::vector<std::string> texts;
    for (const SeccompWord<Value>& word : words) texts.emplace_back(word.text);
    return texts;
}

}  // namespace slipway
