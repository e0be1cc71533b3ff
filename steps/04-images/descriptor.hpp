// Descriptors: how one document of an image points to another blob.
// Source: OCI image-spec, descriptor.md.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "04-images/digest.hpp"
#include "04-images/platform.hpp"
#include "common/document.hpp"

namespace slipway {

struct Descriptor {
    std::string media_type;
    Digest digest;
    std::uint64_t size;  ///< bytes; no more than largest_blob
    std::optional<Platform> platform = {};  ///< in an index
    std::map<std::string, std::string> annotations = {};
    std::vector<std::string> urls = {};  ///< kept, never followed
    std::string artifact_type = {};

    bool operator==(const Descriptor&) const = default;
};

/// Advice for what is wrong in a document of an image.
inline constexpr char image_fault[] =
    "the fault is in the image, not on this machine";

/// Reads the value of a field. Throws InvalidArgument that names the field
/// below it. "data", the bytes in the descriptor itself, is passed over: the
/// blob has them, too.
Descriptor read_descriptor(const DocumentField& field);
/// The value of a field that is a digest.
Digest read_digest(const DocumentField& field);
/// From an object that has os and architecture among its fields.
Platform read_platform(const DocumentField& field);

/// What is empty is left out. The order of the fields is always the same.
nlohmann::ordered_json descriptor_json(const Descriptor& descriptor);
/// Adds the fields of a platform to an object.
void add_platform(nlohmann::ordered_json& object, const Platform& platform);

}  // namespace slipway
