#include "05-build/layer_plan.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <limits>
#include <string_view>

#include "04-images/tar_writer.hpp"
#include "05-build/source_tree.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t piece = 256 << 10;

// Each value with its length in front of it, so that no two lists of values
// make the same bytes.
class KeyBytes {
  public:
    void number(std::uint64_t value) {
        for (unsigned i = 0; i < 8; ++i)
            bytes_ += static_cast<char>(value >> (8 * i) & 0xffU);
    }
    void text(std::string_view value) {
        number(value.size());
        bytes_ += value;
    }
    void hash(const ContentHash& hash) {
        bytes_.append(reinterpret_cast<const char*>(hash.data()), hash.size());
    }
    // On to the hash when it is worth it.
    void hand_to(Sha256& hash, std::size_t least) {
        if (bytes_.size() < least) return;
        hash.add(bytes_);
        bytes_.clear();
    }

  private:
    std::string bytes_;
};

void add_entry(KeyBytes& key, const PlanEntry& entry) {
    key.number(entry.kind == PlanEntry::Kind::Whiteout ? 1 : 0);
    key.text(entry.name);
    key.text(entry.hard_link);
    if (!entry.hard_link.empty()) return;
    for (std::uint64_t value :
         {std::uint64_t{entry.mode}, std::uint64_t{entry.uid},
          std::uint64_t{entry.gid}, entry.size, std::uint64_t{entry.device}})
        key.number(value);
    key.text(entry.target);
    key.number(entry.xattrs.size());
    for (const auto& [name, value] : entry.xattrs) {
        key.text(name);
        key.text(value);
    }
    if (S_ISREG(entry.mode)) key.hash(entry.content);
}

class PlanWriter {
  public:
    PlanWriter(const LayerPlan& plan, const ByteSink& out)
        : plan_(plan), tar_(out) {}

    void add(const PlanEntry& entry);
    void finish() { tar_.finish(); }

  private:
    void add_whiteout(const PlanEntry& entry);
    void add_file(const PlanEntry& entry);
    timespec clamped(timespec time) const;

    const LayerPlan& plan_;
    TarWriter tar_;
    std::string buffer_ = std::string(piece, '\0');
};

timespec PlanWriter::clamped(timespec time) const {
    if (plan_.source_date_epoch && time.tv_sec >= *plan_.source_date_epoch)
        return {*plan_.source_date_epoch, 0};
    return time;
}

void PlanWriter::add_whiteout(const PlanEntry& entry) {
    std::size_t name = entry.name.rfind('/') + 1;  // npos + 1 is 0
    TarWriter::Header header;
    header.name =
        cat(entry.name.substr(0, name), ".wh.", entry.name.substr(name));
    header.mode = S_IFREG | 0600;
    tar_.begin(header);
}

void PlanWriter::add(const PlanEntry& entry) {
    if (entry.kind == PlanEntry::Kind::Whiteout) return add_whiteout(entry);
    TarWriter::Header header;
    header.name = entry.name;
    header.mode = entry.mode;
    header.uid = entry.uid;
    header.gid = entry.gid;
    header.modified = clamped(entry.modified);
    header.hard_link = entry.hard_link;
    bool has_bytes = S_ISREG(entry.mode) && entry.hard_link.empty();
    if (has_bytes) header.size = entry.size;
    if (entry.hard_link.empty()) {
        header.device = entry.device;
        header.target = entry.target;
        header.xattrs = entry.xattrs;
    }
    tar_.begin(header);
    if (has_bytes) add_file(entry);
}

[[noreturn]] void throw_changed(const PlanEntry& entry) {
    const std::string& path =
        entry.bytes.path.empty() ? entry.name : entry.bytes.path;
    throw Error(ErrorKind::Conflict,
                cat(quote("/" + path), " changed while it was read"))
        .advise("build again when nobody writes to it");
}

// Up to `size` bytes at a place in a file; less at its end only.
std::size_t read_at(int fd, char* buffer, std::size_t size, std::uint64_t at,
                    const PlanEntry& entry) {
    std::size_t filled = 0;
    while (filled < size) {
        ssize_t got = ::pread(fd, buffer + filled, size - filled,
                              static_cast<off_t>(at + filled));
        if (got < 0 && errno == EINTR) continue;
        check(got, "read ", quote("/" + entry.name));
        if (got == 0) break;
        filled += static_cast<std::size_t>(got);
    }
    return filled;
}

//@ begin add-file
// The plan's key says what is in the layer: other bytes must not get there.
void PlanWriter::add_file(const PlanEntry& entry) {
    const PlanBytes& bytes = entry.bytes;
    if (!bytes.place) return tar_.write(bytes.text);
    UniqueFd opened;
    if (!bytes.path.empty()) {
        opened = open_source_file(bytes.place->get(), bytes.path);
        if (!opened) throw_changed(entry);
    }
    int fd = opened ? opened.get() : bytes.place->get();
    Sha256 hash;
    for (std::uint64_t done = 0; done < entry.size;) {
        auto wanted = static_cast<std::size_t>(
            std::min<std::uint64_t>(entry.size - done, piece));
        std::size_t got =
            read_at(fd, buffer_.data(), wanted, bytes.offset + done, entry);
        if (got < wanted) throw_changed(entry);
        hash.add({buffer_.data(), got});
        tar_.write({buffer_.data(), got});
        done += got;
    }
    struct stat info {};
    check(::fstat(fd, &info), "look at ", quote("/" + entry.name));
    bool grew =
        opened && static_cast<std::uint64_t>(info.st_size) != entry.size;
    if (grew || content_hash(hash.finish()) != entry.content)
        throw_changed(entry);
}
//@ end add-file

}  // namespace

Digest digest_of(const LayerPlan& plan) {
    Sha256 hash;
    KeyBytes key;
    for (const PlanEntry& entry : plan.entries) {
        add_entry(key, entry);
        key.hand_to(hash, piece);
    }
    key.hand_to(hash, 0);
    return hash.finish();
}

void write_layer(const LayerPlan& plan, const ByteSink& tar) {
    PlanWriter writer(plan, tar);
    for (const PlanEntry& entry : plan.entries) writer.add(entry);
    writer.finish();
}

}  // namespace slipway
