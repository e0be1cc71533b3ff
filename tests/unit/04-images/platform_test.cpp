#include "04-images/platform.hpp"

#include <sys/utsname.h>

#include "unit/04-images/document_fixture.hpp"

using namespace slipway;

namespace {

std::optional<std::size_t> rank(const char* wanted, const char* offered) {
    return platform_rank(parse_platform(wanted), parse_platform(offered));
}

}  // namespace

TEST_CASE("platforms are read with all their names") {
    struct Case {
        const char *typed, *text;
    };
    auto test = GENERATE(values<Case>({
        {"linux/amd64", "linux/amd64"},
        {"linux/arm64/v8", "linux/arm64/v8"},
        {"Linux/AMD64", "linux/amd64"},
        {"linux/x86_64", "linux/amd64"},
        {"aarch64", "linux/arm64"},
        {"armhf", "linux/arm/v7"},
        {"linux/armhf", "linux/arm/v7"},
        {"arm", "linux/arm"},
        {"windows/amd64", "windows/amd64"},
        {"linux/newcpu", "linux/newcpu"},
    }));
    CHECK(parse_platform(test.typed).text() == test.text);
}

TEST_CASE("what is no platform is refused") {
    std::string text =
        GENERATE(as<std::string>{}, "", "/", "linux/", "/amd64", "linux//v8",
                 "a/b/c/d", "linux/am d64", "linux/\x1b[2j", "a/b/../x",
                 "adm64", "nothing", "linux/" + std::string(1000, 'a'));
    Error error = test::refusal([&] { parse_platform(text); });
    CHECK(error.kind() == ErrorKind::InvalidArgument);
    CHECK(error.message().size() < 200);
    CHECK(error.message().find('\x1b') == std::string::npos);
}

TEST_CASE("a slip in an architecture's name") {
    CHECK(test::refusal([] { parse_platform("adm64"); }).advice() ==
          "did you mean amd64?");
}

TEST_CASE("words of uname") {
    CHECK(platform_of_machine("x86_64").text() == "linux/amd64");
    CHECK(platform_of_machine("i686").text() == "linux/386");
    CHECK(platform_of_machine("armv6l").text() == "linux/arm/v6");
    CHECK(platform_of_machine("s390x").text() == "linux/s390x");
    struct utsname name {};
    REQUIRE(::uname(&name) == 0);
    CHECK(host_platform() == platform_of_machine(name.machine));
    CHECK(parse_platform("linux") == host_platform());
}

TEST_CASE("which platform runs what, and how well") {
    CHECK(rank("linux/amd64", "linux/amd64") == 0U);
    CHECK(rank("linux/amd64", "linux/amd64/v1") == 0U);
    CHECK(rank("linux/amd64", "linux/386") == 1U);
    CHECK_FALSE(rank("linux/amd64", "linux/amd64/v2"));
    CHECK_FALSE(rank("linux/386", "linux/amd64"));
    CHECK(rank("linux/amd64/v3", "linux/amd64/v3") == 0U);
    CHECK(rank("linux/amd64/v3", "linux/amd64/v2") == 1U);
    CHECK(rank("linux/amd64/v3", "linux/amd64") == 2U);
    CHECK_FALSE(rank("linux/amd64/v3", "linux/amd64/v4"));
    CHECK_FALSE(rank("linux/amd64", "windows/amd64"));
    CHECK_FALSE(rank("linux/amd64", "linux/arm64"));

    CHECK(rank("linux/arm/v7", "linux/arm/v7") == 0U);
    CHECK(rank("linux/arm", "linux/arm/v7") == 0U);
    CHECK(rank("linux/arm/v7", "linux/arm/7") == 0U);
    CHECK(rank("linux/arm/v7", "linux/arm/v6") == 1U);
    CHECK(rank("linux/arm/v7", "linux/arm/v5") == 2U);
    CHECK_FALSE(rank("linux/arm/v7", "linux/arm/v8"));
    CHECK_FALSE(rank("linux/arm/v6", "linux/arm"));  // that is v7
    CHECK_FALSE(rank("linux/arm/v7", "linux/arm64"));

    CHECK(rank("linux/arm64", "linux/arm64/v8") == 0U);
    CHECK(rank("linux/arm64/v8", "linux/arm64") == 0U);
    CHECK(rank("linux/arm64", "linux/arm/v8") == 1U);
    CHECK(rank("linux/arm64", "linux/arm/v7") == 2U);
    CHECK_FALSE(rank("linux/arm64", "linux/arm64/v8.1"));
    CHECK(rank("linux/arm64/v8.2", "linux/arm64/v8.1") == 1U);
    CHECK(rank("linux/arm64/v9.1", "linux/arm64/v9") == 1U);
    CHECK(rank("linux/arm64/v9.1", "linux/arm64/v8.6") == 2U);
    CHECK_FALSE(rank("linux/arm64/v9.1", "linux/arm64/v8.7"));

    CHECK(rank("linux/riscv64", "linux/riscv64") == 0U);
    CHECK(rank("linux/arm/odd", "linux/arm/odd") == 0U);
    CHECK_FALSE(rank("linux/arm/odd", "linux/arm/v7"));
}
