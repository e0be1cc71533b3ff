#include "06-engine/runtime/mount_options.hpp"

#include <sys/mount.h>

#include <algorithm>

#include "unit/catch.hpp"

using namespace slipway;

namespace {

using Words = std::vector<std::string>;

constexpr std::uint64_t access_time = MOUNT_ATTR__ATIME;

}  // namespace

TEST_CASE("a word sets or clears one attribute of the mount, or of all below") {
    struct Case {
        const char *set, *clear;
        std::uint64_t attribute;
    };
    for (const Case& one : std::initializer_list<Case>{
             {"ro", "rw", MOUNT_ATTR_RDONLY},
             {"nosuid", "suid", MOUNT_ATTR_NOSUID},
             {"nodev", "dev", MOUNT_ATTR_NODEV},
             {"noexec", "exec", MOUNT_ATTR_NOEXEC},
             {"nodiratime", "diratime", MOUNT_ATTR_NODIRATIME},
             {"nosymfollow", "symfollow", MOUNT_ATTR_NOSYMFOLLOW}}) {
        MountOptions set = parse_mount_options({one.set});
        CHECK(set.set == one.attribute);
        CHECK(set.clear == 0);
        CHECK(set.flags.empty());
        MountOptions clear = parse_mount_options({one.set, one.clear});
        CHECK(clear.set == 0);
        CHECK(clear.clear == one.attribute);
        std::string r = "r";
        MountOptions below = parse_mount_options({r + one.clear, r + one.set});
        CHECK(below.set_below == one.attribute);
        CHECK(below.clear_below == 0);
        CHECK(below.set == 0);
        CHECK(parse_mount_options({r + one.clear}).clear_below ==
              one.attribute);
        CHECK(below.data.empty());
    }
}

TEST_CASE("access times are one field: it is cleared before it is set") {
    struct Case {
        Words words;
        std::uint64_t set, clear;
    };
    for (const Case& one : std::initializer_list<Case>{
             {{"noatime"}, MOUNT_ATTR_NOATIME, access_time},
             {{"strictatime"}, MOUNT_ATTR_STRICTATIME, access_time},
             {{"relatime"}, 0, access_time},
             {{"atime"}, 0, access_time},
             {{"norelatime"}, 0, 0},
             {{"nostrictatime"}, 0, access_time},
             {{"noatime", "strictatime"}, MOUNT_ATTR_STRICTATIME, access_time},
             {{"noatime", "relatime"}, 0, access_time},
             {{"noatime", "atime"}, 0, access_time},
             {{"strictatime", "atime"}, MOUNT_ATTR_STRICTATIME, access_time},
             {{"strictatime", "nostrictatime"}, 0, access_time},
             {{"noatime", "norelatime"}, MOUNT_ATTR_NOATIME, access_time},
             {{"noatime", "nodiratime", "ro"},
              MOUNT_ATTR_NOATIME | MOUNT_ATTR_NODIRATIME | MOUNT_ATTR_RDONLY,
              access_time}}) {
        MountOptions here = parse_mount_options(one.words);
        CHECK(here.set == one.set);
        CHECK(here.clear == one.clear);
        Words below;
        for (const std::string& word : one.words) below.push_back("r" + word);
        MountOptions all = parse_mount_options(below);
        CHECK(all.set_below == one.set);
        CHECK(all.clear_below == one.clear);
        CHECK(all.set == 0);
    }
}

TEST_CASE("what is kept of each other word") {
    MountOptions options = parse_mount_options(
        {"defaults", "rbind", "rslave", "shared", "unbindable", "rprivate",
         "tmpcopyup", "ridmap", "silent", "sync", "lazytime", "dirsync",
         "async", "mand", "nomand"});
    CHECK(options.recursive_bind);
    CHECK_FALSE(options.bind);
    CHECK(options.propagation ==
          std::vector<unsigned long>{MS_SLAVE | MS_REC, MS_SHARED,
                                     MS_UNBINDABLE, MS_PRIVATE | MS_REC});
    CHECK(options.copy_up);
    CHECK(options.id_map_below);
    CHECK_FALSE(options.id_map);
    CHECK(options.flags == Words{"lazytime", "dirsync"});
    CHECK(options.data.empty());
    CHECK(parse_mount_options({"rbind", "bind"}).bind);
    CHECK_FALSE(parse_mount_options({"rbind", "bind"}).recursive_bind);
    CHECK(parse_mount_options({"remount"}).remount);
    CHECK(parse_propagation("rshared") == (MS_SHARED | MS_REC));
    CHECK_FALSE(parse_propagation("public"));
}

TEST_CASE("the rest is for the file system, remarks are for nobody") {
    MountOptions options = parse_mount_options(
        {"mode=755", "size=64k,uid=5", "x-systemd.automount", "comment=a b", "",
         "newinstance", R"(context="u:r:t:s0:c1,c2")", R"(lowerdir=a\,b:c)",
         "RO", "rsize=4096", "r", "rbinder"});
    CHECK(options.data == Words{"mode=755", "size=64k", "uid=5", "newinstance",
                                R"(context="u:r:t:s0:c1,c2")",
                                R"(lowerdir=a\,b:c)", "RO", "rsize=4096", "r",
                                "rbinder"});
    CHECK(options.set == 0);
}

TEST_CASE("all words that are listed are understood") {
    Words words = known_mount_options();
    CHECK(std::is_sorted(words.begin(), words.end()));
    CHECK(std::adjacent_find(words.begin(), words.end()) == words.end());
    // The specification's table, version 1.2, without the idmap words.
    for (const char* word :
         {"async",         "atime",        "bind",        "defaults",
          "dev",           "diratime",     "dirsync",     "exec",
          "iversion",      "lazytime",     "loud",        "mand",
          "noatime",       "nodev",        "nodiratime",  "noexec",
          "noiversion",    "nolazytime",   "nomand",      "norelatime",
          "nostrictatime", "nosuid",       "nosymfollow", "private",
          "ratime",        "rbind",        "rdev",        "rdiratime",
          "relatime",      "remount",      "rexec",       "rnoatime",
          "rnodiratime",   "rnoexec",      "rnorelatime", "rnostrictatime",
          "rnosuid",       "rnosymfollow", "ro",          "rprivate",
          "rrelatime",     "rro",          "rrw",         "rshared",
          "rslave",        "rstrictatime", "rsuid",       "rsymfollow",
          "runbindable",   "rw",           "shared",      "silent",
          "slave",         "strictatime",  "suid",        "symfollow",
          "sync",          "tmpcopyup",    "unbindable"})
        CHECK(std::binary_search(words.begin(), words.end(), word));
    for (const std::string& word : words)
        CHECK(parse_mount_options({word}).data.empty());
}
