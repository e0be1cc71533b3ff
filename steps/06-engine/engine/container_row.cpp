#include <algorithm>

#include <nlohmann/json.hpp>

#include "06-engine/engine/container_view.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

constexpr std::size_t short_id_letters = 12;
constexpr std::size_t command_letters = 20;  // what ps shows of a command
constexpr std::size_t mount_letters = 15;    // and of a mount's name

std::string passed_since(const std::string& time, std::time_t now) {
    auto then = parse_time(time);
    return then ? duration_text(now - *then) : "Less than a second";
}

// Words with blanks stand in quotes, as Docker's engine writes them.
std::string command_text(const ContainerRecord& record) {
    std::vector<std::string> words = command_words(record);
    for (std::size_t i = 1; i < words.size(); ++i)
        if (words[i].find(' ') != std::string::npos)
            words[i] = cat("'", words[i], "'");
    return join(words, " ");
}

std::string image_text(const ContainerRecord& record, bool whole) {
    if (record.image.empty()) return "<no image>";
    if (whole) return record.image;
    std::string_view image = record.image;
    if (image.starts_with("sha256:"))
        return std::string(image.substr(7, short_id_letters));
    std::size_t digest = image.find('@');
    return std::string(image.substr(0, std::min(digest, image.size())));
}

std::string mounts_text(const ContainerStatusView& status, bool whole) {
    std::vector<std::string> names;
    for (const MountView& mount : status.mounts) {
        const std::string& name =
            mount.name.empty() ? mount.source : mount.name;
        if (name.empty()) continue;
        names.push_back(whole ? name : ellipsis(name, mount_letters));
    }
    return join(names, ",");
}

std::string size_text(const ContainerStatusView& status) {
    auto size = [](std::uint64_t bytes) {
        return decimal_size(static_cast<double>(bytes), 3);
    };
    std::string text = size(status.size_writable.value_or(0));
    if (status.size_total)
        text += cat(" (virtual ", size(*status.size_total), ")");
    return text;
}

std::size_t volumes_of(const ContainerStatusView& status) {
    return static_cast<std::size_t>(
        std::count_if(status.mounts.begin(), status.mounts.end(),
                      [](auto& mount) { return mount.type == "volume"; }));
}

std::string created_at(const ContainerRecord& record) {
    auto time = parse_time(record.created);
    return time ? local_time_text(*time) : record.created;
}

}  // namespace

std::string ellipsis(std::string_view text, std::size_t letters) {
    std::size_t count = 0, cut = text.size();
    for (std::size_t i = 0; i < text.size(); ++i) {
        if ((static_cast<unsigned char>(text[i]) & 0xc0) == 0x80) continue;
        if (++count == letters) cut = i;
    }
    if (count <= letters) return std::string(text);
    return std::string(text.substr(0, cut)) + "…";
}

std::string labels_text(const std::map<std::string, std::string>& labels) {
    std::vector<std::string> texts;
    texts.reserve(labels.size());
    for (const auto& [key, value] : labels)
        texts.push_back(cat(key, "=", value));
    return join(texts, ",");
}

std::vector<std::string> command_words(const ContainerRecord& record) {
    std::vector<std::string> words = record.config.entrypoint;
    words.insert(words.end(), record.config.cmd.begin(),
                 record.config.cmd.end());
    return words;
}

std::string status_text(const ContainerStatusView& status, std::time_t now) {
    const std::string& word = status.status;
    if (word == "running" || word == "paused") {
        std::string up = cat("Up ", passed_since(status.started, now));
        if (word == "paused") return up + " (Paused)";
        if (!status.health) return up;
        const std::string& health = status.health->status;
        return cat(up, " (", health == "starting" ? "health: " : "", health,
                   ")");
    }
    std::string ago = cat(passed_since(status.finished, now), " ago");
    if (word == "restarting")
        return cat("Restarting (", status.exit_code, ") ", ago);
    if (word == "exited")
        return cat("Exited (", status.exit_code, ") ", ago,
                   status.oom_killed ? " (out of memory)" : "");
    return word == "dead"       ? "Dead"
           : word == "removing" ? "Removal In Progress"
                                : "Created";
}

std::vector<std::string> network_names(const ContainerRecord& record,
                                       const ContainerStatusView& status) {
    std::vector<std::string> names;
    for (const EndpointView& endpoint : status.endpoints)
        names.push_back(endpoint.network);
    if (names.empty())
        for (const NetworkRequest& request : record.host.networks)
            names.push_back(request.network);
    const std::string& mode = record.host.network_mode;
    if (names.empty() && !mode.starts_with("container:")) names = {mode};
    for (std::string& name : names)
        if (name == "default" || name.empty()) name = "bridge";
    std::sort(names.begin(), names.end());
    return names;
}

ordered_json container_row(const ContainerRecord& record,
                           const ContainerStatusView& status, bool whole,
                           std::time_t now) {
    std::string command = command_text(record);
    ordered_json row;
    row["Command"] =
        quote(whole ? command : ellipsis(command, command_letters));
    row["CreatedAt"] = created_at(record);
    row["ID"] = whole ? record.id : record.id.substr(0, short_id_letters);
    row["Image"] = image_text(record, whole);
    row["Labels"] = labels_text(record.config.labels);
    row["LocalVolumes"] = cat(volumes_of(status));
    row["Mounts"] = mounts_text(status, whole);
    row["Names"] = record.name;
    row["Networks"] = join(network_names(record, status), ",");
    row["Platform"] = nullptr;
    row["Ports"] = ports_text(record, status);
    row["RunningFor"] = cat(passed_since(record.created, now), " ago");
    row["Size"] = size_text(status);
    row["State"] = status.status;
    row["Status"] = status_text(status, now);
    // Docker does not have it.
    row["Reason"] = status.reason.empty() ? status.error : status.reason;
    row[".Label"] = record.config.labels;
    return row;
}

}  // namespace slipway
