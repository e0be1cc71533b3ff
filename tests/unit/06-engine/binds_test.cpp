#include "06-engine/engine/binds.hpp"

#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

TEST_CASE("option -v's text: what it means") {
    struct Row {
        std::string text;
        MountRequest mount;
        std::string again;
    };
    Row row =
        GENERATE(Row{"/data", {.target = "/data"}, ""},
                 Row{"data:/x", {.source = "data", .target = "/x"}, "data:/x"},
                 Row{"data:/x:ro",
                     {.source = "data", .target = "/x", .read_only = true},
                     "data:/x:ro"},
                 Row{"data:/x:nocopy,rw",
                     {.source = "data", .target = "/x", .no_copy = true},
                     "data:/x:nocopy"},
                 Row{"/h:/x",
                     {.type = "bind",
                      .source = "/h",
                      .target = "/x",
                      .create_source = true},
                     "/h:/x"},
                 Row{"/:/host:ro,rslave",
                     {.type = "bind",
                      .source = "/",
                      .target = "/host",
                      .read_only = true,
                      .propagation = "rslave",
                      .create_source = true},
                     "/:/host:ro,rslave"},
                 Row{"/h:/x:z,Z,U",
                     {.type = "bind",
                      .source = "/h",
                      .target = "/x",
                      .create_source = true,
                      .match_user = true},
                     "/h:/x:U"});
    MountRequest mount = parse_bind(row.text);
    CHECK(mount == row.mount);
    CHECK(bind_text(mount) == row.again);
}

TEST_CASE("option -v's text: what is refused, and why") {
    struct Row {
        std::string text, reason;
    };
    Row row = GENERATE(
        Row{"", "not absolute"}, Row{"x", "not absolute"},
        Row{"a:b:c:d", "two colons"}, Row{"/a:ro", "options need"},
        Row{"/a:b", "not absolute"}, Row{":/x", "source is empty"},
        Row{"/a:/", "cannot be /"}, Row{"/a:/.", "cannot be /"},
        Row{"v:/y", "fewer than two"}, Row{"-v:/y", "must begin"},
        Row{"a b:/y", "only letters"}, Row{"/a:/b:rx", "unknown option \"rx\""},
        Row{"/a:/b:", "unknown option \"\""}, Row{"/a:/b:ro,rw", "contradict"},
        Row{"/a:/b:nocopy", "for volumes"},
        Row{"data:/b:rslave", "for folders"});
    try {
        parse_bind(row.text);
        FAIL("accepted: " << row.text);
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::InvalidArgument);
        CHECK_THAT(error.message(), ContainsSubstring(row.reason));
        CHECK_FALSE(error.advice().empty());
    }
}
