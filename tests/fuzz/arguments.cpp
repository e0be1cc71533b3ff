// What people type: sizes, numbers, signals, users, names with a slip. Each
// parser must answer or throw an Error, and its answers must be sane.
#include <cstdint>
#include <string_view>

#include "01-chroot/user.hpp"
#include "02-namespaces/id_map.hpp"
#include "02-namespaces/mounts.hpp"
#include "03-cgroups/layout.hpp"
#include "03-cgroups/limits.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/signals.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

template <class Parse>
void try_parse(Parse parse) {
    try {
        parse();
    } catch (const Error& error) {
        must(!error.message().empty());
        must(Error::decode(error.encode()).message() == error.message());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    try_parse([&] { must(parse_size(text) <= INT64_MAX); });
    try_parse([&] { must(parse_user(text).uid != UINT32_MAX); });
    try_parse([&] { must(parse_signal(text) > 0); });
    if (auto number = parse_unsigned(text, 1000)) must(*number <= 1000);
    must(quote(text).find('\x1b') == std::string::npos);
    must(join(split(text, ':'), ":") == text);
    try_parse([&] { must(parse_cpus(text, 4) <= 400'000); });
    try_parse([&] { must(parse_cpu_list(text) == text); });
    try_parse([&] {
        DeviceRule rule = parse_device_rule(text);
        must(parse_device_rule(rule.text()).text() == rule.text());
    });
    try_parse([&] { must(parse_id_range(text).count > 0); });
    try_parse([&] {
        must(parse_bind_mount(std::string(text)).target.starts_with('/'));
    });
    try_parse([&] { (void)parse_cgroup_layout(text, "1:memory:/\n0::/\n"); });
    must(!format_size(size).empty());
    (void)nearest(text, {"true", "false", std::string(text)});
    (void)Error::decode(text);
    return 0;
}
