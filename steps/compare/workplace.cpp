#include "compare/workplace.hpp"

#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <filesystem>

#include <nlohmann/json.hpp>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"
#include "compare/bundle.hpp"
#include "compare/cpio.hpp"
#include "compare/host_facts.hpp"
#include "compare/machine.hpp"
#include "compare/tar.hpp"

namespace slipway::compare {
namespace {

constexpr std::size_t largest_program = 64 << 20;
constexpr mode_t set_uid = 04755;

void make_folder(const std::string& path, mode_t mode = 0755) {
    check(::mkdir(path.c_str(), mode), "mkdir ", path);
    check(::chmod(path.c_str(), mode), "chmod ", path);  // whatever the umask
}

void put_file(const std::string& path, std::string_view bytes, mode_t mode) {
    write_file_atomic(path, bytes, mode, ToDisk::Later);
    check(::chmod(path.c_str(), mode), "chmod ", path);
}

// All that it notes is in the folder. And limits that podman may raise itself
// to, where it may not raise anything.
std::string podman_config(const std::string& folder) {
    rlimit files{}, processes{};
    ::getrlimit(RLIMIT_NOFILE, &files);
    ::getrlimit(RLIMIT_NPROC, &processes);
    constexpr rlim_t most_processes = 32768;
    rlim_t count = std::min(processes.rlim_max, most_processes);
    return cat("[engine]\ncgroup_manager = \"cgroupfs\"\n",
               "events_logger = \"file\"\nruntime = \"crun\"\n", "tmp_dir = \"",
               folder, "/tmp\"\n",
               "[containers]\ndefault_ulimits = [\"nofile=", files.rlim_max,
               ":", files.rlim_max, "\", \"nproc=", count, ":", count, "\"]\n");
}

// crun and podman take a machine with both versions for one that they cannot
// work on: they are shown a version 2 that seems to have nothing to offer.
std::vector<Cover> without_v2() {
    const std::string file = "/sys/fs/cgroup/unified/cgroup.controllers";
    if (::access(file.c_str(), F_OK) != 0) return {};
    return {{"/dev/null", file}};
}

std::string docker_socket() {
    const char* socket = std::getenv("DOCKER_HOST");
    return socket ? socket : "";
}

}  // namespace

Workplace::Workplace(std::string folder, std::string bin,
                     const std::string& program, std::string nonce,
                     std::string kernel, Runner run)
    : folder_(std::move(folder)),
      bin_(std::move(bin)),
      nonce_(std::move(nonce)),
      kernel_(std::move(kernel)),
      run_(std::move(run)) {
    // An ordinary user must reach the set-uid program in it.
    check(::chmod(folder_.c_str(), 0711), "chmod ", folder_);
    put_file(probe(), read_file(program, largest_program), 0755);
    make_folder(host_image());
    make_folder(programs_of(folder_));
    make_rootfs();
}

void Workplace::make_rootfs() {
    make_folder(rootfs());
    for (const char* name : {"dev", "etc", "proc", "sys", "usr"})
        make_folder(cat(rootfs(), "/", name));
    make_folder(rootfs() + "/tmp", 01777);
    std::string bytes = read_file(probe(), largest_program);
    put_file(rootfs() + "/probe", bytes, 0755);
    put_file(rootfs() + "/probe-setuid", bytes, set_uid);
    put_file(rootfs() + "/etc/passwd", "root:x:0:0:root:/:/probe\n", 0644);
    put_file(rootfs() + "/etc/group", "root:x:0:\n", 0644);
    put_file(rootfs() + "/etc/os-release", "ID=slipway-compare\n", 0644);
}

std::vector<std::string> Workplace::environment(Ground ground) const {
    std::vector<std::string> environment = clean_environment();
    std::string socket = docker_socket();
    if (ground == Ground::Docker && !socket.empty())
        environment.push_back(cat("DOCKER_HOST=", socket));
    if (ground == Ground::Podman) {
        environment.push_back(
            cat("CONTAINERS_CONF=", folder_, "/podman/containers.conf"));
        environment.push_back(
            cat("CONTAINERS_STORAGE_CONF=", folder_, "/podman/storage.conf"));
    }
    return environment;
}

void Workplace::need(Ground ground) {
    if (made_.contains(ground)) return;
    std::string tar = folder_ + "/rootfs.tar";
    bool imports = ground == Ground::Image || ground == Ground::UserImage ||
                   ground == Ground::Docker || ground == Ground::Podman;
    if (imports && !std::filesystem::exists(tar))
        put_file(tar, tar_of(rootfs()), 0644);
    switch (ground) {
        case Ground::Host:
        case Ground::Folder:
        case Ground::Bundle:
            break;
        case Ground::Dockerfile:
            need(Ground::Image);
            make_folder(folder_ + "/context");
            break;
        case Ground::Machine:
            if (kernel_.empty()) kernel_ = find_kernel("/boot");
            break;
        case Ground::Image:
            run_({{bin_ + "/step4-images", "--root", folder_ + "/store",
                   "import", tar, "probe"},
                  clean_environment()});
            break;
        case Ground::UserImage:
            make_ordinary_user(folder_);
            run_({{programs_of(folder_) + "/slipway", "--root",
                   home_of(folder_) + "/store", "--state",
                   home_of(folder_) + "/state", "import", tar, "probe"},
                  clean_environment(),
                  covers_for_user(folder_, bin_, true),
                  ordinary_user});
            break;
        case Ground::Docker:
            put_file(docker_note(folder_), docker_socket(), 0600);
            run_({{"docker", "import", tar, image()}, environment(ground)});
            break;
        case Ground::Podman:
            make_folder(folder_ + "/podman");
            put_file(folder_ + "/podman/containers.conf",
                     podman_config(folder_ + "/podman"), 0644);
            put_file(
                folder_ + "/podman/storage.conf",
                cat("[storage]\ndriver = \"overlay\"\ngraphroot = \"", folder_,
                    "/podman/root\"\nrunroot = \"", folder_, "/podman/run\"\n"),
                0644);
            run_({{"podman", "import", tar, image()},
                  environment(Ground::Podman),
                  without_v2()});
            break;
    }
    made_.insert(ground);
}

std::string Workplace::write_bundle(const Subject& subject,
                                    const std::vector<std::string>& probe_words,
                                    Purpose purpose) {
    const std::string& runtime = subject.words[0];
    std::string bundle =
        cat(folder_, "/bundle-",
            std::filesystem::path(runtime).filename().string());
    std::string spec = bundle + "/spec.json", config = bundle + "/config.json";
    if (specs_.insert(bundle).second) {
        make_folder(bundle);
        run_({{fill(runtime, subject, "", purpose), "spec", "--bundle", bundle},
              clean_environment(),
              covers_for(subject)});
        std::filesystem::rename(config, spec);
    }
    constexpr std::size_t largest_config = 1 << 20;
    put_file(
        config,
        bundle_config(read_file(spec, largest_config), rootfs(),
                      cat("/", group_of(nonce_), "-", starts_),
                      purpose == Purpose::Rows, probe_words, subject.edits),
        0644);
    return bundle;
}

void Workplace::write_dockerfile(const std::vector<std::string>& probe_words) {
    std::string words = nlohmann::json(probe_words).dump();
    put_file(folder_ + "/context/Dockerfile",
             cat("FROM probe\nRUN ", words, "\n"), 0644);
}

// The root, and behind it what the probe is told: words[0] is the program.
void Workplace::write_initrd(const std::vector<std::string>& probe_words) {
    std::string folder = folder_ + "/machine", text;
    if (!std::filesystem::exists(folder)) make_folder(folder);
    for (std::size_t i = 2; i < probe_words.size(); ++i)
        text += probe_words[i] + "\n";
    put_file(folder + "/plan", text, 0600);
    put_file(folder_ + "/initrd", cpio_of(rootfs()) + cpio_of(folder), 0600);
}

std::vector<Cover> Workplace::covers_for(const Subject& subject) const {
    if (subject.user != 0)
        return covers_for_user(folder_, bin_,
                               subject.ground == Ground::UserImage);
    return subject.hide_v2 ? without_v2() : std::vector<Cover>();
}

std::string Workplace::fill(std::string word, const Subject& subject,
                            const std::string& bundle, Purpose purpose) const {
    bool of_user = subject.ground == Ground::UserImage;
    const std::pair<std::string, std::string> values[] = {
        {"{bin}", subject.user != 0 ? programs_of(folder_) : bin_},
        {"{rootfs}", rootfs()},
        {"{store}", (of_user ? home_of(folder_) : folder_) + "/store"},
        {"{state}", of_user ? home_of(folder_) + "/state" : state_of(folder_)},
        {"{runs}", folder_ + "/runs"},
        {"{context}", folder_ + "/context"},
        {"{bundle}", bundle},
        {"{kernel}", kernel_},
        {"{initrd}", folder_ + "/initrd"},
        {"{image}", image()},
        {"{group}", "/" + group_of(nonce_)},
        {"{cpus}", purpose == Purpose::Rows ? "0.1" : "1"},
        {"{id}", cat("slipway-compare-", nonce_, "-", starts_)}};
    for (const auto& [name, value] : values)
        for (std::size_t at; (at = word.find(name)) != std::string::npos;)
            word.replace(at, name.size(), value);
    return word;
}

void Workplace::make_ready(const Subject& subject) {
    std::string program = subject.words[0];
    if (program.starts_with("{bin}")) program.replace(0, 5, bin_);
    if (subject.ground != Ground::Host)
        find_program(program, environment(subject.ground));  // throws
    need(subject.ground);
}

Command Workplace::prepare(const Subject& subject,
                           const std::vector<std::string>& probe_words,
                           Purpose purpose) {
    make_ready(subject);
    ++starts_;
    std::vector<std::string> probe = {
        subject.ground == Ground::Host ? this->probe() : "/probe"};
    probe.insert(probe.end(), probe_words.begin(), probe_words.end());
    std::string bundle;
    if (subject.ground == Ground::Bundle)
        bundle = write_bundle(subject, probe, purpose);
    if (subject.ground == Ground::Dockerfile) write_dockerfile(probe);
    Command command{
        {}, environment(subject.ground), covers_for(subject), subject.user};
    command.folder = subject.folder;
    if (subject.has_groups && groups_.empty())
        groups_ = delegate_groups(group_of(nonce_) + "-user");
    if (subject.has_groups) command.groups = groups_;
    if (subject.ground == Ground::Machine) {
        write_initrd(probe);
        command.patience = std::chrono::minutes(3);  // a boot, emulated
    }
    for (const std::string& word : subject.words) {
        if (word == "{probe}")
            command.words.insert(command.words.end(), probe.begin(),
                                 probe.end());
        else
            command.words.push_back(fill(word, subject, bundle, purpose));
    }
    return command;
}

Command Workplace::prepare_build(const Subject& subject) {
    need(subject.ground);
    Command command{{}, environment(subject.ground), covers_for(subject)};
    for (const std::string& word : subject.build)
        command.words.push_back(word == "{context}"
                                    ? context()
                                    : fill(word, subject, "", Purpose::Timing));
    return command;
}

bool Workplace::take_mark(const Subject& subject) {
    // First of all: what is removed below must be ours, and no folder of the
    // host's that a subject has mounted there.
    for (const std::string& place : mounts_below(rootfs()))
        act(Why{"a subject has left it mounted"}, "umount2", ::umount2, place,
            shown<int>(MNT_DETACH, "MNT_DETACH"));
    std::string root = subject.ground == Ground::Host ? host_image() : rootfs();
    std::filesystem::remove(cat(root, "/near-", nonce_));
    bool marked = std::filesystem::remove(root + "/slipway-mark");
    for (const auto& entry :
         std::filesystem::directory_iterator(rootfs() + "/tmp"))
        if (entry.is_directory() && !entry.is_symlink())
            remove_tree(entry.path());
        else
            std::filesystem::remove(entry.path());
    return marked;
}

}  // namespace slipway::compare
