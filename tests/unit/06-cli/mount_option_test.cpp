#include "06-engine/cli/mount_option.hpp"

#include <filesystem>

#include "06-engine/cli/option_text.hpp"
#include "unit/06-cli/refusal.hpp"

using namespace slipway;
using Texts = std::vector<std::string>;

TEST_CASE("fields with commas stand in quotes") {
    struct Row {
        std::string text;
        Texts fields;
    };
    Row row =
        GENERATE(Row{"", {""}}, Row{"a", {"a"}}, Row{"a,b", {"a", "b"}},
                 Row{",", {"", ""}}, Row{"\"a,b\",c", {"a,b", "c"}},
                 Row{"\"a\"\"b\"", {"a\"b"}}, Row{"\"\"", {""}},
                 Row{"a,\"\",", {"a", "", ""}}, Row{" a , b ", {" a ", " b "}});
    CHECK(split_csv("--mount", row.text) == row.fields);
    for (std::string text : {"\"", "\"a", "\"a\"b", "a\"b\"", "a,\"b\" ,c"})
        CHECK_THAT(refusal([&] { split_csv("--mount", text); }),
                   ContainsSubstring("quote"));
}

TEST_CASE("option -v: paths of the working directory become absolute") {
    std::string here = std::filesystem::current_path();
    CHECK(parse_volume_option("./x:/y").source == here + "/x");
    CHECK(parse_volume_option("./x/../z:/y:ro").source == here + "/z");
    CHECK(parse_volume_option(".:/y").source == here);
    CHECK(parse_volume_option("..:/y").type == "bind");
    CHECK(parse_volume_option("name:/y").source == "name");
    CHECK(parse_volume_option("/y").source.empty());
    CHECK_THAT(refusal([] { parse_volume_option("~/x:/y"); }),
               ContainsSubstring("shell"));
}

TEST_CASE("option --mount: what it means") {
    struct Row {
        std::string text;
        MountRequest mount;
    };
    Row row = GENERATE(
        Row{"target=/x", {.target = "/x"}},
        Row{"type=volume,source=data,target=/x,readonly",
            {.source = "data", .target = "/x", .read_only = true}},
        Row{"TYPE=volume,src=data,dst=/x,ro=false,volume-nocopy",
            {.source = "data", .target = "/x", .no_copy = true}},
        Row{"type=bind,src=/,destination=/x,bind-propagation=rslave,ro=1",
            {.type = "bind",
             .source = "/",
             .target = "/x",
             .read_only = true,
             .propagation = "rslave"}},
        Row{"type=bind,src=/,dst=/x,bind-recursive=disabled",
            {.type = "bind",
             .source = "/",
             .target = "/x",
             .recursive = "disabled"}},
        Row{"type=bind,src=/,dst=/x,bind-recursive=enabled,match-user",
            {.type = "bind",
             .source = "/",
             .target = "/x",
             .match_user = true}},
        Row{"type=bind,src=/no/such,dst=/x,bind-create-src",
            {.type = "bind",
             .source = "/no/such",
             .target = "/x",
             .create_source = true}},
        Row{"src=da,dst=/x,volume-label=a=b,volume-label=c,volume-driver=local,"
            "\"volume-opt=o=addr=1,rw\",volume-subpath=a/b",
            {.source = "da",
             .target = "/x",
             .subpath = "a/b",
             .labels = {{"a", "b"}, {"c", ""}},
             .driver = "local",
             .driver_options = {{"o", "addr=1,rw"}}}},
        Row{"type=tmpfs,dst=/x,tmpfs-size=1m,tmpfs-mode=1700",
            {.type = "tmpfs",
             .target = "/x",
             .tmpfs_size = 1 << 20,
             .tmpfs_mode = 01700}},
        Row{"type=image,src=alpine,dst=/x,image-subpath=etc",
            {.type = "image",
             .source = "alpine",
             .target = "/x",
             .subpath = "etc"}});
    CHECK(parse_mount_option(row.text) == row.mount);
}

TEST_CASE("option --mount: what is refused, and why") {
    struct Row {
        std::string text, reason;
    };
    Row row = GENERATE(
        Row{"", "empty"}, Row{"type=volume", "where?"},
        Row{"dst=x", "not absolute"}, Row{"dst=/", "cannot be /"},
        Row{"type=cluster,dst=/x", "none of bind, volume"},
        Row{"dst=/x,tagret=/y", "did you mean target?"},
        Row{"dst=/x,src", "src needs a value"},
        Row{"dst=/x,ro=maybe", "neither true nor false"},
        Row{"type=bind,dst=/x", "add source"},
        Row{"type=bind,src=x,dst=/x", "not absolute"},
        Row{"type=bind,src=/no/such,dst=/x", "bind source path does not exist"},
        Row{"type=volume,src=/etc,dst=/x", "add type=bind"},
        Row{"src=a b,dst=/x", "only letters"},
        Row{"type=tmpfs,src=a,dst=/x", "no source"},
        Row{"type=image,dst=/x", "which image"},
        Row{"type=tmpfs,dst=/x,volume-nocopy", "not for type=tmpfs"},
        Row{"dst=/x,tmpfs-size=1m", "not for type=volume"},
        Row{"dst=/x,bind-propagation=rslave", "not for type=volume"},
        Row{"type=bind,src=/,dst=/x,bind-propagation=x", "none of private"},
        Row{"type=bind,src=/,dst=/x,bind-recursive=writable", "needs readonly"},
        Row{"type=bind,src=/,dst=/x,ro,bind-recursive=readonly", "rprivate"},
        Row{"type=tmpfs,dst=/x,tmpfs-mode=9", "octal"},
        Row{"type=tmpfs,dst=/x,tmpfs-mode=17777777777", "octal"},
        Row{"type=tmpfs,dst=/x,tmpfs-size=x", "size"},
        Row{"dst=/x,src=da,volume-subpath=../x", "not below"},
        Row{"dst=/x,src=da,volume-subpath=/x", "not below"},
        Row{"dst=/x,volume-opt==x", "name is empty"});
    CHECK_THAT(refusal([&] { parse_mount_option(row.text); }),
               ContainsSubstring(row.reason));
}

TEST_CASE("option --tmpfs and --volumes-from") {
    CHECK(parse_tmpfs_option("/run") ==
          MountRequest{.type = "tmpfs", .target = "/run"});
    CHECK(parse_tmpfs_option("/run:").tmpfs_options.empty());
    CHECK(parse_tmpfs_option("/run:size=64m,noexec,mode=1777").tmpfs_options ==
          Texts{"size=64m", "noexec", "mode=1777"});
    for (std::string text : {"", "run", "/", "/run:bind", "/run:size",
                             "/run:x=y", "/run:lowerdir=/"})
        CHECK_THAT(refusal([&] { parse_tmpfs_option(text); }),
                   ContainsSubstring("--tmpfs"));
    CHECK(parse_volumes_from("web:ro") == "web:ro");
    CHECK(parse_volumes_from("web") == "web");
    for (std::string text : {"", ":ro", "web:x", "web:ro:rw"})
        CHECK_THAT(refusal([&] { parse_volumes_from(text); }),
                   ContainsSubstring("--volumes-from"));
}
