// inspect: all that is known of a container, an image, a network, a volume.
#include <algorithm>
#include <memory>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "04-images/image_view.hpp"
#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/engine/container_files.hpp"
#include "06-engine/engine/container_network.hpp"
#include "06-engine/engine/container_view.hpp"
#include "06-engine/engine/containers.hpp"
#include "06-engine/engine/object_view.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

ordered_json container_object(const Engine& engine, const std::string& text,
                              bool size) {
    KnownContainer known =
        look_at_container(engine, find_container(engine, text));
    if (size) {
        ImageStore store(engine.root);
        std::uint64_t below = 0;
        for (const Digest& layer : known.record.layers)
            below += store.snapshots.size(layer).value_or(0);
        known.status.size_writable = writable_size(engine, known.record.id);
        known.status.size_total = *known.status.size_writable + below;
    }
    return inspect_container(known.record, known.status);
}

// Docker's templates find these in every image, set or not.
void add_unset_fields(ordered_json& config) {
    for (const char* text : {"User", "WorkingDir"}) config.emplace(text, "");
    for (const char* other : {"Env", "Entrypoint", "Cmd", "Volumes",
                              "ExposedPorts", "Labels", "OnBuild"})
        config.emplace(other, nullptr);
}

ordered_json image_object(const Engine& engine, const std::string& text) {
    ImageStore store(engine.root);
    StoredImage image = find_stored_image(store.content, text);
    ordered_json object = inspect_image(store, image);
    const auto& history = image.config.history;
    object["Comment"] = history.empty() ? "" : history.back().comment;
    object["Parent"] = "";
    add_unset_fields(object["Config"]);
    std::vector<std::string> folders;
    for (const Digest& layer : image.config.diff_ids)
        folders.push_back(store.snapshots.path(layer));
    std::reverse(folders.begin(), folders.end());
    ordered_json data = ordered_json::object();
    if (folders.size() > 1)
        data["LowerDir"] = join({folders.begin() + 1, folders.end()}, ":");
    if (!folders.empty()) data["UpperDir"] = folders[0];
    object["GraphDriver"] = {{"Data", std::move(data)}, {"Name", "overlay2"}};
    return object;
}

ordered_json network_object(const Engine& engine, const std::string& text) {
    NetworkStore store = network_store(engine);
    Network network = get_network(store, text);
    return inspect_network(network, endpoints_on(store, network));
}

ordered_json volume_object(const Engine& engine, const std::string& text) {
    return inspect_volume(read_volume(engine, text));
}

struct InspectOptions {
    std::string format, type;
    bool size = false;
};

ordered_json object_of_type(const Engine& engine, const std::string& type,
                            const std::string& text, bool size) {
    if (type == "container") return container_object(engine, text, size);
    if (type == "image") return image_object(engine, text);
    if (type == "network") return network_object(engine, text);
    return volume_object(engine, text);
}

const std::vector<std::string> types = {"container", "image", "network",
                                        "volume"};

// Names that are not allowed for one type may be another's.
bool is_elsewhere(const Error& error) {
    return error.kind() == ErrorKind::NotFound ||
           error.kind() == ErrorKind::InvalidArgument;
}

ordered_json find_object(const Engine& engine, const InspectOptions& options,
                         const std::string& text) {
    if (!options.type.empty())
        return object_of_type(engine, options.type, text, options.size);
    std::optional<Error> first;
    for (const std::string& type : types) try {
            return object_of_type(engine, type, text, options.size);
        } catch (const Error& error) {
            if (!is_elsewhere(error)) throw;
            if (!first) first = error;
        }
    Error error(ErrorKind::NotFound, cat("no such object: ", text));
    // The container's suggestion is the likeliest.
    if (std::string advice = first->advice(); !advice.empty())
        error.set_advice(std::move(advice));
    throw error;
}

}  // namespace

Verb inspect_any_verb(const EngineSettings& settings) {
    auto options = std::make_shared<InspectOptions>();
    return {"inspect", "[OPTION...] NAME|ID...",
            "Show all that is known of containers, images, networks, volumes",
            [options](CommandLine& line) {
                declare_format(line, options->format, "-f,--format");
                line.flag("-s,--size", "with the sizes of containers",
                          options->size);
                line.value(
                    "--type", "TYPE", join(types, ", "), [options](auto& text) {
                        if (std::find(types.begin(), types.end(), text) ==
                            types.end())
                            throw Error(ErrorKind::InvalidArgument,
                                        cat("--type ", quote(text)))
                                .advise(cat("there are: ", join(types, ", ")));
                        options->type = text;
                    });
            },
            [&settings, options](auto& words) {
                Engine engine = settings.open();
                return print_inspected(
                    words, options->format, [&](const std::string& text) {
                        return find_object(engine, *options, text);
                    });
            }};
}

}  // namespace slipway
