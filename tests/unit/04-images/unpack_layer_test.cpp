#include "04-images/unpack_layer.hpp"

#include <sched.h>

#include "common/process.hpp"
#include "unit/04-images/layer_fixture.hpp"

using namespace slipway;

namespace {

std::string owned(const std::string& name, char type, long uid, long gid,
                  unsigned mode = 0644) {
    return tar_entry({.name = name,
                      .type = type,
                      .link = "x",
                      .mode = mode,
                      .uid = uid,
                      .gid = gid});
}

std::string long_name(std::size_t size) {
    std::string name;
    while (name.size() < size) name += "some-folder/";
    return name.substr(0, size - 1) + "x";
}

}  // namespace

TEST_CASE("files, folders and links are unpacked") {
    TestLayer layer;
    UnpackedLayer done = layer.unpack(
        tar_folder("./") + tar_folder("bin/", 0700) + tar_file("bin/sh", "#!") +
        tar_symlink("bin/ash", "sh") + tar_hard_link("bin/dash", "bin/sh") +
        tar_hard_link("bin/hash", "./bin//ash") +
        tar_entry({.name = "tmp", .type = '5', .mode = 01777}));
    CHECK(done.entries == 7);
    CHECK(done.bytes == 2);
    CHECK(layer.mode("bin") == 0700);
    CHECK(layer.text("bin/sh") == "#!");
    CHECK(layer.target("bin/ash") == "sh");
    CHECK(layer.info("bin/dash").st_ino == layer.info("bin/sh").st_ino);
    CHECK(layer.info("bin/hash").st_ino == layer.info("bin/ash").st_ino);
    CHECK(layer.mode("tmp") == 01777);
}

TEST_CASE("a large file comes through, however the tar comes") {
    std::string bytes;
    for (int i = 0; bytes.size() < 1'000'000; ++i) bytes += as_text(i * 7919);
    std::string tar = tar_file("a", "first") + tar_file("b", bytes) +
                      tar_file("c", "last") + tar_end();
    for (std::size_t piece : {511, 4096, 1 << 20}) {
        TestLayer layer;
        CHECK(unpack_layer(source_from(tar, piece), layer.root).bytes ==
              bytes.size() + 9);
        CHECK(layer.text("a") == "first");
        CHECK(layer.text("b") == bytes);
        CHECK(layer.text("c") == "last");
    }
}

TEST_CASE("owners, modes and set-uid bits are the tar's") {
    TestLayer layer;
    layer.unpack(owned("f", '0', 1000, 8, 04755) +
                 owned("d", '5', 1, 2, 02775) + owned("d/in", '0', 0, 0, 0) +
                 owned("l", '2', 3, 4) + owned("p", '6', 5, 6, 0622) +
                 owned("huge", '0', 4294967294, 2097152, 06711));
    CHECK(layer.mode("f") == 04755);
    CHECK(layer.info("f").st_uid == 1000);
    CHECK(layer.info("f").st_gid == 8);
    CHECK(layer.mode("d") == 02775);
    CHECK(layer.mode("d/in") == 0);
    CHECK(layer.info("d/in").st_gid == 0);  // not of the set-gid folder
    CHECK(layer.info("l").st_gid == 4);
    CHECK(S_ISFIFO(layer.info("p").st_mode));
    CHECK(layer.mode("p") == 0622);
    CHECK(layer.info("p").st_uid == 5);
    CHECK(layer.info("huge").st_uid == 4294967294);
    CHECK(layer.mode("huge") == 06711);
}

TEST_CASE("umask and a set-gid parent do not matter") {
    TestLayer layer;
    mode_t before = ::umask(077);
    REQUIRE(::chmod(layer.root.c_str(), 02700) == 0);
    REQUIRE(::chown(layer.root.c_str(), 7, 7) == 0);
    layer.unpack(tar_file("f") + tar_folder("d") + tar_file("made/x"));
    ::umask(before);
    CHECK(layer.mode("f") == 0644);
    CHECK(layer.mode("d") == 0755);
    CHECK(layer.mode("made") == 0755);
    CHECK(layer.mode("") == 0755);
    for (auto name : {"", "f", "d", "made"})
        CHECK(layer.info(name).st_gid == 0);
}

