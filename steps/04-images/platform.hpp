// Platforms: for which machine an image is made, and which fits this one.
//
// Names are Go's: linux/amd64, linux/arm64, linux/arm/v7. Which platform runs
// which other one is containerd's and so Docker's rule.
// Source: OCI image-spec, image-index.md, "platform" and "Platform Variants".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace slipway {

struct Platform {
    std::string os;            ///< "linux"
    std::string architecture;  ///< "amd64", "arm64", "arm"
    std::string variant = {};  ///< "v7"; mostly empty
    std::string os_version = {};
    std::vector<std::string> os_features = {};

    /// "linux/arm/v7"
    std::string text() const;
    bool operator==(const Platform&) const = default;
};

/// "linux/arm64/v8", "linux/amd64"; "arm64" alone is Linux, "linux" alone is
/// this machine's. Other names of an architecture are put right: x86_64,
/// aarch64, armhf. Throws InvalidArgument that says what is wrong.
Platform parse_platform(std::string_view text);

/// What this kernel runs, from uname(2).
Platform host_platform();

/// Of uname's word: "x86_64" is linux/amd64, "armv7l" is linux/arm/v7. A word
/// that is not known is taken as it is.
Platform platform_of_machine(std::string_view machine);

/// How well a machine that is `wanted` runs what is made for `offered`: 0 is
/// best, nothing means not at all. arm/v7 runs v6 and v5; arm64 runs arm and
/// amd64 runs 386 when nothing better is offered; amd64/v3 runs v2 and plain
/// amd64, but plain amd64 runs neither. Versions of the system are not looked
/// at.
std::optional<std::size_t> platform_rank(const Platform& wanted,
                                         const Platform& offered);

}  // namespace slipway
