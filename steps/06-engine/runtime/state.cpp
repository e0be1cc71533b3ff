#include "06-engine/runtime/state.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

#include <nlohmann/json.hpp>

#include "03-cgroups/folder.hpp"
#include "06-engine/runtime/container_cgroup.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/record_lock.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_state = 1 << 20;
constexpr char broken_state[] =
    "the file was changed or the disk is damaged: delete --force takes the "
    "container away";

[[noreturn]] void throw_missing(const std::string& id) {
    throw Error(ErrorKind::NotFound,
                cat("container ", quote(id), " does not exist"))
        .advise("list shows which there are below this --root");
}

nlohmann::ordered_json paths_json(const std::vector<CgroupPath>& paths) {
    nlohmann::ordered_json list = nlohmann::ordered_json::array();
    for (const CgroupPath& each : paths)
        list.push_back({{"version", each.version}, {"path", each.path}});
    return list;
}

std::vector<CgroupPath> read_paths(const DocumentField& field) {
    std::vector<CgroupPath> paths;
    for (const DocumentField& each : field.items(1000))
        paths.push_back({static_cast<int>(each.at("version").number(2)),
                         each.at("path").text()});
    return paths;
}

}  // namespace

std::string_view status_text(ContainerStatus status) {
    switch (status) {
        case ContainerStatus::Creating:
            return "creating";
        case ContainerStatus::Created:
            return "created";
        case ContainerStatus::Running:
            return "running";
        case ContainerStatus::Paused:
            return "paused";
        case ContainerStatus::Stopped:
            break;
    }
    return "stopped";
}

void check_container_id(std::string_view id) {
    constexpr std::size_t longest = 255;
    bool plain = std::all_of(id.begin(), id.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9') || c == '_' || c == '+' || c == '-' ||
               c == '.';
    });
    if (!plain || id.empty() || id.size() > longest || id == "." ||
        id == ".." || id[0] == '-')
        throw Error(ErrorKind::InvalidArgument,
                    cat("container id ", quote(id.substr(0, longest))))
            .advise(
                "an id is made of letters, digits and _+-. , does not begin "
                "with - and has at most 255 characters");
}

ContainerFolder ContainerFolder::create(const std::string& root,
                                        const std::string& id) {
    check_container_id(id);
    std::filesystem::create_directories(root);
    ContainerFolder folder;
    folder.id_ = id;
    folder.path_ = cat(root, "/", id);
    if (::mkdir(folder.path_.c_str(), 0711) != 0) {
        int error = errno;
        if (error == EEXIST)
            throw Error(ErrorKind::Conflict,
                        cat("container ", quote(id), " already exists"))
                .advise(cat("another id, or first: delete ", id));
        throw_errno(error, cat("make folder ", folder.path_));
    }
    folder.lock_ = take_record_lock(folder.file("lock"));
    if (!folder.lock_) throw_errno(errno, cat("lock ", folder.path_));
    return folder;
}

ContainerFolder ContainerFolder::look(const std::string& root,
                                      const std::string& id) {
    check_container_id(id);
    ContainerFolder folder;
    folder.id_ = id;
    folder.path_ = cat(root, "/", id);
    struct stat info {};
    if (::lstat(folder.path_.c_str(), &info) != 0 || !S_ISDIR(info.st_mode))
        throw_missing(id);
    return folder;
}

ContainerFolder ContainerFolder::lock(const std::string& root,
                                      const std::string& id) {
    ContainerFolder folder = look(root, id);
    folder.lock_ = take_record_lock(folder.file("lock"));
    // Somebody may have removed it while we waited.
    struct stat info {};
    if (!folder.lock_ || ::fstat(folder.lock_.get(), &info) != 0 ||
        info.st_nlink == 0)
        throw_missing(id);
    return folder;
}

