// Images as they are shown: rows of lists, inspect, history.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "04-images/image_store.hpp"

namespace slipway {

/// A name in docker's two parts, "<none>" for what it does not have.
struct ImageName {
    std::string repository = "<none>", tag = "<none>";
};
ImageName split_name(const std::string& name);

/// Twelve digits, or `whole`.
std::string image_id_text(const Digest& digest, bool whole);

/// What it takes on the disk, as docker's SIZE: layers that images share are
/// counted for each.
std::uint64_t unpacked_size(const ImageStore& store, const StoredImage& image);

/// How a number of bytes is written.
using SizeText = std::string (*)(std::uint64_t bytes);

nlohmann::ordered_json image_row(const ImageStore& store,
                                 const StoredImage& image, bool whole,
                                 SizeText size_text);

/// Docker's fields, and those of the manifest.
nlohmann::ordered_json inspect_image(const ImageStore& store,
                                     const StoredImage& image);

/// The last step first, as it is read.
std::vector<nlohmann::ordered_json> history_rows(const ImageStore& store,
                                                 const StoredImage& image,
                                                 bool whole,
                                                 SizeText size_text);

}  // namespace slipway
