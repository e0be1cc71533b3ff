#include "06-engine/network/address.hpp"

#include <arpa/inet.h>
#include <netinet/in.h>

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

std::string Ipv4::text() const {
    return cat(value >> 24, ".", value >> 16 & 255, ".", value >> 8 & 255, ".",
               value & 255);
}

std::uint32_t Ipv4::network_order() const {
    return htonl(value);
}

std::optional<Ipv4> parse_ipv4(std::string_view text) {
    std::vector<std::string> parts = split(text, '.');
    if (parts.size() != 4) return std::nullopt;
    Ipv4 address;
    for (const std::string& part : parts) {
        auto number = parse_unsigned(part, 255);
        // "010" is 8 for some programs and 10 for others.
        if (!number || (part.size() > 1 && part[0] == '0')) return std::nullopt;
        address.value =
            address.value << 8 | static_cast<std::uint32_t>(*number);
    }
    return address;
}

bool is_ipv6(const std::string& text) {
    in6_addr address{};
    return ::inet_pton(AF_INET6, text.c_str(), &address) == 1;
}

std::uint32_t Subnet::mask() const {
    // A shift by all 32 bits would be undefined.
    return prefix == 0 ? 0 : ~std::uint32_t{0} << (32 - prefix);
}

Ipv4 Subnet::last() const {
    return {base.value | ~mask()};
}

bool Subnet::contains(Ipv4 address) const {
    return (address.value & mask()) == base.value;
}

bool Subnet::overlaps(const Subnet& other) const {
    return contains(other.base) || other.contains(base);
}

std::string Subnet::text() const {
    return cat(base.text(), "/", prefix);
}

Subnet parse_subnet(std::string_view text) {
    std::size_t slash = text.find('/');
    auto address = parse_ipv4(text.substr(0, slash));
    auto prefix = slash == std::string_view::npos
                      ? std::nullopt
                      : parse_unsigned(text.substr(slash + 1), 32);
    if (!address || !prefix)
        throw Error(ErrorKind::InvalidArgument,
                    cat("invalid CIDR address: ", text))
            .advise(
                "write an address and its number of fixed bits, as in "
                "172.30.0.0/16");
    Subnet subnet{*address, static_cast<unsigned>(*prefix)};
    subnet.base.value &= subnet.mask();
    return subnet;
}

}  // namespace slipway
