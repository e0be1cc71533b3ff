#include "06-engine/engine/volumes.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include <nlohmann/json.hpp>

#include "04-images/store_folder.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/disk_use.hpp"
#include "06-engine/engine/events.hpp"
#include "06-engine/runtime/copy_up.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_volume_note = 1 << 20;

std::string folder_of(const Engine& engine, const std::string& name) {
    return cat(engine.volumes(), "/", name);
}

UniqueFd lock_volumes(const Engine& engine, int kind) {
    std::string path = engine.volumes() + "/.lock";
    UniqueFd file(
        check(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600), "open ",
              path));
    while (::flock(file.get(), kind) != 0)
        if (errno != EINTR) throw_errno(errno, cat("lock ", path));
    return file;
}

void write_note(const std::string& folder, const Volume& volume) {
    nlohmann::ordered_json note = {
        {"Name", volume.name},         {"Driver", volume.driver},
        {"CreatedAt", volume.created}, {"Labels", volume.labels},
        {"Options", volume.options},   {"Anonymous", volume.anonymous}};
    write_file_atomic(folder + "/volume.json", note.dump());
}

bool exists(const std::string& path) {
    struct stat info {};
    return ::lstat(path.c_str(), &info) == 0;
}

}  // namespace

UniqueFd hold_volumes(const Engine& engine) {
    return lock_volumes(engine, LOCK_SH);
}

void check_volume_name(std::string_view name) {
    auto is_plain = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               (c >= '0' && c <= '9');
    };
    bool good = !name.empty() && name.size() <= 255 && is_plain(name[0]) &&
                std::all_of(name.begin(), name.end(), [&](char c) {
                    return is_plain(c) || c == '_' || c == '.' || c == '-';
                });
    if (!good)
        throw Error(ErrorKind::InvalidArgument,
                    cat("volume name ", quote(name.substr(0, 300))))
            .advise(
                "a name is made of letters, digits and _.- , and begins with a "
                "letter or digit; a folder of the host begins with / or ./");
}

Volume create_volume(const Engine& engine, const Volume& wanted, bool fresh) {
    Volume volume = wanted;
    if (volume.name.empty()) volume.name = new_id();
    check_volume_name(volume.name);
    if (volume.driver != "local")
        throw Error(ErrorKind::Unsupported,
                    cat("volume driver ", quote(volume.driver)))
            .advise("there is one: local");
    if (!volume.options.empty())
        throw Error(ErrorKind::Unsupported,
                    cat("volume option ", quote(volume.options.begin()->first)))
            .advise(
                "a folder of the host is shown inside with -v /folder:/place");
    std::string folder = folder_of(engine, volume.name);
    if (exists(folder + "/volume.json")) {
        Volume there = read_volume(engine, volume.name);
        return there;
    }
    // Beside its place, then moved: half a volume is never seen.
    volume.created = now_text();
    std::string making = cat(engine.volumes(), "/.", new_id());
    check(::mkdir(making.c_str(), 0700), "create ", making);
    ScopeGuard undo([&] {
        try {
            remove_tree(making);
        } catch (const Error&) {
            // prune removes it
        }
    });
    check(::mkdir((making + "/_data").c_str(), 0755), "create ", making,
          "/_data");
    if (fresh) write_file_atomic(making + "/.fill", "", 0600, ToDisk::Later);
    write_note(making, volume);
    if (::rename(making.c_str(), folder.c_str()) != 0) {
        if (errno != EEXIST && errno != ENOTEMPTY)
            throw_errno(errno, cat("create volume ", volume.name));
        return read_volume(engine, volume.name);  // somebody was quicker
    }
    undo.dismiss();
    volume.folder = folder + "/_data";
    record_event(
        engine, {"volume", "create", volume.name, {{"driver", volume.driver}}});
    return volume;
}

Volume read_volume(const Engine& engine, const std::string& name) {
    std::string folder = folder_of(engine, name);
    std::string text;
    try {
        check_volume_name(name);
        text = read_file(folder + "/volume.json", largest_volume_note);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::NotFound &&
            error.kind() != ErrorKind::InvalidArgument)
            throw;
        std::vector<std::string> names;
        for (const Volume& each : list_volumes(engine))
            names.push_back(each.name);
        Error missing(ErrorKind::NotFound,
                      cat("no such volume: ", quote(name.substr(0, 256))));
        if (std::string near = nearest(name, names); !near.empty())
            missing.set_advice(cat("did you mean ", near, "?"));
        throw missing;
    }
    DocumentField note = parse_document(text, "volume", largest_volume_note);
    return {note.at("Name").text(),
            note.at("Driver").text(),
            note.at("CreatedAt").text(),
            note.at("Labels").text_map(),
            note.at("Options").text_map(),
            note.at("Anonymous").truth(),
            folder + "/_data"};
}

