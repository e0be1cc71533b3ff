#include "06-engine/engine/container_files.hpp"

#include <dirent.h>
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "04-images/store_folder.hpp"
#include "04-images/store_lock.hpp"
#include "06-engine/engine/reading_pause.hpp"
#include "06-engine/engine/remove.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/record_lock.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_record = 8 << 20;

[[noreturn]] void throw_no_container(std::string_view text) {
    throw Error(ErrorKind::NotFound,
                cat("no such container: ", quote(text.substr(0, 256))));
}

bool is_hexadecimal(std::string_view text) {
    return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
}

std::vector<std::string> folder_names(const std::string& path) {
    UniqueFd folder(
        check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open ",
              path));
    return names_in(folder.get(), path);
}

std::string name_file(const Engine& engine, const std::string& name) {
    return cat(engine.names(), "/", name);
}

}  // namespace

ContainerLock::ContainerLock(const Engine& engine, const std::string& id) {
    std::string path = engine.folder_of(id) + "/lock";
    file_ = take_record_lock(path);
    if (!file_ && errno == ENOENT) throw_no_container(id);
    if (!file_) throw_errno(errno, cat("open ", path));
    // Somebody may have removed it while we waited.
    struct stat ours {
    }, there{};
    if (::fstat(file_.get(), &ours) != 0 || ::stat(path.c_str(), &there) != 0 ||
        ours.st_ino != there.st_ino)
        throw_no_container(id);
}

std::vector<std::string> container_ids(const Engine& engine) {
    std::vector<std::string> ids = folder_names(engine.containers());
    // One that is being made has a name of another form.
    std::erase_if(ids, [](const std::string& id) {
        return id.size() != 64 || !is_hexadecimal(id);
    });
    return ids;
}

namespace {

std::string id_of_container(const Engine& engine, std::string_view text) {
    if (text.starts_with('/')) text.remove_prefix(1);  // Docker's inspect
    std::string typed(text);
    if (typed.empty() || typed.find('/') != typed.npos)
        throw_no_container(text);
    if (auto id = owner_of_name(engine, typed)) return *id;
    std::vector<std::string> found;
    if (is_hexadecimal(typed) && typed.size() <= 64)
        for (const std::string& id : container_ids(engine))
            if (id.starts_with(typed)) found.push_back(id);
    if (found.size() == 1) return found[0];
    if (found.size() > 1)
        throw Error(
            ErrorKind::Conflict,
            cat("several containers have an id that begins with ", typed))
            .advise("write more of it: ps -a --no-trunc shows all");
    std::string near = nearest(typed, folder_names(engine.names()));
    Error error(ErrorKind::NotFound,
                cat("no such container: ", quote(text.substr(0, 256))));
    if (!near.empty()) error.set_advice(cat("did you mean ", near, "?"));
    throw error;
}

}  // namespace

std::string find_container(const Engine& engine, std::string_view text) {
    std::string id = id_of_container(engine, text);
    end_forgotten_pause(engine, id);
    return id;
}

ContainerRecord read_container(const Engine& engine, const std::string& id) {
    std::string text;
    try {
        text =
            read_file(engine.folder_of(id) + "/container.json", largest_record);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::NotFound) throw_no_container(id);
        throw;
    }
    return with_context(cat("container ", id.substr(0, 12)),
                        [&] { return parse_record(text); });
}

void write_container(const Engine& engine, const ContainerRecord& record) {
    // One with --rm does not outlive the machine: nobody waits for the disk.
    write_file_atomic(engine.folder_of(record.id) + "/container.json",
                      record_json(record).dump(), 0600,
                      record.host.auto_remove ? ToDisk::Later : ToDisk::Now);
}

