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

// Its engine knows what it had begun; its daemon, which image it was given.
void sweep_dead(const std::string& folder, const Names& names,
                const std::string& bin) {
    auto run = [](const std::vector<std::string>& words) {
        start_child(
            Why{"to take back what a run that was killed has made"},
            [&] {
                UniqueFd null(check(::open("/dev/null", O_RDWR | O_CLOEXEC),
                                    "open /dev/null"));
                for (int standard : {0, 1, 2})
                    check(::dup2(null.get(), standard), "dup2");
                exec_program(words, clean_environment());
            })
            .wait();
    };
    try {
        if (::access((folder + "/state").c_str(), F_OK) == 0)
            run({bin + "/slipway", "--root", folder + "/store", "--state",
                 folder + "/state", "container", "prune", "--force"});
        if (::access(Workplace::docker_note(folder).c_str(), F_OK) == 0)
            run(words_of_removal(folder, names));
    } catch (const Error&) {
        // A program that is not there any more: the rest can go all the same.
    }
    sweep(folder, names);
}

// A folder that is not our user's is left alone: names there are free for
// everybody to take.
void sweep_others(const std::string& folder, const std::string& bin) {
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
        if (is_name(nonce)) sweep_dead(other, Names{nonce}, bin);
    }
}

}  // namespace

void sweep(const std::string& folder, const Names& names) {
    try {
        remove_names(names);
        for (const std::string& hierarchy : hierarchies()) {
            remove_groups(hierarchy, Workplace::group_of(names.nonce));
            remove_groups_of_dead(hierarchy);
        }
        // What a subject without mounts of its own has mounted is still there.
        for (const std::string& place : mounts_below(folder))
            try_act(Why{"or its folder could not be removed"}, "umount2",
                    ::umount2, place, shown<int>(MNT_DETACH, "MNT_DETACH"));
        remove_tree(folder);
    } catch (const Error&) {
        // Nobody is left to be told; the other process tries as well.
    }
}

UniqueFd take_over(const std::string& folder, const Names& names,
                   const std::string& bin) {
    UniqueFd claim = claim_folder(folder, names);
    sweep_others(folder, bin);
    return claim;
}

}  // namespace slipway::compare
