#include "common/terminal_safe.hpp"

#include "common/text.hpp"

namespace slipway {

std::string terminal_safe(std::string_view text) {
    std::string result;
    for (char c : text) {
        auto byte = static_cast<unsigned char>(c);
        bool obeyed = (byte < 0x20 || byte == 0x7f) && c != '\n' && c != '\t';
        if (!obeyed) {
            result += c;
            continue;
        }
        std::string quoted = quote({&c, 1});
        result.append(quoted, 1, quoted.size() - 2);
    }
    return result;
}

}  // namespace slipway
