#include "06-engine/cli/limit_options.hpp"

#include "unit/06-cli/refusal.hpp"

using namespace slipway;

TEST_CASE("sizes: 0 is no limit, swap knows -1") {
    CHECK(parse_bytes_option("--memory", "64m") == 64 << 20);
    CHECK(parse_bytes_option("--memory", "1.5G") == 3LL << 29);
    CHECK(parse_bytes_option("--memory", "100b") == 100);
    CHECK_FALSE(parse_bytes_option("--memory", "0"));
    CHECK(parse_swap_option("-1") == -1);
    CHECK(parse_swap_option("1g") == 1 << 30);
    for (std::string text : {"", "-1", "m", "1x", "1.m"})
        CHECK_THAT(refusal([&] { parse_bytes_option("--memory", text); }),
                   ContainsSubstring("--memory"));
}

TEST_CASE("option --cpus: billionths of processors") {
    struct Row {
        std::string text;
        std::int64_t nano;
    };
    Row row = GENERATE(Row{"1", 1'000'000'000}, Row{"1.5", 1'500'000'000},
                       Row{".5", 500'000'000}, Row{"0.01", 10'000'000},
                       Row{"0.000000001", 1}, Row{"1/4", 250'000'000});
    CHECK(parse_nano_cpus(row.text) == row.nano);
    for (std::string text :
         {"", "-1", "x", "1e3", "1.0000000001", "1/0", "99999999"})
        CHECK_THAT(refusal([&] { parse_nano_cpus(text); }),
                   ContainsSubstring("--cpus"));
}

TEST_CASE("option --ulimit: soft and hard") {
    CHECK(parse_ulimit("nofile=1024:2048") ==
          UlimitRequest{"nofile", 1024, 2048});
    CHECK(parse_ulimit("nofile=1024") == UlimitRequest{"nofile", 1024, 1024});
    CHECK(parse_ulimit("core=-1") == UlimitRequest{"core", -1, -1});
    CHECK(parse_ulimit("core=5:-1") == UlimitRequest{"core", 5, -1});
    struct Row {
        std::string text, reason;
    };
    Row row =
        GENERATE(Row{"nofile", "NAME=SOFT"}, Row{"", "NAME=SOFT"},
                 Row{"nofle=1", "did you mean nofile?"},
                 Row{"nofile=", "no whole number"}, Row{"nofile=x", "no whole"},
                 Row{"nofile=2:1", "above"}, Row{"nofile=-1:1", "above"},
                 Row{"nofile=1:2:3", "no whole"}, Row{"nofile=-2", "no whole"});
    CHECK_THAT(refusal([&] { parse_ulimit(row.text); }),
               ContainsSubstring(row.reason));
}

TEST_CASE("disks: rates and weights") {
    CHECK(parse_rate_option("--device-read-bps", "/dev/sda:1mb", true) ==
          DeviceRate{"/dev/sda", 1 << 20});
    CHECK(parse_rate_option("--device-read-iops", "/dev/sda:1000", false) ==
          DeviceRate{"/dev/sda", 1000});
    CHECK(parse_weight_device("/dev/sda:500") == DeviceRate{"/dev/sda", 500});
    for (std::string text :
         {"", "/dev/sda", "sda:1", "/dev/sda:", "/dev/sda:-1"}) {
        CHECK_FALSE(
            refusal([&] { parse_rate_option("--x", text, true); }).empty());
        CHECK_FALSE(
            refusal([&] { parse_rate_option("--x", text, false); }).empty());
        CHECK_FALSE(refusal([&] { parse_weight_device(text); }).empty());
    }
    CHECK_FALSE(
        refusal([] { parse_rate_option("--x", "/dev/a:1m", false); }).empty());
    CHECK_FALSE(refusal([] { parse_weight_device("/dev/a:9"); }).empty());
    CHECK_FALSE(refusal([] { parse_weight_device("/dev/a:1001"); }).empty());
}

TEST_CASE("option --device: where it is inside, and what may be done") {
    struct Row {
        std::string text;
        DeviceRequest device;
    };
    Row row =
        GENERATE(Row{"/dev/fuse", {"/dev/fuse", "/dev/fuse", "rwm"}},
                 Row{"/dev/fuse:r", {"/dev/fuse", "/dev/fuse", "r"}},
                 Row{"/dev/a:/dev/b", {"/dev/a", "/dev/b", "rwm"}},
                 Row{"/dev/a:/dev/b:rw", {"/dev/a", "/dev/b", "rw"}},
                 Row{"/dev/snd:/dev/snd:mrw", {"/dev/snd", "/dev/snd", "mrw"}});
    CHECK(parse_device(row.text) == row.device);
    struct Bad {
        std::string text, reason;
    };
    Bad bad = GENERATE(Bad{"", "is no path"}, Bad{"sda", "is no path"},
                       Bad{"vendor.com/gpu=0", "CDI"}, Bad{"/dev/a:b", "HOST"},
                       Bad{"/dev/a:/dev/b:x", "not of r, w and m"},
                       Bad{"/dev/a:/dev/b:rr", "not of r"},
                       Bad{"/dev/a:/dev/b:rwr", "not of r"},
                       Bad{"/dev/a:/dev/b:", "not of r"},
                       Bad{"/dev/a:/dev/b:r:w", "HOST"});
    CHECK_THAT(refusal([&] { parse_device(bad.text); }),
               ContainsSubstring(bad.reason));
    CHECK(parse_device_cgroup_rule("c 1:3 rwm") == "c 1:3 rwm");
    CHECK_FALSE(refusal([] { parse_device_cgroup_rule("c 1:3"); }).empty());
}
