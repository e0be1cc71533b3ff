// JSON that is changed and written again, or read loosely: index.json, docker's
// config.json, answers of registries. Documents of images are read by
// common/document.hpp.
#pragma once

#include <cstddef>
#include <string_view>

#include <nlohmann/json_fwd.hpp>

namespace slipway {

/// Deeper nesting is refused: a document of a million "[" must not decide how
/// deep our calls go. Manifests need about six.
constexpr int deepest_json = 64;
/// Objects with more fields are refused: where the order of the fields is kept,
/// each one is looked for among all before it.
constexpr std::size_t most_json_fields = 1000;

/// Parses a whole document; the order of its fields is kept. Throws
/// InvalidArgument for what is no JSON, beyond the limits above, or no UTF-8.
/// How large `text` may be is the caller's to limit; a hostile one costs about
/// 20 times its size in memory.
nlohmann::ordered_json parse_foreign_json(std::string_view text);

}  // namespace slipway
