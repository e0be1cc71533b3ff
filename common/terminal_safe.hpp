// Messages that hold what somebody else has written: files, servers, programs.
#pragma once

#include <string>
#include <string_view>

namespace slipway {

/// For a whole message: what would move the reader's cursor, or set a title or
/// a colour, is escaped as in quote(). Line ends and tabs stay.
std::string terminal_safe(std::string_view text);

}  // namespace slipway
