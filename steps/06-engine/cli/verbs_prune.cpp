// container prune, network prune, volume prune, image prune, system prune, and
// rmi, which asks whether a container needs the image.
#include <algorithm>
#include <cstdio>
#include <memory>
#include <optional>

#include "06-engine/cli/image_events.hpp"
#include "06-engine/cli/prune.hpp"
#include "06-engine/cli/verbs.hpp"
#include "06-engine/engine/containers.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct PruneOptions {
    bool force = false, all = false, volumes = false;
    Filters filters = prune_filters();
};

void declare_prune(CommandLine& line, PruneOptions& options) {
    line.flag("-f,--force", "do not ask", options.force);
    line.values("--filter", "KEY=VALUE",
                cat("only some: ", join(options.filters.keys(), ", ")),
                [&](auto& text) { options.filters.add(text); });
}

void print_names(const char* title, const std::vector<std::string>& names) {
    if (names.empty()) return;
    std::puts(title);
    for (const std::string& name : names) std::puts(name.c_str());
    std::puts("");
}

void print_total(std::uint64_t bytes) {
    std::printf("Total reclaimed space: %s\n",
                decimal_size(static_cast<double>(bytes)).c_str());
}

int prune_system(const Engine& engine, const PruneOptions& options) {
    if (options.volumes && !options.filters.values("until").empty())
        throw Error(ErrorKind::InvalidArgument,
                    "--filter until is not for --volumes")
            .advise("when a volume was used last is not known: leave one out");
    PrunedObjects containers = prune_containers(engine, options.filters);
    print_names("Deleted Containers:", containers.names);
    print_names("Deleted Networks:",
                prune_unused_networks(engine, options.filters));
    PrunedObjects volumes;
    if (options.volumes)
        volumes = prune_unused_volumes(engine, false, options.filters);
    print_names("Deleted Volumes:", volumes.names);
    PrunedObjects images =
        prune_unused_images(engine, options.all, options.filters);
    print_names("Deleted Images:", images.names);
    print_total(containers.bytes + volumes.bytes + images.bytes);
    return 0;
}

std::string system_warning(const PruneOptions& options) {
    std::string text =
        "This will remove:\n"
        "  - all stopped containers\n"
        "  - all networks not used by at least one container\n";
    if (options.volumes)
        text +=
            "  - all anonymous volumes not used by at least one container\n";
    text += options.all
                ? "  - all images without at least one container associated to "
                  "them\n"
                : "  - all dangling images\n";
    return text;
}

// One of several names: the image stays, whatever was made of it.
bool has_other_name(const ImageStore& images, const StoredImage& image,
                    const std::string& word) {
    bool by_name = !image.name.is_unnamed() &&
                   !image.id().hex().starts_with(word) &&
                   !word.starts_with("sha256:");
    std::vector<NamedImage> all = list_images(images.content);
    return by_name && std::count_if(all.begin(), all.end(), [&](auto& each) {
                          return each.digest == image.name.digest;
                      }) > 1;
}

// Throws Conflict when a container was made of the image; with `force` only
// when it runs.
void check_unused(const std::vector<KnownContainer>& containers,
                  const ImageStore& images, const std::string& word,
                  bool force) {
    std::optional<StoredImage> found;
    try {
        found = find_stored_image(images.content, word);
    } catch (const Error&) {
        // A damaged one may go: what containers need of it is pinned.
        if (find_by_name(images.content, word)) return;
        throw;
    }
    const StoredImage& image = *found;
    if (has_other_name(images, image, word)) return;
    for (const KnownContainer& each : containers) {
        bool runs =
            each.status.status == "running" || each.status.status == "paused";
        if (each.record.image_id != image.id().text() || (force && !runs))
            continue;
        throw Error(ErrorKind::Conflict,
                    cat("unable to remove image ", quote(word), ": container ",
                        each.record.id.substr(0, 12),
                        runs ? " is running on it" : " was made of it"))
            .advise(runs ? cat("stop it first: slipway stop ", each.record.name)
                         : cat("remove it first: slipway rm ", each.record.name,
                               "; or rmi --force"));
    }
}

}  // namespace

