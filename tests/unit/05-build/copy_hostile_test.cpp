#include <sys/socket.h>
#include <sys/un.h>

#include "05-build/stat_index.hpp"
#include "unit/05-build/copy_fixture.hpp"

using namespace slipway;
using test::Copying;
using test::entry_of;
using test::Names;
using test::text_of;

namespace {

// Beside the context, and nobody's business.
struct Hostile : Copying {
    TempDir outside{"outside"};
    std::string secret = outside.path() + "/secret";
    Hostile() { write_file_atomic(secret, "secret", 0644); }
    std::string up() const {  // from the context to the secret, by ".."
        std::string way;
        for (int i = 0; i < 20; ++i) way += "../";
        return way + secret.substr(1);
    }
};

void make_socket(const std::string& path) {
    UniqueFd fd(check(::socket(AF_UNIX, SOCK_STREAM, 0), "socket"));
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    REQUIRE(path.size() < sizeof address.sun_path);
    path.copy(address.sun_path, path.size());
    check(
        ::bind(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address),
        "bind");
}

}  // namespace

TEST_CASE("symlinks of a context end inside it") {
    Hostile copying;
    copying.context.link("absolute", copying.secret);
    copying.context.link("relative", copying.up());
    copying.context.link("folder", copying.outside.path());
    copying.context.link("up", "../../../..");
    copying.context.link("self", "self");
    copying.context.put("f", "inside");
    for (const char* source :
         {"absolute", "relative", "folder", "folder/secret", "fol*", "abs*",
          "*/secret", "up/../tmp"}) {
        INFO(source);
        CHECK(copying.refused({source}, "/x").kind() == ErrorKind::NotFound);
    }
    CHECK(copying.refused({"self"}, "/x").kind() == ErrorKind::InvalidArgument);
    CHECK(text_of(copying.plan({"up/f"}, "/x"), "x") == "inside");
    // As entries they are what they are: text.
    LayerPlan plan = copying.plan({"."}, "/d/");
    CHECK(entry_of(plan, "d/absolute").target == copying.secret);
    CHECK(entry_of(plan, "d/folder").mode == (S_IFLNK | 0777U));
    for (const PlanEntry& entry : plan.entries)
        CHECK(entry.name.find("secret") == std::string::npos);
}

TEST_CASE("symlinks of a context are followed inside it") {
    Hostile copying;
    copying.context.make("a");
    copying.context.put("a/f", "text");
    copying.context.link("l", "/a/f");
    copying.context.link("d", "a");
    CHECK(text_of(copying.plan({"l"}, "/"), "l") == "text");
    CHECK(copying.names({"d"}, "/x/") == Names{"x/", "x/f"});
    CHECK(copying.names({"d/*"}, "/x/") == Names{"x/", "x/f"});
    // What is left out by its name is left out by another one, too.
    copying.tree.ignore = parse_ignore("a");
    CHECK(copying.refused({"l"}, "/").kind() == ErrorKind::NotFound);
    CHECK(copying.refused({"d/*"}, "/x/").kind() == ErrorKind::NotFound);
}

TEST_CASE("symlinks of the stage's root end inside it") {
    Hostile copying;
    copying.context.put("f", "new");
    copying.stage.link("slash", "/");
    copying.stage.link("up", "../../../..");
    copying.stage.link("out", copying.outside.path());
    copying.stage.link("file", copying.secret);
    copying.stage.link("loop", "loop");
    CHECK(copying.names({"f"}, "/slash/x") == Names{"x"});
    CHECK(copying.names({"f"}, "/up/x") == Names{"x"});
    CHECK(copying.names({"f"}, "/up/slash/up/") == Names{"f"});
    std::string inside = copying.outside.path().substr(1);
    CHECK(Copying::names_in(copying.plan({"f"}, "/out/")).back() ==
          inside + "/f");
    CHECK(Copying::names_in(copying.plan({"f"}, "/file")).back() ==
          inside + "/secret");
    CHECK(copying.refused({"f"}, "/loop").kind() == ErrorKind::InvalidArgument);
    CHECK(copying.refused({"f"}, "/loop/").kind() ==
          ErrorKind::InvalidArgument);
    CHECK(read_file(copying.secret, 99) == "secret");
}

TEST_CASE("symlinks of the stage are followed by folders that are merged") {
    Copying copying;
    copying.context.make("r");
    copying.context.make("r/lib");
    copying.context.put("r/lib/x", "");
    copying.stage.make("usr");
    copying.stage.make("usr/lib", 0711);
    copying.stage.link("lib", "usr/lib");
    LayerPlan plan = copying.plan({"r"}, "/");
    CHECK(Copying::names_in(plan) == Names{"usr/", "usr/lib/", "usr/lib/x"});
    CHECK(entry_of(plan, "usr/lib").mode == (S_IFDIR | 0711U));
    // A symlink that leads to no folder is in the way.
    ::unlink(copying.stage.at("lib").c_str());
    copying.stage.link("lib", "nowhere");
    CHECK(copying.refused({"r"}, "/").kind() == ErrorKind::InvalidArgument);
}

