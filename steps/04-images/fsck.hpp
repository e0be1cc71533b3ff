// fsck: is everything in the store what it says it is?
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "04-images/content_store.hpp"
#include "04-images/digest.hpp"

namespace slipway {

struct StoreFinding {
    enum class Kind {
        BadLayout,   ///< oci-layout is missing or not version 1.0.0
        BadIndex,    ///< index.json is missing, no index, or hostile
        BadBlob,     ///< its bytes do not have its digest, or it is no file
        WrongSize,   ///< a descriptor says another size than the blob has
        Missing,     ///< something needs a blob that is not there
        BadContent,  ///< a manifest or index whose bytes are no such thing
        Stray,       ///< a file that no store has at this place
    };
    Kind kind;
    std::string object;  ///< a path below ROOT, or a digest
    std::string problem;
    std::optional<Digest> digest;  ///< of the blob, if it is about one
    bool moved = false;            ///< put aside as bad/HEX
};

enum class Repair {
    No,
    /// Bad blobs are moved to ROOT/bad, so that the next pull fetches them
    /// again. Nothing else is changed.
    MoveBadBlobs,
};

/// Reads every blob. No findings: all is well. An image of an index may lack
/// platforms, but not all of them; leftovers of broken downloads are no
/// finding. Takes a lease, for repairs the whole store (and waits for pulls in
/// progress). Throws only when the store cannot be read or repaired at all.
std::vector<StoreFinding> check_store(const ContentStore& store,
                                      Repair repair = Repair::No);

}  // namespace slipway
