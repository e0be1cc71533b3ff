// Format: tar(5), "POSIX ustar Archives".
#include "compare/tar.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <filesystem>
#include <vector>

#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway::compare {
namespace {

constexpr std::size_t block = 512, longest_name = 100;

std::string padded(std::string bytes) {
    bytes.append((block - bytes.size() % block) % block, '\0');
    return bytes;
}

void put_octal(char* field, std::size_t size, unsigned long number) {
    field[size - 1] = '\0';
    for (std::size_t at = size - 1; at-- > 0; number /= 8)
        field[at] = static_cast<char>('0' + number % 8);
}

std::string header(const std::string& name, mode_t mode, std::size_t size,
                   char type, const std::string& link = "") {
    if (name.size() > longest_name || link.size() > longest_name)
        throw Error(ErrorKind::InvalidArgument,
                    cat("tar: the name is too long: ", name));
    std::array<char, block> bytes{};
    std::memcpy(bytes.data(), name.data(), name.size());
    put_octal(&bytes[100], 8, mode);
    put_octal(&bytes[108], 8, 0);
    put_octal(&bytes[116], 8, 0);
    put_octal(&bytes[124], 12, size);
    put_octal(&bytes[136], 12, 0);
    std::memset(&bytes[148], ' ', 8);
    bytes[156] = type;
    std::memcpy(&bytes[157], link.data(), link.size());
    std::memcpy(&bytes[257], "ustar\00000", 8);
    unsigned long sum = 0;
    for (char byte : bytes) sum += static_cast<unsigned char>(byte);
    put_octal(&bytes[148], 7, sum);
    return {bytes.data(), bytes.size()};
}

// As GNU tar does it: a long name is a member of its own, in front.
std::string put_before(char type, std::string& name) {
    if (name.size() <= longest_name) return "";
    std::string entry =
        header("././@LongLink", 0, name.size() + 1, type) + padded(name + '\0');
    name.resize(longest_name);
    return entry;
}

}  // namespace

std::string tar_of(const std::string& folder) {
    std::vector<std::filesystem::path> paths;
    for (const auto& entry :
         std::filesystem::recursive_directory_iterator(folder))
        paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::string tar;
    for (const auto& path : paths) {
        struct stat info {};
        check(::lstat(path.c_str(), &info), "lstat ", path.string());
        std::string name =
            std::filesystem::relative(path, folder).generic_string();
        if (S_ISDIR(info.st_mode)) {
            tar += header(name + "/", info.st_mode & 07777, 0, '5');
            continue;
        }
        constexpr std::size_t largest_file = 64 << 20;
        std::string bytes = read_file(path, largest_file);
        tar += header(name, info.st_mode & 07777, bytes.size(), '0') +
               padded(bytes);
    }
    return tar + tar_end();
}

std::string tar_entry(const TarMember& member) {
    std::string name = member.name, link = member.link;
    std::string entry = put_before('L', name) + put_before('K', link);
    entry += header(name, 0644, member.content.size(), member.type, link);
    return entry + padded(member.content);
}

std::string tar_end() {
    return std::string(2 * block, '\0');
}

}  // namespace slipway::compare
