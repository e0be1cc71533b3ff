#include "05-build/copy_plan.hpp"

#include "unit/05-build/copy_fixture.hpp"

using namespace slipway;
using test::Copying;
using test::entry_of;
using test::Names;
using test::text_of;

TEST_CASE("COPY: the destination, from WORKDIR on") {
    CHECK(copy_destination("/app", ".") == "/app/");
    CHECK(copy_destination("/app", "./") == "/app/");
    CHECK(copy_destination("/app", "x") == "/app/x");
    CHECK(copy_destination("/app", "x/") == "/app/x/");
    CHECK(copy_destination("/app", "../x") == "/x");
    CHECK(copy_destination("/app", "../../..") == "/");
    CHECK(copy_destination("/app", "/") == "/");
    CHECK(copy_destination("/app", "/a/./b//") == "/a/b/");
    CHECK(copy_destination("/", "a") == "/a");
    CHECK(copy_destination("/app", "sub/.") == "/app/sub/");
}

TEST_CASE("COPY of a file: to a name, or into a folder") {
    Copying copying;
    copying.context.put("f", "text");
    CHECK(copying.names({"f"}, "/abs") == Names{"abs"});
    CHECK(copying.names({"f"}, "/abs/") == Names{"abs/", "abs/f"});
    CHECK(copying.names({"f"}, "/a/b/c") == Names{"a/", "a/b/", "a/b/c"});
    CHECK(copying.names({"f"}, "/") == Names{"f"});
    copying.stage.make("abs", 0700);
    CHECK(copying.names({"f"}, "/abs") == Names{"abs/", "abs/f"});
    CHECK(text_of(copying.plan({"f"}, "/abs"), "abs/f") == "text");
    copying.stage.put("file", "below");
    CHECK(copying.names({"f"}, "/file") == Names{"file"});
    CHECK(copying.refused({"f"}, "/file/").kind() ==
          ErrorKind::InvalidArgument);
    CHECK(copying.refused({"f"}, "/file/x").kind() ==
          ErrorKind::InvalidArgument);
    copying.stage.make("abs/f");
    CHECK(copying.refused({"f"}, "/abs/").message() ==
          "file onto folder \"/abs/f\"");
}

TEST_CASE("COPY: folders that are missing are root's, others as they are") {
    Copying copying;
    copying.context.put("f", "");
    copying.stage.make("opt", 0700);
    copying.stage.times("opt", 1234, 5);
    LayerPlan plan = copying.plan({"f"}, "/opt/new/");
    CHECK(Copying::names_in(plan) == Names{"opt/", "opt/new/", "opt/new/f"});
    CHECK(entry_of(plan, "opt").mode == (S_IFDIR | 0700U));
    CHECK(entry_of(plan, "opt").modified.tv_sec == 1234);
    CHECK(entry_of(plan, "opt/new").mode == (S_IFDIR | 0755U));
    CHECK(entry_of(plan, "opt/new").uid == 0);
    copying.request.chown = "7:8";
    plan = copying.plan({"f"}, "/opt/new/");
    CHECK(entry_of(plan, "opt").uid == ::geteuid());
    CHECK(entry_of(plan, "opt/new").uid == 7);
    CHECK(entry_of(plan, "opt/new").gid == 8);
}

TEST_CASE("COPY of a folder: what is in it, merged") {
    Copying copying;
    copying.context.make("d", 0750);
    copying.context.make("d/sub", 0711);
    copying.context.put("d/sub/f", "new");
    copying.context.link("d/link", "/etc/passwd");
    CHECK(copying.names({"d"}, "/") == Names{"link", "sub/", "sub/f"});
    LayerPlan plan = copying.plan({"d"}, "/to");
    CHECK(Copying::names_in(plan) ==
          Names{"to/", "to/link", "to/sub/", "to/sub/f"});
    CHECK(entry_of(plan, "to").mode == (S_IFDIR | 0750U));
    CHECK(entry_of(plan, "to/link").target == "/etc/passwd");

    copying.stage.make("to", 0700);
    copying.stage.make("to/sub", 0700);
    copying.stage.put("to/sub/f", "old");
    copying.stage.put("to/sub/g", "stays");
    plan = copying.plan({"d/"}, "/to/");
    CHECK(Copying::names_in(plan) ==
          Names{"to/", "to/link", "to/sub/", "to/sub/f"});
    CHECK(entry_of(plan, "to").mode == (S_IFDIR | 0700U));
    CHECK(entry_of(plan, "to/sub").mode == (S_IFDIR | 0711U));

    copying.stage.put("file", "");
    CHECK(copying.refused({"d"}, "/file").kind() == ErrorKind::InvalidArgument);
    copying.stage.put("to/link", "");
    ::unlink(copying.stage.at("to/sub/f").c_str());
    copying.stage.make("to/sub/f");
    CHECK(copying.refused({"d"}, "/to").message() ==
          "file onto folder \"/to/sub/f\"");
}

