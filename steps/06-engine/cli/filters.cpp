#include "06-engine/cli/filters.hpp"

#include <algorithm>

#include "05-build/letters.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

void add_filter(Filters& filters, std::string_view text,
                const std::vector<std::string>& keys) {
    KeyValue pair = cut(text);
    if (!pair.has_value)
        refuse_option("--filter", text, "bad format of filter",
                      "write KEY=VALUE, as in name=web");
    std::string key = to_lower(trim(pair.key));
    if (std::find(keys.begin(), keys.end(), key) == keys.end()) {
        std::string guess = nearest(key, keys);
        refuse_option("--filter", text, cat("invalid filter ", quote(key)),
                      guess.empty() ? cat("filters are ", join(keys, ", "))
                                    : cat("did you mean ", guess, "?"));
    }
    filters.emplace(key, trim(pair.value));
}

void declare_filters(CommandLine& line, const std::string& name,
                     Filters& filters, const std::vector<std::string>& keys) {
    line.values(
        name, "KEY=VALUE", cat("only those with: ", join(keys, ", ")),
        [&filters, keys](auto& text) { add_filter(filters, text, keys); });
}

bool has_filter(const Filters& filters, const std::string& key) {
    return filters.contains(key);
}

bool meets(const Filters& filters, const std::string& key,
           const std::function<bool(const std::string&)>& accepts) {
    auto [first, last] = filters.equal_range(key);
    return first == last || std::any_of(first, last, [&](const auto& one) {
               return accepts(one.second);
           });
}

bool meets(const Filters& filters, const std::string& key,
           std::string_view value) {
    return meets(filters, key,
                 [&](const std::string& wanted) { return wanted == value; });
}

bool meets_labels(const Filters& filters,
                  const std::map<std::string, std::string>& labels) {
    auto has = [&](const auto& filter) {
        KeyValue wanted = cut(filter.second);
        auto found = labels.find(wanted.key);
        return found != labels.end() &&
               (!wanted.has_value || found->second == wanted.value);
    };
    auto [first, last] = filters.equal_range("label");
    auto [first_not, last_not] = filters.equal_range("label!");
    return std::all_of(first, last, has) &&
           std::none_of(first_not, last_not, has);
}

}  // namespace slipway
