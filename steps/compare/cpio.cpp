// Format: Linux, Documentation/driver-api/early-userspace/buffer-format.rst.
#include "compare/cpio.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <vector>

#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway::compare {
namespace {

// Each part begins at a multiple of four bytes.
void align(std::string& archive) {
    constexpr std::size_t unit = 4;
    archive.append((unit - archive.size() % unit) % unit, '\0');
}

void append(std::string& archive, unsigned long number, const std::string& name,
            mode_t mode, const std::string& content) {
    const std::array<unsigned long, 13> fields = {
        number,          mode, 0, 0, 1, 0, content.size(), 0, 0, 0, 0,
        name.size() + 1, 0};
    archive += "070701";
    for (unsigned long field : fields) {
        std::array<char, 24> digits{};
        std::snprintf(digits.data(), digits.size(), "%08lX", field);
        archive += digits.data();
    }
    archive += name;
    archive += '\0';
    align(archive);
    archive += content;
    align(archive);
}

}  // namespace

std::string cpio_of(const std::string& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());  // folders before what is in them
    std::string archive;
    unsigned long number = 0;
    for (const auto& path : paths) {
        struct stat info {};
        check(::lstat(path.c_str(), &info), "lstat ", path.string());
        constexpr std::size_t largest_file = 64 << 20;
        std::string content;
        if (S_ISREG(info.st_mode)) content = read_file(path, largest_file);
        if (S_ISLNK(info.st_mode))
            content = std::filesystem::read_symlink(path).string();
        append(archive, ++number,
               std::filesystem::relative(path, folder).generic_string(),
               info.st_mode, content);
    }
    append(archive, 0, "TRAILER!!!", 0, "");
    return archive;
}

}  // namespace slipway::compare
