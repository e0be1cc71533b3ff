#include "05-build/context.hpp"

#include <spawn.h>
#include <sys/wait.h>

#include <filesystem>

#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/04-images/tar_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using test::Tree;

namespace {

struct Opened {
    TempDir scratch{"scratch"};
    BuildContext open(ContextRequest request) {
        request.scratch = scratch.path() + "/context";
        remove_tree(request.scratch);
        std::filesystem::create_directory(request.scratch);
        if (!request.input) request.input = source_from("");
        return open_context(std::move(request));
    }
    ErrorKind refused(ContextRequest request) {
        try {
            open(std::move(request));
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::System;
    }
};

// git, as somebody who needs no settings.
bool git(const std::string& folder, std::vector<std::string> words) {
    words.insert(words.begin(),
                 {"git", "-C", folder, "-c", "user.name=a", "-c",
                  "user.email=a@b", "-c", "init.defaultBranch=main"});
    std::vector<char*> pointers;
    for (std::string& word : words) pointers.push_back(word.data());
    pointers.push_back(nullptr);
    pid_t pid = 0;
    int status = 0;
    return ::posix_spawnp(&pid, "git", nullptr, nullptr, pointers.data(),
                          environ) == 0 &&
           ::waitpid(pid, &status, 0) == pid && status == 0;
}

bool has(const SourceTree& tree, const std::string& path) {
    return find_source(tree, path).exists;
}

}  // namespace

TEST_CASE("a folder as context") {
    Tree tree;
    Opened opened;
    CHECK(opened.refused({.context = tree.folder.path()}) ==
          ErrorKind::NotFound);
    CHECK(opened.refused({.context = tree.at("none")}) == ErrorKind::NotFound);
    tree.put("dockerfile", "FROM lower");
    BuildContext context = opened.open({.context = tree.folder.path()});
    CHECK(context.dockerfile == "FROM lower");
    CHECK(context.dockerfile_name == "dockerfile");
    CHECK(context.folder == tree.folder.path());
    tree.put("Dockerfile", "FROM a");
    tree.put(".dockerignore", "x");
    context = opened.open({.context = tree.folder.path()});
    CHECK(context.dockerfile == "FROM a");
    CHECK(context.ignore_name == ".dockerignore");
    CHECK(context.tree.ignore.ignores("x"));
    CHECK(opened.refused({.context = tree.at("Dockerfile")}) ==
          ErrorKind::InvalidArgument);
}

TEST_CASE("rules beside the Dockerfile come before those of the context") {
    Tree tree, outside;
    Opened opened;
    tree.put(".dockerignore", "common");
    tree.put("Dockerfile", "FROM a");
    tree.put("Dockerfile.dockerignore", "special");
    BuildContext context = opened.open({.context = tree.folder.path()});
    CHECK(context.tree.ignore.ignores("special"));
    CHECK_FALSE(context.tree.ignore.ignores("common"));
    outside.put("My.Dockerfile", "FROM b");
    context = opened.open({.context = tree.folder.path(),
                           .dockerfile = outside.at("My.Dockerfile")});
    CHECK(context.dockerfile == "FROM b");
    CHECK(context.tree.ignore.ignores("common"));
    outside.put("My.Dockerfile.dockerignore", "other");
    context = opened.open({.context = tree.folder.path(),
                           .dockerfile = outside.at("My.Dockerfile")});
    CHECK(context.tree.ignore.ignores("other"));
    CHECK_FALSE(context.tree.ignore.ignores("common"));
    outside.put("My.Dockerfile.dockerignore", "a\n!");
    CHECK(opened.refused({.context = tree.folder.path(),
                          .dockerfile = outside.at("My.Dockerfile")}) ==
          ErrorKind::InvalidArgument);
    CHECK(opened.refused({.context = tree.folder.path(),
                          .dockerfile = outside.at("none")}) ==
          ErrorKind::NotFound);
}

TEST_CASE("the Dockerfile from stdin") {
    Tree tree;
    Opened opened;
    tree.put(".dockerignore", "x");
    BuildContext context = opened.open({.context = tree.folder.path(),
                                        .dockerfile = "-",
                                        .input = source_from("FROM stdin")});
    CHECK(context.dockerfile == "FROM stdin");
    CHECK(context.dockerfile_name == "-");
    CHECK(context.tree.ignore.ignores("x"));
    context = opened.open({.context = "-", .input = source_from("FROM b\n")});
    CHECK(context.dockerfile == "FROM b\n");
    CHECK(match_sources(context.tree, "*").empty());
    CHECK(opened.refused({.context = "-", .dockerfile = "-"}) ==
          ErrorKind::InvalidArgument);
}

TEST_CASE("a Dockerfile that is a symlink shows no file of the host") {
    Tree tree, outside;
    Opened opened;
    outside.put("secret", "secret");
    tree.link("Dockerfile", outside.at("secret"));
    CHECK(opened.refused({.context = tree.folder.path()}) ==
          ErrorKind::NotFound);
    tree.put("Dockerfile", "FROM a");
    tree.link(".dockerignore", outside.at("secret"));
    CHECK(
        opened.open({.context = tree.folder.path()}).tree.ignore.rules.empty());
}

TEST_CASE("a tar as context") {
    Opened opened;
    std::string tar = tar_file("Dockerfile", "FROM tar") +
                      tar_file("sub/Other", "FROM other") +
                      tar_file(".dockerignore", "x") + tar_file("x", "1") +
                      tar_file("y", "2") + tar_end();
    BuildContext context =
        opened.open({.context = "-", .input = source_from(tar, 100)});
    CHECK(context.dockerfile == "FROM tar");
    CHECK(match_sources(context.tree, "?") == std::vector<std::string>{"y"});
    context = opened.open(
        {.context = "-", .dockerfile = "sub/Other", .input = source_from(tar)});
    CHECK(context.dockerfile == "FROM other");
    CHECK(opened.refused({.context = "-",
                          .dockerfile = "../../etc/passwd",
                          .input = source_from(tar)}) == ErrorKind::NotFound);
    CHECK(opened.refused({.context = "-",
                          .input = source_from(tar),
                          .most_bytes = 2000}) == ErrorKind::InvalidArgument);
    CHECK(opened.refused({.context = "-",
                          .input = source_from(tar_file("../x", "") + tar)}) ==
          ErrorKind::InvalidArgument);
    context = opened.open(
        {.context = "-",
         .input = source_from(tar_folder("etc") + tar_symlink("l", "/etc") +
                              tar_file("l/z", "") + tar)});
    CHECK(has(context.tree, "etc/z"));
    CHECK_FALSE(has(context.tree, "l/passwd"));
}

TEST_CASE("URLs of repositories") {
    struct Row {
        const char *text, *repository, *ref, *subdir;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"https://h/r.git", "https://h/r.git", "", ""},
             {"https://h/r.git#v1", "https://h/r.git", "v1", ""},
             {"https://h/r.git#v1:sub/x", "https://h/r.git", "v1", "sub/x"},
             {"https://h/r.git#:sub", "https://h/r.git", "", "sub"},
             {"git@h:r", "git@h:r", "", ""},
             {"git@h:a/r.git#main", "git@h:a/r.git", "main", ""},
             {"ssh://h/r", "ssh://h/r", "", ""},
             {"git://h/r", "git://h/r", "", ""},
             {"github.com/a/b", "https://github.com/a/b", "", ""}}) {
        INFO(row.text);
        auto url = parse_git_url(row.text);
        REQUIRE(url);
        CHECK(url->repository == row.repository);
        CHECK(url->ref == row.ref);
        CHECK(url->subdir == row.subdir);
    }
    for (const char* text : {".", "dir", "https://h/x.tar.gz", "-", "a@b",
                             "/a:b", "dir/a@b:c", "https://u@h:80/x"})
        CHECK_FALSE(parse_git_url(text));
    CHECK(is_download_url("https://h/x.tar.gz"));
    CHECK_FALSE(is_download_url("https://h/r.git#x"));
}