ContainerState parse_state(std::string_view json, std::string_view name) {
    DocumentField field =
        parse_document(json, name, largest_state, broken_state);
    ContainerState state;
    state.oci_version = field.at("ociVersion").text();
    state.id = field.at("id").text();
    state.bundle = field.at("bundle").text();
    state.rootfs = field.at("rootfs").text();
    state.created = field.at("created").text();
    state.owner = field.at("owner").text();
    state.init = read_process_id(field.at("init"));
    state.creator = read_process_id(field.at("creator"));
    state.cgroups = read_paths(field.at("cgroups"));
    state.cgroups_above = read_paths(field.at("cgroupsAbove"));
    state.annotations = field.at("annotations").text_map();
    state.has_user_namespace = field.at("hasUserNamespace").truth();
    state.has_later_hooks = field.at("hasLaterHooks").truth();
    return state;
}

std::string state_text(const ContainerState& state) {
    nlohmann::ordered_json object = {
        {"ociVersion", state.oci_version},
        {"id", state.id},
        {"bundle", state.bundle},
        {"rootfs", state.rootfs},
        {"created", state.created},
        {"owner", state.owner},
        {"init", process_json(state.init)},
        {"creator", process_json(state.creator)},
        {"cgroups", paths_json(state.cgroups)},
        {"cgroupsAbove", paths_json(state.cgroups_above)},
        {"annotations", state.annotations},
        {"hasUserNamespace", state.has_user_namespace},
        {"hasLaterHooks", state.has_later_hooks}};
    return object.dump();
}

std::optional<ContainerState> ContainerFolder::state() const {
    std::string text;
    try {
        text = read_file(file("state.json"), largest_state);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound) throw;
        return std::nullopt;
    }
    return parse_state(text, file("state.json"));
}

ContainerState ContainerFolder::state_or_remains() const {
    if (auto known = state()) return *known;
    ContainerState state;
    state.id = id_;
    return state;
}

void ContainerFolder::write(const ContainerState& state) const {
    // Not to disk: the folder is on a file system in memory, and what it tells
    // of does not outlive the machine either.
    write_file_atomic(file("state.json"), state_text(state), 0600,
                      ToDisk::Later);
}

void ContainerFolder::remove() const {
    // The lock last: who waits for it then sees that the file has gone.
    remove_tree(path_);
}

//@ begin status-of
ContainerStatus status_of(const ContainerFolder& folder,
                          const ContainerState& state) {
    if (state.creator.pid != 0)  // not finished
        return state.creator.is_alive() || state.init.is_alive()
                   ? ContainerStatus::Creating
                   : ContainerStatus::Stopped;
    if (!state.init.is_alive()) return ContainerStatus::Stopped;
    // Init holds the fifo until it becomes the program: no file that somebody
    // must remove in time, no moment in which it is not true.
    UniqueFd start(::open(folder.file("start").c_str(),
                          O_WRONLY | O_NONBLOCK | O_CLOEXEC));
    if (start) return ContainerStatus::Created;
    return is_frozen(state.cgroups) ? ContainerStatus::Paused
                                    : ContainerStatus::Running;
}
//@ end status-of

std::string state_json(const ContainerState& state, ContainerStatus status,
                       bool all) {
    bool has_pid = status != ContainerStatus::Stopped;
    nlohmann::ordered_json object = {{"ociVersion", state.oci_version},
                                     {"id", state.id},
                                     {"pid", has_pid ? state.init.pid : 0},
                                     {"status", status_text(status)},
                                     {"bundle", state.bundle}};
    if (all) {
        object["rootfs"] = state.rootfs;
        object["created"] = state.created;
    }
    if (!state.annotations.empty()) object["annotations"] = state.annotations;
    if (all) object["owner"] = state.owner;
    return object.dump(all ? 2 : -1);
}

std::vector<std::string> list_containers(const std::string& root) {
    std::vector<std::string> ids;
    std::error_code missing;
    for (const auto& entry :
         std::filesystem::directory_iterator(root, missing)) {
        std::string name = entry.path().filename().string();
        if (name[0] != '.' && entry.is_directory(missing))
            ids.push_back(std::move(name));
    }
    std::sort(ids.begin(), ids.end());
    return ids;
}

}  // namespace slipway
