#include "04-images/diff_layer.hpp"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <map>
#include <string_view>
#include <utility>

#include "04-images/layer_walk.hpp"
#include "04-images/tar_writer.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view whiteout_prefix = ".wh.";
constexpr std::string_view opaque_name = ".wh..wh..opq";

std::pair<std::string, std::string> split_path(const std::string& path) {
    std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return {"", path};
    return {path.substr(0, slash + 1), path.substr(slash + 1)};
}

[[noreturn]] void throw_changed(const std::string& path) {
    throw Error(ErrorKind::Conflict,
                cat(quote("/" + path), " changed while it was read"));
}

// A run of bytes that are there. Between two of them is a hole.
struct Extent {
    off_t begin, end;
};

// The next one at or behind `from`; at `size`, empty, when there is none.
Extent next_extent(int fd, off_t from, off_t size) {
    off_t begin = ::lseek(fd, from, SEEK_DATA);
    if (begin < 0 && errno == ENXIO) return {size, size};  // a hole to the end
    if (begin < 0) return {from, size};  // the file system knows no holes
    off_t end = ::lseek(fd, begin, SEEK_HOLE);
    return {std::min(begin, size), end < 0 ? size : std::min(end, size)};
}

class LayerWriter {
  public:
    LayerWriter(const ByteSink& out, const DiffOptions& options, bool translate)
        : tar_(out), options_(options), translate_(translate) {}

    void add(const LayerEntry& entry);
    WrittenTar finish() {
        tar_.finish();
        return written_;
    }

  private:
    void add_whiteout(const std::string& path);
    void add_itself(const LayerEntry& entry);
    void add_contents(const LayerEntry& file);
    void add_extent(int fd, const Extent& extent, const std::string& path);
    TarWriter::Header header_of(const LayerEntry& entry);
    std::string earlier_name_of(const LayerEntry& entry);
    timespec clamped(timespec time) const;
    void begin(const TarWriter::Header& header) {
        tar_.begin(header);
        ++written_.entries;
    }

    TarWriter tar_;
    const DiffOptions& options_;
    bool translate_;
    WrittenTar written_;
    std::map<std::pair<dev_t, ino_t>, std::string> linked_;
    std::string buffer_ = std::string(256 * 1024, '\0');
};

//@ begin add-entry
void LayerWriter::add(const LayerEntry& entry) {
    if (entry.kind == EntryKind::Socket) return;
    auto [parent, name] = split_path(entry.path);
    if (translate_ && name.starts_with(whiteout_prefix))
        throw Error(ErrorKind::InvalidArgument,
                    cat(quote("/" + entry.path),
                        " cannot be in a layer: there the name means that "
                        "something was removed"));
    if (entry.kind == EntryKind::Whiteout)
        return add_whiteout(cat(parent, whiteout_prefix, name));
    if (!entry.path.empty()) add_itself(entry);
    // First in its folder: readers that apply entry by entry want it there.
    if (entry.opaque)
        add_whiteout(entry.path.empty() ? std::string(opaque_name)
                                        : cat(entry.path, "/", opaque_name));
}
//@ end add-entry

//@ begin add-whiteout
// An empty file. When the name was removed, and by whom, is not said: it would
// make two layers of one change.
void LayerWriter::add_whiteout(const std::string& path) {
    TarWriter::Header header;
    header.name = path;
    header.mode = S_IFREG | 0600;
    begin(header);
}
//@ end add-whiteout

void LayerWriter::add_itself(const LayerEntry& entry) {
    TarWriter::Header header = header_of(entry);
    begin(header);
    if (entry.kind == EntryKind::File && header.hard_link.empty())
        add_contents(entry);
}

TarWriter::Header LayerWriter::header_of(const LayerEntry& entry) {
    TarWriter::Header header;
    header.name = entry.path;
    header.mode = entry.info.st_mode;
    header.uid = entry.info.st_uid;
    header.gid = entry.info.st_gid;
    header.modified = clamped(entry.info.st_mtim);
    header.hard_link = earlier_name_of(entry);
    if (!header.hard_link.empty()) return header;
    if (entry.kind == EntryKind::File)
        header.size = static_cast<std::uint64_t>(entry.info.st_size);
    if (entry.kind == EntryKind::Device) header.device = entry.info.st_rdev;
    header.target = entry.target;
    header.xattrs = entry.xattrs;
    return header;
}

// Empty for the first name, and for those that have no second one. Other links
// may lie outside the folder: the kernel's work folder has some.
std::string LayerWriter::earlier_name_of(const LayerEntry& entry) {
    if (entry.kind == EntryKind::Folder || entry.info.st_nlink < 2) return "";
    auto [link, is_new] =
        linked_.try_emplace({entry.info.st_dev, entry.info.st_ino}, entry.path);
    return is_new ? "" : link->second;
}

timespec LayerWriter::clamped(timespec time) const {
    if (options_.source_date_epoch &&
        time.tv_sec >= *options_.source_date_epoch)
        return {*options_.source_date_epoch, 0};
    return time;
}

void LayerWriter::add_contents(const LayerEntry& file) {
    if (file.info.st_size == 0) return;
    UniqueFd fd = open_contents(file);
    off_t at = 0;
    while (at < file.info.st_size) {
        Extent extent = next_extent(fd.get(), at, file.info.st_size);
        tar_.write_zeros(static_cast<std::uint64_t>(extent.begin - at));
        add_extent(fd.get(), extent, file.path);
        at = extent.end;
    }
    // A file that was cut meanwhile looks like a hole. One that grew is as
    // good as before: what was written since is not in the layer.
    struct stat now {};
    check(::fstat(fd.get(), &now), "look at ", quote("/" + file.path));
    if (now.st_size < file.info.st_size) throw_changed(file.path);
    written_.bytes += static_cast<std::uint64_t>(file.info.st_size);
}

void LayerWriter::add_extent(int fd, const Extent& extent,
                             const std::string& path) {
    for (off_t at = extent.begin; at < extent.end;) {
        std::size_t want =
            std::min(static_cast<std::size_t>(extent.end - at), buffer_.size());
        ssize_t got = ::pread(fd, buffer_.data(), want, at);
        if (got < 0 && errno == EINTR) continue;
        check(got, "read ", quote("/" + path));
        if (got == 0) throw_changed(path);
        tar_.write({buffer_.data(), static_cast<std::size_t>(got)});
        at += got;
    }
}

WrittenTar write_folder(const std::string& folder, FolderForm form,
                        const ByteSink& out, const DiffOptions& options) {
    LayerWriter writer(out, options, form != FolderForm::Plain);
    walk_layer_folder(folder, form,
                      [&](const LayerEntry& entry) { writer.add(entry); });
    return writer.finish();
}

}  // namespace

WrittenTar diff_layer(const std::string& folder, const ByteSink& out,
                      const DiffOptions& options) {
    return write_folder(
        folder,
        options.user_xattr ? FolderForm::UserOverlay : FolderForm::Overlay, out,
        options);
}

WrittenTar export_tree(const std::string& folder, const ByteSink& out,
                       const DiffOptions& options) {
    return write_folder(folder, FolderForm::Plain, out, options);
}

}  // namespace slipway
