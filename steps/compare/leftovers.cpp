#include "compare/leftovers.hpp"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <filesystem>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/numbers.hpp"
#include "common/process.hpp"
#include "common/text.hpp"
#include "compare/host_facts.hpp"
#include "compare/workplace.hpp"

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

// Version 1 has several, version 2 one.
std::vector<std::string> hierarchies() {
    const std::string root = "/sys/fs/cgroup";
    std::vector<std::string> places = mounts_below(root);
    places.push_back(root);
    return places;
}

// A group cannot be removed before the last process of it is gone.
void end_processes(const std::string& group) {
    constexpr std::size_t most = 1 << 20;
    constexpr std::uint64_t largest_pid = 1 << 30;
    constexpr int longest = 3000;  // ms
    for (const std::string& line :
         split(read_file(group + "/cgroup.procs", most), '\n')) {
        auto pid = parse_unsigned(line, largest_pid);
        if (!pid || *pid == 0) continue;
        UniqueFd handle(static_cast<int>(::syscall(SYS_pidfd_open, *pid, 0)));
        if (!handle) continue;
        ::syscall(SYS_pidfd_send_signal, handle.get(), SIGKILL, nullptr, 0);
        pollfd end{handle.get(), POLLIN, 0};
        ::poll(&end, 1, longest);
    }
}

void remove_group(const std::string& group) {
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(group, gone))
        if (entry.is_directory(gone)) remove_group(entry.path());
    end_processes(group);
    try_act(Why{"a container's group, of a run that was killed"}, "rmdir",
            ::rmdir, group);
}

// Engines of others take theirs away only when they are not killed.
void remove_groups(const std::string& hierarchy, const std::string& name) {
    std::error_code none;
    std::vector<std::string> groups;
    for (const auto& entry :
         std::filesystem::directory_iterator(hierarchy, none))
        if (entry.path().filename().string().starts_with(name))
            groups.push_back(entry.path());
    for (const std::string& group : groups) remove_group(group);
}

// The engine writes down what it is about to make, and forgets it last: as long
// as there is a group, its container is known. (Its own "prune" would do the
// same, but spares whom another command of it may be at work on.)
std::vector<std::string> engine_containers(const std::string& folder) {
    std::error_code none;
    std::vector<std::string> ids;
    for (const auto& entry : std::filesystem::directory_iterator(
             Workplace::state_of(folder) + "/oci", none))
        ids.push_back(entry.path().filename());
    return ids;
}

// The steps' programs name theirs by their process, and the next one of them
// takes away what a killed one has left. So do we: nobody may follow.
void remove_groups_of_dead(const std::string& hierarchy) {
    const std::string prefix = "slipway.";
    constexpr std::uint64_t largest_pid = 1 << 30;
    std::error_code none;
    std::vector<std::string> groups;
    for (const auto& entry :
         std::filesystem::directory_iterator(hierarchy, none)) {
        std::string name = entry.path().filename();
        if (!name.starts_with(prefix)) continue;
        auto pid = parse_unsigned(name.substr(prefix.size()), largest_pid);
        if (pid && !std::filesystem::exists(cat("/proc/", *pid)))
            groups.push_back(entry.path());
    }
    for (const std::string& group : groups) ::rmdir(group.c_str());
}

void remove_all_groups(const std::string& folder, const Names& names) {
    std::vector<std::string> ids = engine_containers(folder);
    for (const std::string& hierarchy : hierarchies()) {
        remove_groups(hierarchy, Workplace::group_of(names.nonce));
        for (const std::string& id : ids)
            remove_groups(hierarchy, "slipway-" + id);
        remove_groups_of_dead(hierarchy);
    }
}

UniqueFd claim_folder(const std::string& folder, const Names& names) {
    UniqueFd lock = lock_folder(folder);
    if (!lock) throw Error(ErrorKind::System, cat("lock ", folder));
    write_file_atomic(note_of(folder), names.nonce, 0600, ToDisk::Later);
    return lock;
}

std::vector<std::string> words_of_removal(const std::string& folder,
                                          const Names& names) {
    constexpr std::size_t longest_socket = 4096;
    std::string socket =
        read_file(Workplace::docker_note(folder), longest_socket);
    std::vector<std::string> words = {"docker"};
    if (!socket.empty()) words.insert(words.end(), {"--host", socket});
    words.insert(words.end(),
                 {"rmi", "--force", Workplace::image_of(names.nonce)});
    return words;
}

// Its daemon still has the image that it was given.
void take_image_back(const std::string& folder, const Names& names) {
    if (::access(Workplace::docker_note(folder).c_str(), F_OK) != 0) return;
    std::vector<std::string> words = words_of_removal(folder, names);
    start_child(Why{"Docker was given an image, by a run that was killed"},
                [&] {
                    UniqueFd null(check(::open("/dev/null", O_RDWR | O_CLOEXEC),
                                        "open /dev/null"));
                    for (int standard : {0, 1, 2})
                        check(::dup2(null.get(), standard), "dup2");
                    exec_program(words, clean_environment());
                })
        .wait();
}

// systemd-nspawn notes where a container's mounts come from, and who has which
// root, in places of the whole machine.
void forget_nspawn(const std::string& folder, const Names& names) {
    const std::string notes = "/run/systemd/nspawn/";
    struct stat root {};
    if (::stat(Workplace::rootfs_of(folder).c_str(), &root) == 0)
        ::unlink(
            cat(notes, "locks/inode-", root.st_dev, ":", root.st_ino).c_str());
    std::error_code none;
    for (const auto& entry :
         std::filesystem::directory_iterator(notes + "propagate", none))
        if (entry.path().filename().string().starts_with(
                Workplace::group_of(names.nonce)))
            ::rmdir(entry.path().c_str());
}

// The note last: it says that the folder is ours to take.
void remove_folder(const std::string& folder) {
    for (const auto& entry : std::filesystem::directory_iterator(folder))
        if (entry.is_directory() && !entry.is_symlink())
            remove_tree(entry.path());
        else if (entry.path() != note_of(folder))
            std::filesystem::remove(entry.path());
    remove_tree(folder);
}

// A folder that is not our user's is left alone: names there are free for
// everybody to take.
void sweep_others(const std::string& folder) {
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

}  // namespace

void sweep(const std::string& folder, const Names& names) {
    // Nobody is left to be told of what fails, and the rest can go all the
    // same; the other process tries as well.
    auto each = [](auto body) {
        try {
            body();
        } catch (const std::exception&) {
        }
    };
    each([&] { remove_names(names); });
    each([&] { take_image_back(folder, names); });
    each([&] { forget_nspawn(folder, names); });
    each([&] { remove_all_groups(folder, names); });
    // What a subject without mounts of its own has mounted is still there.
    each([&] {
        for (const std::string& place : mounts_below(folder))
            try_act(Why{"or its folder could not be removed"}, "umount2",
                    ::umount2, place, shown<int>(MNT_DETACH, "MNT_DETACH"));
    });
    each([&] { remove_folder(folder); });
}

UniqueFd take_over(const std::string& folder, const Names& names) {
    UniqueFd claim = claim_folder(folder, names);
    sweep_others(folder);
    return claim;
}

}  // namespace slipway::compare
