#include "05-build/add_archive.hpp"

#include <archive.h>

#include "04-images/peek.hpp"
#include "05-build/unpack_stream.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/04-images/tar_fixture.hpp"
#include "unit/05-build/copy_fixture.hpp"

using namespace slipway;
using test::Copying;
using test::entry_of;
using test::Names;
using test::text_of;

namespace {

// Packed by libarchive's filter of this name.
std::string packed(const std::string& bytes, const char* filter) {
    std::string out(bytes.size() + 100'000, '\0');
    std::size_t used = 0;
    archive* writer = ::archive_write_new();
    ::archive_write_add_filter_by_name(writer, filter);
    ::archive_write_set_format_raw(writer);
    ::archive_write_open_memory(writer, out.data(), out.size(), &used);
    archive_entry* entry = ::archive_entry_new();
    ::archive_entry_set_filetype(entry, AE_IFREG);
    ::archive_write_header(writer, entry);
    ::archive_write_data(writer, bytes.data(), bytes.size());
    ::archive_entry_free(entry);
    ::archive_write_close(writer);
    ::archive_write_free(writer);
    out.resize(used);
    return out;
}

struct Adding : Copying {
    Adding() {
        request.is_add = true;
        request.scratch = stage.folder.path();
    }
    LayerPlan add(const std::string& entries, const std::string& to = "/d") {
        context.put("a.tar", entries + tar_end());
        return plan({"a.tar"}, to);
    }
    ErrorKind refused_entries(const std::string& entries) {
        context.put("a.tar", entries + tar_end());
        return refused({"a.tar"}, "/d").kind();
    }
};

}  // namespace

TEST_CASE("ADD unpacks tars, whatever they are packed with") {
    Adding adding;
    std::string tar = tar_folder("dir", 0700) + tar_file("dir/f", "text") +
                      tar_symlink("l", "/etc/passwd") + tar_end();
    Names expected{"d/", "d/dir/", "d/dir/f", "d/l"};
    for (const char* filter : {"none", "gzip", "bzip2", "xz", "zstd"}) {
        INFO(filter);
        bool plain = std::string_view(filter) == "none";
        adding.context.put("a", plain ? tar : packed(tar, filter));
        for (const char* to : {"/d", "/d/"}) {
            LayerPlan plan = adding.plan({"a"}, to);
            CHECK(Copying::names_in(plan) == expected);
            CHECK(text_of(plan, "d/dir/f") == "text");
            CHECK(entry_of(plan, "d/dir").mode == (S_IFDIR | 0700U));
        }
    }
    adding.request.unpack = false;
    CHECK(adding.names({"a"}, "/d/") == Names{"d/", "d/a"});
    adding.request.unpack.reset();
    adding.request.is_add = false;
    CHECK(adding.names({"a"}, "/d/") == Names{"d/", "d/a"});
}

TEST_CASE("ADD of what is no tar copies it") {
    Adding adding;
    for (const std::string& bytes :
         {std::string("text"), std::string(2000, '\0'), std::string(2000, 'x'),
          packed("text", "gzip"), packed(std::string(4000, 'y'), "xz"),
          std::string("\x1f\x8b broken"), std::string("BZh broken")}) {
        adding.context.put("f.tar.gz", bytes);
        LayerPlan plan = adding.plan({"f.tar.gz"}, "/d/");
        CHECK(Copying::names_in(plan) == Names{"d/", "d/f.tar.gz"});
        CHECK(text_of(plan, "d/f.tar.gz") == bytes);
    }
}

TEST_CASE("ADD of a broken tar is an error") {
    Adding adding;
    std::string tar = tar_file("f", std::string(5000, 'x')) + tar_end();
    adding.context.put("a", tar.substr(0, 2000));
    CHECK(adding.refused({"a"}, "/d").kind() == ErrorKind::DataLoss);
    std::string noise(2'000'000, '\0');  // that does not pack
    for (std::size_t i = 0, x = 1; i < noise.size(); ++i)
        noise[i] = static_cast<char>((x = x * 6364136223846793005 + 1) >> 56U);
    for (const char* filter : {"gzip", "bzip2", "xz", "zstd"}) {
        INFO(filter);
        std::string whole = packed(tar_file("f", noise) + tar_end(), filter);
        adding.context.put("a", whole);
        CHECK(adding.names({"a"}, "/d") == Names{"d/", "d/f"});
        adding.context.put("a", whole.substr(0, whole.size() * 3 / 4));
        CHECK(adding.refused({"a"}, "/d").kind() == ErrorKind::DataLoss);
    }
}

TEST_CASE("an archive's owners stay, unless --chown says otherwise") {
    Adding adding;
    std::string tar = tar_entry({.name = "f", .uid = 77, .gid = 78}, "x");
    CHECK(entry_of(adding.add(tar), "d/f").uid == 77);
    adding.request.chown = "5:6";
    adding.request.chmod = "600";
    CHECK(entry_of(adding.add(tar), "d/f").gid == 6);
    CHECK(entry_of(adding.add(tar), "d/f").mode == (S_IFREG | 0600U));
}

TEST_CASE("where an archive meets something of another kind, it wins") {
    Adding adding;
    adding.stage.make("d");
    adding.stage.make("d/x", 0700);
    adding.stage.put("d/x/old", "");
    adding.stage.put("d/y", "");
    LayerPlan plan = adding.add(tar_file("x", "new") + tar_folder("y") +
                                tar_file("y/z", "1"));
    CHECK(Copying::names_in(plan) ==
          Names{"d/", "-d/x", "d/x", "-d/y", "d/y/", "d/y/z"});
    auto tar = test::read_tar(test::tar_of(plan));
    CHECK(test::names_of(tar) ==
          Names{"d/", "d/.wh.x", "d/x", "d/.wh.y", "d/y/", "d/y/z"});
    plan = adding.add(tar_folder("x", 0711) + tar_file("y", "2"));
    CHECK(Copying::names_in(plan) == Names{"d/", "d/x/", "d/y"});
    CHECK(entry_of(plan, "d/x").mode == (S_IFDIR | 0711U));
    // Within the archive, too.
    plan =
        adding.add(tar_folder("n") + tar_file("n/o", "") + tar_file("n", "3"));
    CHECK(text_of(plan, "d/n") == "3");
}

TEST_CASE("names of an archive stay below the destination") {
    Adding adding;
    for (const char* name : {"../x", "a/../../x", "a/.."})
        CHECK(adding.refused_entries(tar_file(name)) ==
              ErrorKind::InvalidArgument);
    CHECK(adding.refused_entries(tar_file("a/.wh.x")) ==
          ErrorKind::InvalidArgument);
    CHECK(adding.refused_entries(tar_file(".wh..wh..opq")) ==
          ErrorKind::InvalidArgument);
    CHECK(adding.refused_entries(tar_entry(
              {.name = "dev", .type = '3', .major = 0, .minor = 0})) ==
          ErrorKind::InvalidArgument);
    LayerPlan plan =
        adding.add(tar_file("/etc/x") + tar_folder("./") + tar_file("./y"));
    CHECK(Copying::names_in(plan) == Names{"d/", "d/etc/", "d/etc/x", "d/y"});
}

TEST_CASE("symlinks of an archive end in the stage's root") {
    Adding adding;
    LayerPlan plan = adding.add(tar_symlink("l", "../../../../etc") +
                                tar_file("l/passwd", "mine"));
    CHECK(Copying::names_in(plan) == Names{"d/", "d/l", "etc/", "etc/passwd"});
    plan = adding.add(tar_folder("usr") + tar_symlink("lib", "usr") +
                      tar_file("lib/x", "1"));
    CHECK(Copying::names_in(plan) == Names{"d/", "d/lib", "d/usr/", "d/usr/x"});
    CHECK(adding.refused_entries(tar_symlink("l", "l") + tar_file("l/x")) ==
          ErrorKind::InvalidArgument);
    CHECK(adding.refused_entries(tar_file("f") + tar_file("f/x")) ==
          ErrorKind::InvalidArgument);
    // A file in place of a symlink, not through it.
    plan = adding.add(tar_symlink("l", "/etc/passwd") + tar_file("l", "mine"));
    CHECK(Copying::names_in(plan) == Names{"d/", "d/l"});
    CHECK(text_of(plan, "d/l") == "mine");
}

TEST_CASE("hard links of an archive") {
    Adding adding;
    LayerPlan plan =
        adding.add(tar_file("b", "same") + tar_hard_link("a", "b") +
                   tar_hard_link("sub/c", "./b") + tar_hard_link("b", "b"));
    CHECK(Copying::names_in(plan) ==
          Names{"d/", "d/a", "d/b", "d/sub/", "d/sub/c"});
    CHECK(text_of(plan, "d/a") == "same");
    CHECK(entry_of(plan, "d/b").hard_link == "d/a");
    CHECK(entry_of(plan, "d/sub/c").hard_link == "d/a");
    for (const char* target : {"missing", "../b", "/etc/passwd"})
        CHECK(adding.refused_entries(tar_file("b") +
                                     tar_hard_link("a", target)) ==
              ErrorKind::InvalidArgument);
    CHECK(adding.refused_entries(tar_folder("b") + tar_hard_link("a", "b")) ==
          ErrorKind::InvalidArgument);
}

TEST_CASE("a stream that is only looked at is still whole") {
    Peeked begin = peek(source_from("0123456789", 3), 5);
    CHECK(begin.first == "01234");
    CHECK(all_of(begin.source, 2) == "0123456789");
    begin = peek(source_from("ab", 3), 5);
    CHECK(begin.first == "ab");
    CHECK(all_of(begin.source) == "ab");
}
