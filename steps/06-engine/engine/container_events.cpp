#include "06-engine/engine/container_events.hpp"

#include "06-engine/engine/events.hpp"

namespace slipway {

void record_container_event(const Engine& engine, const ContainerRecord& record,
                            const std::string& action,
                            std::map<std::string, std::string> attributes) {
    attributes["name"] = record.name;
    attributes["image"] = record.image;
    for (const auto& [key, value] : record.config.labels)
        attributes.emplace(key, value);
    record_event(engine,
                 {"container", action, record.id, std::move(attributes)});
}

}  // namespace slipway
