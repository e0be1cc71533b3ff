// --filter KEY=VALUE, of lists and of prune.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "common/program.hpp"

namespace slipway {

/// Values of one key are alternatives; every key must be met.
using Filters = std::multimap<std::string, std::string>;

/// Reads one. Throws InvalidArgument for what is no KEY=VALUE and for a key
/// that is none of `keys`, with Docker's words and a suggestion.
void add_filter(Filters& filters, std::string_view text,
                const std::vector<std::string>& keys);

/// "-f,--filter" or "--filter", where -f means something else.
void declare_filters(CommandLine& line, const std::string& name,
                     Filters& filters, const std::vector<std::string>& keys);

bool has_filter(const Filters& filters, const std::string& key);
/// One of the values of this key is `value`; also when it has none.
bool meets(const Filters& filters, const std::string& key,
           std::string_view value);
/// The same, where `accepts` says of each whether it is met.
bool meets(const Filters& filters, const std::string& key,
           const std::function<bool(const std::string&)>& accepts);
/// "label=KEY", "label=KEY=VALUE": all of them; of "label!" none.
bool meets_labels(const Filters& filters,
                  const std::map<std::string, std::string>& labels);

}  // namespace slipway
