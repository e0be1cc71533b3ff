#include "common/text.hpp"

#include "common/terminal_safe.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("cat joins texts and numbers") {
    CHECK(cat("line ", 3, " of ", std::string("x")) == "line 3 of x");
    CHECK(cat() == "");
    CHECK(cat(std::uint64_t{18446744073709551615ULL}, -1) ==
          "18446744073709551615-1");
}

TEST_CASE("quote keeps control characters from the terminal") {
    CHECK(quote("plain") == "\"plain\"");
    CHECK(quote("a\"b\\c") == R"("a\"b\\c")");
    CHECK(quote("\x1b[31mred\n\t\r") == R"("\x1b[31mred\n\t\r")");
    CHECK(quote("\x7f") == R"("\x7f")");
    CHECK(quote("Grüße") == "\"Grüße\"");
}

TEST_CASE("a message keeps its lines, and nothing else that a terminal obeys") {
    CHECK(terminal_safe("a \"b\"\n\tc\\d \u00e9") == "a \"b\"\n\tc\\d \u00e9");
    CHECK(terminal_safe("\x1b]0;title\x07\r\x7f") ==
          R"(\x1b]0;title\x07\r\x7f)");
}

TEST_CASE("blanks of mountinfo come back") {
    CHECK(unescape_octal("/a\\040b\\134c") == "/a b\\c");
    CHECK(unescape_octal("/a\\04") == "/a\\04");
    CHECK(unescape_octal("").empty());
}

TEST_CASE("split keeps empty parts") {
    CHECK(split("a:b", ':') == std::vector<std::string>{"a", "b"});
    CHECK(split("", ':') == std::vector<std::string>{""});
    CHECK(split(":", ':') == std::vector<std::string>{"", ""});
    CHECK(join({"a", "", "b"}, ", ") == "a, , b");
    CHECK(join({}, ", ").empty());
}

TEST_CASE("nearest finds what a typist meant") {
    std::vector<std::string> commands = {"tr",     "true",  "tty",
                                         "chroot", "mount", "umount"};
    CHECK(nearest("tru", commands) == "true");
    CHECK(nearest("chrot", commands) == "chroot");
    CHECK(nearest("chorot", commands) == "chroot");  // a swap is one slip
    CHECK(nearest("moutn", commands) == "mount");
    CHECK(nearest("xyzzy", commands).empty());
    CHECK(nearest("x", {"y"}).empty());
    CHECK(nearest("", commands).empty());
    CHECK(nearest("true", {"true"}).empty());  // no help: it is what was typed
    CHECK(nearest(std::string(10000, 'a'), commands).empty());
}
