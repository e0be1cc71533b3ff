#include "04-images/archive_files.hpp"

#include <algorithm>
#include <optional>

#include "04-images/archive_load.hpp"
#include "04-images/layer_name.hpp"
#include "04-images/store_folder.hpp"
#include "04-images/tar_reader.hpp"
#include "common/error.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view blobs_folder = "blobs/sha256/";

bool is_document(const std::string& name) {
    return name == "index.json" || name == "manifest.json" ||
           name == "oci-layout";
}

// What Docker wrote before 1.10 and still writes beside manifest.json, for
// those who cannot read that. Nothing in it is needed.
bool is_left_from_of_old(const std::string& name) {
    return name == "repositories" || name.ends_with("/VERSION") ||
           name.ends_with("/json");
}

std::string read_text(TarReader& tar, const std::string& name) {
    std::string text;
    TarBlock block{};
    while (tar.block(block)) {
        text += block.bytes;
        if (text.size() > largest_manifest)
            throw Error(ErrorKind::InvalidArgument,
                        cat(name, " is larger than 4 MiB"));
    }
    return text;
}

void write_blob(TarReader& tar, Ingest& ingest, EarlyLayer& layer) {
    TarBlock block{};
    while (tar.block(block)) {
        // A file with holes would be another file without them.
        if (static_cast<std::uint64_t>(block.offset) != ingest.offset())
            throw Error(ErrorKind::InvalidArgument,
                        "a sparse file in an archive of images");
        ingest.write(block.bytes);
        layer.write(block.bytes);
    }
}

struct Receiver {
    const StoreLease& lease;
    EarlyUnpack* early;
};

// The layer is whole once the store has the blob: only then it is named.
BlobName commit(Ingest& ingest, EarlyLayer& layer) {
    BlobName blob = ingest.commit();
    layer.finish(blob.digest);
    return blob;
}

BlobName read_blob_file(const Receiver& to, TarReader& tar,
                        const TarEntry& entry, const std::string& name) {
    EarlyLayer layer(to.early, name, static_cast<std::uint64_t>(entry.size));
    std::string hex = name.substr(std::min(name.size(), blobs_folder.size()));
    if (!name.starts_with(blobs_folder) || !is_blob_name(hex)) {
        Ingest ingest = begin_new_blob(to.lease);
        write_blob(tar, ingest, layer);
        return commit(ingest, layer);
    }
    BlobName blob{Digest::parse("sha256:" + hex),
                  static_cast<std::uint64_t>(entry.size)};
    std::optional<Ingest> ingest = begin_ingest(to.lease, blob, Wait::Yes);
    if (!ingest) return blob;
    // A download would be resumed; an archive begins at its beginning again.
    ScopeGuard discard([&] { ingest->discard(); });
    ingest->restart();
    write_blob(tar, *ingest, layer);
    return commit(*ingest, layer);
}

// Docker's own archives of old have layers that are links to one another's.
std::string link_target(const TarEntry& entry, const std::string& name) {
    std::string target = entry.target;
    if (entry.type == TarEntry::Type::HardLink || target.starts_with('/'))
        return archive_name(target);
    std::size_t slash = name.rfind('/');
    std::string folder = slash == name.npos ? "" : name.substr(0, slash);
    while (target.starts_with("../")) {
        if (folder.empty())
            throw Error(ErrorKind::InvalidArgument,
                        "the link leads out of the archive");
        target.erase(0, 3);
        slash = folder.rfind('/');
        folder = slash == folder.npos ? "" : folder.substr(0, slash);
    }
    return archive_name(folder + "/" + target);
}

/// What the whole archive may cost us.
class Limits {
  public:
    void count(const TarEntry& entry) {
        take(1, entries_, "entries");
        take(std::string_view(entry.name).size() +
                 std::string_view(entry.target).size(),
             letters_, "letters in its names");
        take(static_cast<std::uint64_t>(std::max<std::int64_t>(entry.size, 0)),
             bytes_, "bytes");
    }

  private:
    static void take(std::uint64_t count, std::uint64_t& left,
                     const char* what) {
        if (count > left)
            throw Error(ErrorKind::InvalidArgument,
                        cat("the archive has too many ", what));
        left -= count;
    }
    std::uint64_t entries_ = most_archive_entries;
    std::uint64_t letters_ = 16 << 20;
    std::uint64_t bytes_ = largest_blob;
};

void add_entry(const Receiver& to, TarReader& tar, const TarEntry& entry,
               ArchiveFiles& files) {
    using Type = TarEntry::Type;
    if (entry.type == Type::Folder) return;
    std::string name = archive_name(entry.name);
    if (files.blobs.contains(name) || files.texts.contains(name) ||
        files.links.contains(name))
        throw Error(ErrorKind::InvalidArgument, "the name is there twice");
    if (is_left_from_of_old(name)) return;
    if (entry.type == Type::Symlink || entry.type == Type::HardLink)
        files.links.emplace(name, link_target(entry, name));
    else if (entry.type != Type::File)
        throw Error(ErrorKind::InvalidArgument,
                    "neither file nor folder nor link");
    else if (is_document(name))
        files.texts.emplace(name, read_text(tar, name));
    else
        files.blobs.emplace(name, read_blob_file(to, tar, entry, name));
}

}  // namespace

std::string archive_name(std::string_view text) {
    LayerName name = parse_layer_name(text);
    if (name.kind != LayerName::Kind::Entry || name.path().empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat(shown_name(text), " is no name in an archive"));
    return name.path();
}

BlobName ArchiveFiles::find(const std::string& name) const {
    constexpr int most_links = 16;
    std::string at = archive_name(name);
    for (int followed = 0; followed < most_links; ++followed) {
        if (auto blob = blobs.find(at); blob != blobs.end())
            return blob->second;
        auto link = links.find(at);
        if (link == links.end())
            throw Error(ErrorKind::DataLoss,
                        cat("the archive has no file ", shown_name(name)));
        at = link->second;
    }
    throw Error(ErrorKind::InvalidArgument,
                cat(shown_name(name), ": links to links without end"));
}

ArchiveFiles read_archive_files(const StoreLease& lease,
                                const ByteSource& source, EarlyUnpack* early) {
    ArchiveFiles files;
    TarReader tar(source, largest_blob);
    Limits limits;
    while (const TarEntry* entry = tar.next()) {
        limits.count(*entry);
        with_context(shown_name(entry->name), [&] {
            add_entry({lease, early}, tar, *entry, files);
        });
    }
    return files;
}

}  // namespace slipway
