#include "04-images/layer_report.hpp"

#include <nlohmann/json.hpp>

#include "unit/04-images/read_tar_fixture.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using test::Tree;

namespace {

bool skip_without_root() {
    if (::geteuid() == 0) return false;
    WARN("skipped: marks need root");
    return true;
}

struct Image {
    Tree tree;
    std::vector<std::string> folders;

    /// A layer: its name, for those that fill it.
    std::string layer() {
        std::string name = cat("layer", folders.size() + 1);
        folders.push_back(tree.make(name));
        return name;
    }
    LayerReport report(const std::vector<HistoryEntry>& history = {},
                       const ReportOptions& options = {}) const {
        return report_layers(folders, history, options);
    }
};

std::string lines(const std::vector<HiddenPath>& paths) {
    std::string text;
    for (const HiddenPath& path : paths) {
        text += cat(path.path, " ", path.bytes, " in");
        for (std::size_t layer : path.held_by) text += cat(" ", layer);
        text += cat(" by ", path.hidden_by, "\n");
    }
    return text;
}

std::string counts(const LayerReport& report) {
    std::string text;
    for (const LayerSummary& layer : report.layers)
        text += cat(layer.bytes, "-", layer.wasted, " A", layer.added, " C",
                    layer.changed, " D", layer.deleted, "\n");
    return text;
}

std::string bytes(std::size_t count) {
    return std::string(count, 'x');
}

}  // namespace

TEST_CASE("the deleted secret is still in its layer") {
    if (skip_without_root()) return;
    Image image;
    std::string one = image.layer(), two = image.layer(), three = image.layer();
    image.tree.make(one + "/root");
    image.tree.put(one + "/root/profile", bytes(100));
    image.tree.make(two + "/root");
    image.tree.put(two + "/root/key", bytes(7));
    image.tree.make(three + "/root");
    image.tree.whiteout(three + "/root/key");
    LayerReport report = image.report();
    CHECK(counts(report) == "100-0 A2 C0 D0\n7-7 A1 C0 D0\n0-0 A0 C0 D1\n");
    CHECK(lines(report.deleted) == "/root/key 7 in 2 by 3\n");
    CHECK(report.replaced.empty());
    CHECK(report.bytes == 107);
    CHECK(report.wasted == 7);
    CHECK(report.efficiency() == 934);
}

TEST_CASE("a file that is replaced again and again") {
    Image image;
    for (std::size_t size : {1000, 1001, 0, 1002}) {
        std::string layer = image.layer();
        if (size == 0) continue;
        image.tree.make(layer + "/var");
        image.tree.put(layer + "/var/status", bytes(size));
    }
    LayerReport report = image.report();
    CHECK(counts(report) ==
          "1000-1000 A2 C0 D0\n1001-1001 A0 C1 D0\n0-0 A0 C0 D0\n"
          "1002-0 A0 C1 D0\n");
    CHECK(lines(report.replaced) == "/var/status 2001 in 1 2 by 4\n");
}

TEST_CASE("a folder that is gone stands for what was in it") {
    if (skip_without_root()) return;
    Image image;
    std::string one = image.layer(), two = image.layer(), three = image.layer();
    for (const auto& layer : {one, two}) {
        image.tree.make(layer + "/cache");
        image.tree.make(layer + "/cache/deep");
        image.tree.put(layer + "/cache/deep/file", bytes(10));
    }
    image.tree.put(two + "/cache/other", bytes(5));
    image.tree.link(two + "/cache/link", "other");
    image.tree.whiteout(three + "/cache");
    LayerReport report = image.report();
    CHECK(lines(report.deleted) == "/cache 15 in 2 by 3\n");
    CHECK(lines(report.replaced) == "/cache/deep/file 10 in 1 by 2\n");
    CHECK(counts(report) == "10-10 A3 C0 D0\n15-15 A2 C1 D0\n0-0 A0 C0 D1\n");
}

TEST_CASE("an opaque folder deletes what it does not have itself") {
    if (skip_without_root()) return;
    Image image;
    std::string one = image.layer(), two = image.layer();
    image.tree.make(one + "/a");
    image.tree.put(one + "/a/both", bytes(100));
    image.tree.put(one + "/a/gone", bytes(20));
    image.tree.put(one + "/a/kind", bytes(3));
    for (const char* folder : {"/a/dir", "/a/dir-gone"}) {
        image.tree.make(one + folder);
        image.tree.put(one + folder + "/both", bytes(1000));
        image.tree.put(one + folder + "/gone", bytes(200));
    }
    image.tree.make(two + "/a");
    image.tree.opaque(two + "/a");
    image.tree.put(two + "/a/both", bytes(1));
    image.tree.put(two + "/a/new", bytes(1));
    image.tree.make(two + "/a/kind");
    image.tree.make(two + "/a/dir");  // in an opaque folder: nothing below
    image.tree.put(two + "/a/dir/both", bytes(1));
    LayerReport report = image.report();
    CHECK(lines(report.deleted) ==
          "/a/dir-gone 1200 in 1 by 2\n"
          "/a/dir/gone 200 in 1 by 2\n"
          "/a/gone 20 in 1 by 2\n");
    CHECK(lines(report.replaced) ==
          "/a/dir/both 1000 in 1 by 2\n"
          "/a/both 100 in 1 by 2\n"
          "/a/kind 3 in 1 by 2\n");
    CHECK(counts(report) == "2523-2523 A10 C0 D0\n3-0 A1 C3 D3\n");
}

