// A layer before it is made: each entry of its tar, and where its bytes are.
//
//   plan_copy() ──▶ LayerPlan ──▶ digest_of()    is it in the cache?
//                       └───────▶ write_layer()  if not
#pragma once

#include <sys/types.h>
#include <time.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "04-images/byte_stream.hpp"
#include "04-images/digest.hpp"
#include "05-build/content_hash.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// Where the bytes of a planned file are.
struct PlanBytes {
    /// The root in which `path` is, or the file in which they begin at
    /// `offset`; null: they are `text`.
    std::shared_ptr<const UniqueFd> place = {};
    std::string path = {};  ///< empty: `place` is the file
    std::uint64_t offset = 0;
    std::string text = {};
};

struct PlanEntry {
    enum class Kind {
        Itself,
        /// Nothing of this name is left from below; in front of what takes its
        /// place. It has a name and nothing else.
        Whiteout,
    };
    Kind kind = Kind::Itself;
    std::string name = {};  ///< "app/main.py"
    mode_t mode = 0;        ///< with S_IFMT
    uid_t uid = 0;
    gid_t gid = 0;
    timespec modified = {};
    std::uint64_t size = 0;      ///< of a file
    dev_t device = 0;            ///< of a device
    std::string target = {};     ///< of a symlink
    std::string hard_link = {};  ///< the entry before it that is the same file
    std::map<std::string, std::string> xattrs = {};
    ContentHash content = {};  ///< of a file
    PlanBytes bytes = {};
};

struct LayerPlan {
    /// Sorted: parents before what is in them.
    std::vector<PlanEntry> entries = {};
    std::optional<time_t> source_date_epoch = {};
    std::uint64_t bytes = 0;  ///< of all files
};

/// Of all that the layer will hold but its times: the same for two plans that
/// make the same layer. It is the key of the step in the build cache.
Digest digest_of(const LayerPlan& plan);

/// Writes the layer's tar, not compressed, to its end. The bytes depend on the
/// plan only. Throws Conflict when a file is not any more what was planned, and
/// what `tar` throws.
void write_layer(const LayerPlan& plan, const ByteSink& tar);

}  // namespace slipway
