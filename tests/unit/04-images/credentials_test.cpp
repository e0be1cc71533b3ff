#include "04-images/credentials.hpp"

#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "04-images/credential_helper.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

struct Config {
    TempDir folder{"login"};
    std::string file = folder.path() + "/config.json";
    void write(const std::string& text) { write_file_atomic(file, text, 0644); }
    std::string user_of(const std::string& registry) const {
        auto found = find_credentials(file, registry);
        return found ? cat(found->username, "/", found->password, "/",
                           found->identity_token)
                     : "nobody";
    }
};

// A folder at the head of PATH, with a helper in it.
struct Helper {
    TempDir folder{"helper"};
    std::string before = ::getenv("PATH");
    explicit Helper(const std::string& script) {
        write_file_atomic(folder.path() + "/docker-credential-test",
                          "#!/bin/sh\n" + script, 0755);
        ::setenv("PATH", cat(folder.path(), ":", before).c_str(), 1);
    }
    Helper(const Helper&) = delete;
    Helper& operator=(const Helper&) = delete;
    ~Helper() { ::setenv("PATH", before.c_str(), 1); }
};

}  // namespace

TEST_CASE("base64") {
    for (auto [plain, text] : {std::pair{"", ""},
                               {"f", "Zg=="},
                               {"fo", "Zm8="},
                               {"foo", "Zm9v"},
                               {"\xff\xfe", "//4="}}) {
        CHECK(encode_base64(plain) == text);
        CHECK(decode_base64(text) == plain);
    }
    for (const char* text : {"Z", "Zg=", "Zg===", "Z===", "Zm9v\n", "Zm-_"})
        CHECK_FALSE(decode_base64(text));
}

TEST_CASE("credentials as Docker keeps them") {
    Config config;
    CHECK(config.user_of("docker.io") == "nobody");  // no file
    config.write(
        "{\"auths\":{"
        "\"https://index.docker.io/v1/\":{\"auth\":\"bWU6YTpi\"},"
        "\"localhost:5000\":{\"username\":\"u\",\"password\":\"p\"},"
        "\"https://old.example/v2/\":{\"auth\":\"bzpw\"},"
        "\"id.example\":{\"auth\":\"PHRva2VuPjo=\",\"identitytoken\":\"t\"},"
        "\"empty.example\":{}}}");
    CHECK(config.user_of("docker.io") == "me/a:b/");
    CHECK(config.user_of("localhost:5000") == "u/p/");
    CHECK(config.user_of("old.example") == "o/p/");
    CHECK(config.user_of("id.example") == "<token>//t");
    CHECK(config.user_of("empty.example") == "nobody");
    CHECK(config.user_of("localhost:5001") == "nobody");
    CHECK(config.user_of("evil-old.example") == "nobody");
}

TEST_CASE("files that make no sense are errors") {
    Config config;
    config.write(GENERATE(
        as<std::string>{}, "x", "[]", "{\"auths\":1}",
        "{\"auths\":{\"a.example\":1}}",
        "{\"auths\":{\"a.example\":{\"auth\":1}}}",
        "{\"auths\":{\"a.example\":{\"auth\":\"bm9jb2xvbg==\"}}}",
        "{\"auths\":{\"a.example\":{\"auth\":\"?\"}}}", "{\"credsStore\":1}",
        "{\"credHelpers\":{\"a.example\":[]}}", "{\"credsStore\":\"../evil\"}",
        "{\"credsStore\":\"no-such-helper\"}"));
    CHECK_THROWS_AS(find_credentials(config.file, "a.example"), Error);
}

