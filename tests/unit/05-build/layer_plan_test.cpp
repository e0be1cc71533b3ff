#include "05-build/layer_plan.hpp"

#include "04-images/unpack_layer.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/05-build/copy_fixture.hpp"

using namespace slipway;
using test::Copying;
using test::Names;

namespace {

Digest key(Copying& copying) {
    return digest_of(copying.plan({"d"}, "/d"));
}

}  // namespace

TEST_CASE("the key of a plan: everything but times") {
    Copying copying;
    copying.context.make("d");
    copying.context.put("d/f", "text");
    copying.context.link("d/l", "f");
    Digest first = key(copying);
    copying.context.times("d/f", 1000, 0);
    copying.context.times("d", 1000, 0);
    CHECK(key(copying) == first);
    copying.request.threads = 4;
    CHECK(key(copying) == first);

    std::vector<Digest> keys{first};
    auto is_new = [&] {
        Digest next = key(copying);
        bool found = std::find(keys.begin(), keys.end(), next) != keys.end();
        keys.push_back(next);
        return !found;
    };
    copying.context.put("d/f", "TEXT");
    CHECK(is_new());
    copying.context.put("d/f", "text");
    CHECK_FALSE(is_new());
    ::chmod(copying.context.at("d/f").c_str(), 0600);
    CHECK(is_new());
    copying.request.chown = "5";
    CHECK(is_new());
    copying.request.chmod = "700";
    CHECK(is_new());
    ::unlink(copying.context.at("d/l").c_str());
    CHECK(is_new());
    copying.context.link("d/l", "g");
    CHECK(is_new());
    copying.context.put("d/empty", "");
    CHECK(is_new());
    if (::lsetxattr(copying.context.at("d/f").c_str(), "user.a", "1", 1, 0) ==
        0)
        CHECK(is_new());
    CHECK_FALSE(digest_of(copying.plan({"d"}, "/e")) == keys.back());
}

TEST_CASE("the same plan makes the same bytes") {
    Copying copying;
    copying.context.make("d");
    copying.context.put("d/b", "b");
    copying.context.put("d/a", "a");
    copying.context.times("d/a", 1000, 7);
    std::string tar = test::tar_of(copying.plan({"d"}, "/x/y/"));
    CHECK(tar == test::tar_of(copying.plan({"d"}, "/x/y/")));
    auto entries = test::read_tar(tar);
    CHECK(test::names_of(entries) == Names{"x/", "x/y/", "x/y/a", "x/y/b"});
    CHECK(test::entry_named(entries, "x/y/a").nanoseconds == 7);
}

TEST_CASE("SOURCE_DATE_EPOCH: nothing is younger") {
    Copying copying;
    copying.context.make("d");
    copying.context.put("d/new", "");
    copying.context.put("d/old", "");
    copying.context.times("d/old", 1000, 7);
    copying.request.source_date_epoch = 5000;
    auto entries = test::read_tar(test::tar_of(copying.plan({"d"}, "/x/y")));
    for (const auto& entry : entries) CHECK(entry.seconds <= 5000);
    CHECK(test::entry_named(entries, "x/y/old").seconds == 1000);
    CHECK(test::entry_named(entries, "x/").seconds == 5000);
}

TEST_CASE("large files, and those that end at the border of a piece") {
    Copying copying;
    std::string piece(256 << 10, 'x');
    copying.context.put("a", piece);
    copying.context.put("b", piece + "y");
    copying.context.put("c", "");
    LayerPlan plan = copying.plan({"a", "b", "c"}, "/");
    CHECK(plan.bytes == 2 * piece.size() + 1);
    auto entries = test::read_tar(test::tar_of(plan));
    CHECK(test::entry_named(entries, "a").text == piece);
    CHECK(test::entry_named(entries, "b").text == piece + "y");
    CHECK(test::entry_of(plan, "c").content == hash_of(""));
}

TEST_CASE("the layer unpacks to what was planned") {
    if (::geteuid() != 0) {
        WARN("skipped: needs root");
        return;
    }
    Copying copying;
    copying.context.make("d", 02750);
    ::chmod(copying.context.at("d").c_str(), 02750);
    copying.context.put("d/f", "text");
    ::chmod(copying.context.at("d/f").c_str(), 04755);
    copying.context.xattr("d/f", "user.note", "x");
    copying.request.chown = "12:13";
    TempDir layer("layer");
    unpack_layer(source_from(test::tar_of(copying.plan({"d"}, "/srv/d"))),
                 layer.path());
    struct stat info {};
    REQUIRE(::lstat((layer.path() + "/srv/d/f").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 04755);
    CHECK(info.st_uid == 12);
    CHECK(info.st_gid == 13);
    CHECK(read_file(layer.path() + "/srv/d/f", 99) == "text");
    char value[4];
    CHECK(::lgetxattr((layer.path() + "/srv/d/f").c_str(), "user.note", value,
                      4) == 1);
    REQUIRE(::lstat((layer.path() + "/srv/d").c_str(), &info) == 0);
    CHECK((info.st_mode & 07777) == 02750);
}