TEST_CASE("with --link nothing of the stage counts") {
    Copying copying;
    copying.context.put("f", "");
    copying.stage.link("app", "/elsewhere");
    copying.stage.make("d", 0700);
    copying.request.link = true;
    CHECK(copying.names({"f"}, "/app/x") == Names{"app/", "app/x"});
    LayerPlan plan = copying.plan({"f"}, "/d");
    CHECK(Copying::names_in(plan) == Names{"d"});
    copying.stage.make("etc");
    copying.stage.put("etc/passwd", "node:x:1000:1000::/:\n");
    copying.request.chown = "node";
    CHECK(entry_of(copying.plan({"f"}, "/d/"), "d").uid == 1000);
}

TEST_CASE("what is no file is never opened") {
    Copying copying;
    copying.context.make("d");
    copying.context.put("d/f", "");
    copying.context.device("d/pipe", S_IFIFO, 0);
    make_socket(copying.context.at("d/sock"));
    Names expected{"f", "pipe"};
    if (::geteuid() == 0) {
        copying.context.device("d/null", S_IFCHR, makedev(1, 3));
        expected.insert(expected.begin() + 1, "null");
    }
    LayerPlan plan = copying.plan({"d"}, "/");  // would wait for ever
    CHECK(Copying::names_in(plan) == expected);
    CHECK(entry_of(plan, "pipe").mode == (S_IFIFO | 0600U));
    CHECK(copying.names({"d/pipe"}, "/p") == Names{"p"});
    CHECK(copying.refused({"d/sock"}, "/s").kind() ==
          ErrorKind::InvalidArgument);
    copying.request.is_add = true;
    CHECK(copying.names({"d/pipe"}, "/p") == Names{"p"});
}

TEST_CASE("names and devices that mean something else in a layer") {
    Copying copying;
    copying.context.put(".wh.f", "");
    CHECK(copying.refused({"."}, "/").kind() == ErrorKind::InvalidArgument);
    CHECK(copying.refused({".wh.f"}, "/").kind() == ErrorKind::InvalidArgument);
    copying.context.put("f", "");
    CHECK(copying.refused({"f"}, "/.wh.x").kind() ==
          ErrorKind::InvalidArgument);
    CHECK(copying.refused({"f"}, "/.wh.d/").kind() ==
          ErrorKind::InvalidArgument);
    if (::geteuid() != 0) return;
    copying.context.make("d");
    copying.context.whiteout("d/gone");
    CHECK(copying.refused({"d"}, "/").kind() == ErrorKind::InvalidArgument);
}

TEST_CASE("names with anything in them") {
    Copying copying;
    copying.context.make("d");
    for (const char* name : {"d/new\nline", "d/\xff", "d/ ", "d/*", "d/\\"})
        copying.context.put(name, "x");
    LayerPlan plan = copying.plan({"d"}, "/");
    CHECK(plan.entries.size() == 5);
    CHECK(test::read_tar(test::tar_of(plan)).size() == 5);
    Error error = copying.refused({"no\x1b"
                                   "such"},
                                  "/");
    CHECK(error.message().find('\x1b') == std::string::npos);
}

TEST_CASE("a file that changes after it was planned") {
    Copying copying;
    copying.context.put("f", "before");
    auto refused = [&](const LayerPlan& plan) {
        try {
            test::tar_of(plan);
            return false;
        } catch (const Error& error) {
            CHECK(error.message() == "\"/f\" changed while it was read");
            return error.kind() == ErrorKind::Conflict;
        }
    };
    LayerPlan plan = copying.plan({"f"}, "/f");
    CHECK_FALSE(refused(plan));
    copying.context.put("f", "BEFORE");
    CHECK(refused(plan));
    copying.context.put("f", "bef");
    CHECK(refused(plan));
    copying.context.put("f", "before and more");
    CHECK(refused(plan));
    ::unlink(copying.context.at("f").c_str());
    CHECK(refused(plan));
    copying.context.link("f", "/etc/passwd");
    CHECK(refused(plan));
    ::unlink(copying.context.at("f").c_str());
    copying.context.device("f", S_IFIFO, 0);
    CHECK(refused(plan));
}

TEST_CASE("folders that nest too deep") {
    Copying copying;
    std::string path;
    for (int i = 0; i < 600; ++i) path += "d/";
    std::string at = copying.context.folder.path();
    UniqueFd fd(::open(at.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    for (int i = 0; i < 510; ++i) {
        REQUIRE(::mkdirat(fd.get(), "d", 0755) == 0);
        fd.reset(::openat(fd.get(), "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    }
    CHECK(copying.refused({"."}, "/").kind() == ErrorKind::InvalidArgument);
    CHECK(copying.refused({path}, "/").kind() == ErrorKind::InvalidArgument);
    copying.context.put("f", "");
    CHECK_FALSE(copying.refused({"f"}, "/" + path).message().empty());
}
