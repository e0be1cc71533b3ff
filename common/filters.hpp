// --filter KEY=VALUE, as Docker's lists have it: every key must be met, by one
// of its values.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

class Filters {
  public:
    /// `known`: the keys that this list has.
    explicit Filters(std::vector<std::string> known);

    /// "name=web". Throws InvalidArgument for what has no "=" and for a key
    /// that the list does not have.
    void add(const std::string& text);

    const std::vector<std::string>& keys() const { return known_; }
    /// Empty when the key was not given.
    const std::vector<std::string>& values(const std::string& key) const;
    bool empty() const { return values_.empty(); }

    /// One of the key's values is met, or it was not given.
    bool any(const std::string& key,
             const std::function<bool(const std::string&)>& is_met) const;
    /// As any(); each value is a pattern.
    bool pattern(const std::string& key, const std::string& text) const;
    /// All of the key's values, "name" or "name=value", are met, and none of
    /// those of the key with "!" behind it.
    bool labels(const std::string& key,
                const std::map<std::string, std::string>& labels) const;
    /// "dangling=true": the last value as truth. Throws InvalidArgument.
    bool truth(const std::string& key, bool otherwise) const;

  private:
    std::vector<std::string> known_;
    std::map<std::string, std::vector<std::string>> values_;
};

/// Is the extended regular expression found in the text? What is no expression
/// is looked for as it is. regcomp(3).
bool matches_pattern(const std::string& pattern, const std::string& text);

}  // namespace slipway
