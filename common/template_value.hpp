// Values while a template is filled: JSON, with Go's ideas of truth, order and
// how a value is printed.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

namespace slipway {

/// A piece of the object that is shown, which must outlive it, or something
/// made on the way.
class TemplateValue {
  public:
    using Json = nlohmann::ordered_json;

    /// No value: a key that a map does not have.
    TemplateValue() = default;
    static TemplateValue of(Json made) {
        TemplateValue value;
        value.owner_ = std::make_shared<const Json>(std::move(made));
        value.json_ = value.owner_.get();
        return value;
    }
    static TemplateValue at(const Json& json) {
        TemplateValue value;
        value.json_ = &json;
        return value;
    }
    /// Something inside of this one.
    TemplateValue within(const Json& json) const {
        TemplateValue value = at(json);
        value.owner_ = owner_;
        return value;
    }

    bool is_nothing() const { return !json_ || json_->is_null(); }
    const Json& json() const;
    bool is_text() const { return json_ && json_->is_string(); }
    const std::string& text() const {
        return json_->get_ref<const std::string&>();
    }

  private:
    std::shared_ptr<const Json> owner_;
    const Json* json_ = nullptr;
};

/// Go's truth: false, 0, "", nothing, and what is empty are false.
bool is_true(const TemplateValue& value);

/// As Go prints it: text as it is, [a b], map[a:b], {a b} for what looks like a
/// struct, "<no value>".
std::string printed(const TemplateValue& value);
/// The same below a field or in print(): null is "<nil>".
std::string printed(const nlohmann::ordered_json& json);

/// JSON has one kind of object, Go has structs and maps. An object whose names
/// all begin with a capital letter is taken for a struct: a name that it does
/// not have is a mistake. Of a map it is an absent value.
bool looks_like_struct(const nlohmann::ordered_json& object);

/// The entries as Go visits them: of a map in the order of the keys.
using TemplateEntry =
    std::pair<std::string_view, const nlohmann::ordered_json*>;
std::vector<TemplateEntry> ordered_entries(
    const nlohmann::ordered_json& object);

/// "a number", "a text", "a list", "an object": for messages.
std::string_view kind_of(const TemplateValue& value);

/// JSON on one line; what is no UTF-8 is replaced.
std::string json_line(const nlohmann::ordered_json& value);

}  // namespace slipway
