// References: what people call images.
//
//   localhost:5000/team/app:1.2@sha256:…
//   ────────────── ──────── ─── ────────
//   registry       repository tag digest
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "04-images/digest.hpp"

namespace slipway {

struct Reference {
    std::string registry;    ///< "docker.io", "localhost:5000"
    std::string repository;  ///< "library/nginx"
    std::string tag;         ///< empty only when there is a digest
    std::optional<Digest> digest;

    /// In full: "docker.io/library/nginx:latest".
    std::string text() const;
    /// The name that a store knows it by. With a digest there is no tag: it
    /// says nothing more, and tools that list images read it from the name.
    std::string stored_name() const;
    /// Without tag and digest: "docker.io/library/nginx".
    std::string name() const;
    /// As people write it: "nginx:latest", "team/app@sha256:…".
    std::string familiar() const;
    bool operator==(const Reference&) const = default;
};

/// Reads what a person typed, as Docker does. The first part is a registry
/// when it holds a dot or a colon, is "localhost", or has a capital letter; the
/// default is docker.io, where a name of one part is in "library". Without a
/// tag and a digest the tag is "latest".
///
/// Throws InvalidArgument that says what is wrong with which part. A name of
/// 64 hexadecimal digits and nothing else is refused: it would be taken for an
/// image's ID. Ports from 1 to 65535 are taken, where Docker takes any number.
/// Source: OCI distribution-spec, "Pulling manifests"; Docker's grammar in
/// distribution/reference.
Reference parse_reference(std::string_view text);

}  // namespace slipway
