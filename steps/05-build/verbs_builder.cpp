// builder du, builder prune: what the build cache keeps.
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>

#include "04-images/pins.hpp"
#include "04-images/prune.hpp"
#include "05-build/cache_mounts.hpp"
#include "05-build/duration.hpp"
#include "05-build/step_cache.hpp"
#include "05-build/verbs.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

struct PruneOptions {
    bool all = false, force = false;
    std::optional<std::uint64_t> keep;  ///< bytes
    std::optional<std::time_t> older_than;
};

// "until=24h"
std::time_t parse_filter(const std::string& text) {
    constexpr std::string_view until = "until=";
    constexpr std::int64_t second = 1'000'000'000;
    if (text.starts_with(until))
        if (auto age = parse_duration(text.substr(until.size())))
            return std::time(nullptr) - *age / second;
    throw Error(ErrorKind::InvalidArgument, cat("--filter ", quote(text)))
        .advise("write until=24h");
}

int du(const ImageStore& store) {
    std::uint64_t sum = 0;
    std::printf("%-14s %-20s %-10s %s\n", "ID", "USED", "SIZE", "STEP");
    for (const CacheEntry& entry : list_cache(store)) {
        sum += entry.bytes;
        std::printf("%-14s %-20s %-10s %s\n",
                    entry.name.substr(entry.name.find('-') + 1, 12).c_str(),
                    format_time(entry.used).c_str(),
                    format_size(entry.bytes).c_str(),
                    quote(entry.text.substr(0, 60)).c_str());
    }
    std::printf("Total: %s\n", format_size(sum).c_str());
    return 0;
}

//@ begin prune-cache
// The steps that were used longest ago go first.
std::size_t prune(ImageStore& store, const PruneOptions& options) {
    std::vector<CacheEntry> entries = list_cache(store);
    std::uint64_t left = 0;
    for (const CacheEntry& entry : entries) left += entry.bytes;
    std::size_t removed = 0;
    for (const CacheEntry& entry : entries) {
        if (options.older_than && entry.used >= *options.older_than) break;
        if (options.keep && left <= *options.keep) break;
        remove_pin(store, entry.name);
        left -= entry.bytes;
        ++removed;
    }
    return removed;
}
//@ end prune-cache

// Somebody may be building: the folder stays, and so do files that are being
// written, which are named KEY.RANDOM until they are whole.
void remove_notes(const std::string& folder) {
    std::error_code gone;
    for (const auto& entry : std::filesystem::directory_iterator(folder, gone))
        if (!entry.path().has_extension())
            std::filesystem::remove(entry.path(), gone);
}

int prune_all(ImageStore store, const PruneOptions& options) {
    std::size_t steps = prune(store, options);
    // Notes about files and steps: they are made again.
    for (const char* notes : {"/build/plans", "/build/details", "/build/index"})
        remove_notes(store.root + notes);
    if (options.all) prune_caches(store.root);
    std::printf("Steps forgotten: %zu\n", steps);
    // While somebody builds, what is left over waits for the next prune.
    if (auto pruned = prune_store(store, Wait::No))
        std::printf("Total reclaimed space: %s\n",
                    format_size(pruned->bytes).c_str());
    return 0;
}

}  // namespace

Verb builder_prune_verb(const Settings& settings) {
    auto options = std::make_shared<PruneOptions>();
    return {
        "builder-prune", "[OPTION...]", "Forget steps of builds.",
        [options](CommandLine& line) {
            line.flag("-a,--all", "cache mounts, too", options->all);
            line.flag("-f,--force", "does nothing: nobody is asked",
                      options->force);
            line.value("--filter", "until=24h",
                       "only what was not used for so long",
                       [options](auto& text) {
                           options->older_than = parse_filter(text);
                       });
            line.value(
                "--keep-storage", "SIZE", "leave so much of it, the last used",
                [options](auto& text) { options->keep = parse_size(text); });
        },
        [&settings, options](auto&) {
            return prune_all(settings.open_store(), *options);
        }};
}

Verb builder_du_verb(const Settings& settings) {
    return {"builder-du", "", "What the build cache keeps.",
            [](CommandLine&) {},
            [&settings](auto&) { return du(settings.open_store()); }};
}

}  // namespace slipway
