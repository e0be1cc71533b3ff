// Layers that are unpacked while the archive that holds them is being read.
//
//   archive ──▶ ingest ──pipe──▶ unpack     (up to four, each on its thread)
//
// What a file of an archive is stands in manifest.json, which may come last. So
// this is a guess: a tar whose name has a digest, as Docker, podman and skopeo
// name layers that are not packed. A wrong guess costs its time and no more:
// what is missing afterwards unpack_image() makes, and says what is wrong.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "04-images/byte_stream.hpp"
#include "04-images/digest.hpp"
#include "04-images/progress.hpp"
#include "04-images/snapshots.hpp"
#include "04-images/unpack_layer.hpp"

namespace slipway {

class EarlyUnpack {
  public:
    /// Borrows `snapshots`.
    EarlyUnpack(Snapshots& snapshots, const UnpackOptions& options,
                ProgressSink progress);
    EarlyUnpack(const EarlyUnpack&) = delete;
    EarlyUnpack& operator=(const EarlyUnpack&) = delete;
    /// Waits for all.
    ~EarlyUnpack();

    /// The pipe into the unpacking of a tar with this digest; empty when its
    /// snapshot is there. To be finished by the caller.
    std::shared_ptr<BytePipe> begin(const Digest& tar, std::uint64_t size);
    void wait();
    /// Whether it was this that made the layer. After wait().
    bool has_made(const Digest& tar) const;

  private:
    void unpack(const Digest& tar, std::uint64_t size, BytePipe& pipe);
    Snapshots& snapshots_;
    UnpackOptions options_;
    ProgressSink progress_;
    std::deque<std::thread> threads_;
    std::mutex mutex_;
    std::vector<Digest> made_;
};

/// One file of an archive on its way, perhaps a layer.
class EarlyLayer {
  public:
    /// `name` is its name in the archive. Without `early` it does nothing.
    EarlyLayer(EarlyUnpack* early, const std::string& name, std::uint64_t size);
    EarlyLayer(const EarlyLayer&) = delete;
    EarlyLayer& operator=(const EarlyLayer&) = delete;
    /// Without finish() there is no layer.
    ~EarlyLayer();

    void write(std::string_view bytes);
    /// The bytes had this digest.
    void finish(const Digest& found);

  private:
    EarlyUnpack* early_;
    std::optional<Digest> tar_;
    std::uint64_t size_;
    std::shared_ptr<BytePipe> pipe_;
};

}  // namespace slipway