TEST_CASE("COPY: a folder of the source onto a file is an error") {
    Copying copying;
    copying.context.make("d");
    copying.context.make("d/x");
    copying.stage.make("to");
    copying.stage.put("to/x", "");
    CHECK(copying.refused({"d"}, "/to").message() ==
          "folder onto file \"/to/x\"");
}

TEST_CASE("COPY: several sources need a slash") {
    Copying copying;
    copying.context.put("a.txt", "");
    copying.context.put("b.txt", "");
    CHECK(copying.names({"a.txt", "b.txt"}, "/d/") ==
          Names{"d/", "d/a.txt", "d/b.txt"});
    CHECK(copying.refused({"a.txt", "b.txt"}, "/d").kind() ==
          ErrorKind::InvalidArgument);
    CHECK(copying.refused({"*.txt"}, "/d").kind() ==
          ErrorKind::InvalidArgument);
    CHECK(copying.names({"a*.txt"}, "/d") == Names{"d"});
    copying.request.heredocs = {{"h", "x"}};
    CHECK(copying.refused({"a.txt"}, "/d").kind() ==
          ErrorKind::InvalidArgument);
    CHECK(copying.names({"a.txt"}, "/d/") == Names{"d/", "d/a.txt", "d/h"});
}

TEST_CASE("COPY: nothing leads out of the context by its name") {
    Copying copying;
    copying.context.put("x", "inside");
    CHECK(copying.names({"../x"}, "/y") == Names{"y"});
    CHECK(copying.names({"/x"}, "/y") == Names{"y"});
    CHECK(copying.names({"../../../x"}, "/y") == Names{"y"});
    CHECK(copying.names({"a/../../x"}, "/y") == Names{"y"});
}

TEST_CASE("COPY: patterns") {
    Copying copying;
    for (const char* name : {"hom.txt", "home.txt", "h", "arr[0].txt"})
        copying.context.put(name, "");
    copying.context.make("dir");
    copying.context.put("dir/home.txt", "");
    copying.context.put("dir/x.c", "");
    CHECK(copying.names({"hom*"}, "/d/") ==
          Names{"d/", "d/hom.txt", "d/home.txt"});
    CHECK(copying.names({"hom?.txt"}, "/") == Names{"home.txt"});
    CHECK(copying.names({"[a-g]rr*"}, "/") == Names{"arr[0].txt"});
    CHECK(copying.names({"arr[[]0].txt"}, "/") == Names{"arr[0].txt"});
    CHECK(copying.names({"arr\\[0].txt"}, "/") == Names{"arr[0].txt"});
    CHECK(copying.names({"*/home.txt"}, "/") == Names{"home.txt"});
    CHECK(copying.names({"d*"}, "/to/") ==
          Names{"to/", "to/home.txt", "to/x.c"});
    CHECK(copying.refused({"*.nothing"}, "/d/").kind() == ErrorKind::NotFound);
    CHECK(copying.refused({"[z"}, "/").kind() == ErrorKind::InvalidArgument);
    CHECK(copying.refused({"**/home.txt"}, "/d").kind() == ErrorKind::System);
}

TEST_CASE("COPY: what is missing, and what was perhaps meant") {
    Copying copying;
    copying.context.put("package.json", "");
    copying.context.put("secret", "");
    copying.context.make("lib");
    copying.context.put("lib/a.js", "");
    Error error = copying.refused({"pakage.json"}, "/");
    CHECK(error.kind() == ErrorKind::NotFound);
    CHECK(error.message() == "\"/pakage.json\" is not in the build context");
    CHECK(error.advice() == "did you mean \"package.json\"?");
    CHECK(copying.refused({"lib/b.js"}, "/").advice() ==
          "did you mean \"lib/a.js\"?");
    copying.tree.ignore = parse_ignore("secret\nlib");
    error = copying.refused({"secret"}, "/");
    CHECK(error.kind() == ErrorKind::NotFound);
    CHECK(error.message() ==
          "\"/secret\" is left out of the build context by .dockerignore");
    CHECK(error.advice().find("\"secret\"") != std::string::npos);
    CHECK(copying.refused({"lib/a.js"}, "/").kind() == ErrorKind::NotFound);
    CHECK(copying.refused({"l*"}, "/").kind() == ErrorKind::NotFound);
    CHECK(copying.refused({"package.json/x"}, "/").kind() ==
          ErrorKind::InvalidArgument);
}

