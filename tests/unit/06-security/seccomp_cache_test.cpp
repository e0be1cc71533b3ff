#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "seccomp_fixture.hpp"

using namespace slipway;

namespace {

const std::string plain =
    R"({"defaultAction":"SCMP_ACT_ALLOW","flags":["SECCOMP_FILTER_FLAG_LOG"],)"
    R"("syscalls":[{"names":["umask"],"action":"SCMP_ACT_ERRNO"}]})";

std::vector<std::string> files_in(const std::string& folder) {
    std::vector<std::string> names;
    DIR* open = ::opendir(folder.c_str());
    REQUIRE(open);
    while (const dirent* entry = ::readdir(open))
        if (entry->d_name[0] != '.')
            names.push_back(folder + "/" + entry->d_name);
    ::closedir(open);
    return names;
}

std::string bytes(const SeccompFilter& filter) {
    return {reinterpret_cast<const char*>(filter.program.data()),
            filter.program.size() * sizeof(sock_filter)};
}

struct Cache {
    TempDir place{"seccomp"};
    std::string folder = place.path() + "/cache";

    SeccompFilter get(const std::string& json) {
        return cached_seccomp(profile_document(json), folder);
    }
    std::string only_file() {
        std::vector<std::string> names = files_in(folder);
        REQUIRE(names.size() == 1);
        return names[0];
    }
    std::string content() { return read_file(only_file(), 1 << 20); }
    ino_t inode() {
        struct stat info {};
        REQUIRE(::lstat(only_file().c_str(), &info) == 0);
        return info.st_ino;
    }
    /// The file was not believed: it was made anew.
    bool made_anew(const SeccompFilter& good) {
        ino_t before = inode();
        SeccompFilter again = get(plain);
        CHECK(bytes(again) == bytes(good));
        CHECK(again.flags == good.flags);
        return inode() != before;
    }
};

}  // namespace

TEST_CASE("the second time gives the same filter, from the file") {
    Cache cache;
    SeccompFilter first = cache.get(plain);
    CHECK(bytes(first) == bytes(filter_of(plain)));
    struct stat info {};
    REQUIRE(::stat(cache.folder.c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0700);
    REQUIRE(::stat(cache.only_file().c_str(), &info) == 0);
    CHECK((info.st_mode & 0777) == 0600);
    CHECK_FALSE(cache.made_anew(first));
    CHECK(cache.get(plain).flags == SECCOMP_FILTER_FLAG_LOG);
    // The same profile, written in another order.
    CHECK(bytes(cache.get(
              R"({"syscalls":[{"action":"SCMP_ACT_ERRNO","names":["umask"]}],)"
              R"("flags":["SECCOMP_FILTER_FLAG_LOG"],)"
              R"("defaultAction":"SCMP_ACT_ALLOW"})")) == bytes(first));
    CHECK(files_in(cache.folder).size() == 1);
}

TEST_CASE("another profile has another file") {
    Cache cache;
    cache.get(plain);
    SeccompFilter other = cache.get(R"({"defaultAction":"SCMP_ACT_LOG"})");
    CHECK(bytes(other) ==
          bytes(filter_of(R"({"defaultAction":"SCMP_ACT_LOG"})")));
    CHECK(files_in(cache.folder).size() == 2);
}

TEST_CASE("what a listener needs comes back from the file, too") {
    const std::string json =
        R"({"defaultAction":"SCMP_ACT_ALLOW","listenerPath":"/run/agent",)"
        R"("listenerMetadata":"about","syscalls":[{"names":["umask"],)"
        R"("action":"SCMP_ACT_NOTIFY"}]})";
    Cache cache;
    for (int turn = 0; turn < 2; ++turn) {
        SeccompFilter filter = cache.get(json);
        CHECK(filter.notifies);
        CHECK(filter.listener_path == "/run/agent");
        CHECK(filter.listener_metadata == "about");
    }
}

TEST_CASE("a file with any byte changed is not believed") {
    Cache cache;
    SeccompFilter good = cache.get(plain);
    std::string file = cache.only_file(), content = cache.content();
    for (std::size_t at = 0; at < content.size(); at += 7) {
        INFO("byte " << at);
        std::string damaged = content;
        damaged[at] = static_cast<char>(damaged[at] ^ 0x10);
        write_file_atomic(file, damaged, 0600, ToDisk::Later);
        CHECK(cache.made_anew(good));
    }
}

TEST_CASE("a file cut short, or too long, is not believed") {
    Cache cache;
    SeccompFilter good = cache.get(plain);
    std::string file = cache.only_file(), content = cache.content();
    std::vector<std::string> wrong{"", content + "x",
                                   std::string(content.size(), '\0')};
    for (std::size_t length = 1; length < content.size(); length += 41)
        wrong.push_back(content.substr(0, length));
    for (const std::string& one : wrong) {
        INFO("length " << one.size());
        write_file_atomic(file, one, 0600, ToDisk::Later);
        CHECK(cache.made_anew(good));
    }
}

TEST_CASE("the right bytes in another profile's file are not believed") {
    Cache cache;
    cache.get(R"({"defaultAction":"SCMP_ACT_ALLOW"})");
    std::string foreign = cache.content();
    REQUIRE(::unlink(cache.only_file().c_str()) == 0);
    SeccompFilter good = cache.get(plain);
    write_file_atomic(cache.only_file(), foreign, 0600, ToDisk::Later);
    CHECK(cache.made_anew(good));
}

TEST_CASE("files that others could have written are not believed") {
    Cache cache;
    SeccompFilter good = cache.get(plain);
    std::string file = cache.only_file();
    for (mode_t mode : {0620, 0602, 0666}) {
        REQUIRE(::chmod(file.c_str(), mode) == 0);
        CHECK(cache.made_anew(good));
    }
    if (::geteuid() == 0) {
        REQUIRE(::chown(file.c_str(), 1000, 1000) == 0);
        CHECK(cache.made_anew(good));
    }
    // A link to a good file, a pipe, a folder.
    std::string elsewhere = cache.place.path() + "/elsewhere";
    REQUIRE(::rename(file.c_str(), elsewhere.c_str()) == 0);
    REQUIRE(::symlink(elsewhere.c_str(), file.c_str()) == 0);
    CHECK(cache.made_anew(good));
    REQUIRE(::unlink(file.c_str()) == 0);
    REQUIRE(::mkfifo(file.c_str(), 0600) == 0);
    CHECK(cache.made_anew(good));
    REQUIRE(::unlink(file.c_str()) == 0);
    REQUIRE(::mkdir(file.c_str(), 0700) == 0);
    CHECK(bytes(cache.get(plain)) == bytes(good));
}

TEST_CASE("a folder that cannot be used is no error") {
    Cache cache;
    SeccompFilter good = filter_of(plain);
    DocumentField profile = profile_document(plain);
    CHECK(bytes(cached_seccomp(profile, "/proc/no/folder")) == bytes(good));
    std::string file = cache.place.path() + "/file";
    write_file_atomic(file, "", 0600, ToDisk::Later);
    CHECK(bytes(cached_seccomp(profile, file)) == bytes(good));
}

TEST_CASE("a profile that would take for ever is refused in time") {
    // Each rule makes libseccomp 2.5 take about twice as long.
    std::string rules;
    for (int rule = 0; rule < 40; ++rule) {
        rules += R"({"names":["shmget"],"action":"SCMP_ACT_KILL","args":[)";
        for (int index = 0; index < 3; ++index)
            rules += cat(index > 0 ? "," : "", R"({"index":)", index,
                         R"(,"op":"SCMP_CMP_NE","value":)",
                         (1 + rule * 7LL) << 20 * index, "}");
        rules += rule < 39 ? "]}," : "]}";
    }
    DocumentField profile = profile_document(all_but(rules));
    try {
        compile_within(profile, 1);
        WARN("this libseccomp does it at once");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::InvalidArgument);
        CHECK(error.message() ==
              "seccomp: compiling it takes more than 1 s of processor time: "
              "have fewer rules with args for one system call, or fewer "
              "architectures");
    }
}

