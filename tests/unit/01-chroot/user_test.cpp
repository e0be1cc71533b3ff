#include "01-chroot/user.hpp"

#include <unistd.h>

#include "common/error.hpp"
#include "common/process.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("users are numbers, with or without a group") {
    CHECK(parse_user("1000").uid == 1000);
    CHECK(parse_user("1000").gid == 1000);
    CHECK(parse_user("1000:5").gid == 5);
    CHECK(parse_user("0:0").uid == 0);
    CHECK(parse_user("4294967294").uid == 4294967294U);
}

TEST_CASE("what is no user is refused, never taken for 0") {
    std::string text =
        GENERATE(as<std::string>{}, "", ":", "1000:", ":5", "root", "user:1000",
                 "+5", "-1", "1:-1", "4294967295", "4294967296",
                 "99999999999999999999", "1 ", "1:2:3", "0x0");
    CHECK_THROWS_AS(parse_user(text), Error);
}

TEST_CASE("become_user leaves nothing of root") {
    if (::geteuid() != 0) {
        WARN("skipped: changing users needs root");
        return;
    }
    ChildProcess child = start_child(Why{"test"}, [] {
        become_user({1000, 1001});
        uid_t real = 0, effective = 0, saved = 0;
        gid_t groups[3];
        ::getresuid(&real, &effective, &saved);
        if (real != 1000 || effective != 1000 || saved != 1000)
            throw Error(ErrorKind::System, "uid kept");
        if (::getgid() != 1001 || ::getgroups(3, groups) != 0)
            throw Error(ErrorKind::System, "group kept");
        if (::setuid(0) == 0) throw Error(ErrorKind::System, "root again");
    });
    CHECK(child.wait().ok());
}
