#include "04-images/peek.hpp"

#include <algorithm>
#include <cstring>
#include <memory>
#include <utility>

namespace slipway {

Peeked peek(ByteSource source) {
    constexpr std::size_t wanted = 8;
    std::string first(wanted, '\0');
    std::size_t size = 0;
    while (std::size_t got =
               size < wanted ? source(first.data() + size, wanted - size) : 0)
        size += got;
    first.resize(size);
    auto rest = std::make_shared<std::string>(first);
    return {first, [rest, source = std::move(source)](char* buffer,
                                                      std::size_t capacity) {
                if (rest->empty()) return source(buffer, capacity);
                std::size_t taken = std::min(capacity, rest->size());
                rest->copy(buffer, taken);
                rest->erase(0, taken);
                return taken;
            }};
}

}  // namespace slipway
