// COPY and ADD: from what the Dockerfile asks for to the entries of a layer.
//
//   COPY f /a      the file a; if a is a folder: a/f
//   COPY f /a/     a/f
//   COPY d /a      what is in d, into the folder a, file by file
//   COPY f g /a/   several sources: the destination ends in /
//
// The plan is an overlay in memory: what is copied, above the root that the
// stage has until now. Symlinks of both are followed inside it, never out of
// it. Folders on the way that are there already come into the layer as they
// are, those that are missing with mode 0755.
//
// Of an existing folder into which a source's contents go, owner and mode stay.
// Folders within the source bring theirs along, as in Docker.
//
// Source: Dockerfile reference, COPY and ADD; tonistiigi/fsutil, copy.
#pragma once

#include <sys/types.h>
#include <time.h>

#include <optional>
#include <string>
#include <vector>

#include "05-build/layer_plan.hpp"
#include "05-build/source_tree.hpp"

namespace slipway {

/// COPY <<EOF /file
struct HeredocFile {
    std::string name;
    std::string text;
};

/// ADD https://…/name, downloaded by the caller.
struct DownloadedFile {
    std::string path;                     ///< where it is now, on the host
    std::string name;                     ///< what it is called in the URL
    std::optional<time_t> modified = {};  ///< Last-Modified; otherwise 1970
};

/// Variables are replaced, the tree of --from is open.
struct CopyRequest {
    const SourceTree* source = nullptr;  ///< null: there are no `sources`
    std::vector<std::string> sources = {};
    std::vector<DownloadedFile> downloads = {};
    /// ADD of repositories: of each the contents, as of a folder.
    std::vector<const SourceTree*> checkouts = {};
    std::vector<HeredocFile> heredocs = {};
    /// Absolute; the slash at the end counts: copy_destination().
    std::string destination = {};

    std::string chown = {}, chmod = {};  ///< empty: not given
    bool link = false, parents = false;
    std::vector<std::string> exclude = {};

    bool is_add = false;  ///< archives among `sources` are unpacked
    /// --unpack: also downloads, or nothing at all.
    std::optional<bool> unpack = {};

    /// The root below the new layer, such as an overlay's descriptor; -1: there
    /// is none. With `link` it is asked for the names of --chown only.
    int parent_root = -1;
    std::optional<time_t> source_date_epoch = {};
    /// For the unpacked bytes of archives, in a file without a name.
    std::string scratch = "/tmp";
    unsigned threads = 2;  ///< that read files
};

/// The destination as the instruction has it ("." "dir/" "/a"), from WORKDIR
/// on: absolute, clean, with a slash at the end if it means a folder.
std::string copy_destination(const std::string& workdir,
                             const std::string& destination);

/// Reads the files that its index does not know. Throws NotFound for a source
/// that is missing or left out by .dockerignore, and for names of --chown that
/// the root does not have; InvalidArgument for what makes no sense.
LayerPlan plan_copy(const CopyRequest& request);

}  // namespace slipway
