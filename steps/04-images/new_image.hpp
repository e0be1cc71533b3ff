// Images that are made here: from a root filesystem (import), and from what a
// container changed (commit).
#pragma once

#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/byte_stream.hpp"
#include "04-images/containers.hpp"
#include "04-images/image_store.hpp"
#include "04-images/media_type.hpp"

namespace slipway {

struct NewImage {
    std::string name;     ///< "docker.io/library/app:1"; empty: its ID
    std::string message;  ///< goes into the history as a comment
    std::string author;
    std::vector<std::string> changes;  ///< Dockerfile instructions
    Platform platform = host_platform();
    Compression compression = Compression::Gzip;
    /// When it was made; what is newer in the layer is said to be as old, when
    /// the environment has SOURCE_DATE_EPOCH. See new_image_time().
    std::time_t created = 0;
    bool is_reproducible = false;
};

/// SOURCE_DATE_EPOCH's value: seconds since 1970. Throws InvalidArgument when
/// it is no number, or beyond the year 9999. Source: reproducible-builds.org,
/// SOURCE_DATE_EPOCH.
std::time_t parse_source_date_epoch(std::string_view text);

/// Takes `created` and `is_reproducible` from SOURCE_DATE_EPOCH, or the clock.
/// Throws InvalidArgument when the variable is no number.
void set_time(NewImage& image);

/// An image of one layer: the tar (plain, gzip or zstd) of a root filesystem.
/// Throws DataLoss when it is broken or ends early, InvalidArgument for entries
/// that no layer has (unpack_layer.hpp). There is no image then; what had come
/// is collected as garbage.
StoredImage import_image(ImageStore& store, const ByteSource& tar,
                         const NewImage& plan);

/// The image of a container, with what was changed in it as one more layer.
StoredImage commit_container(ImageStore& store, const Container& container,
                             const NewImage& plan);

}  // namespace slipway
