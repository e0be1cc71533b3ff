#include "04-images/peek.hpp"

#include <algorithm>
#include <memory>
#include <utility>

namespace slipway {

Peeked peek(ByteSource source, std::size_t wanted) {
    auto first = std::make_shared<std::string>(wanted, '\0');
    std::size_t size = 0;
    while (std::size_t got =
               size < wanted ? source(first->data() + size, wanted - size) : 0)
        size += got;
    first->resize(size);
    auto taken = std::make_shared<std::size_t>(0);
    return {*first, [first, taken, source = std::move(source)](
                        char* buffer, std::size_t capacity) {
                if (*taken == first->size()) return source(buffer, capacity);
                std::size_t count = std::min(capacity, first->size() - *taken);
                first->copy(buffer, count, *taken);
                *taken += count;
                return count;
            }};
}

}  // namespace slipway
