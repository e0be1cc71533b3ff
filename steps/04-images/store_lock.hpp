// Who may do what in a content store at the same time.
//
//   gc.lock   shared: pulls, loads, everything that adds or relies on blobs;
//             exclusive: what removes blobs
//   lock      exclusive: changing index.json
//   ingest/X  exclusive: writing the blob X
//
// They are taken in this order. All are flock(2) locks: the kernel releases
// them when their holder ends, however it ends. A process that holds one and
// asks for the same again waits for itself.
#pragma once

#include <optional>

#include "04-images/content_store.hpp"
#include "common/unique_fd.hpp"

namespace slipway {

/// What to do when somebody else holds the lock.
enum class Wait { Yes, No };

/// While it lives nothing is removed from the store. A pull takes it before it
/// looks which blobs are there, and keeps it until the image has its name: in
/// between its blobs belong to nobody and would be collected.
struct StoreLease {
    const ContentStore& store;
    UniqueFd file;
};

/// Waits while garbage is being collected.
StoreLease hold_store(const ContentStore& store);

/// While it lives nobody else holds a lease: for what removes blobs.
struct WholeStore {
    const ContentStore& store;
    UniqueFd file;
};

/// Empty when somebody holds a lease and `wait` is No. Waits for as long as
/// there is always somebody.
std::optional<WholeStore> lock_whole_store(const ContentStore& store,
                                           Wait wait);

/// For who changes index.json.
UniqueFd lock_index(const ContentStore& store);

/// flock(2) with LOCK_SH or LOCK_EX, on an open file; false when another holds
/// it and `wait` is No. `name` is for messages.
bool lock_file(int fd, int kind, Wait wait, const std::string& name);

}  // namespace slipway
