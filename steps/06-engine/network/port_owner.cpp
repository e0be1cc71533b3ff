#include "06-engine/network/port_owner.hpp"

#include <dirent.h>
#include <unistd.h>

#include <charconv>
#include <climits>
#include <memory>
#include <set>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_table = 64 << 20;

std::string read_or_nothing(const std::string& path) {
    try {
        return read_file(path, largest_table);
    } catch (const Error&) {
        return "";
    }
}

std::vector<std::string> words_of(const std::string& line) {
    std::vector<std::string> words;
    for (std::string& word : split(line, ' '))
        if (!word.empty()) words.push_back(std::move(word));
    return words;
}

// Of a line of /proc/net/tcp, proc(5): "sl local_address rem_address st …",
// with the address as "0100007F:1F90".
bool names_port(const std::vector<std::string>& words, std::uint16_t port) {
    constexpr int hexadecimal = 16;
    std::size_t colon = words[1].rfind(':');
    if (colon == std::string::npos) return false;
    unsigned found = 0;
    std::from_chars(words[1].data() + colon + 1,
                    words[1].data() + words[1].size(), found, hexadecimal);
    return found == port;
}

//@ begin inodes-of-port
// The sockets that listen on the port, by their inode numbers.
std::set<std::string> inodes_of(const std::string& protocol,
                                std::uint16_t port) {
    constexpr std::size_t status = 3, inode = 9;
    // TCP_LISTEN; a UDP socket that is not connected "is closed".
    const char* wanted = protocol == "udp" ? "07" : "0A";
    std::set<std::string> inodes;
    for (const char* version : {"", "6"}) {
        std::string table =
            read_or_nothing(cat("/proc/net/", protocol, version));
        for (const std::string& line : split(table, '\n')) {
            std::vector<std::string> words = words_of(line);
            if (words.size() > inode && words[status] == wanted &&
                names_port(words, port))
                inodes.insert(words[inode]);
        }
    }
    return inodes;
}
//@ end inodes-of-port

std::vector<std::string> entries_of(const std::string& folder) {
    std::vector<std::string> names;
    std::unique_ptr<DIR, int (*)(DIR*)> dir(::opendir(folder.c_str()),
                                            ::closedir);
    if (!dir) return names;
    while (dirent* entry = ::readdir(dir.get()))
        if (entry->d_name[0] >= '0' && entry->d_name[0] <= '9')
            names.emplace_back(entry->d_name);
    return names;
}

// Has the process one of the sockets open? Its descriptors are links to
// "socket:[INODE]".
bool holds(const std::string& pid, const std::set<std::string>& inodes) {
    std::string folder = cat("/proc/", pid, "/fd");
    for (const std::string& fd : entries_of(folder)) {
        char target[64];
        ssize_t size =
            ::readlink(cat(folder, "/", fd).c_str(), target, sizeof target);
        constexpr std::string_view begin = "socket:[";
        if (size <= static_cast<ssize_t>(begin.size())) continue;
        std::string_view text(target, static_cast<std::size_t>(size));
        if (!text.starts_with(begin)) continue;
        text.remove_prefix(begin.size());
        text.remove_suffix(1);
        if (inodes.contains(std::string(text))) return true;
    }
    return false;
}

}  // namespace

std::string find_listener(const std::string& protocol, std::uint16_t port) {
    std::set<std::string> inodes = inodes_of(protocol, port);
    if (inodes.empty()) return "";
    for (const std::string& pid : entries_of("/proc"))
        if (holds(pid, inodes)) {
            std::string name = read_or_nothing(cat("/proc/", pid, "/comm"));
            while (name.ends_with('\n')) name.pop_back();
            return cat(name, " (process ", pid, ")");
        }
    return "";
}

}  // namespace slipway
