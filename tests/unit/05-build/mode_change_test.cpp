#include "05-build/mode_change.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("a --chmod in octal and in letters") {
    struct Row {
        const char* text;
        mode_t before;
        bool is_folder;
        mode_t after;
    };
    for (const Row& row : std::initializer_list<Row>{
             {"755", 0640, false, 0755},
             {"0755", 0640, true, 0755},
             {"4755", 0, false, 04755},
             {"0", 0777, false, 0},
             {"u=rwX,go=rX", 0600, false, 0644},
             {"u=rwX,go=rX", 0700, false, 0755},
             {"u=rwX,go=rX", 0600, true, 0755},
             {"+x", 0644, false, 0755},
             {"a-w", 0666, false, 0444},
             {"go=", 0777, false, 0700},
             {"g=u", 0751, false, 0771},
             {"o+u", 0750, false, 0757},
             {"u+s", 0755, false, 04755},
             {"g+s", 0755, true, 02755},
             {"+t", 0777, true, 01777},
             {"u+rw-x", 0100, false, 0600},
             {"u=rwx,u-w", 0, false, 0500},
             {"ug+X", 0600, false, 0600},
         }) {
        INFO(row.text);
        CHECK(parse_mode_change(row.text).apply(row.before, row.is_folder) ==
              row.after);
    }
}

TEST_CASE("a --chmod: what is no mode") {
    for (const char* text : {"", "8", "77777", "u", "u=q", "rwx", "u=r,", ",",
                             "u=r;", "0x1ff", "-rw", "u+r w"}) {
        INFO(text);
        if (std::string_view(text) == "-rw") {
            CHECK_NOTHROW(parse_mode_change(text));  // all lose r and w
            continue;
        }
        CHECK_THROWS_AS(parse_mode_change(text), Error);
    }
}
