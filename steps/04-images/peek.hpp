// The first bytes of a stream, without taking them out of it.
#pragma once

#include <string>

#include "04-images/byte_stream.hpp"

namespace slipway {

struct Peeked {
    std::string first;  ///< up to 8 bytes
    ByteSource source;  ///< the whole stream, these included
};
Peeked peek(ByteSource source);

}  // namespace slipway
