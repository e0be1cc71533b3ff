// What registries demand: the WWW-Authenticate header, and the addresses in
// it. Each parser must answer or throw an Error, and its answers must be sane.
#include "04-images/challenge.hpp"

#include <cstdint>
#include <string>
#include <string_view>

#include "04-images/url.hpp"
#include "common/error.hpp"
#include "tests/fuzz/input.hpp"

using namespace slipway;

namespace {

std::string escaped(std::string_view text) {
    std::string copy;
    for (char c : text) {
        if (c == '"' || c == '\\') copy += '\\';
        copy += c;
    }
    return copy;
}

// Written as the grammar says; reading it must give the same again.
std::string written(const std::vector<Challenge>& challenges) {
    std::string text;
    for (const Challenge& challenge : challenges) {
        if (!text.empty()) text += ", ";
        text += challenge.scheme + ' ' + challenge.token;
        std::string_view separator = "";
        for (const auto& [name, value] : challenge.parameters) {
            text += cat(separator, name, "=\"", escaped(value), "\"");
            separator = ", ";
        }
    }
    return text;
}

void check_url(std::string_view text) {
    static const Url base = parse_url("https://registry.example/v2/a/");
    try {
        Url url = resolve_url(base, text);
        must(url.scheme == "http" || url.scheme == "https");
        must(!url.host.empty() && url.port != 0);
        Url again = parse_url(url.text);
        must(same_origin(url, again) && again.has_user == url.has_user);
    } catch (const Error& error) {
        must(!error.message().empty());
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    std::string_view text(reinterpret_cast<const char*>(data), size);
    check_url(text);
    try {
        std::vector<Challenge> challenges = parse_challenges(text);
        must(challenges.size() <= 16);
        for (const Challenge& challenge : challenges) {
            must(!challenge.scheme.empty());
            must(challenge.token.empty() || challenge.parameters.empty());
            must(challenge.parameters.size() <= 16);
            if (auto realm = challenge.parameter("realm")) check_url(*realm);
        }
        std::string once = written(challenges);
        if (once.size() < 16 * 1024)
            must(written(parse_challenges(once)) == once);
    } catch (const Error& error) {
        must(!error.message().empty());
    }
    return 0;
}
