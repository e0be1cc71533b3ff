#include "04-images/unpack_layer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "04-images/file_metadata.hpp"
#include "04-images/layer_folder.hpp"
#include "04-images/layer_name.hpp"
#include "04-images/overlay_marks.hpp"
#include "04-images/tar_reader.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void refuse(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument, why);
}

// Where an entry goes: a name in an open folder.
struct Place {
    LayerFolder& layer;
    int folder;
    const std::string& name;
};

// Runs `make`, and again when an earlier entry has taken the name: the later
// one counts.
template <class Make>
int make_at(const Place& place, const char* what, Make make) {
    int result = make();
    if (result < 0 && errno == EEXIST) {
        place.layer.remove(place.folder, place.name);
        result = make();
    }
    return check(result, what);
}

dev_t device_of(const TarEntry& entry) {
    constexpr int major_bits = 12, minor_bits = 20;  // Linux' own limits
    if (entry.device_major >> major_bits != 0 ||
        entry.device_minor >> minor_bits != 0)
        refuse(cat("device ", entry.device_major, ":", entry.device_minor,
                   ", which Linux cannot have"));
    return ::makedev(static_cast<unsigned>(entry.device_major),
                     static_cast<unsigned>(entry.device_minor));
}

class Unpacking {
  public:
    Unpacking(const ByteSource& tar, const std::string& folder,
              const UnpackOptions& options)
        : options_(options),
          tar_(tar, options.most_bytes),
          layer_(folder, options.user_xattr) {
        if (!options_.keep_folder) layer_.make_ordinary();
    }

    UnpackedLayer run() {
        while (const TarEntry* entry = tar_.next()) {
            if (++done_.entries > options_.most_entries)
                refuse(cat("layer of more than ", options_.most_entries,
                           " entries"));
            try {
                unpack(*entry);
            } catch (Error& error) {
                error.add_context(shown_name(entry->name));
                throw;
            }
        }
        layer_.set_times();
        return done_;
    }

  private:
    void unpack(const TarEntry& entry);
    void make(const TarEntry& entry, const LayerName& name);
    void make_folder(const TarEntry& entry, const LayerName& name);
    void make_file(const TarEntry& entry, const Place& place);
    void write_content(int fd, const TarEntry& entry);
    void make_symlink(const TarEntry& entry, const Place& place);
    void make_hard_link(const TarEntry& entry, const Place& place);
    void make_special(const TarEntry& entry, const Place& place);
    void hide(const LayerName& name);

    UnpackOptions options_;
    TarReader tar_;
    LayerFolder layer_;
    UnpackedLayer done_;
};

void Unpacking::unpack(const TarEntry& entry) {
    LayerName name = parse_layer_name(entry.name);
    switch (name.kind) {
        case LayerName::Kind::Entry:
            make(entry, name);
            break;
        case LayerName::Kind::Whiteout:
            hide(name);
            break;
        case LayerName::Kind::Opaque:
            mark_opaque(layer_.parent(name.parent), options_.user_xattr);
            break;
        case LayerName::Kind::Metadata:
            break;
    }
}

void Unpacking::make(const TarEntry& entry, const LayerName& name) {
    if (entry.type == TarEntry::Type::Folder) return make_folder(entry, name);
    if (name.name.empty()) refuse("the layer's folder is not a folder");
    Place place{layer_, layer_.parent(name.parent), name.name};
    switch (entry.type) {
        case TarEntry::Type::File:
            return make_file(entry, place);
        case TarEntry::Type::Symlink:
            return make_symlink(entry, place);
        case TarEntry::Type::HardLink:
            return make_hard_link(entry, place);
        default:
            return make_special(entry, place);
    }
}

void Unpacking::make_folder(const TarEntry& entry, const LayerName& name) {
    if (name.path().empty() && options_.keep_folder) return;
    int fd = layer_.parent(name.parent);
    std::string path = name.path();
    if (!name.name.empty())
        fd = layer_.make_folder(fd, name.name, path, entry.mode & 0777);
    set_metadata(fd, entry);
    layer_.remember_times(path, entry.times);
}

