// A layer, unpacked beside something that must not be touched.
#pragma once

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include "04-images/unpack_layer.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "unit/04-images/stream_fixture.hpp"
#include "unit/04-images/tar_fixture.hpp"
#include "unit/catch.hpp"

namespace slipway {

struct TestLayer {
    TempDir outside{"layer"};
    std::string root = outside.path() + "/layer";

    TestLayer() {
        std::filesystem::create_directory(root);
        std::filesystem::create_directory(outside.path() + "/victim");
        // Beginning with the folder's own name: no test of names by prefix.
        std::filesystem::create_directory(root + "-evil");
        write_file_atomic(outside.path() + "/victim/file", "untouched", 0600);
    }
    ~TestLayer() { CHECK(victim_is_untouched()); }
    TestLayer(const TestLayer&) = delete;
    TestLayer& operator=(const TestLayer&) = delete;

    bool victim_is_untouched() const {
        std::string victim = outside.path() + "/victim";
        auto count = [](const std::string& path) {
            return std::distance(std::filesystem::directory_iterator(path), {});
        };
        struct stat info {};
        return count(outside.path()) == 3 && count(victim) == 1 &&
               count(root + "-evil") == 0 &&
               ::stat((victim + "/file").c_str(), &info) == 0 &&
               info.st_nlink == 1 && (info.st_mode & 07777) == 0600 &&
               read_file(victim + "/file", 99) == "untouched";
    }

    UnpackedLayer unpack(const std::string& entries,
                         const UnpackOptions& options = {}) {
        return unpack_layer(source_from(entries + tar_end()), root, options);
    }
    /// What unpacking throws; kind System and "" when it throws nothing.
    Error refused(const std::string& entries,
                  const UnpackOptions& options = {}) {
        try {
            unpack(entries, options);
        } catch (const Error& error) {
            return error;
        }
        return Error(ErrorKind::System, "");
    }

    std::string path(const std::string& name) const {
        return root + "/" + name;
    }
    struct stat info(const std::string& name) const {
        struct stat info {};
        if (::lstat(path(name).c_str(), &info) != 0) info.st_mode = 0;
        return info;
    }
    bool exists(const std::string& name) const { return info(name).st_mode; }
    bool is_folder(const std::string& name) const {
        return S_ISDIR(info(name).st_mode);
    }
    bool is_whiteout(const std::string& name) const {
        struct stat found = info(name);
        return S_ISCHR(found.st_mode) && found.st_rdev == makedev(0, 0);
    }
    unsigned mode(const std::string& name) const {
        return info(name).st_mode & 07777;
    }
    std::string text(const std::string& name) const {
        return read_file(path(name), 1 << 20);
    }
    std::string target(const std::string& name) const {
        return std::filesystem::read_symlink(path(name)).string();
    }
    /// "-" when there is none.
    std::string xattr(const std::string& name, const char* attribute) const {
        char value[256];
        ssize_t size = ::lgetxattr(path(name).c_str(), attribute, value, 256);
        return size < 0 ? "-" : std::string(value, static_cast<size_t>(size));
    }
    bool is_opaque(const std::string& name) const {
        return xattr(name, "trusted.overlay.opaque") == "y";
    }
};

}  // namespace slipway
