#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "03-cgroups/devices.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

namespace {

// Registers. r1 is the question at first, and free once that has been read.
constexpr std::uint8_t answer = BPF_REG_0, scratch = BPF_REG_1,
                       type = BPF_REG_2, access = BPF_REG_3,
                       major_number = BPF_REG_4, minor_number = BPF_REG_5;

bpf_insn instruction(int code, std::uint8_t to, std::uint8_t from, int offset,
                     std::uint32_t value) {
    bpf_insn one{};
    one.code = static_cast<std::uint8_t>(code);
    one.dst_reg = to & 0xfU;
    one.src_reg = from & 0xfU;
    one.off = static_cast<std::int16_t>(offset);
    one.imm = static_cast<std::int32_t>(value);
    return one;
}
bpf_insn load(std::uint8_t to, std::size_t offset) {
    return instruction(BPF_LDX | BPF_MEM | BPF_W, to, BPF_REG_1,
                       static_cast<int>(offset), 0);
}
bpf_insn set(std::uint8_t to, std::uint32_t value) {
    return instruction(BPF_ALU64 | BPF_MOV | BPF_K, to, 0, 0, value);
}
bpf_insn leave() {
    return instruction(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

std::uint32_t access_bits(const std::string& letters) {
    std::uint32_t bits = 0;
    for (char letter : letters)
        bits |= letter == 'm'   ? std::uint32_t{BPF_DEVCG_ACC_MKNOD}
                : letter == 'r' ? std::uint32_t{BPF_DEVCG_ACC_READ}
                                : std::uint32_t{BPF_DEVCG_ACC_WRITE};
    return bits;
}

// The tests of one rule. A test that fails jumps behind the rule; where that
// is becomes known at the end.
class RuleCode {
  public:
    void jump_past_if(int condition, std::uint8_t reg, std::uint32_t value) {
        jumps_.push_back(code_.size());
        code_.push_back(
            instruction(BPF_JMP | condition | BPF_K, reg, 0, 0, value));
    }
    void add(bpf_insn one) { code_.push_back(one); }
    bool is_unconditional() const { return jumps_.empty(); }
    const std::vector<bpf_insn>& finish(bool allowed) {
        add(set(answer, allowed ? 1 : 0));
        add(leave());
        for (std::size_t jump : jumps_)
            code_[jump].off =
                static_cast<std::int16_t>(code_.size() - jump - 1);
        return code_;
    }

  private:
    std::vector<bpf_insn> code_;
    std::vector<std::size_t> jumps_;
};

//@ begin rule-code
RuleCode code_of(const DeviceRule& rule) {
    RuleCode code;
    if (rule.type != 'a')
        code.jump_past_if(BPF_JNE, type,
                          rule.type == 'b' ? std::uint32_t{BPF_DEVCG_DEV_BLOCK}
                                           : std::uint32_t{BPF_DEVCG_DEV_CHAR});
    if (rule.major) code.jump_past_if(BPF_JNE, major_number, *rule.major);
    if (rule.minor) code.jump_past_if(BPF_JNE, minor_number, *rule.minor);
    std::uint32_t bits = access_bits(rule.access);
    if (bits != access_bits("rwm")) {
        // To allow, the rule must cover all that is asked for: nothing may be
        // left outside its bits. To deny, one forbidden thing is enough.
        std::uint32_t mask = rule.allow ? ~bits & access_bits("rwm") : bits;
        code.add(
            instruction(BPF_ALU64 | BPF_MOV | BPF_X, scratch, access, 0, 0));
        code.add(instruction(BPF_ALU64 | BPF_AND | BPF_K, scratch, 0, 0, mask));
        code.jump_past_if(rule.allow ? BPF_JNE : BPF_JEQ, scratch, 0);
    }
    return code;
}
//@ end rule-code

template <class Attributes>
int bpf_call(int command, Attributes* attributes) {
    constexpr auto size = sizeof(Attributes);
    // ledger: passed to act() by name
    return static_cast<int>(::syscall(SYS_bpf, command, attributes, size));
}

//@ begin load-program
int load_program(const std::vector<bpf_insn>& program) {
    static const char license[] = "Dual MIT/GPL";
    bpf_attr attributes{};
    attributes.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
    attributes.insns = reinterpret_cast<std::uintptr_t>(program.data());
    attributes.insn_cnt = static_cast<std::uint32_t>(program.size());
    attributes.license = reinterpret_cast<std::uintptr_t>(license);
    return bpf_call(BPF_PROG_LOAD, &attributes);
}
//@ end load-program

//@ begin attach-program
int attach_program(int cgroup, int program) {
    bpf_attr attributes{};
    attributes.target_fd = static_cast<std::uint32_t>(cgroup);
    attributes.attach_bpf_fd = static_cast<std::uint32_t>(program);
    attributes.attach_type = BPF_CGROUP_DEVICE;
    // Beside the programs of the groups above: all must say yes.
    attributes.attach_flags = BPF_F_ALLOW_MULTI;
    return bpf_call(BPF_PROG_ATTACH, &attributes);
}
//@ end attach-program

}  // namespace

//@ begin device-program
std::vector<bpf_insn> device_program(const std::vector<DeviceRule>& rules) {
    using Question = bpf_cgroup_dev_ctx;
    std::vector<bpf_insn> program = {
        // The low half is the type of the device, the high half the access.
        load(type, offsetof(Question, access_type)),
        load(access, offsetof(Question, access_type)),
        instruction(BPF_ALU64 | BPF_AND | BPF_K, type, 0, 0, 0xffff),
        instruction(BPF_ALU64 | BPF_RSH | BPF_K, access, 0, 0, 16),
        load(major_number, offsetof(Question, major)),
        load(minor_number, offsetof(Question, minor)),
    };
    // The last rule that fits decides: so it is asked first.
    for (auto rule = rules.rbegin(); rule != rules.rend(); ++rule) {
        RuleCode code = code_of(*rule);
        bool decides_all = code.is_unconditional();
        const auto& lines = code.finish(rule->allow);
        program.insert(program.end(), lines.begin(), lines.end());
        // The kernel refuses a program with lines that are never reached.
        if (decides_all) return program;
    }
    program.push_back(set(answer, 0));
    program.push_back(leave());
    return program;
}
//@ end device-program

void attach_device_program(int cgroup_fd,
                           const std::vector<DeviceRule>& rules) {
    std::vector<bpf_insn> program = device_program(rules);
    UniqueFd loaded(act(Why{"which device nodes may be opened"},  //
                        "BPF_PROG_LOAD", load_program,
                        shown(program, cat(program.size(), " instructions"))));
    act(Why{"asked at each access in the group", "goes with the group"},
        "BPF_PROG_ATTACH", attach_program, cgroup_fd, loaded);
}

}  // namespace slipway
