#include "06-engine/security/seccomp.hpp"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cstring>
#include <memory>

#include "06-engine/security/newer_calls.hpp"
#include "06-engine/security/seccomp_program.hpp"
#include "06-engine/security/seccomp_shorter.hpp"
#include "06-engine/security/seccomp_words.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"

namespace slipway {

namespace {

struct Release {
    void operator()(void* context) const { ::seccomp_release(context); }
};
using Context = std::unique_ptr<void, Release>;

// libseccomp returns the errno, negative, and does not set it.
template <class... Parts>
void check_library(int result, const Parts&... what) {
    if (result < 0) throw_errno(-result, cat("seccomp filter: ", what...));
}

std::uint32_t action_value(const std::string& name,
                           std::optional<std::uint32_t> number) {
    std::uint32_t value = find_word(seccomp_actions, name)->value;
    bool carries = name == act_errno || name == act_trace;
    return carries ? value | number.value_or(EPERM) : value;
}

//@ begin new-context
Context new_context(std::uint32_t default_action) {
    Context context(::seccomp_init(default_action));
    if (!context)
        throw Error(ErrorKind::Unsupported,
                    "seccomp filter: the default action is not known here");
    // We load it ourselves; no_new_privs is another setting of the container.
    check_library(::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_NNP, 0),
                  "no_new_privs");
    // A process of an architecture that was not listed. The library would kill
    // one thread: a program with a thread missing hangs.
    check_library(::seccomp_attr_set(context.get(), SCMP_FLTATR_ACT_BADARCH,
                                     SCMP_ACT_KILL_PROCESS),
                  "foreign architectures");
    // A tree: nine comparisons for a call, in place of some hundred. Libraries
    // before 2.5 do not have it.
    (void)::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
    return context;
}
//@ end new-context

/// Adds what the profile lists to the native one, which is there already.
void add_architectures(void* context, const SeccompProfile& profile) {
    for (const std::string& name : profile.architectures) {
        std::uint32_t token = find_word(seccomp_architectures, name)->value;
        if (token == no_such_architecture) continue;
        int result = ::seccomp_arch_add(context, token);
        // EDOM: of the other byte order. No such process can run here.
        if (result == -EEXIST || result == -EDOM) continue;
        check_library(result, name);
    }
}

/// Groups of conditions: all of a group together make the rule fit. Those of
/// one rule are one group, unless an argument occurs twice. libseccomp cannot
/// do that, and runc takes each for a rule of its own; profiles rely on it.
std::vector<std::vector<scmp_arg_cmp>> conditions(const SeccompRule& rule) {
    std::vector<scmp_arg_cmp> all;
    bool seen[6] = {}, twice = false;
    for (const SeccompArgument& argument : rule.arguments) {
        scmp_compare op = find_word(seccomp_operators, argument.op)->value;
        // For MASKED_EQ the first value is the mask: (argument & a) == b.
        all.push_back({argument.index, op, argument.value, argument.value_two});
        twice = twice || std::exchange(seen[argument.index], true);
    }
    if (!twice) return {all};
    std::vector<std::vector<scmp_arg_cmp>> each;
    each.reserve(all.size());
    for (const scmp_arg_cmp& one : all) each.push_back({one});
    return each;
}

void add_call(void* context, const std::string& name, std::uint32_t action,
              int number, const std::vector<scmp_arg_cmp>& group) {
    int result = ::seccomp_rule_add_array(context, action, number,
                                          static_cast<unsigned>(group.size()),
                                          group.data());
    if (result == -EEXIST)
        throw Error(ErrorKind::InvalidArgument,
                    cat("seccomp filter: two rules for system call ",
                        quote(name), " contradict each other"));
    check_library(result, "system call ", quote(name));
}

//@ begin add-rule
void add_rule(void* context, const SeccompRule& rule,
              std::uint32_t default_action) {
    std::uint32_t action = action_value(rule.action, rule.errno_value);
    if (action == default_action) return;  // the library refuses these
    const auto groups = conditions(rule);
    for (const std::string& name : rule.names) {
        int number = ::seccomp_syscall_resolve_name(name.c_str());
        if (number == __NR_SCMP_ERROR) continue;  // newer than the library
        for (const std::vector<scmp_arg_cmp>& group : groups)
            add_call(context, name, action, number, group);
    }
}
//@ end add-rule

std::vector<sock_filter> exported(void* context) {
    UniqueFd file(
        check(::memfd_create("seccomp", MFD_CLOEXEC), "memfd_create"));
    check_library(::seccomp_export_bpf(context, file.get()), "export");
    return read_seccomp_program(file);
}

unsigned flags_of(const SeccompProfile& profile, bool notifies) {
    unsigned flags = 0;
    for (const std::string& name : profile.flags)
        flags |= find_word(seccomp_flags, name)->value;
    // The kernel takes it with a listener only; the specification always.
    if (!notifies) flags &= ~unsigned{SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV};
    return flags;
}

int load_program(unsigned flags, const sock_fprog* program) {
    constexpr int command = SECCOMP_SET_MODE_FILTER;
    // ledger: passed to act() by name
    return static_cast<int>(::syscall(SYS_seccomp, command, flags, program));
}

}  // namespace