void check_container_name(std::string_view name) {
    auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9');
    };
    bool good = name.size() >= 2 && name.size() <= 128 && is_plain(name[0]) &&
                std::all_of(name.begin(), name.end(), [&](char c) {
                    return is_plain(c) || c == '_' || c == '.' || c == '-';
                });
    if (!good)
        throw Error(ErrorKind::InvalidArgument,
                    cat("container name ", quote(name.substr(0, 200))))
            .advise(
                "a name is made of letters, digits and _.- , at least two, and "
                "begins with a letter or digit");
}

namespace {

// The id behind a name, of a container that may have gone; empty: no such name.
std::string target_of_name(const Engine& engine, const std::string& name) {
    char target[128];
    ssize_t size =
        ::readlink(name_file(engine, name).c_str(), target, sizeof target);
    return size <= 0 ? "" : std::string(target, static_cast<std::size_t>(size));
}

bool has_folder(const Engine& engine, const std::string& id) {
    return ::access(engine.folder_of(id).c_str(), F_OK) == 0;
}

// Whoever takes a name away holds this: between the look and the unlink it can
// not become another one's.
UniqueFd lock_names(const Engine& engine) {
    std::string path = engine.names();
    UniqueFd folder(
        check(::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open ",
              path));
    lock_file(folder.get(), LOCK_EX, Wait::Yes, path);
    return folder;
}

}  // namespace

//@ begin claim-name
void claim_name(const Engine& engine, const std::string& name,
                const std::string& id) {
    check_container_name(name);
    std::string path = name_file(engine, name);
    while (::symlink(id.c_str(), path.c_str()) != 0) {
        if (errno != EEXIST) throw_errno(errno, cat("create ", path));
        std::optional<std::string> owner = owner_of_name(engine, name);
        if (!owner || remove_if_unfinished(engine, *owner)) {
            // Of one that was killed before its container was there.
            UniqueFd lock = lock_names(engine);
            std::string id_there = target_of_name(engine, name);
            if (!id_there.empty() && !has_folder(engine, id_there))
                ::unlink(path.c_str());
            continue;
        }
        throw Error(ErrorKind::Conflict, cat("the container name ", quote(name),
                                             " is already in use by container ",
                                             owner->substr(0, 12)))
            .advise(cat("another --name, or first: slipway rm ", name,
                        ", or rename it"));
    }
}
//@ end claim-name

void release_name(const Engine& engine, const std::string& name,
                  const std::string& id) {
    UniqueFd lock = lock_names(engine);
    if (target_of_name(engine, name) == id)
        ::unlink(name_file(engine, name).c_str());
}

std::optional<std::string> owner_of_name(const Engine& engine,
                                         const std::string& name) {
    if (name.empty() || name[0] == '.' || name.find('/') != name.npos)
        return std::nullopt;
    std::string id = target_of_name(engine, name);
    if (id.empty() || !has_folder(engine, id)) return std::nullopt;
    return id;
}

KeptFolder::KeptFolder(const Engine& engine, const std::string& id)
    : engine_(engine),
      folder_(check(::open(engine.folder_of(id).c_str(),
                           O_RDONLY | O_DIRECTORY | O_CLOEXEC),
                    "open the folder of container ", id)) {
    check(::flock(folder_.get(), LOCK_SH), "lock the folder of container ", id);
}

KeptFolder::~KeptFolder() {
    folder_.reset();
    try {
        empty_trash(engine_);
    } catch (const Error&) {
        // the next one to empty it tells
    }
}

void move_to_trash(const Engine& engine, const std::string& folder) {
    std::string place = cat(engine.trash(), "/", new_id());
    if (::rename(folder.c_str(), place.c_str()) != 0 && errno != ENOENT)
        throw_errno(errno, cat("move ", folder, " to ", place));
}

void empty_trash(const Engine& engine) {
    for (const std::string& name : folder_names(engine.trash())) try {
            std::string path = cat(engine.trash(), "/", name);
            UniqueFd folder(
                ::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
            if (::flock(folder.get(), LOCK_EX | LOCK_NB) == 0)
                remove_tree(path);
        } catch (const Error&) {
            // Somebody else does the same; prune tells if it stays.
        }
}

}  // namespace slipway