TEST_CASE("a repository as context") {
    Tree repository;
    const std::string& at = repository.folder.path();
    if (!git(at, {"init", "-q"})) {
        WARN("skipped: no git");
        return;
    }
    repository.make("sub");
    repository.put("Dockerfile", "FROM one");
    repository.put("sub/Dockerfile", "FROM sub");
    repository.link("out", "/etc");
    REQUIRE(git(at, {"add", "."}));
    REQUIRE(git(at, {"commit", "-q", "-m", "1"}));
    REQUIRE(git(at, {"tag", "v1"}));
    repository.put("Dockerfile", "FROM two");
    REQUIRE(git(at, {"commit", "-q", "-a", "-m", "2"}));
    Opened opened;
    std::string url = "file://" + at;
    BuildContext context = opened.open({.context = url});
    CHECK(context.dockerfile == "FROM two");
    CHECK(context.commit.size() == 40);
    CHECK_FALSE(has(context.tree, ".git"));
    std::string second = context.commit;
    context = opened.open({.context = url + "#v1"});
    CHECK(context.dockerfile == "FROM one");
    std::string first = context.commit;
    CHECK(opened.open({.context = cat(url, "#", first)}).dockerfile ==
          "FROM one");
    CHECK(opened.open({.context = cat(url, "#", first.substr(0, 10))})
              .dockerfile == "FROM one");
    context = opened.open({.context = url + "#v1:sub", .keep_git_dir = true});
    CHECK(context.dockerfile == "FROM sub");
    CHECK_FALSE(has(context.tree, "sub"));
    CHECK(
        has(opened.open({.context = url, .keep_git_dir = true}).tree, ".git"));
    CHECK(opened.refused({.context = url + "#none"}) == ErrorKind::Unavailable);
    CHECK(opened.refused({.context = url + "#:none"}) == ErrorKind::NotFound);
    CHECK(opened.refused({.context = url + "#:out"}) == ErrorKind::NotFound);
    CHECK(opened.refused({.context = url + "#--upload-pack=x"}) ==
          ErrorKind::InvalidArgument);
    CHECK(opened.refused({.context = "file:///nothing/here"}) ==
          ErrorKind::Unavailable);
}

