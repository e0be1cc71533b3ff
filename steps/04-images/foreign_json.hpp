// JSON that somebody else wrote: manifests, index.json, answers of registries.
#pragma once

#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace slipway {

/// Deeper nesting is refused: a document of a million "[" must not decide how
/// deep our calls go. Manifests need about six.
constexpr int deepest_json = 64;

/// Parses a whole document; the order of its fields is kept. Throws
/// InvalidArgument for what is no JSON, nested too deep, or no UTF-8. How large
/// `text` may be is the caller's to limit; a hostile one costs about 20 times
/// its size in memory.
nlohmann::ordered_json parse_foreign_json(std::string_view text);

}  // namespace slipway
