// Where the result of a build goes besides the store.
#pragma once

#include <string>

#include "05-build/build_options.hpp"
#include "05-build/builder.hpp"

namespace slipway {

/// A folder, a tar of the root filesystem, an archive of the image.
void write_output(ImageStore& store, const BuiltImage& built,
                  const BuildOutput& output);

/// --iidfile and --metadata-file.
void write_notes(const BuiltImage& built, const BuildOptions& options);

}  // namespace slipway
