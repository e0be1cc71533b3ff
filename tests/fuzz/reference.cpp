// Image names: whatever is accepted means the same when it is read again.
#include "04-images/reference.hpp"

#include <cstdint>
#include <cstdlib>

#include "common/error.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    using namespace slipway;
    std::string_view text(reinterpret_cast<const char*>(data), size);
    try {
        Reference reference = parse_reference(text);
        if (!(parse_reference(reference.text()) == reference)) std::abort();
        if (!(parse_reference(reference.familiar()) == reference)) std::abort();
    } catch (const Error& error) {
        if (error.message().empty()) std::abort();
    }
    return 0;
}
