#include "common/template_value.hpp"

#include <algorithm>

namespace slipway {

using nlohmann::ordered_json;

const ordered_json& TemplateValue::json() const {
    static const ordered_json null;
    return json_ ? *json_ : null;
}

bool is_true(const TemplateValue& value) {
    const ordered_json& json = value.json();
    switch (json.type()) {
        case ordered_json::value_t::boolean:
            return json.get<bool>();
        case ordered_json::value_t::number_float:
            return json.get<double>() != 0;
        case ordered_json::value_t::number_integer:
        case ordered_json::value_t::number_unsigned:
            return json.get<std::int64_t>() != 0;
        case ordered_json::value_t::string:
            return !value.text().empty();
        default:
            return !json.empty();
    }
}

//@ begin looks-like-struct
bool looks_like_struct(const ordered_json& object) {
    if (!object.is_object() || object.empty()) return false;
    auto is_field = [](const std::string& key) {
        return !key.empty() &&
               ((key[0] >= 'A' && key[0] <= 'Z') || key[0] == '.');  // a method
    };
    for (const auto& entry : object.items())
        if (!is_field(entry.key())) return false;
    return true;
}
//@ end looks-like-struct

std::vector<TemplateEntry> ordered_entries(const ordered_json& object) {
    std::vector<TemplateEntry> entries;
    for (const auto& [key, value] :
         object.get_ref<const ordered_json::object_t&>())
        entries.emplace_back(key, &value);
    if (!looks_like_struct(object)) std::sort(entries.begin(), entries.end());
    return entries;
}

namespace {

std::string printed_object(const ordered_json& json) {
    bool is_struct = looks_like_struct(json);
    std::string text = is_struct ? "{" : "map[";
    std::size_t size = text.size();
    for (const auto& [key, value] : ordered_entries(json)) {
        if (text.size() > size) text += ' ';
        if (!is_struct) text.append(key).append(":");
        text += printed(*value);
    }
    return text + (is_struct ? "}" : "]");
}

std::string printed_list(const ordered_json& json) {
    std::string text = "[";
    for (const ordered_json& item : json) {
        if (text.size() > 1) text += ' ';
        text += printed(item);
    }
    return text + "]";
}

}  // namespace

std::string printed(const ordered_json& json) {
    if (json.is_string()) return json.get<std::string>();
    if (json.is_null()) return "<nil>";
    if (json.is_object()) return printed_object(json);
    if (json.is_array()) return printed_list(json);
    std::string text = json_line(json);
    if (json.is_number_float() && text.ends_with(".0"))
        text.resize(text.size() - 2);
    return text;
}

std::string printed(const TemplateValue& value) {
    return value.is_nothing() ? "<no value>" : printed(value.json());
}

std::string_view kind_of(const TemplateValue& value) {
    if (value.is_nothing()) return "nothing";
    if (value.is_text()) return "a text";
    if (value.json().is_boolean()) return "a truth value";
    if (value.json().is_number()) return "a number";
    return value.json().is_array() ? "a list" : "an object";
}

std::string json_line(const ordered_json& value) {
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

}  // namespace slipway
