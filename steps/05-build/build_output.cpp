#include "05-build/build_output.hpp"

#include <fcntl.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "04-images/archive_save.hpp"
#include "04-images/diff_layer.hpp"
#include "04-images/output_file.hpp"
#include "05-build/new_layer.hpp"
#include "05-build/root_view.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

void write_tree(ImageStore& store, const BuiltImage& built,
                const ByteSink& sink) {
    UniqueFd root = open_root(store, built.layers);
    // Opened anew: the overlay's descriptor is no more than a place.
    UniqueFd folder(
        check(::openat(root.get(), ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open the root"));
    export_tree(cat("/proc/self/fd/", folder.get()), sink);
}

}  // namespace

void write_output(ImageStore& store, const BuiltImage& built,
                  const BuildOutput& output) {
    if (output.type == "image") return;
    if (output.type == "local") {
        std::filesystem::create_directories(output.dest);
        UnpackOptions options;
        options.keep_folder = true;  // it may be ".", or /tmp
        return folder_from_tar(output.dest, options, [&](const ByteSink& sink) {
            write_tree(store, built, sink);
        });
    }
    OutputFile file(output.dest);
    if (output.type == "tar") {
        write_tree(store, built, file.sink());
    } else {
        StoreLease lease = hold_store(store.content);
        save_images(lease, {read_image(store.content, built.image)},
                    file.sink());
    }
    file.finish();
}

void write_notes(const BuiltImage& built, const BuildOptions& options) {
    if (!options.image_id_file.empty())
        write_output_file(options.image_id_file, built.id.text());
    if (options.metadata_file.empty()) return;
    nlohmann::ordered_json notes;
    notes["containerimage.config.digest"] = built.id.text();
    notes["containerimage.descriptor"] = {
        {"mediaType", built.image.media_type},
        {"digest", built.image.digest.text()},
        {"size", built.image.size},
        {"platform",
         {{"architecture", built.config.platform.architecture},
          {"os", built.config.platform.os}}}};
    notes["containerimage.digest"] = built.image.digest.text();
    if (!options.names.empty()) notes["image.name"] = join(options.names, ",");
    write_output_file(options.metadata_file, notes.dump(2) + "\n");
}

}  // namespace slipway