std::vector<sock_filter> seccomp_program(const SeccompProfile& profile) {
    std::uint32_t default_action =
        action_value(profile.default_action, profile.default_errno);
    Context context = new_context(default_action);
    add_architectures(context.get(), profile);
    for (const SeccompRule& rule : profile.rules)
        add_rule(context.get(), rule, default_action);
    std::vector<sock_filter> program = exported(context.get());
    std::vector<sock_filter> first = refuse_newer_calls(context.get(), profile);
    program.insert(program.begin(), first.begin(), first.end());
    program = shorter_seccomp(program);
    if (program.size() > BPF_MAXINSNS)
        throw Error(ErrorKind::InvalidArgument,
                    cat("seccomp filter: the profile makes ", program.size(),
                        " instructions; the kernel takes ", BPF_MAXINSNS))
            .advise("have fewer rules with args in it");
    return program;
}

std::vector<sock_filter> read_seccomp_program(const UniqueFd& file) {
    check(::lseek(file.get(), 0, SEEK_SET), "lseek");
    constexpr std::size_t largest = 64UL * BPF_MAXINSNS * sizeof(sock_filter);
    std::string bytes = read_all(file.get(), largest);
    std::vector<sock_filter> program(bytes.size() / sizeof(sock_filter));
    std::memcpy(program.data(), bytes.data(),
                program.size() * sizeof(sock_filter));
    return program;
}

SeccompFilter seccomp_filter(const SeccompProfile& profile,
                             std::vector<sock_filter> program) {
    SeccompFilter filter;
    filter.program = std::move(program);
    for (const SeccompRule& rule : profile.rules)
        filter.notifies = filter.notifies || rule.action == act_notify;
    filter.flags = flags_of(profile, filter.notifies);
    if (filter.notifies) {
        filter.listener_path = profile.listener_path;
        filter.listener_metadata = profile.listener_metadata;
    }
    return filter;
}

SeccompFilter compile_seccomp(const SeccompProfile& profile) {
    return seccomp_filter(profile, seccomp_program(profile));
}

//@ begin load-seccomp
UniqueFd load_seccomp(const SeccompFilter& filter) {
    sock_fprog program{
        static_cast<unsigned short>(filter.program.size()),
        const_cast<sock_filter*>(filter.program.data())};  // NOLINT: only read
    unsigned flags = filter.flags;
    if (filter.notifies) {
        flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
        // Both return a number: a descriptor, or the thread that cannot have
        // the filter. With this the latter is an error, ESRCH.
        if (flags & SECCOMP_FILTER_FLAG_TSYNC)
            flags |= SECCOMP_FILTER_FLAG_TSYNC_ESRCH;
    }
    int result =
        act(Why{"from here on the kernel asks the filter at each call"},
            "seccomp", load_program, flags,
            shown(&program, cat(program.len, " instructions")));
    if (filter.notifies) return UniqueFd(result);
    if (result > 0)
        throw Error(ErrorKind::Conflict,
                    cat("seccomp: thread ", result,
                        " has another filter than the one that loads this"));
    return {};
}
//@ end load-seccomp

}  // namespace slipway
