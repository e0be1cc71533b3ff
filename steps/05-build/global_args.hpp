// The values that FROM lines see: ARG before the first FROM, and the platforms.
//
//     ARG VERSION=12
//     FROM --platform=$BUILDPLATFORM debian:$VERSION
//
// A stage sees such a value only behind an ARG of its own that names it.
// Source: Dockerfile reference, "Understand how ARG and FROM interact",
// "Automatic platform ARGs in the global scope".
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "04-images/platform.hpp"
#include "05-build/dockerfile.hpp"

namespace slipway {

/// TARGETPLATFORM, TARGETOS, TARGETARCH, TARGETVARIANT, and the same of BUILD.
std::map<std::string, std::string> platform_args(const Platform& build,
                                                 const Platform& target);

struct GlobalArgs {
    std::map<std::string, std::string> values;  ///< those that have one
    std::set<std::string> declared;  ///< by an ARG; not all have values

    /// What words.hpp asks for.
    std::optional<std::string> find(const std::string& name) const;
};

/// Each ARG has the value of `build_args`, or else its default, in which the
/// ones before it may be used, or else the platform's of that name. Throws
/// input_error() for a default that cannot be expanded.
GlobalArgs global_args(const Dockerfile& dockerfile,
                       const std::map<std::string, std::string>& build_args,
                       const std::map<std::string, std::string>& platforms);

}  // namespace slipway