TEST_CASE("a repository takes nothing of this machine but itself") {
    Tree secret, repository;
    const std::string& at = repository.folder.path();
    if (!git(at, {"init", "-q"})) {
        WARN("skipped: no git");
        return;
    }
    secret.put("key", "secret");
    std::string url = "file://" + secret.folder.path();
    REQUIRE(git(secret.folder.path(), {"init", "-q"}));
    REQUIRE(git(secret.folder.path(), {"add", "."}));
    REQUIRE(git(secret.folder.path(), {"commit", "-q", "-m", "1"}));
    repository.put("Dockerfile", "FROM scratch");
    REQUIRE(git(at, {"-c", "protocol.file.allow=always", "submodule", "-q",
                     "add", url, "stolen"}));
    REQUIRE(git(at, {"add", "."}));
    REQUIRE(git(at, {"commit", "-q", "-m", "1"}));
    CHECK(Opened().refused({.context = "file://" + at}) ==
          ErrorKind::Unavailable);
    // A Dockerfile's ADD cannot even name it, and has no keys.
    auto refused = [](const std::string& text, const GitAccess& access) {
        TempDir folder("git");
        try {
            clone_git(*parse_git_url(text), folder.path(), access);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::System;
    };
    CHECK(refused(url, {}) == ErrorKind::Forbidden);
    CHECK(refused("git@localhost:a/b", {}) == ErrorKind::Forbidden);
    CHECK(refused("ssh://localhost/a", {}) == ErrorKind::Forbidden);
    CHECK(refused(url, {.agent = "/agent"}) == ErrorKind::Forbidden);
}
