// state.json: written by us, and perhaps damaged since. What is read must be
// written again as the same.
#include "06-engine/runtime/state.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "common/error.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

const std::string good = state_text({.oci_version = "1.2.0",
                                     .id = "web",
                                     .bundle = "/b",
                                     .rootfs = "/b/r",
                                     .created = "2026-01-02T03:04:05.0Z",
                                     .owner = "0",
                                     .init = {4711, 1U << 31},
                                     .creator = {1, 2},
                                     .cgroups = {{1, "/g/m"}, {2, "/g"}},
                                     .cgroups_above = {{2, "/"}},
                                     .annotations = {{"key", "value"}},
                                     .has_user_namespace = true,
                                     .has_later_hooks = true});

// Whether it was accepted.
bool try_state(std::string_view bytes) {
    try {
        std::string written = state_text(parse_state(bytes, "state.json"));
        must(state_text(parse_state(written, "state.json")) == written);
        return true;
    } catch (const Error& error) {
        must(!error.message().empty() && error.message().size() < 4096);
        must(!error.advice().empty());
        for (char c : error.message()) must(c != '\x1b' && c != '\n');
        return false;
    }
}

// From nothing, chance makes no state: bytes are put into a good one.
std::string spliced(std::string_view bytes) {
    Bytes choices{bytes};
    std::string document = good;
    std::size_t place = choices.next(256) * 256 + choices.next(256);
    std::size_t length = choices.next(24);
    return document.replace(place % document.size(), length, choices.rest);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view bytes(reinterpret_cast<const char*>(data), size);
    must(try_state(good));
    try_state(bytes);
    try_state(spliced(bytes));
    return 0;
}
