// The first bytes of a stream, without taking them out of it.
#pragma once

#include <cstddef>
#include <string>

#include "04-images/byte_stream.hpp"

namespace slipway {

struct Peeked {
    std::string first;  ///< fewer than wanted when the stream is shorter
    ByteSource source;  ///< the whole stream, these included
};
/// Eight are enough to tell how it is packed.
Peeked peek(ByteSource source, std::size_t wanted = 8);

}  // namespace slipway
