#include "compare/leftovers.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway::compare {
namespace {

// The last file of a claim that is written, the first that is looked for.
std::string note_of(const std::string& folder) {
    return folder + "/run";
}

UniqueFd lock_folder(const std::string& folder) {
    UniqueFd fd(::open(folder.c_str(),
                       O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    struct stat info {};
    if (!fd || ::fstat(fd.get(), &info) != 0 || info.st_uid != ::geteuid() ||
        ::flock(fd.get(), LOCK_EX | LOCK_NB) != 0)
        return {};
    return fd;
}

bool is_name(const std::string& text) {
    return !text.empty() &&
           text.find_first_not_of("0123456789abcdef") == std::string::npos;
}

}  // namespace

UniqueFd claim_folder(const std::string& folder, const Names& names) {
    UniqueFd lock = lock_folder(folder);
    if (!lock) throw Error(ErrorKind::System, cat("lock ", folder));
    write_file_atomic(note_of(folder), names.nonce, 0600, ToDisk::Later);
    return lock;
}

void find_leftovers(const std::string& folder,
                    const std::function<void(const std::string& folder,
                                             const Names& names)>& sweep) {
    std::filesystem::path own(folder);
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(own.parent_path(), none)) {
        std::string other = entry.path();
        if (!entry.path().filename().string().starts_with("slipway-compare-") ||
            entry.path() == own)
            continue;
        UniqueFd lock = lock_folder(other);  // it lives: we do not get it
        constexpr std::size_t longest = 64;
        if (!lock || ::access(note_of(other).c_str(), F_OK) != 0) continue;
        std::string nonce = read_file(note_of(other), longest);
        if (is_name(nonce)) sweep(other, Names{nonce});
    }
}

}  // namespace slipway::compare
