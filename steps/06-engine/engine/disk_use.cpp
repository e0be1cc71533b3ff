#include "06-engine/engine/disk_use.hpp"

#include <sys/stat.h>

#include <filesystem>
#include <set>
#include <utility>

namespace slipway {

std::uint64_t disk_use(const std::string& folder) {
    namespace fs = std::filesystem;
    constexpr std::uint64_t block = 512;  // of st_blocks, whatever the disk's
    std::uint64_t bytes = 0;
    std::set<std::pair<dev_t, ino_t>> seen;
    std::error_code error;
    fs::recursive_directory_iterator each(
        folder, fs::directory_options::skip_permission_denied, error);
    for (; !error && each != fs::recursive_directory_iterator();
         each.increment(error)) {
        struct stat info {};
        if (::lstat(each->path().c_str(), &info) != 0) continue;
        bool again = info.st_nlink > 1 && !S_ISDIR(info.st_mode) &&
                     !seen.insert({info.st_dev, info.st_ino}).second;
        if (!again) bytes += static_cast<std::uint64_t>(info.st_blocks) * block;
    }
    return bytes;
}

}  // namespace slipway
