#include "06-engine/cli/image_events.hpp"

#include <set>

#include "04-images/image_index.hpp"
#include "04-images/image_store.hpp"
#include "04-images/image_view.hpp"
#include "04-images/reference.hpp"
#include "06-engine/engine/events.hpp"
#include "common/error.hpp"

namespace slipway {

namespace {

std::map<std::string, std::string> names_and_ids(const Engine& engine) {
    ImageStore images(engine.root);
    std::map<std::string, std::string> names;
    for (const NamedImage& named : list_images(images.content)) try {
            names[named.name] = read_image(images.content, named).id().text();
        } catch (const Error&) {
            // A damaged one is not this verb's affair.
        }
    return names;
}

// As people write it: "busybox:latest".
std::string shown_name(const std::string& name, const std::string& id) {
    return name.starts_with("sha256:") ? id : parse_reference(name).familiar();
}

}  // namespace

ImageChanges::ImageChanges(const Engine& engine)
    : engine_(engine), before_(names_and_ids(engine)) {}

void ImageChanges::record(const std::string& came) const {
    std::map<std::string, std::string> after = names_and_ids(engine_);
    std::set<std::string> left;
    for (const auto& [name, id] : after) {
        left.insert(id);
        auto old = before_.find(name);
        if (old == before_.end() || old->second != id)
            record_event(engine_,
                         {"image", came, id, {{"name", shown_name(name, id)}}});
    }
    std::set<std::string> gone;
    for (const auto& [name, id] : before_) {
        bool got_a_name = name.starts_with("sha256:") && left.count(id) != 0;
        if (!after.count(name) && !got_a_name)
            record_event(
                engine_,
                {"image", "untag", id, {{"name", shown_name(name, id)}}});
        if (!left.count(id)) gone.insert(id);
    }
    for (const std::string& id : gone)
        record_event(engine_, {"image", "delete", id, {{"name", id}}});
}

Verb with_image_events(const EngineSettings& settings, Verb verb,
                       const std::string& came) {
    verb.run = [&settings, came, run = verb.run](auto& words) {
        Engine engine = settings.open();
        ImageChanges changes(engine);
        int status = run(words);
        changes.record(came);
        return status;
    };
    return verb;
}

Verb with_pull_event(const EngineSettings& settings, Verb verb) {
    verb.run = [&settings, run = verb.run](auto& words) {
        int status = run(words);
        if (status != 0) return status;
        Engine engine = settings.open();
        for (const std::string& word : words) {
            std::string name = parse_reference(word).familiar();
            std::string repository = name.substr(0, name.find('@'));
            std::size_t colon = repository.rfind(':');
            if (colon != std::string::npos &&
                repository.find('/', colon) == std::string::npos)
                repository.resize(colon);
            record_event(engine,
                         {"image", "pull", name, {{"name", repository}}});
        }
        return status;
    };
    return verb;
}

}  // namespace slipway
