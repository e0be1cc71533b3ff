#include "05-build/step_cache.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

#include <nlohmann/json.hpp>

#include "04-images/pins.hpp"
#include "common/document.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::string_view pin_start = "build-";

std::string pin_name(const Digest& key) {
    return cat(pin_start, key.hex());
}

std::optional<ImageLayer> layer_of(const DocumentField& object) {
    auto layer = object.find("layer");
    if (!layer) return {};
    return ImageLayer{
        {layer->at("mediaType").text(), read_digest(layer->at("digest")),
         layer->at("size").number(UINT64_MAX)},
        read_digest(layer->at("diffID"))};
}

std::string pin_path(const ImageStore& store, const std::string& name) {
    return cat(store.root, "/pins/", name);
}

bool is_whole(const ImageStore& store, const ImageLayer& layer) {
    auto size = blob_size(store.content, layer.blob.digest);
    return size && *size == layer.blob.size &&
           store.snapshots.has(layer.diff_id);
}

}  // namespace

StepCache::StepCache(ImageStore& store) : store_(store) {}

//@ begin find-step
std::optional<CachedStep> StepCache::find(const Digest& key) {
    std::string name = pin_name(key);
    try {
        auto text = read_pin(store_, name);
        if (!text) return {};
        DocumentField object =
            parse_document(*text, "cached step", largest_pin);
        // Bytes that were not on the disk when the machine stopped may be
        // missing in files that are there.
        if (!object.find("durable") && object.at("boot").text() != boot_id())
            return {};
        CachedStep step{layer_of(object), object.at("created").text()};
        if (step.layer && !is_whole(store_, *step.layer)) return {};
        // When it was used: what prune goes by.
        ::utimensat(AT_FDCWD, pin_path(store_, name).c_str(), nullptr, 0);
        return step;
    } catch (const Error&) {
        return {};  // damaged: make it again
    }
}
//@ end find-step

std::string StepCache::object(const Kept& kept, bool is_durable) const {
    nlohmann::ordered_json json;
    json["instruction"] = kept.text.substr(0, 512);
    json["blobs"] = nlohmann::ordered_json::array();
    json["layers"] = nlohmann::ordered_json::array();
    if (kept.step.layer) {
        const ImageLayer& layer = *kept.step.layer;
        json["blobs"].push_back(layer.blob.digest.text());
        json["layers"].push_back(layer.diff_id.text());
        json["layer"] = {{"mediaType", layer.blob.media_type},
                         {"digest", layer.blob.digest.text()},
                         {"size", layer.blob.size},
                         {"diffID", layer.diff_id.text()}};
    }
    json["created"] = kept.step.created;
    json["boot"] = boot_id();
    if (is_durable) json["durable"] = true;
    return json.dump(-1, ' ', false,
                     nlohmann::ordered_json::error_handler_t::replace) +
           "\n";
}

void StepCache::keep(const Digest& key, const CachedStep& step,
                     const std::string& text) {
    Kept kept{pin_name(key), text, step};
    put_pin(store_, kept.name, object(kept, false));
    std::lock_guard guard(mutex_);
    kept_.push_back(std::move(kept));
}

void StepCache::make_durable() {
    std::lock_guard guard(mutex_);
    if (kept_.empty()) return;
    store_.snapshots.sync();
    for (const Kept& kept : kept_)
        put_pin(store_, kept.name, object(kept, true));
    kept_.clear();
}

std::string stage_record_file(const ImageStore& store,
                              const std::string& dockerfile,
                              const std::string& stage) {
    Digest name = Digest::of(cat(dockerfile, "\n", stage));
    return cat(store.root, "/build/stages/", name.hex());
}

namespace {

std::string details_file(const ImageStore& store, const std::string& key) {
    return cat(store.root, "/build/details/", key);
}

using Pairs = std::vector<std::pair<std::string, std::string>>;

// Nothing for a file that is missing or damaged.
Pairs read_pairs(const std::string& file) {
    constexpr std::size_t largest = 256 << 20;
    try {
        return nlohmann::json::from_cbor(read_file(file, largest)).get<Pairs>();
    } catch (const std::exception&) {
        return {};
    }
}

void write_pairs(const std::string& file, const Pairs& pairs) {
    std::string bytes;
    nlohmann::json::to_cbor(nlohmann::json(pairs), bytes);
    std::filesystem::create_directories(
        std::filesystem::path(file).parent_path());
    write_file_atomic(file, bytes, 0600, ToDisk::Later);
}

}  // namespace

std::vector<StepRecord> read_stage_record(const std::string& file) {
    std::vector<StepRecord> steps;
    for (auto& [text, key] : read_pairs(file)) steps.push_back({text, key});
    return steps;
}

void write_stage_record(const std::string& file,
                        const std::vector<StepRecord>& steps) {
    Pairs pairs;
    for (const StepRecord& step : steps)
        pairs.emplace_back(step.text, step.key);
    write_pairs(file, pairs);
}

StepKey read_details(const ImageStore& store, const std::string& key) {
    StepKey details;
    for (auto& [name, value] : read_pairs(details_file(store, key)))
        details.inputs.push_back({name, value});
    return details;
}

void write_details(const ImageStore& store, const std::string& key,
                   const StepKey& details) {
    Pairs pairs;
    for (const StepInput& input : details.inputs)
        pairs.emplace_back(input.name, input.value);
    write_pairs(details_file(store, key), pairs);
}

//@ begin why-not-cached
std::string why_not_cached(const ImageStore& store,
                           const std::vector<StepRecord>& before,
                           std::size_t index, const StepRecord& now,
                           const StepKey& details) {
    if (before.empty()) return "this stage was not built here before";
    // The same instruction, where it was or as near to it as can be.
    const StepRecord* same = nullptr;
    auto distance = [&](const StepRecord& step) {
        auto place = static_cast<std::size_t>(&step - before.data());
        return place > index ? place - index : index - place;
    };
    for (const StepRecord& step : before)
        if (step.text == now.text &&
            (!same || distance(step) < distance(*same)))
            same = &step;
    if (same && same->key == now.key)
        return "its layer is not in the store any more";
    if (same) {
        StepKey old = read_details(store, same->key);
        return old.inputs.empty() ? "what it depends on has changed"
                                  : first_difference(old, details);
    }
    std::string_view verb = now.text;
    verb = verb.substr(0, verb.find(' '));
    if (index < before.size() && before[index].text.starts_with(verb))
        return cat("the instruction has changed, it was ",
                   quote(before[index].text.substr(0, 80)));
    return "the instruction is new";
}
//@ end why-not-cached

std::vector<CacheEntry> list_cache(const ImageStore& store) {
    std::vector<CacheEntry> entries;
    for (const std::string& name : list_pins(store)) {
        if (!name.starts_with(pin_start)) continue;
        struct stat info {};
        if (::stat(pin_path(store, name).c_str(), &info) != 0) continue;
        CacheEntry entry{name, "", info.st_mtim.tv_sec, 0};
        try {
            DocumentField object = parse_document(
                read_pin(store, name).value_or("{}"), "pin", largest_pin);
            entry.text = object.at("instruction").text();
            if (auto layer = layer_of(object)) entry.bytes = layer->blob.size;
        } catch (const Error&) {
            // damaged: to be pruned with the others
        }
        entries.push_back(std::move(entry));
    }
    std::sort(entries.begin(), entries.end(),
              [](const CacheEntry& a, const CacheEntry& b) {
                  return a.used < b.used;
              });
    return entries;
}

}  // namespace slipway
