#include "04-images/pins.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>

#include "common/document.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::string folder_of(const ImageStore& store) {
    return store.root + "/pins";
}

void add_digests(const DocumentField& object, const char* key,
                 std::vector<Digest>& digests) {
    auto list = object.find(key);
    if (!list) return;
    for (const DocumentField& each : list->items(most_json_values))
        digests.push_back(read_digest(each));
}

}  // namespace

void put_pin(const ImageStore& store, const std::string& name,
             const std::string& object, ToDisk to_disk) {
    std::string folder = folder_of(store);
    if (::mkdir(folder.c_str(), 0700) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", folder));
    write_file_atomic(cat(folder, "/", name), object, 0600, to_disk);
}

std::optional<std::string> read_pin(const ImageStore& store,
                                    const std::string& name) {
    try {
        return read_file(cat(folder_of(store), "/", name), largest_pin);
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::NotFound) return {};
        throw;
    }
}

void remove_pin(const ImageStore& store, const std::string& name) {
    std::string path = cat(folder_of(store), "/", name);
    if (::unlink(path.c_str()) != 0 && errno != ENOENT)
        throw_errno(errno, cat("remove ", path));
}

std::vector<std::string> list_pins(const ImageStore& store) {
    std::vector<std::string> names;
    if (!std::filesystem::exists(folder_of(store))) return names;
    for (const auto& entry :
         std::filesystem::directory_iterator(folder_of(store)))
        names.push_back(entry.path().filename().string());
    return names;
}

Pinned all_pinned(const ImageStore& store) {
    Pinned all;
    for (const std::string& name : list_pins(store)) {
        try {
            auto text = read_pin(store, name);
            if (!text) continue;
            DocumentField object = parse_document(*text, "pin", largest_pin);
            add_digests(object, "blobs", all.blobs);
            add_digests(object, "layers", all.layers);
        } catch (const Error&) {
            // It keeps nothing.
        }
    }
    return all;
}

}  // namespace slipway
