// What the verbs have in common.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "06-engine/oci/verbs.hpp"

namespace slipway {

/// Runs a verb's body. An Error goes into the log, too, and the exit status is
/// runc's 1, which its callers expect of every failure.
std::function<int(const std::vector<std::string>&)> logged(
    const OciSettings& settings,
    std::function<int(const std::vector<std::string>& words)> body);

/// The words, of which there must be from `least` to `most`.
const std::vector<std::string>& expect_words(
    const std::vector<std::string>& words, std::size_t least, std::size_t most,
    const char* usage);

/// Reads --preserve-fds into `count`: up to 1000, for each is looked at.
std::function<void(const std::string&)> preserved_count(unsigned& count);

}  // namespace slipway