TEST_CASE("a folder that comes and goes and comes again") {
    if (skip_without_root()) return;
    Image image;
    std::string one = image.layer(), two = image.layer(), three = image.layer(),
                four = image.layer();
    image.tree.make(one + "/d");
    image.tree.put(one + "/d/x", bytes(1));
    image.tree.whiteout(two + "/d");
    image.tree.put(three + "/d", bytes(10));
    image.tree.make(four + "/d");
    image.tree.put(four + "/d/x", bytes(100));
    LayerReport report = image.report();
    CHECK(counts(report) ==
          "1-1 A2 C0 D0\n0-0 A0 C0 D1\n10-10 A1 C0 D0\n100-0 A1 C1 D0\n");
    CHECK(lines(report.replaced) == "/d 11 in 1 3 by 4\n");
    CHECK(report.deleted.empty());
}

TEST_CASE("names of one file count once") {
    Image image;
    std::string one = image.layer();
    image.layer();
    image.tree.put(one + "/a", bytes(50));
    REQUIRE(::link(image.tree.at(one + "/a").c_str(),
                   image.tree.at(one + "/b").c_str()) == 0);
    CHECK(counts(image.report()) == "50-0 A2 C0 D0\n0-0 A0 C0 D0\n");
}

TEST_CASE("a whiteout of nothing is nothing; an image may be empty") {
    if (skip_without_root()) return;
    Image image;
    CHECK(image.report().efficiency() == 1000);
    std::string one = image.layer();
    image.tree.whiteout(one + "/none");
    CHECK(counts(image.report()) == "0-0 A0 C0 D0\n");
    CHECK(image.report().efficiency() == 1000);
}

TEST_CASE("the report keeps the largest, and counts all") {
    if (skip_without_root()) return;
    Image image;
    std::string one = image.layer(), two = image.layer();
    for (int i = 1; i <= 300; ++i) {
        image.tree.put(cat(one, "/f", i), bytes(static_cast<std::size_t>(i)));
        image.tree.whiteout(cat(two, "/f", i));
    }
    LayerReport report = image.report({}, {.most_paths = 2});
    CHECK(lines(report.deleted) ==
          "/f300 300 in 1 by 2\n/f299 299 in 1 by 2\n");
    CHECK(report.all_deleted == 300);
    CHECK(report_text(report, 1).find("… and 299 more\n") != std::string::npos);
}

TEST_CASE("more layers than a process has files for in each folder") {
    Image image;
    for (int i = 0; i < 300; ++i) {
        std::string path = image.layer();
        for (const char* part : {"/a", "/b", "/c"})
            image.tree.make(path += part);
        image.tree.put(path + "/file", bytes(1));
    }
    LayerReport report = image.report();
    CHECK(report.bytes == 300);
    CHECK(report.wasted == 299);
}

TEST_CASE("the report for people, and for programs") {
    if (skip_without_root()) return;
    Image image;
    std::string one = image.layer(), two = image.layer(), three = image.layer();
    image.tree.put(one + "/app", bytes(2048));
    image.tree.put(one + "/key", bytes(512));
    image.tree.put(two + "/app", bytes(1536));
    image.tree.whiteout(two + "/key");
    HistoryEntry nothing{.created_by = "ENV A=b", .empty_layer = true};
    std::string secret = "RUN \x1b[31m" + std::string(100, 'x');
    LayerReport report = image.report(
        {{.created_by = "COPY app key /"}, nothing, {.created_by = secret}});
    CHECK(
        report_text(report) ==
        "LAYER   SIZE      WASTED    ADDED   CHANGED   DELETED   CREATED BY\n"
        "1       2.5 KiB   2.5 KiB   2       0         0         "
        "COPY app key /\n"
        "2       1.5 KiB   0 B       0       1         1         "
        "\"RUN \\x1b[31m" +
            std::string(47, 'x') +
            "…\n"
            "3       0 B       0 B       0       0         0         \n"
            "\n4 KiB in 3 layers, of which 2.5 KiB cannot be seen: efficiency "
            "37.5 %\n"
            "\ndeleted, but still in the image:\n"
            "  512 B   /key: in layer 1, deleted by layer 2\n"
            "\nreplaced:\n"
            "  2 KiB   /app: in layer 1, replaced by layer 2\n");
    auto json = nlohmann::json::parse(report_json(report));
    CHECK(json["efficiency"] == 37.5);
    CHECK(json["layers"][1]["createdBy"] == secret);
    CHECK(json["layers"][1]["deleted"] == 1);
    CHECK(json["deleted"] ==
          nlohmann::json::parse(
              R"([{"path":"/key","bytes":512,"heldBy":[1],"hiddenBy":2}])"));
    CHECK(json["allReplaced"] == 1);
}
