#include "05-build/add_archive.hpp"

#include <fcntl.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "04-images/layer_name.hpp"
#include "04-images/peek.hpp"
#include "04-images/tar_reader.hpp"
#include "05-build/unpack_stream.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t piece = 256 << 10;

[[noreturn]] void refuse(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument, why);
}

// A file that nobody else can open, and that goes with its descriptor.
UniqueFd nameless_file(const std::string& folder) {
    return UniqueFd(
        check(::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600),
              "create a file in ", folder));
}

mode_t type_of(TarEntry::Type type) {
    switch (type) {
        case TarEntry::Type::File:
            return S_IFREG;
        case TarEntry::Type::Folder:
            return S_IFDIR;
        case TarEntry::Type::Symlink:
            return S_IFLNK;
        case TarEntry::Type::CharDevice:
            return S_IFCHR;
        case TarEntry::Type::BlockDevice:
            return S_IFBLK;
        case TarEntry::Type::Fifo:
            return S_IFIFO;
        default:
            refuse("neither file, folder, link, device nor FIFO");
    }
}

std::uint32_t id_of(std::int64_t id) {
    if (id < 0 || id >= UINT32_MAX) refuse("an owner's number is out of range");
    return static_cast<std::uint32_t>(id);
}

class ArchivePlan {
  public:
    /// Borrows the source.
    ArchivePlan(PlanTree& plan, PlanNode& target, const ByteSource& source,
                const ArchiveOptions& options)
        : plan_(plan),
          target_(target),
          options_(options),
          bytes_(std::make_shared<UniqueFd>(nameless_file(options.scratch))),
          tar_(source, options.most_bytes) {}

    void add_all();

  private:
    void add(const TarEntry& entry);
    void add_hard_link(const TarEntry& entry, PlanNode& folder,
                       const std::string& name);
    void add_content(PlanEntry& to, const TarEntry& entry);
    void write(std::string_view bytes, std::uint64_t at);
    PlanNode node_of(const TarEntry& entry);
    std::string inside(const std::string& path) const {
        return cat("/", target_.entry.name, "/", path);
    }

    PlanTree& plan_;
    PlanNode& target_;
    const ArchiveOptions& options_;
    std::shared_ptr<UniqueFd> bytes_;
    std::uint64_t end_ = 0;  // of what is in it
    std::uint64_t entries_ = 0, links_ = 0;
    TarReader tar_;
};

void ArchivePlan::add_all() {
    while (const TarEntry* entry = tar_.next()) {
        if (++entries_ > options_.most_entries)
            refuse(cat("more than ", options_.most_entries, " entries"));
        with_context(cat("entry ", shown_name(entry->name)),
                     [&] { add(*entry); });
    }
}

void ArchivePlan::add(const TarEntry& entry) {
    LayerName name = parse_layer_name(entry.name);
    if (name.kind != LayerName::Kind::Entry)
        refuse("the name means in a layer that something was removed");
    if (name.name.empty()) return;  // "./": the destination stays as it is
    PlanNode& folder = plan_.make_folder(inside(name.parent));
    if (entry.type == TarEntry::Type::HardLink)
        return add_hard_link(entry, folder, name.name);
    PlanNode node = node_of(entry);
    if (node.is_folder())
        plan_.put_folder(folder, name.name, std::move(node), true,
                         OnConflict::Replace);
    else
        plan_.put(folder, name.name, std::move(node), OnConflict::Replace);
}

PlanNode ArchivePlan::node_of(const TarEntry& entry) {
    PlanNode node;
    PlanEntry& to = node.entry;
    to.mode = type_of(entry.type) | (entry.mode & 07777);
    to.uid = id_of(entry.uid);
    to.gid = id_of(entry.gid);
    to.modified = entry.times[1];
    for (const TarXattr& xattr : entry.xattrs) {
        std::string_view name = xattr.name;
        if (name == "security.capability" ||
            (name.starts_with("user.") && !name.starts_with("user.overlay.")))
            to.xattrs[xattr.name] = xattr.value;
    }
    if (entry.type == TarEntry::Type::Symlink) {
        if (*entry.target == '\0') refuse("a symlink to nothing");
        to.target = entry.target;
    }
    if (S_ISCHR(to.mode) || S_ISBLK(to.mode))
        to.device = makedev(static_cast<unsigned>(entry.device_major),
                            static_cast<unsigned>(entry.device_minor));
    if (S_ISREG(to.mode)) add_content(to, entry);
    options_.change.apply(to);
    return node;
}

