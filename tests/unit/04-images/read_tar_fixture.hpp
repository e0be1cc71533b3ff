// Reading tars back by libarchive, and folders to make them from.
#pragma once

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway::test {

struct ReadEntry {
    std::string name, target, hard_link, text;
    mode_t mode = 0;
    std::int64_t uid = 0, gid = 0, size = 0, seconds = 0;
    dev_t device = 0;
    long nanoseconds = 0;
    std::map<std::string, std::string> xattrs;
};

inline std::string text_or_none(const char* text) {
    return text ? text : "";
}

inline std::string read_data(archive* reader) {
    std::string text;
    char buffer[65536];
    ssize_t got = 0;
    while ((got = ::archive_read_data(reader, buffer, sizeof buffer)) > 0)
        text.append(buffer, static_cast<std::size_t>(got));
    if (got < 0)
        throw Error(ErrorKind::DataLoss, ::archive_error_string(reader));
    return text;
}

using Reader = std::unique_ptr<archive, int (*)(archive*)>;

/// In UTF-8: by default libarchive would not hand out names beyond ASCII.
inline std::vector<ReadEntry> read_tar(std::string_view bytes) {
    locale_t before =
        ::uselocale(::newlocale(LC_CTYPE_MASK, "C.UTF-8", nullptr));
    Reader reader(::archive_read_new(), ::archive_read_free);
    ::archive_read_support_format_tar(reader.get());
    ::archive_read_open_memory(reader.get(), bytes.data(), bytes.size());
    std::vector<ReadEntry> entries;
    archive_entry* from = nullptr;
    while (true) {
        int result = ::archive_read_next_header(reader.get(), &from);
        if (result == ARCHIVE_EOF) break;
        if (result != ARCHIVE_OK && result != ARCHIVE_WARN)
            throw Error(ErrorKind::DataLoss,
                        ::archive_error_string(reader.get()));
        ReadEntry entry;
        entry.name = text_or_none(::archive_entry_pathname(from));
        entry.target = text_or_none(::archive_entry_symlink(from));
        entry.hard_link = text_or_none(::archive_entry_hardlink(from));
        entry.mode = ::archive_entry_mode(from);
        entry.uid = ::archive_entry_uid(from);
        entry.gid = ::archive_entry_gid(from);
        entry.size = ::archive_entry_size(from);
        entry.seconds = ::archive_entry_mtime(from);
        entry.nanoseconds = ::archive_entry_mtime_nsec(from);
        entry.device = ::archive_entry_rdev(from);
        ::archive_entry_xattr_reset(from);
        const char* name = nullptr;
        const void* value = nullptr;
        std::size_t size = 0;
        while (::archive_entry_xattr_next(from, &name, &value, &size) ==
               ARCHIVE_OK)
            entry.xattrs[name].assign(static_cast<const char*>(value), size);
        entry.text = read_data(reader.get());
        entries.push_back(std::move(entry));
    }
    ::uselocale(before);
    return entries;
}

inline std::vector<std::string> names_of(const std::vector<ReadEntry>& all) {
    std::vector<std::string> names;
    for (const ReadEntry& entry : all) names.push_back(entry.name);
    return names;
}

inline ReadEntry entry_named(const std::vector<ReadEntry>& all,
                             const std::string& name) {
    for (const ReadEntry& entry : all)
        if (entry.name == name) return entry;
    throw Error(ErrorKind::NotFound, "no entry " + name);
}

/// A folder to fill. What makes an entry throws when it cannot.
struct Tree {
    TempDir folder{"tree"};

    std::string at(const std::string& name) const {
        return folder.path() + "/" + name;
    }
    std::string make(const std::string& name, mode_t mode = 0755) const {
        check(::mkdir(at(name).c_str(), mode), "mkdir ", name);
        return at(name);
    }
    /// A new file, also where one was.
    void put(const std::string& name, const std::string& text) const {
        ::unlink(at(name).c_str());
        UniqueFd fd(check(::open(at(name).c_str(),
                                 O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644),
                          "create ", name));
        write_all(fd.get(), text);
    }
    void link(const std::string& name, const std::string& target) const {
        check(::symlink(target.c_str(), at(name).c_str()), "symlink ", name);
    }
    void device(const std::string& name, mode_t kind, dev_t number) const {
        check(::mknod(at(name).c_str(), kind | 0600, number), "mknod ", name);
    }
    void whiteout(const std::string& name) const {
        device(name, S_IFCHR, makedev(0, 0));
    }
    void xattr(const std::string& name, const char* key,
               const std::string& value) const {
        check(::lsetxattr(at(name).c_str(), key, value.data(), value.size(), 0),
              "setxattr ", name);
    }
    void opaque(const std::string& name) const {
        xattr(name, "trusted.overlay.opaque", "y");
    }
    void times(const std::string& name, time_t seconds,
               long nanoseconds) const {
        timespec both[2] = {{1, 1}, {seconds, nanoseconds}};
        check(
            ::utimensat(AT_FDCWD, at(name).c_str(), both, AT_SYMLINK_NOFOLLOW),
            "utimensat ", name);
    }
};

}  // namespace slipway::test
