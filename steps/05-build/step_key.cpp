#include "05-build/step_key.hpp"

#include <map>

#include "common/text.hpp"

namespace slipway {

namespace {

using Values = std::map<std::string_view, std::string_view>;

Values values_of(const StepKey& key) {
    Values values;
    for (const StepInput& input : key.inputs)
        values.emplace(input.name, input.value);
    return values;
}

// A value that is worth showing: no digest, no page of text.
bool is_telling(std::string_view value) {
    constexpr std::size_t longest = 60;
    return value.size() <= longest && !value.starts_with("sha256:");
}

std::string changed(const StepInput& now, std::string_view before) {
    if (!is_telling(now.value) || !is_telling(before))
        return cat(now.name, " has changed");
    return cat(now.name, " is ", quote(now.value), ", it was ", quote(before));
}

}  // namespace

//@ begin key-digest
Digest StepKey::digest() const {
    Sha256 hash;
    // With their lengths: no two lists of inputs are the same bytes.
    auto add = [&](const std::string& text) {
        hash.add(cat(text.size(), ":"));
        hash.add(text);
    };
    for (const StepInput& input : inputs) {
        add(input.name);
        add(input.value);
    }
    return hash.finish();
}
//@ end key-digest

//@ begin first-difference
std::string first_difference(const StepKey& before, const StepKey& now) {
    Values old = values_of(before), present = values_of(now);
    for (const StepInput& input : now.inputs) {
        auto was = old.find(input.name);
        if (was == old.end()) return cat(input.name, " is new");
        if (was->second != input.value) return changed(input, was->second);
    }
    for (const StepInput& input : before.inputs)
        if (!present.contains(input.name)) return cat(input.name, " is gone");
    return {};
}
//@ end first-difference

}  // namespace slipway
