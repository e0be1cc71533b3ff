// The shorter program must say what the longer one says, to everything.
#include "06-engine/security/seccomp_shorter.hpp"

#include <seccomp.h>
#include <sys/mman.h>

#include <memory>
#include <random>

#include "06-engine/security/seccomp_program.hpp"
#include "seccomp_fixture.hpp"

using namespace slipway;

namespace {

using Program = std::vector<sock_filter>;

struct Release {
    void operator()(void* context) const { ::seccomp_release(context); }
};

// As libseccomp writes it: allowed is about what Docker allows, some calls only
// with certain arguments.
Program long_program(int optimize, bool with_arguments) {
    std::unique_ptr<void, Release> context(
        ::seccomp_init(SCMP_ACT_ERRNO(ENOSYS)));
    (void)::seccomp_attr_set(context.get(), SCMP_FLTATR_CTL_OPTIMIZE,
                             static_cast<std::uint32_t>(optimize));
    for (std::uint32_t each :
         {std::uint32_t{SCMP_ARCH_X86_64}, std::uint32_t{SCMP_ARCH_X86},
          std::uint32_t{SCMP_ARCH_X32}})
        (void)::seccomp_arch_add(context.get(), each);
    for (int number = 0; number < 440; ++number)
        if (number % 37 != 5 && number != 56 && number != 135)
            (void)::seccomp_rule_add(context.get(), SCMP_ACT_ALLOW, number, 0);
    for (int number : {165, 166, 246})
        (void)::seccomp_rule_add(context.get(), SCMP_ACT_ERRNO(EPERM),
                                 number + 10000, 0);
    if (with_arguments) {
        // SCMP_A0() is C's.
        auto add = [&](std::uint32_t action, int number,
                       const std::vector<scmp_arg_cmp>& arguments) {
            (void)::seccomp_rule_add_array(
                context.get(), action, number,
                static_cast<unsigned>(arguments.size()), arguments.data());
        };
        for (std::uint64_t value : {std::uint64_t{0}, std::uint64_t{8},
                                    std::uint64_t{0x20000}, UINT64_MAX})
            add(SCMP_ACT_ALLOW, 135, {{0, SCMP_CMP_EQ, value, 0}});
        add(SCMP_ACT_ALLOW, 56, {{0, SCMP_CMP_MASKED_EQ, 0x7e020000, 0}});
        add(SCMP_ACT_ERRNO(EPERM), 41,
            {{0, SCMP_CMP_GT, 16, 0}, {2, SCMP_CMP_NE, 7, 0}});
    }
    UniqueFd file(::memfd_create("seccomp", MFD_CLOEXEC));
    REQUIRE(::seccomp_export_bpf(context.get(), file.get()) == 0);
    return read_seccomp_program(file);
}

std::vector<std::uint32_t> numbers_to_ask() {
    std::vector<std::uint32_t> numbers{UINT32_MAX, UINT32_MAX - 1, 0x7fffffff};
    for (std::uint32_t number = 0; number < 500; ++number)
        for (std::uint32_t base : {0U, 0x3ffffff0U, 0x40000000U, 0x80000000U})
            numbers.push_back(base + number);
    std::mt19937 chance(1);
    for (int i = 0; i < 2000; ++i)
        numbers.push_back(static_cast<std::uint32_t>(chance()));
    return numbers;
}

void must_agree(const Program& one, const Program& other) {
    seccomp_data question{};
    int differences = 0;
    const std::uint32_t architectures[] = {
        AUDIT_ARCH_X86_64, AUDIT_ARCH_I386, AUDIT_ARCH_AARCH64, 0, 1,
        UINT32_MAX};
    const std::uint64_t arguments[] = {
        0, 7, 8, 17, 0x20000, 0x10000000, UINT32_MAX, UINT64_MAX, 1ULL << 32};
    for (std::uint32_t architecture : architectures)
        for (std::uint32_t number : numbers_to_ask())
            for (std::uint64_t argument : arguments) {
                question.arch = architecture;
                question.nr = static_cast<int>(number);
                question.args[0] = argument;
                question.args[2] = argument / 2;
                differences += answer(one, question) != answer(other, question);
            }
    CHECK(differences == 0);
}

// What the kernel asks of a program: seccomp(2) would say EINVAL.
void must_be_sound(const Program& program) {
    for (std::size_t at = 0; at < program.size(); ++at) {
        const sock_filter& one = program[at];
        std::size_t left = program.size() - at - 1;
        if (BPF_CLASS(one.code) != BPF_JMP) continue;
        if (BPF_OP(one.code) == BPF_JA)
            REQUIRE(one.k < left);
        else
            REQUIRE((one.jt < left && one.jf < left));
    }
    REQUIRE(BPF_CLASS(program.back().code) == BPF_RET);
}

}  // namespace

TEST_CASE("a program of ranges says the same, in fewer words") {
    for (int optimize : {1, 2})
        for (bool with_arguments : {false, true}) {
            Program program = long_program(optimize, with_arguments);
            Program shorter = shorter_seccomp(program);
            CAPTURE(optimize, with_arguments, program.size(), shorter.size());
            CHECK(shorter.size() < program.size() / 2);
            must_be_sound(shorter);
            must_agree(program, shorter);
        }
}

TEST_CASE("so does a profile of ours that is loaded") {
    SeccompFilter filter =
        filter_of(R"({"defaultAction":"SCMP_ACT_ALLOW","architectures":
        ["SCMP_ARCH_X86_64","SCMP_ARCH_X86"],"syscalls":[{"names":["umask"],
        "action":"SCMP_ACT_ERRNO","errnoRet":99,"args":[{"index":0,"value":18,
        "op":"SCMP_CMP_EQ"}]},{"names":["getppid","getpgid","getsid"],
        "action":"SCMP_ACT_ERRNO","errnoRet":98}]})");
    must_be_sound(filter.program);
    ExitStatus status = run_filtered(filter, [] {
        return errno_of_call(SYS_umask, 18) == 99 &&
                       errno_of_call(SYS_umask, 19) == 0 &&
                       errno_of_call(SYS_getsid, 0) == 98 &&
                       errno_of_call(SYS_getuid) == 0
                   ? 0
                   : 1;
    });
    CHECK(status.ok());
}

TEST_CASE("a program of another kind stays as it is") {
    auto same = [](const Program& program) {
        return shorter_seccomp(program).size() == program.size();
    };
    sock_filter load{BPF_LD | BPF_W | BPF_ABS, 0, 0, 0};
    sock_filter allow{BPF_RET | BPF_K, 0, 0, SECCOMP_RET_ALLOW};
    sock_filter add{BPF_ALU | BPF_ADD | BPF_K, 0, 0, 1};
    sock_filter mask{BPF_ALU | BPF_AND | BPF_K, 0, 0, 1};
    sock_filter compare{BPF_JMP | BPF_JEQ | BPF_K, 0, 0, 1};
    CHECK(same({load, add, compare, allow}));
    CHECK(same({load, mask, compare, allow}));  // a number that is changed
    CHECK(same({load, compare}));               // it ends nowhere
    CHECK(same({allow}));
    CHECK(same({}));
}
