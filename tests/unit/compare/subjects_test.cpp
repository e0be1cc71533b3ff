#include "compare/subjects.hpp"

#include <filesystem>
#include <set>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"
#include "compare/bundle.hpp"
#include "compare/cpio.hpp"
#include "compare/machine.hpp"
#include "compare/tar.hpp"
#include "unit/catch.hpp"

using namespace slipway;
using namespace slipway::compare;
using nlohmann::json;

TEST_CASE("compare: subjects have names of their own, and the host is first") {
    std::set<std::string> names;
    for (const Subject& subject : all_subjects()) {
        INFO(subject.name);
        CHECK(names.insert(subject.name).second);
        CHECK_FALSE(subject.words.empty());
    }
    CHECK(all_subjects().front().ground == Ground::Host);
}

TEST_CASE("compare: a column with a mechanism more or less names its base") {
    std::set<std::string> bases = {"1"};
    for (const Subject& subject : all_subjects())
        if (subject.kind == "without") {
            INFO(subject.name);
            auto dash = subject.name.find('-');
            REQUIRE(dash != std::string::npos);
            bases.insert(subject.name.substr(0, dash));
        }
    for (const Subject& subject : all_subjects()) bases.erase(subject.name);
    CHECK(bases.empty());
}

TEST_CASE("compare: a subject of one's own") {
    Subject subject = parse_subject("mine=/opt/run -r  {rootfs} {probe}");
    CHECK(subject.name == "mine");
    CHECK(subject.words ==
          std::vector<std::string>{"/opt/run", "-r", "{rootfs}", "{probe}"});
    CHECK_THROWS_AS(parse_subject("run {probe}"), Error);
    CHECK_THROWS_AS(parse_subject("=run {probe}"), Error);
    CHECK_THROWS_AS(parse_subject("mine=run {rootfs}"), Error);
    CHECK_THROWS_AS(parse_subject("<b>=run {probe}"), Error);
    CHECK_THROWS_AS(parse_subject("a b=run {probe}"), Error);
    CHECK_THROWS_AS(parse_subject("mine=sh -c 'run {probe} '"), Error);
    // It is started where we are, and looked for from elsewhere.
    std::string here = std::filesystem::current_path();
    Subject near = parse_subject("mine=./run {probe}");
    CHECK(near.words[0] == here + "/./run");
    CHECK(near.folder == here);
    CHECK(parse_subject("mine={bin}/slipway {probe}").words[0] ==
          "{bin}/slipway");
}

TEST_CASE("compare: a bundle keeps what the runtime writes, and takes edits") {
    const char* spec = R"({"process": {"terminal": true, "args": ["sh"]},
        "root": {"path": "rootfs", "readonly": true},
        "linux": {"namespaces": [{"type": "pid"}, {"type": "mount"}],
                  "maskedPaths": ["/proc/kcore"]}})";
    json config =
        json::parse(bundle_config(spec, "/r", "/group", true, {"/probe", "run"},
                                  {{"/linux/namespaces/pid", ""},
                                   {"/linux/maskedPaths", ""},
                                   {"/linux/seccomp", ""},
                                   {"/root/readonly", "false"}}));
    CHECK(config["process"]["args"] == json({"/probe", "run"}));
    CHECK(config["process"]["terminal"] == false);
    CHECK(config["root"] == json({{"path", "/r"}, {"readonly", false}}));
    CHECK(config["linux"]["namespaces"] == json::array({{{"type", "mount"}}}));
    CHECK_FALSE(config["linux"].contains("maskedPaths"));
    CHECK(config["linux"]["resources"]["cpu"]["quota"] == 10'000);
    CHECK_THROWS_AS(bundle_config(spec, "/r", "/group", true, {"x"},
                                  {{"/linux/namespaces/net", ""}}),
                    Error);
}

TEST_CASE("compare: a folder as a tar") {
    TempDir folder("tar-test");
    write_file_atomic(folder.path() + "/file", "content", 0600);
    std::string tar = tar_of(folder.path());
    CHECK(tar.size() == 4 * 512);  // header, content, and two blocks of zeros
    CHECK(tar.substr(0, 5) == std::string("file\0", 5));
    CHECK(tar.substr(257, 5) == "ustar");
    CHECK(tar.substr(512, 7) == "content");
}

TEST_CASE("compare: a folder as the archive that a kernel unpacks") {
    TempDir folder("cpio-test");
    write_file_atomic(folder.path() + "/file", "content", 0600);
    std::string archive = cpio_of(folder.path());
    CHECK(archive.size() % 4 == 0);
    CHECK(archive.substr(0, 6) == "070701");
    CHECK(archive.substr(54, 8) == "00000007");  // its size
    CHECK(archive.substr(94, 2) == "00");
    CHECK(archive.find("content") != std::string::npos);
    CHECK(archive.find("TRAILER!!!") != std::string::npos);
}

TEST_CASE("compare: the kernel that a machine boots") {
    TempDir folder("kernel-test");
    CHECK_THROWS_AS(find_kernel(folder.path()), Error);
    write_file_atomic(folder.path() + "/vmlinuz-1", "", 0600);
    write_file_atomic(folder.path() + "/vmlinuz-2", "", 0600);
    write_file_atomic(folder.path() + "/zImage", "", 0600);
    CHECK(find_kernel(folder.path()) == folder.path() + "/vmlinuz-2");
}