TEST_CASE("what is saved is found, and for nobody else to read") {
    Config config;
    config.file = config.folder.path() + "/new/folder/config.json";
    CHECK_FALSE(remove_credentials(config.file, "docker.io"));
    save_credentials(config.file, "docker.io", {"me", "pass:word", ""});
    struct stat about {};
    REQUIRE(::stat(config.file.c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
    REQUIRE(::stat((config.folder.path() + "/new/folder").c_str(), &about) ==
            0);
    CHECK((about.st_mode & 0777) == 0700);
    save_credentials(config.file, "localhost:5000", {"", "", "id"});
    CHECK(config.user_of("docker.io") == "me/pass:word/");
    CHECK(config.user_of("localhost:5000") == "//id");
    CHECK(read_file(config.file, 10'000).find("index.docker.io/v1/") !=
          std::string::npos);
    CHECK(remove_credentials(config.file, "docker.io"));
    CHECK_FALSE(remove_credentials(config.file, "docker.io"));
    CHECK(config.user_of("docker.io") == "nobody");
    CHECK(config.user_of("localhost:5000") == "//id");
    CHECK_THROWS_AS(save_credentials(config.file, "a.example", {"a:b", "", ""}),
                    Error);
}

TEST_CASE("saving keeps what it does not know, and links") {
    Config config;
    config.write("{\"HttpHeaders\":{\"X\":\"y\"},\"auths\":{}}");
    std::string link = config.folder.path() + "/link.json";
    REQUIRE(::symlink(config.file.c_str(), link.c_str()) == 0);
    save_credentials(link, "a.example", {"u", "p", ""});
    struct stat about {};
    REQUIRE(::lstat(link.c_str(), &about) == 0);
    CHECK(S_ISLNK(about.st_mode));
    CHECK(read_file(config.file, 10'000).find("HttpHeaders") !=
          std::string::npos);
    CHECK(config.user_of("a.example") == "u/p/");
    config.write("{\"auths\":[]}");
    CHECK_THROWS_AS(save_credentials(config.file, "a.example", {"u", "p", ""}),
                    Error);
    CHECK(read_file(config.file, 100) == "{\"auths\":[]}");
}

TEST_CASE("credential helpers are asked") {
    Config config;
    SECTION("the one for this registry, and the one for all") {
        Helper helper(
            "read server; echo '{\"ServerURL\":\"x\",\"Username\":"
            "\"'\"$1\"'\",\"Secret\":\"'\"$server\"'\"}'");
        config.write(
            "{\"auths\":{\"b.example\":{\"auth\":\"bWU6YTpi\"},"
            "\"a.example\":{\"auth\":\"bWU6YTpi\"}},"
            "\"credHelpers\":{\"a.example\":\"test\"},"
            "\"credsStore\":\"test\"}");
        CHECK(config.user_of("a.example") == "get/a.example/");
        CHECK(config.user_of("b.example") == "me/a:b/");
        CHECK(config.user_of("docker.io") ==
              "get/https://index.docker.io/v1//");
    }
    SECTION("for a token") {
        Helper helper("echo '{\"Username\":\"<token>\",\"Secret\":\"t\"}'");
        auto found = ask_credential_helper("test", "a.example");
        REQUIRE(found);
        CHECK(found->identity_token == "t");
        CHECK(found->username.empty());
    }
    SECTION("which have none") {
        Helper helper(
            "echo 'credentials not found in native keychain'; exit 1");
        CHECK_FALSE(ask_credential_helper("test", "a.example"));
    }
    SECTION("which fail, or talk nonsense or without end") {
        Helper helper(GENERATE(as<std::string>{}, "exit 1", "echo no; exit 3",
                               "kill -9 $$", "echo '{}'", "echo", "echo '[1]'",
                               "exec cat /dev/zero",
                               "echo '{\"Username\":1,\"Secret\":2}'"));
        CHECK_THROWS_AS(ask_credential_helper("test", "a.example"), Error);
    }
    SECTION("which hang") {
        Helper helper("exec sleep 60");
        CHECK_THROWS_WITH(ask_credential_helper("test", "a.example",
                                                std::chrono::milliseconds(100)),
                          ContainsSubstring("too long"));
    }
}
