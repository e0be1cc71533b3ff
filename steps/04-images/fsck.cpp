#include "04-images/fsck.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <map>

#include "04-images/blob_references.hpp"
#include "04-images/image_index.hpp"
#include "04-images/store_folder.hpp"
#include "04-images/store_lock.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

using Kind = StoreFinding::Kind;
using Findings = std::vector<StoreFinding>;

constexpr std::size_t largest_layout_file = std::size_t{64} * 1024;

void check_layout(const ContentStore& store, Findings& findings) {
    try {
        DocumentField layout = parse_document(
            read_store_file(store, "oci-layout", largest_layout_file),
            "document", largest_layout_file);
        if (layout.at("imageLayoutVersion").text() == "1.0.0") return;
        findings.push_back({Kind::BadLayout, "oci-layout",
                            "imageLayoutVersion is not 1.0.0", std::nullopt});
    } catch (const Error& error) {
        findings.push_back(
            {Kind::BadLayout, "oci-layout", error.message(), std::nullopt});
    }
}

// Why a blob is none, or nothing.
std::optional<std::string> problem_of(const ContentStore& store,
                                      const Digest& digest) {
    try {
        BlobReader reader(store, digest);
        char buffer[64 * 1024];
        while (reader.read(buffer, sizeof buffer) > 0) {
        }
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::NotFound) return "it is no file";
        if (error.kind() == ErrorKind::DataLoss) return error.message();
        if (error.system_errno() == EIO) return error.message();
        throw;
    }
    return std::nullopt;
}

void check_blobs(const ContentStore& store, Findings& findings) {
    for (const std::string& name :
         names_in(store.blobs.get(), store.root + "/blobs/sha256")) {
        std::string path = "blobs/sha256/" + name;
        if (!is_blob_name(name)) {
            findings.push_back(
                {Kind::Stray, path, "its name is no digest", std::nullopt});
            continue;
        }
        Digest digest = Digest::parse("sha256:" + name);
        if (auto problem = problem_of(store, digest))
            findings.push_back({Kind::BadBlob, path, *problem, digest});
    }
}

// What manifests say of their children, and what became of these.
void check_reached(const ContentStore& store, const Reached& from,
                   Findings& findings) {
    const BlobReference& self = from.reference;
    bool is_index = is_index_type(self.media_type);
    if (!from.present || (!is_index && !is_manifest_type(self.media_type)))
        return;
    // An index may be empty; a manifest has a config at least.
    if (from.children.empty() && !is_index)
        findings.push_back({Kind::BadContent, self.digest.text(),
                            cat("it is no ", self.media_type), self.digest});
    bool any = false;
    for (const BlobReference& child : from.children) {
        std::optional<std::uint64_t> size = blob_size(store, child.digest);
        any = any || size;
        if (!size && !is_index)
            findings.push_back({Kind::Missing, child.digest.text(),
                                cat("needed by manifest ", self.digest.text()),
                                child.digest});
        if (size && *size != child.size)
            findings.push_back({Kind::WrongSize, child.digest.text(),
                                cat("has ", *size, " bytes; ",
                                    self.digest.text(), " says ", child.size),
                                child.digest});
    }
    if (is_index && !any && !from.children.empty())
        findings.push_back({Kind::Missing, self.digest.text(),
                            "no platform of this image is here", self.digest});
}

void check_root(const ContentStore& store, const BlobReference& root,
                Findings& findings) {
    std::optional<std::uint64_t> size = blob_size(store, root.digest);
    if (!size)
        findings.push_back({Kind::Missing, root.digest.text(),
                            "named by index.json", root.digest});
    else if (*size != root.size)
        findings.push_back(
            {Kind::WrongSize, root.digest.text(),
             cat("has ", *size, " bytes; index.json says ", root.size),
             root.digest});
}

void check_references(const ContentStore& store, Findings& findings) {
    std::vector<BlobReference> roots;
    try {
        std::string index = read_index(store);
        images_in(index);
        roots = references_in(index);
    } catch (const Error& error) {
        findings.push_back(
            {Kind::BadIndex, "index.json", error.message(), std::nullopt});
    }
    for (const BlobReference& root : roots) check_root(store, root, findings);
    std::map<Digest, Reached> reached;
    reach_from(store, std::move(roots), reached);
    for (const auto& [digest, from] : reached)
        check_reached(store, from, findings);
}

void move_bad(const ContentStore& store, Findings& findings) {
    if (::mkdirat(store.folder.get(), "bad", 0700) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", store.root, "/bad"));
    UniqueFd bad(
        check(::openat(store.folder.get(), "bad",
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC),
              "open folder ", store.root, "/bad"));
    for (StoreFinding& finding : findings) {
        if (finding.kind != Kind::BadBlob) continue;
        std::string hex(finding.digest->hex());
        check(
            ::renameat(store.blobs.get(), hex.c_str(), bad.get(), hex.c_str()),
            "move ", store.root, "/", finding.object, " to bad/");
        finding.moved = true;
    }
    check(::fsync(store.blobs.get()), "fsync ", store.root, "/blobs/sha256");
}

}  // namespace

std::vector<StoreFinding> check_store(const ContentStore& store,
                                      Repair repair) {
    // For repairs alone in the store: a blob found bad might be replaced by a
    // good one before it is moved.
    UniqueFd lock = repair == Repair::No
                        ? std::move(hold_store(store).file)
                        : std::move(lock_whole_store(store, Wait::Yes)->file);
    Findings findings;
    check_layout(store, findings);
    check_blobs(store, findings);
    check_references(store, findings);
    bool any_bad = std::any_of(findings.begin(), findings.end(), [](auto& one) {
        return one.kind == Kind::BadBlob;
    });
    if (repair == Repair::MoveBadBlobs && any_bad) move_bad(store, findings);
    return findings;
}

}  // namespace slipway
