// What people type: sizes, numbers, signals, users, names with a slip. Each
// parser must answer or throw an Error, and its answers must be sane.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "01-chroot/user.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/signals.hpp"

using namespace slipway;

namespace {

void must(bool condition) {
    if (!condition) std::abort();
}

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
    (void)nearest(text, {"true", "false", std::string(text)});
    (void)Error::decode(text);
    return 0;
}
