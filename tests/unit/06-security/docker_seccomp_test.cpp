#include <linux/capability.h>

#include <nlohmann/json.hpp>

#include "06-engine/security/seccomp.hpp"
#include "common/error.hpp"
#include "unit/catch.hpp"

using namespace slipway;

namespace {

constexpr std::uint64_t admin = std::uint64_t{1} << CAP_SYS_ADMIN;

nlohmann::json made(const std::string& text, std::uint64_t capabilities = 0) {
    return docker_seccomp(parse_document(text, "profile", 1 << 20),
                          capabilities);
}

// Is the rule kept that has this condition?
bool kept(const std::string& condition, std::uint64_t capabilities = 0) {
    return made(R"({"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":
["mount"],"action":"SCMP_ACT_ALLOW",)" +
                    condition + "}]}",
                capabilities)["syscalls"]
               .size() == 1;
}

}  // namespace

TEST_CASE("Docker's profiles: rules that hold only under conditions") {
    CHECK(kept(R"("comment":"none")"));
    CHECK_FALSE(kept(R"("includes":{"caps":["CAP_SYS_ADMIN"]})"));
    CHECK(kept(R"("includes":{"caps":["CAP_SYS_ADMIN"]})", admin));
    CHECK_FALSE(
        kept(R"("includes":{"caps":["CAP_SYS_ADMIN","CAP_CHOWN"]})", admin));
    CHECK(kept(R"("excludes":{"caps":["CAP_SYS_ADMIN"]})"));
    CHECK_FALSE(kept(R"("excludes":{"caps":["CAP_SYS_ADMIN"]})", admin));
    CHECK(kept(R"("includes":{"arches":["amd64","arm64"]})"));
    CHECK_FALSE(kept(R"("includes":{"arches":["s390x"]})"));
    CHECK_FALSE(kept(R"("excludes":{"arches":["amd64","arm64"]})"));
    CHECK(kept(R"("includes":{"minKernel":"4.8"})"));
    CHECK_FALSE(kept(R"("includes":{"minKernel":"999.1"})"));
    CHECK(kept(R"("excludes":{"minKernel":"999.1"})"));
    CHECK_FALSE(kept(R"("excludes":{"minKernel":"4.8"})"));
}

TEST_CASE("Docker's profiles: what remains is config.json's form") {
    nlohmann::json json = made(R"({"defaultAction":"SCMP_ACT_ERRNO",
"defaultErrnoRet":1,"archMap":[
{"architecture":"SCMP_ARCH_X86_64","subArchitectures":["SCMP_ARCH_X86"]},
{"architecture":"SCMP_ARCH_AARCH64","subArchitectures":["SCMP_ARCH_ARM"]},
{"architecture":"SCMP_ARCH_S390X","subArchitectures":null}],
"syscalls":[{"name":"read","action":"SCMP_ACT_ALLOW","args":null,
"comment":"x","includes":{},"excludes":{}}]})");
    CHECK(json["architectures"].size() == 2);
    CHECK(json["defaultErrnoRet"] == 1);
    CHECK_FALSE(json.contains("archMap"));
    CHECK(json["syscalls"][0].dump() ==
          R"({"action":"SCMP_ACT_ALLOW","names":["read"]})");
    std::string text = json.dump();
    CHECK_NOTHROW(read_seccomp(parse_document(text, "made", 1 << 20)));
    CHECK_THROWS_AS(made(R"({"defaultAction":"SCMP_ACT_ALLOW","syscalls":[
{"name":"a","names":["b"],"action":"SCMP_ACT_ALLOW"}]})"),
                    Error);
}
