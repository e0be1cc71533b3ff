// Fields of a document, named once for both directions: a function that hands
// each of a struct's members to a visitor serves to write and to read it.
//
//     template <class Visitor, class Restart>
//     void visit_restart(Visitor& visit, Restart& restart) {
//         visit("Name", restart.name);
//     }
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <type_traits>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/document.hpp"

namespace slipway {

/// As Go writes it: an empty list of texts is null.
class FieldWriter {
  public:
    static constexpr bool reads = false;
    explicit FieldWriter(nlohmann::ordered_json& object) : object_(object) {}

    template <class Value>
    void operator()(const char* key, const Value& value) {
        object_[key] = value;
    }
    void operator()(const char* key, const std::vector<std::string>& texts) {
        if (texts.empty())
            object_[key] = nullptr;
        else
            object_[key] = texts;
    }
    void operator()(const char* key,
                    const std::map<std::string, std::string>& map) {
        object_[key] = nlohmann::ordered_json::object();
        for (const auto& [name, value] : map) object_[key][name] = value;
    }
    /// null when there is none.
    template <class Number>
    void operator()(const char* key, const std::optional<Number>& number) {
        if (number)
            object_[key] = *number;
        else
            object_[key] = nullptr;
    }
    /// 0 when there is none.
    template <class Number>
    void or_zero(const char* key, const std::optional<Number>& number) {
        object_[key] = number.value_or(0);
    }
    /// [] when it is empty.
    void or_list(const char* key, const std::vector<std::string>& texts) {
        object_[key] = texts;
    }
    /// Left out when it is empty, false or nothing.
    template <class Value>
    void or_nothing(const char* key, const Value& value) {
        if (value != Value{}) (*this)(key, value);
    }
    /// A list of structs; `visit_one` names their members.
    template <class Item, class VisitOne>
    void list(const char* key, const std::vector<Item>& items,
              VisitOne visit_one) {
        nlohmann::ordered_json list = nlohmann::ordered_json::array();
        for (const Item& item : items) {
            nlohmann::ordered_json object = nlohmann::ordered_json::object();
            FieldWriter writer(object);
            visit_one(writer, item);
            list.push_back(std::move(object));
        }
        object_[key] = std::move(list);
    }
    /// A struct.
    template <class Item, class VisitOne>
    void part(const char* key, const Item& item, VisitOne visit_one) {
        nlohmann::ordered_json object = nlohmann::ordered_json::object();
        FieldWriter writer(object);
        visit_one(writer, item);
        object_[key] = std::move(object);
    }

  private:
    nlohmann::ordered_json& object_;
};

/// Leaves alone what the document does not mention.
class FieldReader {
  public:
    static constexpr bool reads = true;
    explicit FieldReader(const DocumentField& from) : from_(from) {}

    void operator()(const char* key, std::string& text) {
        if (auto field = from_.find(key)) text = field->text();
    }
    void operator()(const char* key, bool& truth) {
        if (auto field = from_.find(key)) truth = field->truth();
    }
    void operator()(const char* key, std::vector<std::string>& texts) {
        if (auto field = from_.find(key)) texts = field->texts();
    }
    void operator()(const char* key, std::map<std::string, std::string>& map) {
        if (auto field = from_.find(key)) map = field->text_map();
    }
    template <class Number>
    requires(std::is_integral_v<Number> && !std::is_same_v<Number, bool>) void
    operator()(const char* key, Number& number) {
        using Limits = std::numeric_limits<Number>;
        auto field = from_.find(key);
        if (!field) return;
        if constexpr (std::is_signed_v<Number>)
            number = static_cast<Number>(
                field->integer(Limits::min(), Limits::max()));
        else
            number = static_cast<Number>(field->number(Limits::max()));
    }
    template <class Number>
    void operator()(const char* key, std::optional<Number>& number) {
        if (!from_.find(key)) return;
        Number value{};
        (*this)(key, value);
        number = value;
    }
    template <class Number>
    void or_zero(const char* key, std::optional<Number>& number) {
        (*this)(key, number);
        if (number == Number{}) number.reset();
    }
    void or_list(const char* key, std::vector<std::string>& texts) {
        (*this)(key, texts);
    }
    template <class Value>
    void or_nothing(const char* key, Value& value) {
        (*this)(key, value);
    }
    template <class Item, class VisitOne>
    void list(const char* key, std::vector<Item>& items, VisitOne visit_one) {
        auto field = from_.find(key);
        if (!field) return;
        for (const DocumentField& each : field->items(most_json_values)) {
            Item item{};
            FieldReader reader(each);
            visit_one(reader, item);
            items.push_back(std::move(item));
        }
    }
    template <class Item, class VisitOne>
    void part(const char* key, Item& item, VisitOne visit_one) {
        auto field = from_.find(key);
        if (!field) return;
        FieldReader reader(*field);
        visit_one(reader, item);
    }

  private:
    const DocumentField& from_;
};

}  // namespace slipway
