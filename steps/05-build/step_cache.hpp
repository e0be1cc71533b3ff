// The build cache: which layer a step has made before.
//
//     ROOT/pins/build-HEX       the layer of the step with this key
//     ROOT/build/stages/HEX     the steps of a stage when it was last built,
//     and ROOT/build/details/HEX    what a key was made of: to say why a step
//     is not
//                               cached
//
// A key is made of content (step_key.hpp), never of times or of the place in
// the Dockerfile, so that everything else may change around a step. Several
// builds may use it at once.
#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "04-images/image_layers.hpp"
#include "04-images/image_store.hpp"
#include "05-build/step_key.hpp"

namespace slipway {

struct CachedStep {
    std::optional<ImageLayer> layer;  ///< nothing: it wrote nothing
    std::string created;              ///< when it was made, as RFC 3339 has it
};

class StepCache {
  public:
    explicit StepCache(ImageStore& store);
    StepCache(const StepCache&) = delete;
    StepCache& operator=(const StepCache&) = delete;
    ~StepCache() = default;

    /// Only what is in the store, whole. Marks it as used now.
    std::optional<CachedStep> find(const Digest& key);
    /// `text`: the instruction, for people who look at the cache. Hold a lease
    /// from before the layer was made.
    void keep(const Digest& key, const CachedStep& step,
              const std::string& text);
    /// Brings all that this build has made to the disk. What keep() wrote
    /// before is not believed after a crash of the machine.
    void make_durable();

  private:
    struct Kept {
        std::string name, text;
        CachedStep step;
    };
    std::string object(const Kept& kept, bool is_durable) const;
    ImageStore& store_;
    std::mutex mutex_;
    std::vector<Kept> kept_;
};

/// A step of a stage, when it was last built.
struct StepRecord {
    std::string text;  ///< the instruction
    std::string key;   ///< its digest, without "sha256:"
};

/// Which stage: of which Dockerfile, and its name or number in it.
std::string stage_record_file(const ImageStore& store,
                              const std::string& dockerfile,
                              const std::string& stage);
/// Nothing for a file that is missing or damaged.
std::vector<StepRecord> read_stage_record(const std::string& file);
void write_stage_record(const std::string& file,
                        const std::vector<StepRecord>& steps);

/// What a key is made of, as far as people care: of a COPY, its files.
StepKey read_details(const ImageStore& store, const std::string& key);
void write_details(const ImageStore& store, const std::string& key,
                   const StepKey& details);

/// Why step number `index` of a stage is not in the cache, in one sentence.
std::string why_not_cached(const ImageStore& store,
                           const std::vector<StepRecord>& before,
                           std::size_t index, const StepRecord& now,
                           const StepKey& details);

struct CacheEntry {
    std::string name;  ///< of its pin
    std::string text;
    std::int64_t used = 0;    ///< seconds since 1970
    std::uint64_t bytes = 0;  ///< packed
};
/// All of it, the one that was used longest ago first.
std::vector<CacheEntry> list_cache(const ImageStore& store);

}  // namespace slipway
