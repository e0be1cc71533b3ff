#include "06-engine/monitor/detach_keys.hpp"

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

Error unknown_key(const std::string& key) {
    return Error(ErrorKind::InvalidArgument,
                 cat("detach keys: unknown key ", quote(key)))
        .advise(
            "keys are separated by commas; each is one character, or ctrl- "
            "and one of a-z, @, [, \\, ], ^ and _");
}

// What a terminal sends for a key with Ctrl: its lowest five bits.
char parse_key(const std::string& key) {
    if (key.size() == 1) return key[0];
    if (key == "DEL") return '\x7f';
    constexpr std::string_view control = "ctrl-";
    constexpr std::string_view known = "@abcdefghijklmnopqrstuvwxyz[\\]^_";
    if (!key.starts_with(control) || key.size() != control.size() + 1)
        throw unknown_key(key);
    std::size_t code = known.find(key.back());
    if (code == std::string_view::npos) throw unknown_key(key);
    return static_cast<char>(code);
}

}  // namespace

std::string parse_detach_keys(std::string_view text) {
    if (text.empty()) text = "ctrl-p,ctrl-q";
    std::string keys;
    for (const std::string& key : split(text, ',')) keys += parse_key(key);
    return keys;
}

//@ begin detach-keys
DetachKeys::Typed DetachKeys::filter(std::string_view typed) {
    Typed result;
    for (char key : typed) {
        seen_ += key;
        // Not the sequence? The next key may still be its beginning.
        while (!keys_.starts_with(seen_)) {
            result.passed += seen_.front();
            seen_.erase(0, 1);
        }
        result.detach = seen_ == keys_;
        if (result.detach) break;
    }
    return result;
}
//@ end detach-keys

}  // namespace slipway
