#include "06-engine/security/capabilities.hpp"

#include <linux/capability.h>
#include <unistd.h>

#include "01-chroot/user.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "common/text.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

CapabilityMask bit(int number) {
    return CapabilityMask{1} << number;
}

// "CapEff" of /proc/self/status: another witness than the code under test.
CapabilityMask status_field(const std::string& name) {
    for (const std::string& line :
         split(read_file("/proc/self/status", 1 << 16), '\n'))
        if (line.substr(0, name.size() + 1) == name + ":")
            return std::stoull(line.substr(name.size() + 1), nullptr, 16);
    throw Error(ErrorKind::NotFound, name);
}

CapabilitySets status_sets() {
    return {.bounding = status_field("CapBnd"),
            .effective = status_field("CapEff"),
            .inheritable = status_field("CapInh"),
            .permitted = status_field("CapPrm"),
            .ambient = status_field("CapAmb")};
}

void must_be(CapabilityMask found, CapabilityMask wanted, const char* what) {
    if (found != wanted)
        throw Error(ErrorKind::System,
                    cat(what, " is ", found, ", not ", wanted));
}

/// Runs it in a child; an Error in there is the test's failure.
void in_child(const std::function<void()>& body) {
    CHECK(start_child(Why{"test"}, body).wait().ok());
}

bool can_change() {
    bool can =
        ::geteuid() == 0 && (status_field("CapEff") & bit(CAP_SETPCAP)) != 0;
    if (!can) WARN("skipped: needs CAP_SETPCAP");
    return can;
}

}  // namespace

TEST_CASE("capabilities have numbers and names") {
    CHECK(capability_number("CAP_SYS_ADMIN") == 21);
    CHECK(capability_number("SYS_ADMIN") == 21);
    CHECK(capability_number("sys_admin") == 21);
    CHECK(capability_number("cap_chown") == 0);
    CHECK(capability_number("CAP_CHECKPOINT_RESTORE") == 40);
    CHECK(capability_number("CAP_BPF") == CAP_BPF);
    CHECK(capability_name(21) == "CAP_SYS_ADMIN");
    CHECK(capability_name(0) == "CAP_CHOWN");
    CHECK(capability_name(63) == "CAP_63");
    CHECK(capability_name(-1) == "CAP_-1");
}

TEST_CASE("what is no capability has no number") {
    std::string name = GENERATE(as<std::string>{}, "", "CAP_", "CAP_ALL", "ALL",
                                "CAP_63", "CAP_CAP_CHOWN", "CHOWN ", "21");
    CHECK_FALSE(capability_number(name));
}

TEST_CASE("each name leads back to its number") {
    std::vector<std::string> names = capability_names();
    REQUIRE(names.size() == CAP_LAST_CAP + 1);
    for (std::size_t number = 0; number < names.size(); ++number) {
        CHECK(capability_number(names[number]) == static_cast<int>(number));
        CHECK(capability_name(static_cast<int>(number)) == names[number]);
    }
}

TEST_CASE("Docker's fourteen") {
    CHECK(default_capabilities() == 0xa80425fb);  // as docker run shows them
}

TEST_CASE("the process's own sets are what /proc says") {
    CHECK(own_capabilities() == status_sets());
    CHECK(own_bounding_set() == status_field("CapBnd"));
}

TEST_CASE("the bounding set shrinks to what is kept") {
    if (!can_change()) return;
    in_child([] {
        CapabilityMask had = status_field("CapBnd");
        limit_bounding_set(default_capabilities() | ~CapabilityMask{0} << 41);
        must_be(status_field("CapBnd"), had & default_capabilities(), "CapBnd");
        limit_bounding_set(0);
        must_be(status_field("CapBnd"), 0, "CapBnd");
    });
}

TEST_CASE("without CAP_SETPCAP the bounding set stays, and that is said") {
    if (!can_change()) return;
    in_child([] {
        limit_bounding_set(bit(CAP_KILL));
        set_capabilities({});
        limit_bounding_set(bit(CAP_KILL));  // nothing to do
        try {
            limit_bounding_set(0);
        } catch (const Error& error) {
            if (error.system_errno() == EPERM) return;
        }
        throw Error(ErrorKind::System, "no error");
    });
}

TEST_CASE("sets are taken over, with the ambient ones") {
    if (!can_change()) return;
    in_child([] {
        CapabilityMask two = bit(CAP_KILL) | bit(CAP_CHOWN);
        limit_bounding_set(two);
        CapabilitySets sets{.bounding = two,
                            .effective = bit(CAP_CHOWN),
                            .inheritable = two,
                            .permitted = two,
                            .ambient = bit(CAP_KILL)};
        set_capabilities(sets);
        if (status_sets() != sets)
            throw Error(ErrorKind::System, "the sets are others");
        // And again: ambient ones of before do not stay.
        sets.ambient = 0;
        set_capabilities(sets);
        must_be(status_field("CapAmb"), 0, "CapAmb");
    });
}

TEST_CASE("what cannot be given is left out") {
    if (!can_change()) return;
    in_child([] {
        limit_bounding_set(bit(CAP_KILL) | bit(CAP_CHOWN));
        CapabilityMask all = ~CapabilityMask{0};
        // Ambient needs inheritable as well.
        set_capabilities({.bounding = all,
                          .effective = all,
                          .inheritable = bit(CAP_KILL),
                          .permitted = all,
                          .ambient = all});
        CapabilityMask had = bit(CAP_KILL) | bit(CAP_CHOWN);
        must_be(status_field("CapPrm"), had, "CapPrm");
        must_be(status_field("CapEff"), had, "CapEff");
        must_be(status_field("CapInh"), bit(CAP_KILL), "CapInh");
        must_be(status_field("CapAmb"), bit(CAP_KILL), "CapAmb");
        // Given up is given up, and no error.
        set_capabilities({.effective = bit(CAP_KILL), .permitted = 0});
        must_be(status_field("CapPrm"), 0, "CapPrm");
        set_capabilities({.effective = all, .permitted = all});
        must_be(status_field("CapEff"), 0, "CapEff");
    });
}

TEST_CASE("another user keeps capabilities when asked for") {
    if (!can_change()) return;
    in_child([] {
        limit_bounding_set(bit(CAP_NET_BIND_SERVICE));
        keep_capabilities();
        become_user({1000, 1000});
        must_be(status_field("CapEff"), 0, "CapEff");
        CapabilityMask one = bit(CAP_NET_BIND_SERVICE);
        set_capabilities({.bounding = one,
                          .effective = one,
                          .inheritable = one,
                          .permitted = one,
                          .ambient = one});
        must_be(status_field("CapEff"), one, "CapEff");
        must_be(status_field("CapAmb"), one, "CapAmb");
    });
    in_child([] {
        become_user({1000, 1000});
        must_be(status_field("CapPrm"), 0, "CapPrm");
    });
}
