// Bytes as the text of a JSON string, as Docker's log driver writes them.
#pragma once

#include <string>
#include <string_view>

namespace slipway {

/// Appends `bytes` without the quotes around them: `"`, `\` and what is below
/// space are escaped, and `<`, `>`, `&`, U+2028 and U+2029, which mean
/// something to a browser; each byte that is no part of UTF-8 becomes \ufffd.
/// Source: Docker, daemon/logger/jsonfilelog/jsonlog/jsonlogbytes.go.
void append_json_text(std::string& out, std::string_view bytes);

/// Length of the UTF-8 sequence at the beginning, 0 when there is none: no
/// overlong forms, no surrogates, nothing above U+10FFFF (RFC 3629).
std::size_t utf8_length(std::string_view bytes);

}  // namespace slipway
