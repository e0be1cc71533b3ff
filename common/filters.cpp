#include "common/filters.hpp"

#include <regex.h>

#include <algorithm>
#include <string_view>
#include <utility>

#include "common/error.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

Filters::Filters(std::vector<std::string> known) : known_(std::move(known)) {}

namespace {

[[noreturn]] void refuse(const std::string& text, std::string_view why,
                         std::string advice) {
    throw Error(ErrorKind::InvalidArgument,
                cat("--filter ", quote(text), ": ", why))
        .advise(std::move(advice));
}

}  // namespace

void Filters::add(const std::string& text) {
    std::size_t equals = text.find('=');
    if (equals == text.npos)
        refuse(text, "bad format of filter", "write KEY=VALUE, as in name=web");
    std::string key = text.substr(0, equals);
    if (std::find(known_.begin(), known_.end(), key) == known_.end()) {
        std::string guess = nearest(key, known_);
        refuse(text, cat("invalid filter ", quote(key)),
               guess.empty() ? cat("there are: ", join(known_, ", "))
                             : cat("did you mean ", guess, "?"));
    }
    values_[key].push_back(text.substr(equals + 1));
}

const std::vector<std::string>& Filters::values(const std::string& key) const {
    static const std::vector<std::string> none;
    auto found = values_.find(key);
    return found == values_.end() ? none : found->second;
}

bool Filters::any(const std::string& key,
                  const std::function<bool(const std::string&)>& is_met) const {
    const std::vector<std::string>& wanted = values(key);
    return wanted.empty() || std::any_of(wanted.begin(), wanted.end(), is_met);
}

bool Filters::pattern(const std::string& key, const std::string& text) const {
    return any(key, [&](const std::string& wanted) {
        return matches_pattern(wanted, text);
    });
}

bool Filters::labels(const std::string& key,
                     const std::map<std::string, std::string>& labels) const {
    auto has = [&](const std::string& text) {
        std::size_t equals = text.find('=');
        auto label = labels.find(text.substr(0, equals));
        return label != labels.end() &&
               (equals == text.npos ||
                label->second == text.substr(equals + 1));
    };
    const std::vector<std::string>&wanted = values(key),
          &unwanted = values(key + "!");
    return std::all_of(wanted.begin(), wanted.end(), has) &&
           std::none_of(unwanted.begin(), unwanted.end(), has);
}

bool Filters::truth(const std::string& key, bool otherwise) const {
    if (values(key).empty()) return otherwise;
    const std::string& text = values(key).back();
    if (text == "true" || text == "1") return true;
    if (text == "false" || text == "0") return false;
    refuse(cat(key, "=", text), "invalid filter", "it is true or false");
}

bool matches_pattern(const std::string& pattern, const std::string& text) {
    if (pattern == text) return true;
    regex_t compiled;
    if (::regcomp(&compiled, pattern.c_str(), REG_EXTENDED | REG_NOSUB) != 0)
        return text.find(pattern) != text.npos;
    ScopeGuard free_it([&] { ::regfree(&compiled); });
    return ::regexec(&compiled, text.c_str(), 0, nullptr, 0) == 0;
}

}  // namespace slipway