TEST_CASE("times are kept, with nanoseconds and before 1970") {
    TestLayer layer;
    layer.unpack(tar_pax({{"mtime", "1700000000.123456789"},
                          {"atime", "1600000000.5"}}) +
                 tar_folder("d") +
                 tar_pax({{"mtime", "1700000001.000000001"}}) +
                 tar_file("d/f", "x") + tar_symlink("d/l", "x") +
                 tar_entry({.name = "old", .mtime = -86400}) +
                 tar_pax({{"mtime", "-3600"}}) + tar_file("older") +
                 tar_entry({.name = "fifo", .type = '6', .mtime = 77}));
    struct stat folder = layer.info("d"), file = layer.info("d/f");
    CHECK(folder.st_mtim.tv_sec == 1700000000);
    CHECK(folder.st_mtim.tv_nsec == 123456789);
    CHECK(folder.st_atim.tv_sec == 1600000000);
    CHECK(folder.st_atim.tv_nsec == 500000000);
    CHECK(file.st_mtim.tv_nsec == 1);
    CHECK(file.st_atim.tv_sec == 1700000001);
    CHECK(layer.info("d/l").st_mtim.tv_sec == 1'000'000'000);
    CHECK(layer.info("old").st_mtim.tv_sec == -86400);
    CHECK(layer.info("older").st_mtim.tv_sec == -3600);
    CHECK(layer.info("fifo").st_mtim.tv_sec == 77);
}

TEST_CASE("missing folders are made, root's, 0755, of 1970") {
    TestLayer layer;
    layer.unpack(tar_file("a/b/c/file") + tar_folder("a/b", 0700));
    CHECK(layer.mode("a") == 0755);
    CHECK(layer.info("a").st_mtim.tv_sec == 0);
    CHECK(layer.mode("a/b") == 0700);
    CHECK(layer.info("a/b").st_mtim.tv_sec == 1'000'000'000);
    CHECK(layer.mode("a/b/c") == 0755);
    CHECK(layer.info("").st_mtim.tv_sec == 0);
}

TEST_CASE("the layer's own folder gets what the tar says of it") {
    TestLayer layer;
    layer.unpack(owned("./", '5', 3, 4, 0711) + tar_file("x"));
    CHECK(layer.mode("") == 0711);
    CHECK(layer.info("").st_uid == 3);
    CHECK(layer.info("").st_mtim.tv_sec == 1'000'000'000);
}

TEST_CASE("somebody's folder stays as it is, but for what the layer has") {
    TestLayer layer;
    write_file_atomic(layer.path("mine"), "mine", 0600);
    ::chmod(layer.root.c_str(), 01777);
    check(::chown(layer.root.c_str(), 3, 4), "chown");
    UnpackOptions options;
    options.keep_folder = true;
    layer.unpack(owned("./", '5', 5, 6, 0711) + tar_file("a/file"), options);
    CHECK(layer.mode("") == 01777);
    CHECK(layer.info("").st_uid == 3);
    CHECK(layer.info("").st_gid == 4);
    CHECK(layer.info("").st_mtim.tv_sec > 1'600'000'000);
    CHECK(layer.text("mine") == "mine");
    CHECK(layer.mode("mine") == 0600);
    CHECK(layer.exists("a/file"));
}

TEST_CASE("of two entries with one name the later counts") {
    TestLayer layer;
    layer.unpack(tar_file("file", "old") + tar_file("file", "new") +
                 tar_file("folder", "x") + tar_folder("folder", 0700) +
                 tar_file("folder/in", "in") + tar_folder("folder", 0711) +
                 tar_file("tree/a/b/c") + tar_file("tree", "file now") +
                 tar_symlink("link", "old") + tar_symlink("link", "new") +
                 tar_file("other", "o") + tar_hard_link("file2", "other") +
                 tar_hard_link("file2", "file"));
    CHECK(layer.text("file") == "new");
    CHECK(layer.mode("folder") == 0711);
    CHECK(layer.text("folder/in") == "in");
    CHECK(layer.text("tree") == "file now");
    CHECK(layer.target("link") == "new");
    CHECK(layer.text("file2") == "new");
    CHECK(layer.text("other") == "o");
}

TEST_CASE("a folder is found again after what was above it was replaced") {
    TestLayer layer;
    layer.unpack(tar_file("a/b/one") + tar_file("a") + tar_folder("a") +
                 tar_file("a/b/two"));
    CHECK_FALSE(layer.exists("a/b/one"));
    CHECK(layer.exists("a/b/two"));
    layer.unpack(tar_file("t/b/f", "old") + tar_hard_link("h1", "t/b/f") +
                 tar_file("t") + tar_file("t/") + tar_file("t/b/f", "new") +
                 tar_hard_link("h2", "t/b/f"));
    CHECK(layer.text("h1") == "old");
    CHECK(layer.text("h2") == "new");
}

TEST_CASE("long names, in pax and GNU headers, and names that are no UTF-8") {
    TestLayer layer;
    std::string pax = long_name(3000), gnu = "g" + long_name(3000);
    std::string target(4000, 't');
    layer.unpack(tar_pax({{"path", pax}}) + tar_file("short", "pax") +
                 tar_long(gnu) + tar_entry({.name = "short", .gnu = true}) +
                 tar_pax({{"linkpath", target}}) + tar_symlink("l", "x") +
                 tar_long(pax, 'K') + tar_hard_link("h", "y") +
                 tar_pax({{"path", "pax-\xff-\xc3\xa9"}}) + tar_file("z") +
                 tar_file("ustar-\xff-\xc3\xa9"));
    CHECK(layer.text(pax) == "pax");
    CHECK(layer.exists(gnu));
    CHECK(layer.target("l") == target);
    CHECK(layer.info("h").st_nlink == 2);
    CHECK(layer.exists("pax-\xff-\xc3\xa9"));
    CHECK(layer.exists("ustar-\xff-\xc3\xa9"));
}

TEST_CASE("what pax says of size and owner counts, not the header") {
    TestLayer layer;
    HeaderFields header{.name = "f", .uid = 1, .size = octal(3, 11)};
    layer.unpack(tar_pax({{"size", "5"}, {"uid", "70000"}, {"gid", "9"}}) +
                 tar_header(header) + tar_padded("12345") + tar_file("next"));
    CHECK(layer.text("f") == "12345");
    CHECK(layer.info("f").st_uid == 70000);
    CHECK(layer.info("f").st_gid == 9);
    CHECK(layer.exists("next"));
}

TEST_CASE("sparse files stay sparse") {
    TestLayer layer;
    std::string map = tar_padded("2\n1048576\n3\n67108864\n0\n");
    UnpackedLayer done = layer.unpack(
        tar_pax({{"GNU.sparse.major", "1"},
                 {"GNU.sparse.minor", "0"},
                 {"GNU.sparse.name", "sparse"},
                 {"GNU.sparse.realsize", "67108864"}}) +
        tar_entry({.name = "GNUSparseFile.1/sparse"}, map + "abc") +
        tar_file("next", "n"));
    struct stat info = layer.info("sparse");
    CHECK(info.st_size == 67108864);
    CHECK(info.st_blocks < 100);
    CHECK(done.bytes == 4);
    UniqueFd fd(::open(layer.path("sparse").c_str(), O_RDONLY | O_CLOEXEC));
    char text[5] = {};
    CHECK(::pread(fd.get(), text, 5, 1048575) == 5);
    CHECK(std::string(text, 5) == std::string("\0abc\0", 5));
    CHECK(layer.text("next") == "n");
}

TEST_CASE("old tars: a folder is a file with a slash; contiguous files") {
    TestLayer layer;
    layer.unpack(tar_entry({.name = "old/", .type = '\0', .mode = 0755}) +
                 tar_entry({.name = "v7", .type = '\0'}, "v7") +
                 tar_entry({.name = "contiguous", .type = '7'}, "7"));
    CHECK(layer.is_folder("old"));
    CHECK(layer.text("v7") == "v7");
    CHECK(layer.text("contiguous") == "7");
}

TEST_CASE("a tar of nothing, and one without its end mark") {
    TestLayer layer;
    CHECK(unpack_layer(source_from(""), layer.root).entries == 0);
    CHECK(unpack_layer(source_from(tar_end()), layer.root).entries == 0);
    CHECK(unpack_layer(source_from(tar_file("a")), layer.root).entries == 1);
    CHECK(layer.exists("a"));
}

TEST_CASE("the source is read to its end, padding included") {
    for (std::size_t padding : {0, 1, 512, 10'000, 1'000'000}) {
        TestLayer layer;
        std::string tar =
            tar_file("a", "b") + tar_end() + std::string(padding, '\0');
        ByteSource source = source_from(tar, 1000);
        std::size_t seen = 0;
        unpack_layer(
            [&](char* buffer, std::size_t capacity) {
                std::size_t got = source(buffer, capacity);
                seen += got;
                return got;
            },
            layer.root);
        CHECK(seen == tar.size());
    }
}

TEST_CASE("an error of the source comes through, with the file's name") {
    TestLayer layer;
    ByteSource first = source_from(tar_header({.name = "f"}, 100'000'000));
    auto source = [&](char* buffer, std::size_t capacity) {
        if (std::size_t got = first(buffer, capacity)) return got;
        throw Error(ErrorKind::Unavailable, "connection lost");
    };
    CHECK_THROWS_WITH(unpack_layer(source, layer.root),
                      ContainsSubstring("connection lost"));
}

TEST_CASE("a hard link may have a body, of any size, which nobody needs") {
    TestLayer layer;
    std::string body(9'000'000, 'x');
    layer.unpack(tar_pax({{"mtime", "1"}}) + tar_file("a", "text") +
                 tar_pax({{"mtime", "1"}}) +
                 tar_entry({.name = "b", .type = '1', .link = "a"}, body) +
                 tar_entry({.name = ".wh.c"}, body) + tar_file("d"));
    CHECK(layer.text("b") == "text");
    CHECK(layer.exists("d"));
}

TEST_CASE("an owner that the user namespace does not have") {
    TestLayer layer;
    auto unpack_in_namespace = [&] {
        check(::unshare(CLONE_NEWUSER), "unshare");
        write_kernel_file(AT_FDCWD, "/proc/self/uid_map", "0 0 1");
        write_kernel_file(AT_FDCWD, "/proc/self/setgroups", "deny");
        write_kernel_file(AT_FDCWD, "/proc/self/gid_map", "0 0 1");
        layer.unpack(tar_file("mine") + owned("other", '0', 1000, 0),
                     {.user_xattr = true});
    };
    try {
        start_child(Why{"test"}, unpack_in_namespace).wait();
        FAIL("unpacked");
    } catch (const Error& error) {
        CHECK_THAT(error.message(),
                   ContainsSubstring("\"other\": give to 1000:0"));
        CHECK_THAT(error.advice(), ContainsSubstring("/etc/subuid"));
    }
    CHECK(layer.exists("mine"));
}

TEST_CASE("owner -1 is refused: to chown(2) it says \"as it is\"") {
    TestLayer layer;
    Error error = layer.refused(owned("f", '0', 4294967295, 0));
    CHECK_THAT(error.message(), ContainsSubstring("is no user"));
}
