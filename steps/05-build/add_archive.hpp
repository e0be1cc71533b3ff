// ADD of an archive: its entries, in the plan. Nothing of it is unpacked to the
// disk but the files' bytes, one behind the other, into one file without a
// name.
#pragma once

#include <cstdint>
#include <string>

#include "05-build/copy_owner.hpp"
#include "05-build/plan_tree.hpp"

namespace slipway {

struct ArchiveOptions {
    const EntryChange& change;
    std::string scratch;  ///< the folder for the file
    std::uint64_t most_bytes = std::uint64_t{1} << 40;
    std::uint64_t most_entries = 10'000'000;
};

/// False when the file is no tar, packed or not: nothing has been put then. The
/// destination is a folder whether or not it ends in /. Where an entry meets
/// one of another kind, the archive's wins. Symlinks on the way are followed as
/// the stage's root has it. Throws InvalidArgument for names with ".." and
/// DataLoss for what is broken.
bool add_archive(PlanTree& plan, int file, const std::string& destination,
                 const ArchiveOptions& options);

/// The content of a whole file, which is kept open for its bytes.
void hash_file(PlanEntry& entry, UniqueFd file);

}  // namespace slipway