Verb container_prune_verb(const EngineSettings& settings) {
    auto options = std::make_shared<PruneOptions>();
    return {"container prune", "[OPTION...]", "Remove all stopped containers",
            [=](CommandLine& line) { declare_prune(line, *options); },
            [&settings, options](auto&) {
                if (!options->force &&
                    !is_confirmed("This will remove all stopped containers."))
                    return 0;
                PrunedObjects pruned =
                    prune_containers(settings.open(), options->filters);
                print_names("Deleted Containers:", pruned.names);
                print_total(pruned.bytes);
                return 0;
            }};
}

Verb network_prune_verb(const EngineSettings& settings) {
    auto options = std::make_shared<PruneOptions>();
    return {"network prune", "[OPTION...]", "Remove all unused networks",
            [=](CommandLine& line) { declare_prune(line, *options); },
            [&settings, options](auto&) {
                if (!options->force &&
                    !is_confirmed("This will remove all networks not used by "
                                  "at least one container."))
                    return 0;
                print_names(
                    "Deleted Networks:",
                    prune_unused_networks(settings.open(), options->filters));
                return 0;
            }};
}

Verb volume_prune_verb(const EngineSettings& settings) {
    auto options = std::make_shared<PruneOptions>();
    options->filters = prune_volume_filters();
    return {"volume prune", "[OPTION...]", "Remove unused volumes",
            [=](CommandLine& line) {
                declare_prune(line, *options);
                line.flag("-a,--all", "not just the anonymous ones",
                          options->all);
            },
            [&settings, options](auto&) {
                if (!options->force &&
                    !is_confirmed(
                        options->all
                            ? "This will remove all volumes not used by at "
                              "least one container."
                            : "This will remove anonymous volumes not used by "
                              "at least one container."))
                    return 0;
                PrunedObjects pruned = prune_unused_volumes(
                    settings.open(), options->all, options->filters);
                print_names("Deleted Volumes:", pruned.names);
                print_total(pruned.bytes);
                return 0;
            }};
}

Verb image_prune_verb(const EngineSettings& settings) {
    auto options = std::make_shared<PruneOptions>();
    return {"image prune", "[OPTION...]", "Remove unused images",
            [=](CommandLine& line) {
                declare_prune(line, *options);
                line.flag("-a,--all", "all that no container uses",
                          options->all);
            },
            [&settings, options](auto&) {
                if (!options->force &&
                    !is_confirmed(
                        options->all
                            ? "This will remove all images without at least "
                              "one container associated to them."
                            : "This will remove all dangling images."))
                    return 0;
                PrunedObjects pruned = prune_unused_images(
                    settings.open(), options->all, options->filters);
                print_names("Deleted Images:", pruned.names);
                print_total(pruned.bytes);
                return 0;
            }};
}

Verb system_prune_verb(const EngineSettings& settings) {
    auto options = std::make_shared<PruneOptions>();
    return {"system prune", "[OPTION...]", "Remove unused data",
            [=](CommandLine& line) {
                declare_prune(line, *options);
                line.flag("-a,--all", "all images that no container uses",
                          options->all);
                line.flag("--volumes", "and anonymous volumes",
                          options->volumes);
            },
            [&settings, options](auto&) {
                if (!options->force && !is_confirmed(system_warning(*options)))
                    return 0;
                return prune_system(settings.open(), *options);
            }};
}

Verb image_remove_verb(const EngineSettings& settings) {
    struct Options {
        bool force = false, no_prune = false;
    };
    auto options = std::make_shared<Options>();
    return {"rmi", "[OPTION...] IMAGE...", "Remove images",
            [options](CommandLine& line) {
                line.flag("-f,--force",
                          "also if a stopped container was made "
                          "of it",
                          options->force);
                line.flag("--no-prune", "ignored", options->no_prune);
            },
            [&settings, options](auto& words) {
                Engine engine = settings.open();
                ImageStore images(engine.root);
                std::vector<KnownContainer> containers =
                    known_containers(engine);
                int status = 0;
                ImageChanges changes(engine);
                for (const std::string& word : words) try {
                        check_unused(containers, images, word, options->force);
                        remove_stored_images(images, {word}, options->force);
                    } catch (const Error& error) {
                        print_error(error);
                        status = 1;
                    }
                changes.record("tag");
                if (words.empty()) only_word(words, "IMAGE");
                return status;
            }};
}

}  // namespace slipway