std::vector<Volume> list_volumes(const Engine& engine) {
    UniqueFd folder(check(
        ::open(engine.volumes().c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
        "open ", engine.volumes()));
    std::vector<Volume> volumes;
    for (const std::string& name : names_in(folder.get(), engine.volumes())) {
        if (name[0] == '.' || !exists(folder_of(engine, name) + "/volume.json"))
            continue;
        volumes.push_back(read_volume(engine, name));
    }
    return volumes;
}

std::vector<std::string> users_of_volume(const Engine& engine,
                                         const std::string& name) {
    std::vector<std::string> users;
    for (const std::string& id : container_ids(engine)) try {
            ContainerRecord record = read_container(engine, id);
            for (const MountRequest& mount : record.host.mounts)
                if (mount.type == "volume" && mount.source == name) {
                    users.push_back(id);
                    break;
                }
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::NotFound) throw;
        }
    return users;
}

void remove_volume(const Engine& engine, const std::string& name, bool force) {
    if (force && !exists(folder_of(engine, name) + "/volume.json")) return;
    UniqueFd alone = lock_volumes(engine, LOCK_EX);
    read_volume(engine, name);
    std::vector<std::string> users = users_of_volume(engine, name);
    if (!users.empty()) {
        for (std::string& id : users) id.resize(12);
        throw Error(ErrorKind::Conflict,
                    cat("remove ", name, ": volume is in use - [",
                        join(users, ", "), "]"))
            .advise("remove these containers first: slipway rm");
    }
    move_to_trash(engine, folder_of(engine, name));
    record_event(engine, {"volume", "destroy", name, {{"driver", "local"}}});
}

std::vector<std::string> prune_volumes(
    const Engine& engine, bool all, std::uint64_t& bytes,
    const std::function<bool(const Volume&)>& keep) {
    UniqueFd alone = lock_volumes(engine, LOCK_EX);
    std::vector<std::string> removed;
    for (const Volume& volume : list_volumes(engine)) {
        if (!all && !volume.anonymous) continue;
        if (keep && keep(volume)) continue;
        if (!users_of_volume(engine, volume.name).empty()) continue;
        bytes += disk_use(volume.folder);
        move_to_trash(engine, folder_of(engine, volume.name));
        removed.push_back(volume.name);
    }
    return removed;
}

namespace {

// Files beside its folder. A kill in the middle of the copy leaves the second:
// the next start goes on with it.
struct FillMarks {
    std::string wanted, begun;
    explicit FillMarks(const Volume& volume) {
        std::string folder = volume.folder.substr(0, volume.folder.rfind('/'));
        wanted = folder + "/.fill";
        begun = folder + "/.filling";
    }
};

bool is_empty_folder(const UniqueFd& folder, const std::string& path) {
    return names_in(folder.get(), path).empty();
}

// Empty: there is nothing to do. The second mark is the first, renamed: one
// lock, and who finds neither of them has come too late for both.
UniqueFd lock_fill(const FillMarks& marks) {
    UniqueFd file(::open(marks.wanted.c_str(), O_RDWR | O_CLOEXEC));
    if (!file) file.reset(::open(marks.begun.c_str(), O_RDWR | O_CLOEXEC));
    if (!file) return file;
    while (::flock(file.get(), LOCK_EX) != 0)
        if (errno != EINTR) throw_errno(errno, cat("lock ", marks.wanted));
    return file;
}

void copy_image_folder(int source, int data, const Volume& volume) {
    // What is there is ours, from a fill that was interrupted.
    copy_up(source, data, {.replace = true});
    struct stat info {};
    check(::fstat(source, &info), "look at what the image has");
    check(::fchown(data, info.st_uid, info.st_gid), "change owner of ",
          volume.folder);
    check(::fchmod(data, info.st_mode & 07777), "change mode of ",
          volume.folder);
}

}  // namespace

//@ begin fill-volume
void fill_volume(const Volume& volume, int root, const std::string& place) {
    FillMarks marks(volume);
    UniqueFd file = lock_fill(marks);
    bool begun = exists(marks.begun);
    if (!file || (!begun && !exists(marks.wanted))) return;  // it is done
    UniqueFd data(
        check(::open(volume.folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC),
              "open ", volume.folder));
    // The image says what the name means: a link in it may not lead outside.
    UniqueFd source = find_in_root(root, place, O_RDONLY | O_DIRECTORY);
    // As Docker: into an empty one only, whoever has filled it.
    if (source && (begun || is_empty_folder(data, volume.folder))) {
        if (!begun)
            check(::rename(marks.wanted.c_str(), marks.begun.c_str()),
                  "rename ", marks.wanted);
        begun = true;
        copy_image_folder(source.get(), data.get(), volume);
    }
    const std::string& mark = begun ? marks.begun : marks.wanted;
    check(::unlink(mark.c_str()), "remove ", mark);
}
//@ end fill-volume

}  // namespace slipway
