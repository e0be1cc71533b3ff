#include "05-build/path_match.hpp"

#include <chrono>

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

bool deep(std::string_view pattern, std::string_view path) {
    return PathPattern(pattern).matches(path);
}

}  // namespace

TEST_CASE("filepath.Match, as Go has it") {
    struct Row {
        const char *pattern, *name;
        bool matches;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"abc", "abc", true},
             {"*", "abc", true},
             {"*c", "abc", true},
             {"a*", "a", true},
             {"a*", "abc", true},
             {"a*", "ab/c", false},
             {"a*/b", "abc/b", true},
             {"a*/b", "a/c/b", false},
             {"a*b*c*d*e*/f", "axbxcxdxe/f", true},
             {"a*b*c*d*e*/f", "axbxcxdxexxx/f", true},
             {"a*b*c*d*e*/f", "axbxcxdxe/xxx/f", false},
             {"a*b?c*x", "abxbbxdbxebxczzx", true},
             {"a*b?c*x", "abxbbxdbxebxczzy", false},
             {"ab[c]", "abc", true},
             {"ab[b-d]", "abc", true},
             {"ab[e-g]", "abc", false},
             {"ab[^c]", "abc", false},
             {"ab[^e-g]", "abc", true},
             {"a\\*b", "a*b", true},
             {"a\\*b", "ab", false},
             {"a?b",
              "a\xe2\x98\xba"
              "b",
              true},
             {"a[^a]b",
              "a\xe2\x98\xba"
              "b",
              true},
             {"a???b",
              "a\xe2\x98\xba"
              "b",
              false},
             {"[a-\xce\xb6]*", "\xce\xb1", true},
             {"*[a-\xce\xb6]", "A", false},
             {"a?b", "a/b", false},
             {"a*b", "a/b", false},
             {"[\\]a]", "]", true},
             {"[\\-]", "-", true},
             {"[x\\-]", "x", true},
             {"[\\-x]", "a", false},
             {"arr[[]0].txt", "arr[0].txt", true},
             {"*x", "xxx", true},
             {"a**b", "axyb", true},
             {"a**b", "ax/b", false},
             {"]", "]", true},
             {"", "", true},
             {"", "a", false},
             {"\xff", "\xff", true},
             {"?", "\xff", true},
         }) {
        INFO(row.pattern << " and " << row.name);
        CHECK(match_path(row.pattern, row.name) == row.matches);
    }
}

TEST_CASE("malformed patterns are refused, whatever the name") {
    for (const char* pattern :
         {"[]a]", "[-]", "[x-]", "[-x]", "[", "[^", "[^bc", "a[", "a\\",
          "[a-b-c]", "[\xff]", "a[^]"}) {
        INFO(pattern);
        CHECK_THROWS_AS(match_path(pattern, "a"), Error);
        CHECK_THROWS_AS(PathPattern(pattern), Error);
    }
}

TEST_CASE("with ** a pattern goes into folders") {
    struct Row {
        const char *pattern, *path;
        bool matches;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"**", "file", true},
             {"**", "dir/file", true},
             {"**/", "dir/file", true},
             {"**/**", "dir/file", true},
             {"dir/**", "dir/file", true},
             {"dir/**", "dir/dir2/file", true},
             {"dir/**", "dir", false},
             {"**/dir", "dir", true},
             {"**/dir", "a/b/dir", true},
             {"**/dir", "adir", false},
             {"**/dir2/*", "dir/dir2/file", true},
             {"**/dir2/*", "dir/dir2/dir2/file", true},
             {"**/dir2/**", "dir/dir2/dir2/file", true},
             {"**file", "file", true},
             {"**file", "dir/file", true},
             {"**.log", "a.log", true},
             {"**.log", "x/a.log", true},
             {"**/*.log", "a.log", true},
             {"**/*.log", "x/y/a.log", true},
             {"*.log", "x/a.log", false},
             {"a**/*.txt", "a/file.txt", true},
             {"a**/*.txt", "a/dir/dir/file.txt", true},
             {"a**/*.txt", "a/dir/dir/file.xtx", false},
             {"a/**/b", "a/b", true},
             {"a/**/b", "a/x/y/b", true},
             {"a/**/b", "a/xb", false},
             {"a/**/**/b", "a/b", true},
             {"abc.def", "abcdef", false},
             {"abc?def", "abcZdef", true},
             {"a(b)c/def", "a(b)c/def", true},
             {"a.|)$(}+{bc", "a.|)$(}+{bc", true},
             {"dist/proxy.py-2.4.0rc3*", "dist/proxy.py-2.4.0rc36/x", true},
             // What is below a match matches.
             {"node_modules", "node_modules/a/b", true},
             {"node_modules", "node_modules2", false},
             {"*", "a/b", true},
             {"a/*", "a/b/c", true},
         }) {
        INFO(row.pattern << " and " << row.path);
        CHECK(deep(row.pattern, row.path) == row.matches);
    }
}

TEST_CASE("no pattern takes long") {
    std::string stars, deeps, path(4000, 'a');
    for (int i = 0; i < 400; ++i) stars += "*a";
    for (int i = 0; i < 200; ++i) deeps += "**/*a*/";
    for (std::size_t i = 2; i < path.size(); i += 3) path[i] = '/';
    auto begin = std::chrono::steady_clock::now();
    CHECK_FALSE(match_path(stars + "b", std::string(4000, 'a')));
    CHECK_FALSE(deep(deeps + "b", path));
    CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(2));
}

TEST_CASE("patterns of more than a machine word") {
    std::string name(300, 'x');
    CHECK(match_path(name, name));
    CHECK(match_path(name.substr(1) + "*y", name.substr(1) + "zzzy"));
    CHECK_FALSE(match_path(name, name + "x"));
    CHECK(deep("**/" + name + "/*.c", "a/b/" + name + "/f.c"));
}

TEST_CASE("paths are cleaned as Go does it") {
    struct Row {
        const char *path, *clean;
    };
    for (const Row& row : std::initializer_list<Row>{{"", "."},
                                                     {"/", "/"},
                                                     {"a/", "a"},
                                                     {"a//b", "a/b"},
                                                     {"./a", "a"},
                                                     {"a/../b", "b"},
                                                     {"..", ".."},
                                                     {"../../a", "../../a"},
                                                     {"/..", "/"},
                                                     {"/../a", "/a"},
                                                     {"a/b/../../..", ".."},
                                                     {"a/./b/.", "a/b"}}) {
        INFO(row.path);
        CHECK(clean_path(row.path) == row.clean);
    }
}

TEST_CASE("escaped wildcards are none") {
    CHECK(has_wildcard("a*"));
    CHECK(has_wildcard("a[b]"));
    CHECK_FALSE(has_wildcard("a\\*"));
    CHECK_FALSE(has_wildcard("a\\"));
    CHECK(unescaped("a\\*\\\\b") == "a*\\b");
}
