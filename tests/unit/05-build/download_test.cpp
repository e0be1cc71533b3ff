#include "05-build/download.hpp"

#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("the name of a download is in its URL") {
    struct Row {
        const char *url, *name;
    };
    for (const Row& row :
         std::initializer_list<Row>{{"https://h/a.tar", "a.tar"},
                                    {"https://h/d/a.tar?x=/y#z", "a.tar"},
                                    {"https://h/a%20b%2b", "a b+"},
                                    {"https://h/d%2Fa", "a"},
                                    {"https://h/100%", "100%"},
                                    {"https://h/%zz%4", "%zz%4"},
                                    {"https://h/d/", ""},
                                    {"https://h", ""},
                                    {"https://h/..", ""},
                                    {"https://h/%2e%2E", ""},
                                    {"https://h/a%00", ""}}) {
        INFO(row.url);
        CHECK(download_name(row.url) == row.name);
    }
}
