// Layers that mean harm. TestLayer's destructor checks in every test that
// nothing beside the layer was touched. The numbers are those of the cases that
// the whole project is tested with.
#include <sys/resource.h>

#include <cstring>

#include "unit/04-images/layer_fixture.hpp"

using namespace slipway;

namespace {

const std::string payload = "overwritten";

void check_invalid(const Error& error, const std::string& why) {
    CHECK(error.kind() == ErrorKind::InvalidArgument);
    CHECK_THAT(error.message(), ContainsSubstring(why));
}

std::string device(char type, unsigned major, unsigned minor) {
    return tar_entry({.name = "dev",
                      .type = type,
                      .mode = 0666,
                      .major = major,
                      .minor = minor});
}

std::string with_xattr(const std::string& name, const std::string& value,
                       const std::string& entry) {
    return tar_pax({{"SCHILY.xattr." + name, value}}) + entry;
}

// A set of capabilities as the kernel keeps it, version 2: cap_net_raw+ep.
const std::string net_raw("\1\0\0\2\0\x20\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 20);

long largest_resident_kib() {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

}  // namespace

TEST_CASE("case 31: \"..\" is refused, absolute names end in the layer") {
    for (std::string name : {"../victim/file", "/../victim/file",
                             "a/../../victim/file", "./../victim/file"}) {
        TestLayer layer;
        for (char type : {'0', '1', '2', '3', '5', '6'})
            check_invalid(layer.refused(tar_entry(
                              {.name = name, .type = type, .link = "x"})),
                          "\"..\" in it");
        check_invalid(layer.refused(tar_pax({{"path", name}}) + tar_file("a")),
                      "\"..\" in it");
        check_invalid(layer.refused(tar_long(name) + tar_file("a")),
                      "\"..\" in it");
    }
    TestLayer layer;
    layer.unpack(tar_file(layer.outside.path() + "/victim/file", payload));
    CHECK(layer.text(layer.outside.path().substr(1) + "/victim/file") ==
          payload);
}

TEST_CASE("case 32: behind a symlink a name ends in the layer, or nowhere") {
    for (std::string target : {"../victim", "/victim", "../../../victim",
                               "/../victim", "./../layer/../victim"}) {
        TestLayer layer;
        std::string link = tar_symlink("l", target);
        check_invalid(layer.refused(link + tar_file("l/file", payload)),
                      "leads through \"l\"");
        // The same, where the layer has such a folder itself.
        layer.unpack(tar_folder("victim") + tar_folder("layer") + link +
                     tar_file("l/file", payload) + tar_folder("l/d/e"));
        CHECK(layer.text("victim/file") == payload);
        CHECK(layer.is_folder("victim/d/e"));
        CHECK(layer.target("l") == target);
    }
    TestLayer layer;
    std::string outside = layer.outside.path();
    check_invalid(layer.refused(tar_symlink("l", outside + "/victim") +
                                tar_file("l/file", payload)),
                  "leads through");
    check_invalid(layer.refused(tar_symlink("1", "2") + tar_symlink("2", "3") +
                                tar_symlink("3", "../victim") +
                                tar_file("1/file", payload)),
                  "leads through");
    check_invalid(layer.refused(tar_symlink("a", "b") + tar_symlink("b", "a") +
                                tar_file("a/file", payload)),
                  "leads through");
}

TEST_CASE("case 32: a symlink at the end of a name is replaced, not followed") {
    for (std::string target : {"../victim/file", "../victim"}) {
        TestLayer layer;
        std::string link = tar_symlink("l", target);
        layer.unpack(link + tar_file("l", payload));
        CHECK(layer.text("l") == payload);
        layer.unpack(link + tar_folder("l", 0777));
        CHECK(layer.is_folder("l"));
        layer.unpack(link + tar_entry({.name = "l", .type = '6'}));
        CHECK(S_ISFIFO(layer.info("l").st_mode));
        layer.unpack(tar_file("x", payload) + link + tar_hard_link("l", "x"));
        CHECK(layer.text("l") == payload);
    }
    TestLayer layer;  // the layer's own folder
    check_invalid(layer.refused(tar_symlink(".", "../victim")), "not a folder");
    check_invalid(layer.refused(tar_hard_link("/", "x")), "not a folder");
}

TEST_CASE("case 32: magic links and old folders are no way out") {
    TestLayer layer;
    check_invalid(layer.refused(tar_symlink("l", "/proc/self/root") +
                                tar_file("l/tmp/x", payload)),
                  "leads through");
    // The folder is open when it is replaced: what follows goes to the new one.
    layer.unpack(tar_folder("d/e") + tar_file("d/e/one") +
                 tar_symlink("d", "other") + tar_folder("other/e") +
                 tar_file("d/e/two", payload));
    CHECK(layer.text("other/e/two") == payload);
    // It is replaced by a name that leads through itself.
    check_invalid(layer.refused(tar_symlink("l", ".") + tar_file("l/l") +
                                tar_file("l/x", payload)),
                  "leads through");
    CHECK_FALSE(layer.exists("x"));
    CHECK(layer.target("d") == "other");
}

TEST_CASE("case 33: hard links lead to files of the layer only") {
    for (std::string target :
         {"../victim/file", "a/../../victim/file", "/../victim/file"}) {
        TestLayer layer;
        check_invalid(layer.refused(tar_hard_link("h", target)), "\"..\"");
        check_invalid(layer.refused(tar_pax({{"linkpath", target}}) +
                                    tar_hard_link("h", "x")),
                      "\"..\"");
        CHECK_FALSE(layer.exists("h"));
    }
    TestLayer layer;
    check_invalid(layer.refused(tar_hard_link(
                      "h", layer.outside.path() + "/victim/file")),
                  "not in this layer");
    check_invalid(layer.refused(tar_symlink("l", "../victim") +
                                tar_hard_link("h", "l/file")),
                  "not in this layer");
    check_invalid(layer.refused(tar_symlink("l", layer.outside.path()) +
                                tar_hard_link("h", "l/victim/file")),
                  "not in this layer");
    check_invalid(layer.refused(tar_hard_link("h", "missing")),
                  "not in this layer");
    check_invalid(layer.refused(tar_folder("d") + tar_hard_link("h", "d")),
                  "no file");
    check_invalid(layer.refused(tar_hard_link("h", ".")), "not in this layer");
    check_invalid(layer.refused(tar_file(".wh.x") + tar_hard_link("h", "x")),
                  "no file");
    CHECK_FALSE(layer.exists("h"));
    // A link to a symlink is one to the symlink, which nothing follows.
    layer.unpack(tar_symlink("l", "../victim/file") + tar_hard_link("h", "l") +
                 tar_file("h", payload));
    CHECK(layer.text("h") == payload);
    CHECK(layer.target("l") == "../victim/file");
}

TEST_CASE("case 34: a folder whose name begins with the layer's") {
    TestLayer layer;
    check_invalid(layer.refused(tar_file("../layer-evil/x", payload)),
                  "\"..\"");
    check_invalid(layer.refused(tar_symlink("l", "../layer-evil") +
                                tar_file("l/x", payload)),
                  "leads through");
    check_invalid(layer.refused(tar_symlink("l", layer.root + "-evil") +
                                tar_file("l/x", payload)),
                  "leads through");
}

TEST_CASE("case 35: a file below what another layer made a symlink") {
    // Layers are unpacked alone: the second knows nothing of the first's link.
    TestLayer first, second;
    first.unpack(tar_symlink("d", "../victim"));
    second.unpack(tar_file("d/file", payload));
    CHECK(second.text("d/file") == payload);
    CHECK(second.is_folder("d"));
}

TEST_CASE("cases 36 and 37: odd whiteouts are refused, none acts outside") {
    for (auto name : {".wh.", ".wh..", ".wh...", "a/.wh..", "a/.wh...",
                      ".wh.../victim", ".wh../x"}) {
        TestLayer layer;
        CHECK(layer.refused(tar_file(name)).kind() ==
              ErrorKind::InvalidArgument);
    }
    TestLayer layer;
    std::string link = tar_symlink("l", "../victim");
    for (auto name : {"l/.wh.file", "l/.wh..wh..opq", "l/.wh."})
        CHECK(layer.refused(link + tar_file(name)).kind() ==
              ErrorKind::InvalidArgument);
    // A whiteout of a symlink is one of the symlink.
    layer.unpack(tar_file(".wh.s") + tar_symlink("s", "../victim") +
                 tar_file(".wh.s"));
    CHECK(layer.target("s") == "../victim");
}

TEST_CASE("case 38: devices and FIFOs are made, but no whiteouts") {
    TestLayer layer;
    layer.unpack(device('3', 1, 3) +
                 tar_entry({.name = "fifo", .type = '6', .mode = 0600}));
    CHECK(layer.info("dev").st_rdev == makedev(1, 3));
    CHECK(layer.mode("dev") == 0666);
    CHECK(S_ISFIFO(layer.info("fifo").st_mode));
    layer.unpack(device('4', 259, 1048575));
    CHECK(S_ISBLK(layer.info("dev").st_mode));
    CHECK(layer.info("dev").st_rdev == makedev(259, 1048575));
    check_invalid(layer.refused(device('3', 0, 0)), "0:0");
    check_invalid(layer.refused(tar_pax({{"SCHILY.devmajor", "0"},
                                         {"SCHILY.devminor", "0"}}) +
                                device('3', 1, 3)),
                  "0:0");
    check_invalid(layer.refused(device('3', 4096, 0)), "Linux cannot have");
    check_invalid(layer.refused(device('3', 0, 1048576)), "Linux cannot have");
}

TEST_CASE("case 38: in a user namespace devices are left out and counted") {
    TestLayer layer;
    UnpackedLayer done = layer.unpack(
        device('3', 1, 3) + tar_entry({.name = "fifo", .type = '6'}),
        {.user_xattr = true});
    CHECK(done.left_out == 1);
    CHECK_FALSE(layer.exists("dev"));
    CHECK(layer.exists("fifo"));
    check_invalid(layer.refused(device('3', 0, 0), {.user_xattr = true}),
                  "0:0");
}

TEST_CASE("case 39: capabilities are kept, with set-uid bits and owner") {
    TestLayer layer;
    layer.unpack(
        with_xattr(
            "security.capability", net_raw,
            tar_entry({.name = "ping", .mode = 04755, .uid = 5, .gid = 6},
                      "program")) +
        with_xattr("user.note", std::string("a\0b", 3), tar_file("f")) +
        with_xattr("user.note", "of a folder", tar_folder("d")));
    CHECK(layer.xattr("ping", "security.capability") == net_raw);
    CHECK(layer.mode("ping") == 04755);
    CHECK(layer.text("ping") == "program");
    CHECK(layer.xattr("f", "user.note") == std::string("a\0b", 3));
    CHECK(layer.xattr("d", "user.note") == "of a folder");
}

TEST_CASE("case 39: no orders to the overlay, and nothing of the host's") {
    TestLayer layer;
    for (auto name :
         {"trusted.overlay.opaque", "trusted.overlay.redirect",
          "trusted.overlay.metacopy", "trusted.overlay.overlay.opaque",
          "user.overlay.opaque", "user.overlay.redirect", "trusted.other",
          "security.selinux", "security.ima", "system.posix_acl_access"}) {
        for (const std::string& value : {std::string("y"), net_raw}) {
            layer.unpack(with_xattr(name, value, tar_folder("d")) +
                         with_xattr(name, value, tar_folder("./")) +
                         with_xattr(name, value, tar_file("f")) +
                         with_xattr(name, value, tar_symlink("l", "x")));
            for (auto made : {"d", "f", "l", ""})
                CHECK(layer.xattr(made, name) == "-");
        }
    }
    layer.unpack(
        tar_pax({{"LIBARCHIVE.xattr.trusted%2eoverlay%2eopaque", "eQ=="},
                 {"LIBARCHIVE.xattr.user.fine", "eQ=="}}) +
        tar_folder("e"));
    CHECK(layer.xattr("e", "trusted.overlay.opaque") == "-");
    CHECK(layer.xattr("e", "user.fine") == "y");
    check_invalid(layer.refused(with_xattr("security.capability", "nonsense",
                                           tar_file("c"))),
                  "security.capability");
}

TEST_CASE("case 40: sizes that are negative, huge or no numbers") {
    std::string end(16, '\0');
    for (std::string size :
         {base256(-1, 12), base256(-512, 12), "-0000000001" + end.substr(0, 1),
          base256(1L << 62, 12), std::string(12, '\xff'),
          "\x80" + std::string(11, '\x7f'),
          std::string("7777777777777").substr(0, 12)}) {
        TestLayer layer;
        Error error = layer.refused(
            tar_header({.name = "f", .size = size.substr(0, 12)}) +
            tar_padded("text"));
        CHECK(error.kind() == ErrorKind::DataLoss);
    }
    for (auto size : {"-1", "9223372036854775807", "99999999999999999999999",
                      "1000000000000"}) {
        TestLayer layer;
        Error error =
            layer.refused(tar_pax({{"size", size}}) + tar_file("f", "text"));
        CHECK(error.kind() == ErrorKind::DataLoss);
    }
}

TEST_CASE("case 40: broken pax records and special headers without end") {
    TestLayer layer;
    auto pax = [](const std::string& body) {
        return tar_entry({.name = "pax", .type = 'x'}, body) + tar_file("f");
    };
    for (auto body : {"x", "99 path=a\n", "11 path=ab", "0 path=a\n", "5 =a\n",
                      "99999999999999999999 path=a\n", "8 patha\n"})
        CHECK(layer.refused(pax(body)).kind() == ErrorKind::DataLoss);
    std::string many, deep;
    for (int i = 0; i < 1000; ++i) many += tar_pax({{"path", "a"}});
    CHECK(layer.refused(many + tar_file("f")).kind() == ErrorKind::DataLoss);
    for (int i = 0; i < 1000; ++i) deep += tar_long("a");
    CHECK(layer.refused(deep + tar_file("f")).kind() == ErrorKind::DataLoss);
    CHECK(layer
              .refused(tar_header(
                  {.name = "L", .type = 'L', .size = octal(1L << 30, 11)}))
              .kind() == ErrorKind::DataLoss);
}

TEST_CASE("case 40: a name of a megabyte is refused, and soon") {
    TestLayer layer;
    std::string name((1 << 20) - 1, 'n');
    check_invalid(layer.refused(tar_long(name) + tar_file("f")), "too long");
    Error error = layer.refused(tar_pax({{"path", std::string(900'000, 'p')}}) +
                                tar_file("f"));
    check_invalid(error, "too long");
    CHECK(error.message().size() < 1000);
    CHECK(layer.refused(tar_long(name + "xx") + tar_file("f")).kind() ==
          ErrorKind::DataLoss);
    CHECK(layer
              .refused(tar_pax({{"linkpath", std::string(5000, 'l')}}) +
                       tar_symlink("l", "x"))
              .system_errno() == ENAMETOOLONG);
}

TEST_CASE("case 40: hostile maps of sparse files") {
    auto sparse = [](const std::string& map, const std::string& size) {
        return tar_pax({{"GNU.sparse.major", "1"},
                        {"GNU.sparse.minor", "0"},
                        {"GNU.sparse.name", "s"},
                        {"GNU.sparse.realsize", size}}) +
               tar_entry({.name = "s"}, tar_padded(map) + "abc");
    };
    for (auto map : {"1\n-5\n3\n", "1\n9223372036854775807\n3\n", "1\n0\n-3\n",
                     "-1\n", "x\n", "99999999999\n1\n1\n"}) {
        TestLayer layer;
        Error error = layer.refused(sparse(map, "100"));
        CHECK(error.message() != "");
    }
    TestLayer layer;
    // As large as that a file may be on tmpfs, but nowhere else.
    if (layer.refused(sparse("1\n0\n3\n", "9223372036854775807"))
            .message()
            .empty())
        CHECK(layer.info("s").st_size == 9223372036854775807);
    CHECK(layer.refused(sparse("1\n0\n3\n", "-5")).kind() !=
          ErrorKind::DataLoss);
    // The map is libarchive's, in memory: it must not grow with the tar.
    std::string map = "50000000\n";
    while (map.size() < 30'000'000) map += "0\n0\n";
    long before = largest_resident_kib();
    check_invalid(layer.refused(sparse(map, "100")), "more than 4 MiB");
    CHECK(largest_resident_kib() - before < 400'000);
}

TEST_CASE("case 41: a tar that says more than it may is refused in time") {
    TestLayer layer;
    UnpackOptions small{.most_bytes = 5000, .most_entries = 3};
    for (auto more : {tar_file("f", std::string(3500, 'x')),
                      tar_file("a", std::string(2000, 'x')) +
                          tar_file("b", std::string(2000, 'x')),
                      tar_end() + tar_end() + tar_end() + tar_end()})
        check_invalid(layer.refused(more, small), "more than 5000 bytes");
    check_invalid(layer.refused(tar_file("a") + tar_file("a") + tar_file("a") +
                                    tar_file(".wh.b"),
                                small),
                  "more than 3 entries");
    CHECK(layer.unpack(tar_file("a", std::string(3000, 'x')), small).bytes ==
          3000);
}

TEST_CASE("case 41: a huge file takes little memory") {
    TestLayer layer;
    std::string header = tar_header({.name = "huge"}, 2'000'000'000);
    std::size_t sent = 0;
    auto source = [&](char* buffer, std::size_t capacity) {
        if (sent == 0) {
            sent = header.copy(buffer, capacity);
            return sent;
        }
        std::memset(buffer, 0, capacity);
        sent += capacity;
        return capacity;
    };
    long before = largest_resident_kib();
    try {
        unpack_layer(source, layer.root, {.most_bytes = 100'000'000});
        FAIL("unpacked");
    } catch (const Error& error) {
        check_invalid(error, "more than 100000000 bytes");
    }
    CHECK(largest_resident_kib() - before < 20'000);
    CHECK(sent < 102'000'000);
}

TEST_CASE("case 41: folders get only so deep, also by way of symlinks") {
    TestLayer layer;
    std::string deep;
    for (int i = 0; i < 400; ++i) deep += "d/";
    std::string tar = tar_pax({{"path", deep}}) + tar_folder("x") +
                      tar_pax({{"linkpath", deep}}) + tar_symlink("s", "x");
    layer.unpack(tar + tar_folder("s/a"));
    check_invalid(
        layer.refused(tar + tar_pax({{"path", "s/" + deep}}) + tar_folder("x")),
        "too deep");
}

TEST_CASE("case 42: a tar that ends in the middle is refused") {
    std::string tar = tar_folder("d") + tar_pax({{"mtime", "1"}}) +
                      tar_file("d/file", std::string(1000, 'x'));
    for (std::size_t size = 1; size < tar.size(); size += 37) {
        if (size % 512 == 0) continue;
        TestLayer layer;
        try {
            unpack_layer(source_from(tar.substr(0, size)), layer.root);
            FAIL("unpacked " << size);
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::DataLoss);
        }
    }
    for (std::size_t blocks : {2, 3, 4, 5}) {  // after a header, in a body
        TestLayer layer;
        CHECK_THROWS(
            unpack_layer(source_from(tar.substr(0, 512 * blocks)), layer.root));
    }
}

TEST_CASE("case 42: broken headers, and bytes behind the end") {
    TestLayer layer;
    std::string tar = tar_file("a", "text") + tar_file("b");
    for (std::size_t at : {0, 100, 148, 156, 257, 345, 1024, 1100}) {
        std::string wrong = tar;
        wrong[at] ^= 1;
        CHECK(layer.refused(wrong).kind() == ErrorKind::DataLoss);
    }
    auto behind = [&](const std::string& bytes) {
        try {
            unpack_layer(source_from(tar + tar_end() + bytes), layer.root);
        } catch (const Error& error) {
            CHECK(error.kind() == ErrorKind::DataLoss);
            return error.message();
        }
        return std::string();
    };
    CHECK(behind("") == "");
    CHECK(behind("x") == "tar: other bytes behind its end");
    CHECK(behind(tar_file("second tar")) == "tar: other bytes behind its end");
    CHECK(behind(std::string(1'000'000, '\0') + "x") ==
          "tar: other bytes behind its end");
    CHECK_THROWS(unpack_layer(source_from("no tar, but long enough to be one"),
                              layer.root));
    CHECK_THROWS(
        unpack_layer(source_from(std::string(10'000, 'x')), layer.root));
}

TEST_CASE("messages cannot write to the reader's terminal") {
    TestLayer layer;
    Error error = layer.refused(tar_file("a\x1b[2J/../x"));
    check_invalid(error, "\"..\"");
    CHECK(error.message().find('\x1b') == std::string::npos);
    error = layer.refused(tar_hard_link("a\x1b[2J", "b\x1b[2J"));
    check_invalid(error, "not in this layer");
    CHECK(error.message().find('\x1b') == std::string::npos);
}
