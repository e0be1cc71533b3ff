// -e, --env-file, --label, --label-file and other KEY=VALUE lists.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

/// "NAME=VALUE"; "NAME" alone becomes "NAME=…" with our own value, and stays
/// "NAME", which takes the image's variable away, when we have none.
std::string parse_env(std::string_view text);

/// "KEY=VALUE" or "KEY" into the map; a later one replaces an earlier one.
void add_pair(std::map<std::string, std::string>& pairs,
              std::string_view option, std::string_view text);

/// The lines of an --env-file: NAME=VALUE as it stands, quotes and blanks
/// behind the = too; NAME alone takes our own value, and is left out when we
/// have none. Lines that are empty or begin with # do not count, nor do blanks
/// in front. `name` is for messages. Throws InvalidArgument that says which
/// line it is: a name that is empty or has blanks, what is no UTF-8, a NUL.
/// Source: docker/cli, pkg/kvfile.
std::vector<std::string> parse_env_file(std::string_view name,
                                        std::string_view content);
/// The same of a --label-file; a key alone stays.
std::vector<std::string> parse_label_file(std::string_view name,
                                          std::string_view content);

/// Reads such a file.
std::vector<std::string> read_env_file(const std::string& path);
std::vector<std::string> read_label_file(const std::string& path);

}  // namespace slipway
