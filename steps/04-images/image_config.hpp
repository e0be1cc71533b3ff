// The config of an image: how its containers run, and of which layers it was
// made. The digest of its bytes is the image's ID.
//
// Source: OCI image-spec, config.md; Docker's additions (Healthcheck, Shell,
// OnBuild) from "Docker Image Specification v1.3".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "04-images/digest.hpp"
#include "04-images/manifest.hpp"
#include "04-images/platform.hpp"

namespace slipway {

/// Times are in nanoseconds; 0 is the engine's default.
struct Healthcheck {
    std::vector<std::string> test = {};  ///< "CMD", "CMD-SHELL" or "NONE" first
    std::uint64_t interval = 0, timeout = 0, start_period = 0;
    std::uint64_t start_interval = 0, retries = 0;
    bool operator==(const Healthcheck&) const = default;
};

/// What a container of the image is run with, unless somebody says otherwise.
struct RunConfig {
    std::string user = {};                     ///< "name", "uid:gid"
    std::set<std::string> exposed_ports = {};  ///< "80/tcp"
    std::vector<std::string> env = {};         ///< "NAME=value"
    std::vector<std::string> entrypoint = {};
    std::vector<std::string> cmd = {};
    std::set<std::string> volumes = {};
    std::string working_dir = {};
    std::map<std::string, std::string> labels = {};
    std::string stop_signal = {};
    std::optional<Healthcheck> healthcheck = {};
    std::vector<std::string> shell = {};
    std::vector<std::string> on_build = {};
    bool args_escaped = false;  ///< Windows
    bool operator==(const RunConfig&) const = default;
};

/// A step in the making of the image.
struct HistoryEntry {
    std::string created = {}, created_by = {}, author = {}, comment = {};
    bool empty_layer = false;  ///< it made no layer
    bool operator==(const HistoryEntry&) const = default;
};

struct ImageConfig {
    std::string created = {};  ///< as RFC 3339 has it; not checked
    std::string author = {};
    Platform platform;
    RunConfig config = {};
    std::vector<Digest> diff_ids = {};  ///< of each layer's tar, unpacked
    std::vector<HistoryEntry> history = {};
    bool operator==(const ImageConfig&) const = default;
};

/// Throws InvalidArgument that names the field. A history that tells of more
/// layers than there are is refused; one that tells of fewer is not, for some
/// tools write none for theirs, and Docker runs the image.
ImageConfig parse_image_config(std::string_view bytes);

/// Compact JSON, the same for the same struct.
std::string image_config_text(const ImageConfig& config);

/// The part that tells how containers run, which other documents have, too.
/// What is empty is not written.
RunConfig read_run_config(const DocumentField& field);
nlohmann::ordered_json run_config_json(const RunConfig& config);

/// Throws InvalidArgument unless both tell of the same number of layers.
void check_same_layers(const Manifest& manifest, const ImageConfig& config);

/// The name of each layer together with those below it:
///     ChainID(L0) = DiffID(L0)
///     ChainID(L0..Ln) = sha256(ChainID(L0..Ln-1) + " " + DiffID(Ln))
/// One for each DiffID, in their order.
std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids);

}  // namespace slipway
