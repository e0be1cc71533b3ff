#include "03-cgroups/devices.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "03-cgroups/cgroup.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Access {
    char type;
    std::uint32_t major, minor;
    std::string what;
};

// Runs a device program as the kernel would. It knows the instructions that
// device_program() uses, and no others.
bool allows(const std::vector<DeviceRule>& rules, const Access& access) {
    std::uint32_t bits = 0;
    for (char letter : access.what)
        bits |= letter == 'm' ? 1U : letter == 'r' ? 2U : 4U;
    std::uint32_t question[] = {bits << 16 | (access.type == 'b' ? 1U : 2U),
                                access.major, access.minor};
    std::uint64_t reg[11]{};
    std::vector<bpf_insn> program = device_program(rules);
    for (std::size_t at = 0; at < program.size(); ++at) {
        const bpf_insn& one = program[at];
        std::uint64_t& to = reg[one.dst_reg];
        auto value = static_cast<std::uint32_t>(one.imm);
        bool jump = false;
        switch (one.code) {
            case BPF_LDX | BPF_MEM | BPF_W:
                to = question[one.off / 4];
                break;
            case BPF_ALU64 | BPF_MOV | BPF_K:
                to = value;
                break;
            case BPF_ALU64 | BPF_MOV | BPF_X:
                to = reg[one.src_reg];
                break;
            case BPF_ALU64 | BPF_AND | BPF_K:
                to &= value;
                break;
            case BPF_ALU64 | BPF_RSH | BPF_K:
                to >>= value;
                break;
            case BPF_JMP | BPF_JNE | BPF_K:
                jump = to != value;
                break;
            case BPF_JMP | BPF_JEQ | BPF_K:
                jump = to == value;
                break;
            case BPF_JMP | BPF_EXIT:
                return reg[0] == 1;
            default:
                FAIL("unknown instruction " << int{one.code});
        }
        if (jump) at += static_cast<std::size_t>(one.off);
    }
    FAIL("the program does not end");
    return false;
}

}  // namespace

TEST_CASE("the default policy: harmless nodes, and names without use") {
    std::vector<DeviceRule> rules = default_device_rules();
    CHECK(allows(rules, {'c', 1, 3, "rw"}));
    CHECK(allows(rules, {'c', 136, 12, "rwm"}));
    CHECK(allows(rules, {'b', 8, 0, "m"}));
    CHECK_FALSE(allows(rules, {'b', 8, 0, "r"}));
    CHECK_FALSE(allows(rules, {'b', 8, 0, "rm"}));
    CHECK_FALSE(allows(rules, {'c', 1, 1, "r"}));
    CHECK_FALSE(allows(rules, {'b', 1, 3, "r"}));
}

TEST_CASE("the last rule that fits decides; to deny, one bit is enough") {
    DeviceRule all, no_write = parse_device_rule("c 1:* w");
    no_write.allow = false;
    CHECK(allows({all}, {'b', 8, 0, "rwm"}));
    CHECK(allows({no_write, all}, {'c', 1, 3, "w"}));
    CHECK_FALSE(allows({all, no_write}, {'c', 1, 3, "rw"}));
    CHECK(allows({all, no_write}, {'c', 1, 3, "r"}));
    CHECK(allows({all, no_write}, {'c', 2, 3, "w"}));
    CHECK_FALSE(allows({}, {'c', 1, 3, "r"}));
    DeviceRule nothing;
    nothing.allow = false;
    CHECK_FALSE(allows({all, nothing}, {'c', 1, 3, "r"}));
}

TEST_CASE("the kernel takes the program and asks it") {
    CgroupLayout layout = read_cgroup_layout();
    if (::geteuid() != 0 || !layout.unified()) {
        WARN("skipped: needs root and a cgroup v2 tree");
        return;
    }
    // Only the v2 tree: then the program decides, also on a hybrid system.
    CgroupLayout only_v2{{*layout.unified()}};
    for (CgroupHierarchy& tree : only_v2.hierarchies) tree.controllers.clear();
    TempDir folder("devices");
    std::string node = folder.path() + "/full";
    REQUIRE(::mknod(node.c_str(), S_IFCHR | 0600, ::makedev(1, 7)) == 0);
    auto open_inside = [&](const std::vector<DeviceRule>& rules) {
        CgroupLimits limits;
        limits.devices = rules;
        Cgroup group = Cgroup::create(only_v2, limits);
        ChildProcess child = start_child(Why{"test"}, [&] {
            group.folders()[0].write("test", "cgroup.procs", "0");
            bool opened = ::open(node.c_str(), O_RDONLY | O_CLOEXEC) >= 0;
            ::_exit(opened ? 0 : errno);
        });
        return child.wait().code;
    };
    DeviceRule denied = parse_device_rule("c 1:7 rw");
    denied.allow = false;
    CHECK(open_inside(default_device_rules()) == 0);
    CHECK(open_inside({DeviceRule{}}) == 0);
    CHECK(open_inside({DeviceRule{}, denied}) == EPERM);
}
