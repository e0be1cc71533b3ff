#include "04-images/containers.hpp"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/stat.h>

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <filesystem>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "04-images/restore_layers.hpp"
#include "04-images/store_lock.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/scope_guard.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view nameless = ".run-";
constexpr std::size_t largest_note = 64 << 10;

std::string folder_of_all(const ImageStore& store) {
    std::string folder = store.root + "/containers";
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", folder));
    return folder;
}

void check_name(const std::string& name) {
    constexpr std::size_t longest = 128;
    auto is_good = [](char letter) {
        return std::isalnum(static_cast<unsigned char>(letter)) != 0 ||
               letter == '_' || letter == '.' || letter == '-';
    };
    bool good = !name.empty() && name.size() <= longest &&
                std::isalnum(static_cast<unsigned char>(name[0])) != 0 &&
                std::all_of(name.begin(), name.end(), is_good);
    if (!good)
        throw Error(ErrorKind::InvalidArgument,
                    cat("container name ", quote(name.substr(0, longest))))
            .advise(
                "letters, digits and _ . - are allowed, the first one a "
                "letter or digit");
}

UniqueFd lock_folder(const std::string& folder) {
    UniqueFd fd(check(
        ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW),
        "open ", folder));
    if (lock_file(fd.get(), LOCK_EX, Wait::No, folder)) return fd;
    return UniqueFd();
}

std::string note_of(const StoredImage& image, const ContentStore& store) {
    nlohmann::ordered_json note;
    note["name"] = image.name.name;
    note["manifest"] = image.manifest_digest.text();
    note["mediaType"] = image.manifest.media_type;
    note["size"] = blob_size(store, image.manifest_digest).value_or(0);
    return note.dump() + "\n";
}

NamedImage read_note(const std::string& folder) {
    DocumentField note = parse_document(
        read_file(folder + "/image", largest_note), "container", largest_note);
    return {note.at("name").text(), note.at("mediaType").text(),
            read_digest(note.at("manifest")),
            note.at("size").number(UINT64_MAX)};
}

void hold_layers(Container& container, const ImageStore& store) {
    std::vector<Digest> layers = diff_ids_of(container.image.layers());
    restore_layers(store, layers, container.image.manifest_digest,
                   "step4-transfer");
    for (const Digest& layer : layers)
        container.layers.push_back(store.snapshots.use(layer));
}

// A new folder is not locked yet, like what a killed process left: making them
// and telling them apart exclude each other.
UniqueFd hold_folders(const std::string& all, int kind) {
    UniqueFd folder(check(
        ::open(all.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC), "open ", all));
    lock_file(folder.get(), kind, Wait::Yes, all);
    return folder;
}

std::string make_folder(const std::string& all, const std::string& name) {
    if (name.empty()) {
        std::string folder = cat(all, "/", nameless, "XXXXXX");
        if (!::mkdtemp(folder.data()))
            throw_errno(errno, cat("create ", folder));
        return folder;
    }
    check_name(name);
    std::string folder = cat(all, "/", name);
    if (::mkdir(folder.c_str(), 0700) == 0) return folder;
    if (errno != EEXIST) throw_errno(errno, cat("create ", folder));
    throw Error(ErrorKind::Conflict,
                cat("there is a container ", quote(name), " already"))
        .advise(cat("remove it: rm ", name));
}

}  // namespace

//@ begin container-overlay
OverlayPlan Container::overlay(const ImageStore& store) const {
    OverlayPlan plan;
    for (const ImageLayer& layer : image.layers())
        plan.lower.push_back(store.snapshots.path(layer.diff_id));
    plan.upper = upper();
    plan.work = folder + "/work";
    plan.user_xattr = store.user_xattr;
    plan.is_volatile = name.empty();
    return plan;
}
//@ end container-overlay

Container create_container(ImageStore& store, const StoredImage& image,
                           const std::string& name) {
    std::string all = folder_of_all(store);
    UniqueFd making = hold_folders(all, LOCK_SH);
    std::string folder = make_folder(all, name);
    ScopeGuard undo([&] {
        try {
            remove_tree(folder);
        } catch (const Error&) {
            // prune removes it
        }
    });
    Container container{name, folder, image, lock_folder(folder), {}};
    if (!container.lock)
        throw Error(ErrorKind::Conflict, cat(folder, " is in use"));
    making.reset();
    hold_layers(container, store);
    // As the image's own root would be.
    check(::mkdir(container.upper().c_str(), 0755), "create ",
          container.upper());
    check(::mkdir((folder + "/work").c_str(), 0700), "create ", folder,
          "/work");
    if (!name.empty())
        write_file_atomic(folder + "/image", note_of(image, store.content));
    undo.dismiss();
    return container;
}

Container open_container(ImageStore& store, const std::string& name) {
    check_name(name);
    std::string folder = cat(folder_of_all(store), "/", name);
    if (!std::filesystem::exists(folder + "/image"))
        throw Error(ErrorKind::NotFound,
                    cat("there is no container ", quote(name)))
            .advise("run --name NAME makes one that stays");
    UniqueFd lock = lock_folder(folder);
    if (!lock)
        throw Error(ErrorKind::Conflict,
                    cat("container ", quote(name), " is in use"))
            .advise("wait until its command has ended");
    Container container{name,
                        folder,
                        read_image(store.content, read_note(folder)),
                        std::move(lock),
                        {}};
    hold_layers(container, store);
    return container;
}

void remove_container(Container& container) {
    remove_tree(container.folder);
}

std::vector<std::string> list_containers(const ImageStore& store) {
    std::vector<std::string> names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_of_all(store))) {
        std::string name = entry.path().filename().string();
        if (!name.starts_with('.')) names.push_back(std::move(name));
    }
    std::sort(names.begin(), names.end());
    return names;
}

std::vector<Digest> container_images(const ImageStore& store) {
    std::vector<Digest> digests;
    for (const std::string& name : list_containers(store)) {
        std::string folder = cat(folder_of_all(store), "/", name);
        // One that is being made has no note yet, and holds what it needs.
        if (std::filesystem::exists(folder + "/image"))
            digests.push_back(read_note(folder).digest);
    }
    return digests;
}

void remove_container_leftovers(const ImageStore& store) {
    std::string all = folder_of_all(store);
    std::vector<std::pair<std::string, UniqueFd>> left;
    {
        UniqueFd nobody_makes_one = hold_folders(all, LOCK_EX);
        for (const auto& entry : std::filesystem::directory_iterator(all)) {
            std::string path = entry.path().string();
            if (!entry.path().filename().string().starts_with(nameless))
                continue;
            try {
                if (UniqueFd lock = lock_folder(path))
                    left.emplace_back(path, std::move(lock));
            } catch (const Error& error) {
                // Its owner has just removed it.
                if (error.kind() != ErrorKind::NotFound) throw;
            }
        }
    }
    for (const auto& [path, lock] : left) remove_tree(path);
}

}  // namespace slipway