//@ begin make-file
void Unpacking::make_file(const TarEntry& entry, const Place& place) {
    // Without set-uid bits yet: the file is not its owner's before chown(2).
    UniqueFd fd(make_at(place, "create", [&] {
        return ::openat(place.folder, place.name.c_str(),
                        O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC,
                        entry.mode & 0777);
    }));
    write_content(fd.get(), entry);
    // After the content: write(2) takes set-uid bits and capabilities away.
    set_metadata(fd.get(), entry);
    check(::futimens(fd.get(), entry.times), "set times");
}
//@ end make-file

void Unpacking::write_content(int fd, const TarEntry& entry) {
    std::int64_t end = 0;
    for (TarBlock block; tar_.block(block);) {
        std::string_view bytes = block.bytes;
        done_.bytes += bytes.size();
        for (std::int64_t at = block.offset; !bytes.empty(); end = at) {
            ssize_t count = ::pwrite(fd, bytes.data(), bytes.size(), at);
            if (count < 0 && errno == EINTR) continue;
            check(count, "write");
            bytes.remove_prefix(static_cast<std::size_t>(count));
            at += count;
        }
    }
    if (entry.sparse && entry.size > end)  // it ends in a hole
        check(::ftruncate(fd, entry.size), "set size");
}

void Unpacking::make_symlink(const TarEntry& entry, const Place& place) {
    if (*entry.target == '\0') refuse("a symlink to nothing");
    make_at(place, "make symlink", [&] {
        return ::symlinkat(entry.target, place.folder, place.name.c_str());
    });
    set_metadata_at(place.folder, place.name, entry, false);
}

// What a hard link says of owner, mode and times is what its target said. No
// symlink is followed at the end of the target's name: it may itself be linked.
void Unpacking::make_hard_link(const TarEntry& entry, const Place& place) {
    LayerName target = parse_layer_name(entry.target);
    int folder = target.kind == LayerName::Kind::Entry && !target.name.empty()
                     ? layer_.target_parent(target.parent)
                     : -1;
    struct stat info {};
    if (folder < 0 ||
        ::fstatat(folder, target.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        refuse(cat("hard link to ", shown_name(entry.target),
                   ", which is not in this layer"));
    if (S_ISDIR(info.st_mode) || is_whiteout(folder, target.name))
        refuse(cat("hard link to ", shown_name(entry.target),
                   ", which is no file"));
    make_at(place, "make hard link", [&] {
        return ::linkat(folder, target.name.c_str(), place.folder,
                        place.name.c_str(), 0);
    });
}

void Unpacking::make_special(const TarEntry& entry, const Place& place) {
    mode_t type = entry.type == TarEntry::Type::Fifo          ? S_IFIFO
                  : entry.type == TarEntry::Type::CharDevice  ? S_IFCHR
                  : entry.type == TarEntry::Type::BlockDevice ? S_IFBLK
                                                              : 0;
    if (type == 0) refuse("neither file, folder, link, device nor FIFO");
    dev_t device = type == S_IFIFO ? 0 : device_of(entry);
    if (type == S_IFCHR && device == 0)
        refuse("character device 0:0, which is overlayfs' whiteout");
    if (type != S_IFIFO && options_.user_xattr) {
        ++done_.left_out;
        return;
    }
    make_at(place, "make device", [&] {
        return try_act(Why{"the layer has it"}, "mknodat", ::mknodat,
                       place.folder, place.name, type | (entry.mode & 0777),
                       device);
    });
    set_metadata_at(place.folder, place.name, entry, true);
}

//@ begin hide
// A whiteout hides what is below, not what its own layer has. A file hides what
// is below anyhow; a folder has to be told.
void Unpacking::hide(const LayerName& name) {
    int folder = layer_.parent(name.parent);
    if (is_opaque(folder, options_.user_xattr)) return;
    struct stat info {};
    if (::fstatat(folder, name.name.c_str(), &info, AT_SYMLINK_NOFOLLOW) != 0)
        return make_whiteout(folder, name.name);
    if (S_ISDIR(info.st_mode))
        mark_opaque(layer_.parent(name.path()), options_.user_xattr);
}
//@ end hide

}  // namespace

UnpackedLayer unpack_layer(const ByteSource& tar, const std::string& folder,
                           const UnpackOptions& options) {
    return Unpacking(tar, folder, options).run();
}

}  // namespace slipway
