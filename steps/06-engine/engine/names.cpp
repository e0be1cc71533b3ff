#include "06-engine/engine/names.hpp"

#include "06-engine/engine/engine.hpp"
namespace slipway {
std::string random_name(int attempt) {
    return "c" + new_id().substr(0, 6 + static_cast<unsigned>(attempt) % 2);
}
}  // namespace slipway
