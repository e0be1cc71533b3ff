#include "04-images/image_user.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Root {
    TempDir folder{"users"};
    UniqueFd fd;
    explicit Root(const char* passwd, const char* group) {
        ::mkdir((folder.path() + "/etc").c_str(), 0755);
        if (passwd) write_file_atomic(folder.path() + "/etc/passwd", passwd);
        if (group) write_file_atomic(folder.path() + "/etc/group", group);
        fd.reset(::open(folder.path().c_str(), O_PATH | O_CLOEXEC));
    }
};

constexpr char passwd[] =
    "root:x:0:0:root:/root:/bin/sh\n"
    "broken\n"
    "bad:x:notanumber:5::/:\n"
    "web:x:33:34:www:/var/www:/bin/false\n"
    "1000:x:7:7::/odd:/bin/sh\n"
    "huge:x:4294967295:1::/:\n";
constexpr char group[] =
    "root:x:0:\n"
    "web:x:34:\n"
    "video:x:44:other,web\n"
    "audio:x:29:web\n";

}  // namespace

TEST_CASE("users by name and number, with their groups") {
    Root root(passwd, group);
    ImageUser web = find_image_user(root.fd.get(), "web");
    CHECK(web.uid == 33);
    CHECK(web.gid == 34);
    CHECK(web.groups == std::vector<gid_t>{44, 29});
    CHECK(web.home == "/var/www");
    CHECK(find_image_user(root.fd.get(), "33").name == "web");
    ImageUser video = find_image_user(root.fd.get(), "web:video");
    CHECK(video.gid == 44);
    CHECK(video.groups.empty());
    CHECK(find_image_user(root.fd.get(), "33:7").gid == 7);
    CHECK(find_image_user(root.fd.get(), "").home == "/root");
    CHECK(find_image_user(root.fd.get(), ":web").uid == 0);
}

TEST_CASE("a number that nobody has is fine; digits are never a name") {
    Root root(passwd, group);
    ImageUser user = find_image_user(root.fd.get(), "1000");
    CHECK(user.uid == 1000);
    CHECK(user.gid == 0);
    CHECK(user.name.empty());
    Root empty(nullptr, nullptr);
    CHECK(find_image_user(empty.fd.get(), "5:6").gid == 6);
    CHECK(find_image_user(empty.fd.get(), "").uid == 0);
}

TEST_CASE("names that are missing, ids that are none: never a silent 0") {
    Root root(passwd, group);
    std::string text =
        GENERATE(as<std::string>{}, "nobody", "bad", "huge", "web:none",
                 "4294967295", "4294967296", "99999999999999999999", "-1", "+5",
                 "web:", "0:4294967295", " 0", "0 ", "root:0x0");
    CHECK_THROWS_AS(find_image_user(root.fd.get(), text), Error);
}

TEST_CASE("the files are looked up inside the image") {
    Root root(nullptr, nullptr);
    std::string link = root.folder.path() + "/etc/passwd";
    REQUIRE(::symlink("/etc/../../../../../../../etc/passwd", link.c_str()) ==
            0);
    CHECK_THROWS_AS(find_image_user(root.fd.get(), "root"), Error);
    REQUIRE(::unlink(link.c_str()) == 0);
    REQUIRE(::mkfifo(link.c_str(), 0644) == 0);  // must not wait for a writer
    CHECK_THROWS_AS(find_image_user(root.fd.get(), "root"), Error);
}
