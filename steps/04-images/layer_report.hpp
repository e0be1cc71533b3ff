// The layer explorer: what each layer of an image adds, changes and deletes,
// and which bytes nobody can see any more, but everybody has to fetch.
//
// A layer never takes bytes away from those below it. What a later layer
// deletes or replaces stays in the image, for whoever unpacks it:
//
//   COPY key /root/key      layer 3: 1.6 KiB
//   RUN  … && rm /root/key  layer 4: /root/key is deleted, still in layer 3
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "04-images/image_config.hpp"
#include "04-images/layer_walk.hpp"

namespace slipway {

/// Layers are numbered from 1, the image's first.
struct LayerSummary {
    std::string created_by = {};  ///< from the history; empty: it tells of none
    std::uint64_t bytes = 0;      ///< of its files
    std::uint64_t wasted = 0;     ///< of these, what later layers hide
    std::uint64_t added = 0, changed = 0, deleted = 0;  ///< names
};

/// A name whose bytes are in the image and cannot be seen. A folder that is
/// gone stands for all that was in it.
struct HiddenPath {
    std::string path = {};                  ///< "/root/key"
    std::uint64_t bytes = 0;                ///< that are hidden
    std::vector<std::size_t> held_by = {};  ///< the layers that have them
    std::size_t hidden_by = 0;  ///< the last layer that hid something
};

struct LayerReport {
    std::vector<LayerSummary> layers;
    std::uint64_t bytes = 0, wasted = 0;
    /// The largest first, then by name. Deleted: nothing has the name now.
    std::vector<HiddenPath> deleted, replaced;
    /// How many there were, of which those are the largest.
    std::uint64_t all_deleted = 0, all_replaced = 0;

    /// What can be seen, of all bytes, in tenths of a percent; rounded down.
    unsigned efficiency() const;
};

struct ReportOptions {
    FolderForm form = FolderForm::Overlay;
    std::size_t most_paths = 10'000;  ///< in `deleted`, and in `replaced`
};

/// Reads all layers at once, folder by folder: of the image's names those of
/// the folders above the present one are in memory, besides the report. A file
/// with several names in one layer counts once, by the first.
///
/// `folders`: snapshots, the image's first layer first; `history` as the config
/// has it. Throws what look_in() throws.
LayerReport report_layers(const std::vector<std::string>& folders,
                          const std::vector<HistoryEntry>& history,
                          const ReportOptions& options = {});

/// Tables for a terminal, with at most `rows` hidden paths of a kind.
std::string report_text(const LayerReport& report, std::size_t rows = 20);
/// All of it, for programs.
std::string report_json(const LayerReport& report);

}  // namespace slipway
