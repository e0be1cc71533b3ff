#include "common/files.hpp"

#include <fcntl.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <thread>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;
namespace fs = std::filesystem;

namespace {

void put(const std::string& path, const std::string& text) {
    std::ofstream(path) << text;
}

UniqueFd open_folder(const std::string& path) {
    return UniqueFd(check(::open(path.c_str(), O_PATH | O_CLOEXEC), "open"));
}

}  // namespace

TEST_CASE("read_file reads whole files up to a limit") {
    TempDir dir("test");
    std::string path = dir.path() + "/f";
    std::string content(100'000, 'x');
    put(path, content);
    CHECK(read_file(path, 100'000) == content);
    CHECK_THROWS_WITH(read_file(path, 99'999), ContainsSubstring("larger"));
    CHECK_THROWS_WITH(read_file(dir.path() + "/none", 1),
                      ContainsSubstring("No such file"));
    CHECK_THROWS_WITH(read_file(dir.path(), 1), ContainsSubstring("directory"));
}

TEST_CASE("write_all waits where there is no room, also without blocking") {
    int ends[2];
    REQUIRE(::pipe2(ends, O_NONBLOCK | O_CLOEXEC) == 0);
    UniqueFd read_end(ends[0]), write_end(ends[1]);
    std::string much(1 << 20, 'x');  // more than a pipe holds
    std::thread writer([&] {
        write_all(write_end.get(), much);
        write_end.reset();
    });
    check(::fcntl(read_end.get(), F_SETFL, 0), "fcntl");
    CHECK(read_all(read_end.get(), much.size()) == much);
    writer.join();
}

TEST_CASE("write_file_atomic replaces and leaves nothing beside") {
    TempDir dir("test");
    std::string path = dir.path() + "/f";
    write_file_atomic(path, "one", 0600);
    write_file_atomic(path, "two", 0640);
    CHECK(read_file(path, 10) == "two");
    struct stat info {};
    REQUIRE(::stat(path.c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 0640);
    CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == 1);
}

TEST_CASE("write_file_atomic that fails keeps the old file") {
    TempDir dir("test");
    std::string path = dir.path() + "/f";
    fs::create_directory(path);  // rename over a folder is refused
    CHECK_THROWS_AS(write_file_atomic(path, "x"), Error);
    CHECK(fs::is_directory(path));
    CHECK(std::distance(fs::directory_iterator(dir.path()), {}) == 1);
    CHECK_THROWS_AS(write_file_atomic(dir.path() + "/no/f", "x"), Error);
}

TEST_CASE("open_in_root stays inside, whatever the links say") {
    TempDir dir("test");
    std::string root = dir.path() + "/root";
    fs::create_directories(root + "/etc");
    put(root + "/etc/name", "inside");
    put(dir.path() + "/name", "outside");
    fs::create_symlink("/etc/name", root + "/absolute");
    fs::create_symlink("../../../../etc/name", root + "/climbing");
    fs::create_symlink("..", root + "/up");
    UniqueFd fd = open_folder(root);
    for (const char* path : {"etc/name", "/etc/name", "absolute", "climbing",
                             "up/up/etc/name", "../../etc/name"}) {
        INFO(path);
        UniqueFd file = open_in_root(fd.get(), path, O_RDONLY);
        CHECK(read_all(file.get(), 100) == "inside");
    }
    CHECK_THROWS_AS(open_in_root(fd.get(), "../name", O_RDONLY), Error);
}

TEST_CASE("open_in_root refuses the magic links of procfs") {
    UniqueFd root = open_folder("/");
    CHECK_THROWS_WITH(open_in_root(root.get(), "/proc/self/root/etc", O_PATH),
                      ContainsSubstring("symbolic links"));
}

TEST_CASE("descriptors of open_in_root do not survive exec") {
    UniqueFd root = open_folder("/");
    UniqueFd file = open_in_root(root.get(), "/etc", O_RDONLY);
    CHECK((::fcntl(file.get(), F_GETFD) & FD_CLOEXEC) != 0);
}

TEST_CASE("TempDir goes with its object, content and all") {
    std::string path;
    {
        TempDir dir("test");
        path = dir.path();
        fs::create_directories(path + "/a/b/c");
        put(path + "/a/b/file", "x");
        fs::create_symlink("/etc", path + "/a/link");
        REQUIRE(fs::exists(path));
    }
    CHECK_FALSE(fs::exists(path));
    CHECK(fs::exists("/etc/passwd"));
}

TEST_CASE("remove_tree: nothing there is fine, a link is not followed") {
    TempDir dir("test");
    CHECK_NOTHROW(remove_tree(dir.path() + "/none"));
    fs::create_directory(dir.path() + "/kept");
    put(dir.path() + "/kept/file", "x");
    fs::create_directory_symlink(dir.path() + "/kept", dir.path() + "/link");
    CHECK_THROWS_AS(remove_tree(dir.path() + "/link"), Error);
    CHECK(fs::exists(dir.path() + "/kept/file"));
}

TEST_CASE("remove_tree: folders deeper than files may be open") {
    TempDir dir("deep");
    UniqueFd folder = open_folder(dir.path());
    for (int i = 0; i < 1000; ++i) {
        check(::mkdirat(folder.get(), "deep.0", 0700), "mkdir");
        folder.reset(check(::openat(folder.get(), "deep.0", O_PATH | O_CLOEXEC),
                           "open"));
    }
    rlimit before{};
    REQUIRE(::getrlimit(RLIMIT_NOFILE, &before) == 0);
    rlimit few = before;
    few.rlim_cur = 200;
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &few) == 0);
    CHECK_NOTHROW(dir.remove());
    REQUIRE(::setrlimit(RLIMIT_NOFILE, &before) == 0);
}

TEST_CASE("remove_tree never crosses a mount") {
    if (::geteuid() != 0) {
        WARN("skipped: mounting needs root");
        return;
    }
    TempDir dir("test");
    std::string data = dir.path() + "/data", tree = dir.path() + "/tree";
    fs::create_directories(data);
    fs::create_directories(tree + "/mnt");
    put(data + "/precious", "x");
    REQUIRE(::mount(data.c_str(), (tree + "/mnt").c_str(), nullptr, MS_BIND,
                    nullptr) == 0);
    CHECK_THROWS_WITH(remove_tree(tree), ContainsSubstring("mounted there"));
    CHECK(::umount((tree + "/mnt").c_str()) == 0);
    CHECK(fs::exists(data + "/precious"));
    CHECK_NOTHROW(remove_tree(tree));
}
