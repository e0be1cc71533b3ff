#include "05-build/mount_stubs.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("what is missing is made, beside the root, as the root has it") {
    TempDir folder("stubs");
    std::string root = folder.path() + "/root",
                stubs = folder.path() + "/stubs";
    std::filesystem::create_directories(root + "/etc/app");
    std::filesystem::create_directories(stubs);
    ::chmod((root + "/etc").c_str(), 0751);
    write_file_atomic(root + "/etc/hosts", "");
    std::filesystem::create_directory_symlink("/etc", root + "/link");
    UniqueFd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));

    CHECK_FALSE(
        make_stubs(fd.get(), {{"/etc/hosts", true}, {"/etc/app"}}, stubs));
    CHECK(std::filesystem::is_empty(stubs));

    REQUIRE(make_stubs(
        fd.get(), {{"/proc"}, {"/link/resolv.conf", true}, {"/a/b/c"}}, stubs));
    CHECK(std::filesystem::is_directory(stubs + "/proc"));
    CHECK(std::filesystem::is_regular_file(stubs + "/etc/resolv.conf"));
    CHECK(std::filesystem::is_directory(stubs + "/a/b/c"));
    CHECK_FALSE(std::filesystem::exists(root + "/a"));
    struct stat above {
    }, below{};
    REQUIRE(::stat((stubs + "/etc").c_str(), &above) == 0);
    REQUIRE(::stat((root + "/etc").c_str(), &below) == 0);
    CHECK((above.st_mode & 07777) == 0751);
    CHECK(above.st_mtim.tv_sec == below.st_mtim.tv_sec);
    CHECK(above.st_mtim.tv_nsec == below.st_mtim.tv_nsec);
}

TEST_CASE("a place to mount on never lies outside of the root") {
    TempDir folder("stubs");
    std::string root = folder.path() + "/root",
                stubs = folder.path() + "/stubs";
    std::filesystem::create_directories(root);
    std::filesystem::create_directories(stubs);
    std::filesystem::create_directory_symlink("../..", root + "/up");
    UniqueFd fd(::open(root.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    make_stubs(fd.get(), {{"/up/x"}, {"/../y"}}, stubs);
    CHECK(std::filesystem::is_directory(stubs + "/x"));
    CHECK(std::filesystem::is_directory(stubs + "/y"));
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/x"));
    CHECK_FALSE(std::filesystem::exists(folder.path() + "/y"));
}
