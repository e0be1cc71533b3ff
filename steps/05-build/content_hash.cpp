#include "05-build/content_hash.hpp"

#include <openssl/sha.h>

#include <string>

namespace slipway {

namespace {

unsigned value_of(char digit) {
    return static_cast<unsigned>(digit <= '9' ? digit - '0' : digit - 'a' + 10);
}

}  // namespace

ContentHash content_hash(const Digest& digest) {
    ContentHash hash{};
    std::string_view hex = digest.hex();
    for (std::size_t i = 0; i < hash.size(); ++i)
        hash[i] = static_cast<std::uint8_t>(value_of(hex[2 * i]) << 4U |
                                            value_of(hex[2 * i + 1]));
    return hash;
}

ContentHash hash_of(std::string_view bytes) {
    ContentHash hash{};
    ::SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(),
             hash.data());
    return hash;
}

Digest digest_from(const ContentHash& hash) {
    std::string text = "sha256:";
    constexpr char digits[] = "0123456789abcdef";
    for (std::uint8_t byte : hash) {
        text += digits[byte >> 4U];
        text += digits[byte & 0xfU];
    }
    return Digest::parse(text);
}

}  // namespace slipway
