#include "04-images/image_config.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/error.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
using Texts = std::vector<std::string>;

constexpr std::size_t most_history = 5000;

// Each reads a field into what it is for, and leaves that alone when the field
// is not there.
void read(const DocumentField& from, const char* key, std::string& to) {
    if (auto field = from.find(key)) to = field->text();
}
void read(const DocumentField& from, const char* key, Texts& to) {
    if (auto field = from.find(key)) to = field->texts();
}
void read(const DocumentField& from, const char* key,
          std::set<std::string>& to) {
    if (auto field = from.find(key)) to = field->names();
}
void read(const DocumentField& from, const char* key, bool& to) {
    if (auto field = from.find(key)) to = field->truth();
}
void read(const DocumentField& from, const char* key, std::uint64_t& to) {
    if (auto field = from.find(key)) to = field->number(INT64_MAX);
}

/// Docker once wrote a command of one word as text; it still reads it.
void read_command(const DocumentField& from, const char* key, Texts& to) {
    auto field = from.find(key);
    if (field && field->is_text())
        to = {field->text()};
    else
        read(from, key, to);
}

Healthcheck read_healthcheck(const DocumentField& field) {
    Healthcheck check;
    read(field, "Test", check.test);
    read(field, "Interval", check.interval);
    read(field, "Timeout", check.timeout);
    read(field, "StartPeriod", check.start_period);
    read(field, "StartInterval", check.start_interval);
    read(field, "Retries", check.retries);
    return check;
}

}  // namespace

RunConfig read_run_config(const DocumentField& field) {
    RunConfig config;
    read(field, "User", config.user);
    read(field, "ExposedPorts", config.exposed_ports);
    read(field, "Env", config.env);
    read_command(field, "Entrypoint", config.entrypoint);
    read_command(field, "Cmd", config.cmd);
    read(field, "Volumes", config.volumes);
    read(field, "WorkingDir", config.working_dir);
    if (auto labels = field.find("Labels")) config.labels = labels->text_map();
    read(field, "StopSignal", config.stop_signal);
    if (auto check = field.find("Healthcheck"))
        config.healthcheck = read_healthcheck(*check);
    read_command(field, "Shell", config.shell);
    read(field, "OnBuild", config.on_build);
    read(field, "ArgsEscaped", config.args_escaped);
    return config;
}

namespace {

HistoryEntry read_history_entry(const DocumentField& field) {
    HistoryEntry entry;
    read(field, "created", entry.created);
    read(field, "created_by", entry.created_by);
    read(field, "author", entry.author);
    read(field, "comment", entry.comment);
    read(field, "empty_layer", entry.empty_layer);
    return entry;
}

std::vector<Digest> read_diff_ids(const DocumentField& rootfs) {
    DocumentField type = rootfs.at("type");
    if (type.text() != "layers") type.refuse("it is not \"layers\"");
    std::vector<Digest> diff_ids;
    if (auto list = rootfs.find("diff_ids"))
        for (const DocumentField& item : list->items(most_layers))
            diff_ids.push_back(read_digest(item));
    return diff_ids;
}

void read_history(const DocumentField& field, ImageConfig& config) {
    for (const DocumentField& item : field.items(most_history))
        config.history.push_back(read_history_entry(item));
    auto layers =
        std::count_if(config.history.begin(), config.history.end(),
                      [](const HistoryEntry& e) { return !e.empty_layer; });
    if (static_cast<std::size_t>(layers) > config.diff_ids.size())
        field.refuse(cat("it tells of ", layers,
                         " layers; rootfs.diff_ids has ",
                         config.diff_ids.size()));
}

Platform read_config_platform(const DocumentField& document) {
    Platform platform = read_platform(document);
    if (platform.os.empty()) document.at("os").refuse("it is empty");
    if (platform.architecture.empty())
        document.at("architecture").refuse("it is empty");
    return platform;
}

/// Go's way to write a set.
ordered_json set_json(const std::set<std::string>& names) {
    ordered_json object = ordered_json::object();
    for (const std::string& name : names) object[name] = ordered_json::object();
    return object;
}

/// Adds a field unless it is empty.
template <class Value>
void add(ordered_json& object, const char* key, const Value& value) {
    if (value != Value{}) object[key] = value;
}
void add(ordered_json& object, const char* key,
         const std::set<std::string>& names) {
    if (!names.empty()) object[key] = set_json(names);
}

ordered_json healthcheck_json(const Healthcheck& check) {
    ordered_json object = ordered_json::object();
    add(object, "Test", check.test);
    add(object, "Interval", check.interval);
    add(object, "Timeout", check.timeout);
    add(object, "StartPeriod", check.start_period);
    add(object, "StartInterval", check.start_interval);
    add(object, "Retries", check.retries);
    return object;
}

}  // namespace