TEST_CASE("COPY sees what .dockerignore leaves") {
    Copying copying;
    for (const char* folder : {"a", "a/keep", "b"})
        copying.context.make(folder);
    for (const char* file : {"a/keep/x", "a/drop", "b/c", "top"})
        copying.context.put(file, "");
    copying.tree.ignore = parse_ignore("*\n!a/keep\n");
    CHECK(copying.names({"."}, "/") == Names{"a/", "a/keep/", "a/keep/x"});
    CHECK(copying.names({"a"}, "/d") == Names{"d/", "d/keep/", "d/keep/x"});
    CHECK(copying.refused({"b"}, "/d").kind() == ErrorKind::NotFound);
    copying.tree.ignore = parse_ignore("Dockerfile\n.dockerignore\n");
    copying.context.put("Dockerfile", "");
    copying.context.put(".dockerignore", "");
    Names all = copying.names({"."}, "/");
    CHECK(std::count(all.begin(), all.end(), "Dockerfile") == 0);
    CHECK(std::count(all.begin(), all.end(), ".dockerignore") == 0);
    CHECK(copying.refused({"Dockerfile"}, "/").kind() == ErrorKind::NotFound);
}

TEST_CASE("COPY: owners") {
    if (::geteuid() != 0) {
        WARN("skipped: needs root");
        return;
    }
    Copying copying;
    copying.context.make("d");
    copying.context.put("d/f", "");
    REQUIRE(::chown(copying.context.at("d/f").c_str(), 1000, 1001) == 0);
    LayerPlan plan = copying.plan({"d"}, "/d");
    CHECK(entry_of(plan, "d/f").uid == 0);
    CHECK(entry_of(plan, "d/f").gid == 0);
    copying.tree.keeps_owner = true;
    plan = copying.plan({"d"}, "/d");
    CHECK(entry_of(plan, "d/f").uid == 1000);
    CHECK(entry_of(plan, "d/f").gid == 1001);

    copying.stage.make("etc");
    copying.stage.put("etc/passwd", "www:x:33:34::/:\n");
    copying.stage.put("etc/group", "staff:x:50:\n");
    struct Row {
        const char* chown;
        uid_t uid;
        gid_t gid;
    };
    for (const Row& row : std::initializer_list<Row>{{"55", 55, 55},
                                                     {"55:10", 55, 10},
                                                     {"www", 33, 34},
                                                     {"www:staff", 33, 50},
                                                     {"33", 33, 33},
                                                     {"1:staff", 1, 50}}) {
        INFO(row.chown);
        copying.request.chown = row.chown;
        plan = copying.plan({"d"}, "/d");
        for (const char* name : {"d", "d/f"}) {
            CHECK(entry_of(plan, name).uid == row.uid);
            CHECK(entry_of(plan, name).gid == row.gid);
        }
    }
    for (const char* missing : {"nobody", "0:nogroup"}) {
        copying.request.chown = missing;
        CHECK(copying.refused({"d"}, "/d").kind() == ErrorKind::NotFound);
    }
    copying.request.chown = "a:";
    CHECK(copying.refused({"d"}, "/d").kind() == ErrorKind::InvalidArgument);
    copying.request.chown = "www";
    copying.request.parent_root = -1;
    CHECK(copying.refused({"d"}, "/d").kind() == ErrorKind::NotFound);
}

TEST_CASE("COPY: modes") {
    Copying copying;
    copying.context.make("d", 0700);
    copying.context.put("d/f", "");
    copying.context.put("d/x", "");
    ::chmod(copying.context.at("d/x").c_str(), 0700);
    copying.context.link("d/l", "f");
    copying.request.chmod = "u=rwX,go=rX";
    LayerPlan plan = copying.plan({"d"}, "/d");
    CHECK(entry_of(plan, "d").mode == (S_IFDIR | 0755U));
    CHECK(entry_of(plan, "d/f").mode == (S_IFREG | 0644U));
    CHECK(entry_of(plan, "d/x").mode == (S_IFREG | 0755U));
    CHECK(entry_of(plan, "d/l").mode == (S_IFLNK | 0777U));
    copying.request.chmod = "4711";
    CHECK(entry_of(copying.plan({"d/f"}, "/f"), "f").mode ==
          (S_IFREG | 04711U));
    copying.request.chmod = "rwx";
    CHECK(copying.refused({"d"}, "/d").kind() == ErrorKind::InvalidArgument);
}

TEST_CASE("COPY --exclude") {
    Copying copying;
    copying.context.make("d");
    copying.context.make("d/sub");
    for (const char* file :
         {"d/a.txt", "d/b.md", "d/sub/c.txt", "hom.txt", "hom.md", "hom.c"})
        copying.context.put(file, "");
    copying.request.exclude = {"*.txt", "*.md"};
    CHECK(copying.names({"hom*"}, "/m/") == Names{"m/", "m/hom.c"});
    CHECK(copying.names({"d"}, "/m/") == Names{"m/", "m/sub/", "m/sub/c.txt"});
    copying.request.exclude = {"**/*.txt", "!sub/c.txt"};
    CHECK(copying.names({"d"}, "/m/") ==
          Names{"m/", "m/b.md", "m/sub/", "m/sub/c.txt"});
    copying.request.exclude = {"sub"};
    CHECK(copying.names({"d"}, "/m/") == Names{"m/", "m/a.txt", "m/b.md"});
}

