#include "05-build/stat_index.hpp"

#include "unit/05-build/copy_fixture.hpp"

using namespace slipway;
using test::Copying;

namespace {

std::uint64_t bytes_read() {
    std::string text = read_file("/proc/self/io", 4096);
    return std::stoull(text.substr(text.find("rchar: ") + 7));
}

// Old enough to be trusted: a moment is made to have passed.
timespec later(const struct stat& info) {
    return {info.st_ctim.tv_sec + 10, 0};
}

struct stat info_of(const std::string& path) {
    struct stat info {};
    check(::lstat(path.c_str(), &info), "stat ", path);
    return info;
}

struct Index {
    TempDir folder{"index"};
    std::string file = folder.path() + "/index";
    test::Tree tree;
    KnownFile known{hash_of("text"), false};

    struct stat with_file() {
        tree.put("f", "text");
        StatIndex index(file);
        struct stat info = info_of(tree.at("f"));
        index.remember(info, known, later(info));
        index.save();
        return info;
    }
};

}  // namespace

TEST_CASE("the index knows a file again, as long as it looks the same") {
    Index test;
    struct stat info = test.with_file();
    StatIndex index(test.file);
    REQUIRE(index.find(info));
    CHECK(index.find(info)->hash == test.known.hash);
    for (auto change : std::initializer_list<void (*)(struct stat&)>{
             [](struct stat& other) { ++other.st_dev; },
             [](struct stat& other) { ++other.st_ino; },
             [](struct stat& other) { ++other.st_size; },
             [](struct stat& other) { ++other.st_mtim.tv_nsec; },
             [](struct stat& other) { ++other.st_ctim.tv_nsec; }}) {
        struct stat other = info;
        change(other);
        CHECK_FALSE(index.find(other));
    }
}

TEST_CASE("a file that was changed just now is not remembered") {
    Index test;
    test.tree.put("f", "text");
    struct stat info = info_of(test.tree.at("f"));
    StatIndex index(test.file);
    index.remember(info, test.known, info.st_ctim);
    CHECK_FALSE(index.find(info));
    info.st_ctim = {1000, 0};  // a file system without fractions
    index.remember(info, test.known, {1001, 0});
    CHECK_FALSE(index.find(info));
    index.remember(info, test.known, {1003, 0});
    CHECK(index.find(info));
    info.st_ctim = {1000, 500};
    index.remember(info, test.known, {1000, 900'000'000});
    CHECK(index.find(info));
}

TEST_CASE("a damaged index is as good as none") {
    Index test;
    struct stat info = test.with_file();
    std::string good = read_file(test.file, 1 << 20);
    for (std::size_t at = 0; at < good.size(); at += 7) {
        std::string bad = good;
        bad[at] ^= 1;
        write_file_atomic(test.file, bad);
        CHECK_FALSE(StatIndex(test.file).find(info));
    }
    for (std::size_t size :
         {std::size_t{0}, std::size_t{10}, good.size() - 1}) {
        write_file_atomic(test.file, good.substr(0, size));
        CHECK_FALSE(StatIndex(test.file).find(info));
    }
    write_file_atomic(test.file, good + good);
    CHECK_FALSE(StatIndex(test.file).find(info));
    ::unlink(test.file.c_str());
    test.with_file();
    CHECK(StatIndex(test.file).find(info_of(test.tree.at("f"))));
}

TEST_CASE("of two builds at once the later one wins, and nothing breaks") {
    Index test;
    struct stat info = test.with_file(), other = info;
    ++other.st_ino;
    StatIndex one(test.file), two(test.file);
    one.remember(other, test.known, later(other));
    two.remember(info, {hash_of("other"), true}, later(info));
    one.save();
    two.save();
    StatIndex after(test.file);
    REQUIRE(after.find(info));
    CHECK(after.find(info)->hash == hash_of("other"));
    CHECK(after.find(info)->has_xattrs);
}

TEST_CASE("a context that has not changed is not read again") {
    Copying copying;
    TempDir folder("index");
    copying.context.make("d");
    std::string text(100'000, 'x');
    copying.context.put("d/f", text);
    copying.context.put("d/g", text);
    std::string file = stat_index_file(folder.path(), copying.tree.root.get());
    // The kernel's clock goes on only as time does.
    struct stat info = info_of(copying.context.at("d/g"));
    timespec now{};
    do ::clock_gettime(CLOCK_REALTIME, &now);
    while (now.tv_sec == info.st_ctim.tv_sec &&
           now.tv_nsec - info.st_ctim.tv_nsec < 30'000'000);
    auto plan_it = [&] {
        StatIndex index(file);
        copying.tree.index = &index;
        std::uint64_t before = bytes_read();
        Digest key = digest_of(copying.plan({"d"}, "/"));
        std::uint64_t after = bytes_read();
        index.save();
        return std::pair{key, after - before};
    };
    auto [first, cold] = plan_it();
    CHECK(cold > 200'000);
    auto [second, warm] = plan_it();
    CHECK(second == first);
    CHECK(warm < 10'000);
    text[5] = 'y';
    copying.context.put("d/f", text);
    auto [third, changed] = plan_it();
    CHECK_FALSE(third == first);
    CHECK(changed > 100'000);
    CHECK(changed < 150'000);
}

TEST_CASE("xattrs of files that the index knows") {
    Copying copying;
    TempDir folder("index");
    copying.context.put("f", "x");
    if (::lsetxattr(copying.context.at("f").c_str(), "user.a", "1", 1, 0) !=
        0) {
        WARN("skipped: no xattrs here");
        return;
    }
    StatIndex index(folder.path() + "/index");
    struct stat info = info_of(copying.context.at("f"));
    index.remember(info, {hash_of("x"), true}, later(info));
    copying.tree.index = &index;
    CHECK(test::entry_of(copying.plan({"f"}, "/f"), "f").xattrs.at("user.a") ==
          "1");
}