void ArchivePlan::write(std::string_view bytes, std::uint64_t at) {
    while (!bytes.empty()) {
        ssize_t count = ::pwrite(bytes_->get(), bytes.data(), bytes.size(),
                                 static_cast<off_t>(at));
        if (count < 0 && errno == EINTR) continue;
        check(count, "write");
        bytes.remove_prefix(static_cast<std::size_t>(count));
        at += static_cast<std::uint64_t>(count);
    }
}

// Holes are holes in the file as well, and hashed as the zeros that they are.
void ArchivePlan::add_content(PlanEntry& to, const TarEntry& entry) {
    static const std::string zeros(piece, '\0');
    Sha256 hash;
    std::uint64_t done = 0;
    auto fill_up_to = [&](std::uint64_t end) {
        while (done < end) {
            std::size_t count = static_cast<std::size_t>(
                std::min<std::uint64_t>(end - done, zeros.size()));
            hash.add({zeros.data(), count});
            done += count;
        }
    };
    if (entry.size < 0 ||
        static_cast<std::uint64_t>(entry.size) > options_.most_bytes)
        refuse("the size is out of range");
    to.size = static_cast<std::uint64_t>(entry.size);
    for (TarBlock block; tar_.block(block);) {
        auto at = static_cast<std::uint64_t>(block.offset);
        if (at < done || at + block.bytes.size() > to.size)
            refuse("the blocks are in disorder");
        fill_up_to(at);
        hash.add(block.bytes);
        write(block.bytes, end_ + at);
        done += block.bytes.size();
    }
    fill_up_to(to.size);
    to.content = content_hash(hash.finish());
    to.bytes = {.place = bytes_, .offset = end_};
    end_ += to.size;
    check(::ftruncate(bytes_->get(), static_cast<off_t>(end_)), "set size");
}

// Another name of a file that the archive brought before.
void ArchivePlan::add_hard_link(const TarEntry& entry, PlanNode& folder,
                                const std::string& name) {
    LayerName target = parse_layer_name(entry.target);
    PlanNode* first = plan_.find(inside(target.path()));
    if (!first || first->is_folder() || first->tree)
        refuse(cat("hard link to ", shown_name(entry.target),
                   ", which is no file of this archive"));
    if (first->shared == 0) first->shared = UINT64_MAX - links_++;
    PlanNode node;
    node.entry = first->entry;
    node.shared = first->shared;
    // Onto itself: it is there.
    if (folder.children.contains(name) &&
        folder.children.find(name)->second.get() == first)
        return;
    plan_.put(folder, name, std::move(node), OnConflict::Replace);
}

}  // namespace

bool add_archive(PlanTree& plan, int file, const std::string& destination,
                 const ArchiveOptions& options) {
    Peeked begin;
    try {
        begin = peek(unpacked(file_source(file)), 512);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::DataLoss) throw;
    }
    if (!looks_like_tar(begin.first)) return false;
    PlanNode& target = plan.make_folder(destination);
    ArchivePlan(plan, target, begin.source, options).add_all();
    return true;
}

void hash_file(PlanEntry& entry, UniqueFd file) {
    Sha256 hash;
    std::string buffer(piece, '\0');
    ByteSource source = file_source(file.get());
    while (std::size_t got = source(buffer.data(), buffer.size())) {
        hash.add({buffer.data(), got});
        entry.size += got;
    }
    entry.content = content_hash(hash.finish());
    entry.bytes = {.place = std::make_shared<UniqueFd>(std::move(file))};
}

}  // namespace slipway