ordered_json run_config_json(const RunConfig& config) {
    ordered_json object = ordered_json::object();
    add(object, "User", config.user);
    add(object, "ExposedPorts", config.exposed_ports);
    add(object, "Env", config.env);
    add(object, "Entrypoint", config.entrypoint);
    add(object, "Cmd", config.cmd);
    if (config.healthcheck)
        object["Healthcheck"] = healthcheck_json(*config.healthcheck);
    add(object, "ArgsEscaped", config.args_escaped);
    add(object, "Volumes", config.volumes);
    add(object, "WorkingDir", config.working_dir);
    add(object, "OnBuild", config.on_build);
    add(object, "Labels", config.labels);
    add(object, "StopSignal", config.stop_signal);
    add(object, "Shell", config.shell);
    return object;
}

namespace {

ordered_json rootfs_json(const std::vector<Digest>& diff_ids) {
    ordered_json list = ordered_json::array();
    for (const Digest& digest : diff_ids) list.push_back(digest.text());
    ordered_json object;
    object["type"] = "layers";
    object["diff_ids"] = std::move(list);
    return object;
}

ordered_json history_json(const std::vector<HistoryEntry>& history) {
    ordered_json list = ordered_json::array();
    for (const HistoryEntry& entry : history) {
        ordered_json object = ordered_json::object();
        add(object, "created", entry.created);
        add(object, "created_by", entry.created_by);
        add(object, "author", entry.author);
        add(object, "comment", entry.comment);
        add(object, "empty_layer", entry.empty_layer);
        list.push_back(std::move(object));
    }
    return list;
}

}  // namespace

ImageConfig parse_image_config(std::string_view bytes) {
    DocumentField document =
        parse_document(bytes, "image config", largest_config, image_fault);
    ImageConfig config{.platform = read_config_platform(document)};
    read(document, "created", config.created);
    read(document, "author", config.author);
    if (auto run = document.find("config"))
        config.config = read_run_config(*run);
    config.diff_ids = read_diff_ids(document.at("rootfs"));
    if (auto history = document.find("history")) read_history(*history, config);
    return config;
}

std::string image_config_text(const ImageConfig& config) {
    ordered_json object;
    add(object, "created", config.created);
    add(object, "author", config.author);
    add_platform(object, config.platform);
    object["config"] = run_config_json(config.config);
    object["rootfs"] = rootfs_json(config.diff_ids);
    if (!config.history.empty())
        object["history"] = history_json(config.history);
    return object.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

void check_same_layers(const Manifest& manifest, const ImageConfig& config) {
    if (manifest.layers.size() != config.diff_ids.size())
        throw Error(ErrorKind::InvalidArgument,
                    cat("the manifest has ", manifest.layers.size(),
                        " layers, the config's rootfs.diff_ids ",
                        config.diff_ids.size()))
            .advise(image_fault);
}

//@ begin chain-ids
std::vector<Digest> chain_ids(const std::vector<Digest>& diff_ids) {
    std::vector<Digest> chain;
    chain.reserve(diff_ids.size());
    for (const Digest& diff_id : diff_ids) {
        if (chain.empty())
            chain.push_back(diff_id);
        else
            chain.push_back(
                Digest::of(cat(chain.back().text(), " ", diff_id.text())));
    }
    return chain;
}
//@ end chain-ids

}  // namespace slipway