TEST_CASE("with a limit of time the filter is the same, and so are errors") {
    CHECK(bytes(compile_within(profile_document(plain))) ==
          bytes(filter_of(plain)));
    const std::string five =
        R"("args":[{"index":0,"op":"SCMP_CMP_EQ","value":5}]})";
    const DocumentField wrong = profile_document(
        all_but(R"({"names":["umask"],"action":"SCMP_ACT_ERRNO",)" + five +
                R"(,{"names":["umask"],"action":"SCMP_ACT_TRAP",)" + five));
    CHECK_THROWS_WITH(compile_within(wrong),
                      ContainsSubstring("contradict each other"));
}

TEST_CASE("a wrong profile is refused, and nothing is kept") {
    Cache cache;
    CHECK_THROWS_AS(cache.get(R"({"defaultAction":"SCMP_ACT_NONE"})"), Error);
    CHECK(::access(cache.folder.c_str(), F_OK) != 0);
}

TEST_CASE("the oldest make room; what is not ours stays") {
    Cache cache;
    REQUIRE(::mkdir(cache.folder.c_str(), 0700) == 0);
    std::string other = cache.folder + "/a-file-of-somebody-else.bpf";
    write_file_atomic(other, "", 0600, ToDisk::Later);
    auto name = [&](int number) {
        return cat(cache.folder, "/00000000000000", 10 + number, ".bpf");
    };
    for (int i = 0; i < 70; ++i) {
        write_file_atomic(name(i), "", 0600, ToDisk::Later);
        timespec times[2] = {{1000 + i, 0}, {1000 + i, 0}};
        REQUIRE(::utimensat(AT_FDCWD, name(i).c_str(), times, 0) == 0);
    }
    cache.get(plain);
    CHECK(files_in(cache.folder).size() == 64 + 1);
    CHECK(::access(name(6).c_str(), F_OK) != 0);
    CHECK(::access(name(7).c_str(), F_OK) == 0);
    CHECK(::access(other.c_str(), F_OK) == 0);
}
