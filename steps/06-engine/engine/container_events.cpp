#include "06-engine/engine/container_events.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/files.hpp"

namespace slipway {

void record_container_event(const Engine& engine, const ContainerRecord& record,
                            const std::string& action,
                            std::map<std::string, std::string> attributes) {
    attributes["name"] = record.name;
    attributes["image"] = record.image;
    for (const auto& [key, value] : record.config.labels)
        attributes.emplace(key, value);
    nlohmann::ordered_json event = {
        {"Type", "container"},
        {"Action", action},
        {"Actor", {{"ID", record.id}, {"Attributes", attributes}}},
        {"time", now_with_fraction()}};
    std::string path = engine.state + "/events";
    UniqueFd file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600));
    if (file) write_all(file.get(), event.dump() + "\n");
}

}  // namespace slipway
