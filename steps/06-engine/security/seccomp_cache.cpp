// Compiled seccomp programs, kept in files: one for each profile.
//
//     folder/0123456789abcdef.bpf    the hash of the profile's text
//       Key       what the program was compiled for: compared byte by byte
//       Result    how it is to be loaded, how long it is, a checksum
//       the profile's text: compared, so that equal hashes do no harm
//       the program
//
// A file that is not exactly right is as good as none: the profile is compiled
// again, and the file replaced. So nothing here is an error.
#include <dirent.h>
#include <fcntl.h>
#include <seccomp.h>
#include <sys/stat.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>

#include <nlohmann/json.hpp>

#include "06-engine/security/seccomp.hpp"
#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_files = 64;
constexpr std::size_t largest_file = 16UL << 20;

// All bytes of these are set, or comparing them would compare what was left on
// the stack.
struct Key {
    std::array<char, 8> magic{'s', 'l', 'i', 'p', 'w', 'b', 'p', 'f'};
    std::uint32_t format = 2;
    std::uint32_t architecture = 0;
    std::array<std::uint32_t, 3> library{};
    std::uint32_t zero = 0;
    std::uint64_t text_bytes = 0;
    std::array<char, 72> kernel{};  ///< what it can do decides what is compiled
};
struct Result {
    std::uint32_t flags = 0, notifies = 0;
    std::uint64_t instructions = 0;
    std::uint64_t checksum = 0;  ///< written without fsync: zeros may come back
};
static_assert(std::has_unique_object_representations_v<Key>);
static_assert(std::has_unique_object_representations_v<Result>);

// FNV-1a.
std::uint64_t hash_of(std::string_view bytes,
                      std::uint64_t hash = 0xcbf29ce484222325) {
    for (char c : bytes) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3;
    }
    return hash;
}

template <class Plain>
std::string_view bytes_of(const Plain& plain) {
    return {reinterpret_cast<const char*>(&plain), sizeof plain};
}
std::string_view bytes_of(const std::vector<sock_filter>& program) {
    return {reinterpret_cast<const char*>(program.data()),
            program.size() * sizeof(sock_filter)};
}

Key key_for(std::string_view text) {
    Key key;
    key.architecture = ::seccomp_arch_native();
    const scmp_version* version = ::seccomp_version();
    key.library = {version->major, version->minor, version->micro};
    key.text_bytes = text.size();
    utsname name{};
    check(::uname(&name), "uname");
    std::string_view release(name.release);
    release.copy(key.kernel.data(), key.kernel.size() - 1);
    return key;
}

std::uint64_t checksum(Result result, std::string_view program) {
    result.checksum = 0;
    return hash_of(program, hash_of(bytes_of(result)));
}

std::string file_name(std::string_view text) {
    std::uint64_t hash = hash_of(text);
    std::string digits;
    for (int shift = 60; shift >= 0; shift -= 4)
        digits += "0123456789abcdef"[hash >> shift & 0xf];
    return digits + ".bpf";
}

/// The bytes of a file that nobody but us can have written; or none.
std::string read_own_file(const std::string& path) {
    // Without O_NONBLOCK, a pipe of this name would let us wait for ever.
    UniqueFd file(
        ::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    struct stat info {};
    if (!file || ::fstat(file.get(), &info) != 0) return {};
    bool ours = S_ISREG(info.st_mode) && info.st_uid == ::geteuid() &&
                (info.st_mode & (S_IWGRP | S_IWOTH)) == 0;
    auto size = static_cast<std::size_t>(info.st_size);
    if (!ours || size > largest_file) return {};
    // One read for what has a known size.
    std::string bytes(size, '\0');
    ssize_t got = ::read(file.get(), bytes.data(), size);
    if (got != info.st_size) return {};
    return bytes;
}

/// Takes `part` off the front of `rest`; false when something else is there.
bool take(std::string_view& rest, std::string_view part) {
    if (rest.substr(0, part.size()) != part) return false;
    rest.remove_prefix(part.size());
    return true;
}

//@ begin kept-filter
std::optional<SeccompFilter> kept_filter(const std::string& path,
                                         const Key& key,
                                         std::string_view text) {
    std::string bytes = read_own_file(path);
    std::string_view rest = bytes;
    Result result;
    if (!take(rest, bytes_of(key)) || rest.size() < sizeof result)
        return std::nullopt;
    std::memcpy(&result, rest.data(), sizeof result);
    rest.remove_prefix(sizeof result);
    if (!take(rest, text) || result.instructions > BPF_MAXINSNS ||
        rest.size() != result.instructions * sizeof(sock_filter) ||
        result.checksum != checksum(result, rest))
        return std::nullopt;
    SeccompFilter filter;
    filter.program.resize(result.instructions);
    std::memcpy(filter.program.data(), rest.data(), rest.size());
    filter.flags = result.flags;
    filter.notifies = result.notifies != 0;
    return filter;
}
//@ end kept-filter

bool is_ours(std::string_view name) {
    return name.size() >= 20 && name.substr(16, 4) == ".bpf";
}

/// Removes the oldest when there are so many that profiles seem to be made for
/// each container. Files that a crash left half written have such names, too.
void make_room(const std::string& folder) {
    struct Close {
        void operator()(DIR* open) const { ::closedir(open); }
    };
    std::unique_ptr<DIR, Close> open(::opendir(folder.c_str()));
    if (!open) return;
    std::vector<std::pair<std::int64_t, std::string>> files;  // oldest first
    while (const dirent* entry = ::readdir(open.get())) {
        struct stat info {};
        if (is_ours(entry->d_name) &&
            ::fstatat(::dirfd(open.get()), entry->d_name, &info,
                      AT_SYMLINK_NOFOLLOW) == 0)
            files.emplace_back(info.st_mtime, entry->d_name);
    }
    std::sort(files.begin(), files.end());
    for (std::size_t i = 0; i + most_files <= files.size(); ++i)
        ::unlinkat(::dirfd(open.get()), files[i].second.c_str(), 0);
}

void keep_filter(const std::string& folder, const Key& key,
                 std::string_view text, const SeccompFilter& filter) {
    std::string_view program = bytes_of(filter.program);
    Result result{filter.flags, filter.notifies ? 1U : 0U,
                  filter.program.size()};
    result.checksum = checksum(result, program);
    std::string bytes(bytes_of(key));
    bytes.append(bytes_of(result)).append(text).append(program);
    if (bytes.size() > largest_file) return;
    try {
        (void)::mkdir(folder.c_str(), 0700);  // or it is there
        make_room(folder);
        write_file_atomic(cat(folder, "/", file_name(text)), bytes, 0600,
                          ToDisk::Later);
    } catch (const Error&) {
        // A full or read-only disk costs time, no more.
    }
}

void take_listener(SeccompFilter& filter, const DocumentField& profile) {
    if (!filter.notifies) return;
    filter.listener_path = profile.at("listenerPath").text();
    if (auto metadata = profile.find("listenerMetadata"))
        filter.listener_metadata = metadata->text();
}

}  // namespace

SeccompFilter cached_seccomp(const DocumentField& profile,
                             const std::string& folder) {
    // Keys are sorted in it: two ways to write a profile make one text.
    std::string text = profile.value().dump();
    Key key = key_for(text);
    if (auto kept = kept_filter(cat(folder, "/", file_name(text)), key, text)) {
        take_listener(*kept, profile);
        return std::move(*kept);
    }
    SeccompFilter filter = compile_within(profile);
    keep_filter(folder, key, text, filter);
    return filter;
}

}  // namespace slipway