TEST_CASE("COPY --parents") {
    Copying copying;
    for (const char* folder : {"x", "x/y", "x/y/z", "b"})
        copying.context.make(folder, 0700);
    for (const char* file : {"x/a.txt", "x/y/a.txt", "x/y/z/b.txt", "b/a.txt"})
        copying.context.put(file, "");
    copying.request.parents = true;
    CHECK(copying.names({"./x/a.txt", "./b/a.txt"}, "/p/") ==
          Names{"p/", "p/b/", "p/b/a.txt", "p/x/", "p/x/a.txt"});
    CHECK(copying.names({"./x/./y/*.txt"}, "/p/") ==
          Names{"p/", "p/y/", "p/y/a.txt"});
    CHECK(copying.names({"**/a.txt"}, "/p") == Names{"p/", "p/b/", "p/b/a.txt",
                                                     "p/x/", "p/x/a.txt",
                                                     "p/x/y/", "p/x/y/a.txt"});
    CHECK(copying.names({"x/y"}, "/p/") == Names{"p/", "p/x/", "p/x/y/",
                                                 "p/x/y/a.txt", "p/x/y/z/",
                                                 "p/x/y/z/b.txt"});
    CHECK(copying.names({"x/./y"}, "/") ==
          Names{"y/", "y/a.txt", "y/z/", "y/z/b.txt"});
    CHECK(entry_of(copying.plan({"x/a.txt"}, "/"), "x").mode ==
          (S_IFDIR | 0700U));
    copying.request.exclude = {"x/y/z"};
    CHECK(copying.names({"x/y"}, "/p/") ==
          Names{"p/", "p/x/", "p/x/y/", "p/x/y/a.txt"});
    copying.stage.make("x", 0711);
    CHECK(entry_of(copying.plan({"x/a.txt"}, "/"), "x").mode ==
          (S_IFDIR | 0711U));
}

TEST_CASE("COPY of texts in the Dockerfile") {
    Copying copying;
    copying.request.source = nullptr;
    copying.request.heredocs = {{"EOF", "hello\n"}};
    copying.request.chown = "3";
    LayerPlan plan = copying.plan({}, "/f");
    CHECK(Copying::names_in(plan) == Names{"f"});
    CHECK(text_of(plan, "f") == "hello\n");
    CHECK(entry_of(plan, "f").mode == (S_IFREG | 0644U));
    CHECK(entry_of(plan, "f").uid == 3);
    copying.request.heredocs.push_back({"b", ""});
    CHECK(Copying::names_in(copying.plan({}, "/d/")) ==
          Names{"d/", "d/EOF", "d/b"});
}

TEST_CASE("a later source wins over an earlier one") {
    Copying copying;
    copying.context.make("a");
    copying.context.make("b");
    copying.context.put("a/f", "first");
    copying.context.put("b/f", "second");
    CHECK(text_of(copying.plan({"a", "b"}, "/d/"), "d/f") == "second");
    CHECK(text_of(copying.plan({"b", "a"}, "/d/"), "d/f") == "first");
}

TEST_CASE("ADD of a download") {
    Copying copying;
    copying.context.put("got", "bytes");
    copying.request.is_add = true;
    copying.request.downloads = {
        {copying.context.at("got"), "name.bin", 1600000000}};
    LayerPlan plan = copying.plan({}, "/d/");
    CHECK(Copying::names_in(plan) == Names{"d/", "d/name.bin"});
    CHECK(entry_of(plan, "d/name.bin").mode == (S_IFREG | 0600U));
    CHECK(entry_of(plan, "d/name.bin").modified.tv_sec == 1600000000);
    CHECK(text_of(plan, "d/name.bin") == "bytes");
    CHECK(copying.names({}, "/x") == Names{"x"});
    copying.request.downloads[0].name = "";
    CHECK(copying.refused({}, "/d/").kind() == ErrorKind::InvalidArgument);
}

TEST_CASE("COPY of hard links keeps them") {
    Copying copying;
    copying.context.make("d");
    copying.context.put("d/b", "same");
    REQUIRE(::link(copying.context.at("d/b").c_str(),
                   copying.context.at("d/a").c_str()) == 0);
    LayerPlan plan = copying.plan({"d"}, "/");
    CHECK(entry_of(plan, "a").hard_link.empty());
    CHECK(entry_of(plan, "b").hard_link == "a");
    CHECK(plan.bytes == 4);
    auto tar = test::read_tar(test::tar_of(plan));
    CHECK(test::entry_named(tar, "b").hard_link == "a");
}
