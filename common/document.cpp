#include "common/document.hpp"

#include <algorithm>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/numbers.hpp"

namespace slipway {

namespace {

using nlohmann::json;

[[noreturn]] void refuse_at(std::string_view path, std::string_view why,
                            const char* advice) {
    throw Error(ErrorKind::InvalidArgument, cat(path, ": ", why))
        .advise(advice);
}

/// Follows the parser: stops it where a document goes beyond the limits.
class Watch {
  public:
    Watch(std::string_view name, const char* advice)
        : name_(name), advice_(advice) {}

    void see(int depth, json::parse_event_t event, const json& value) {
        switch (event) {
            case json::parse_event_t::object_start:
                keys_.emplace_back();
                enter(depth);
                break;
            case json::parse_event_t::array_start:
                enter(depth);
                break;
            case json::parse_event_t::key:
                see_key(value.get_ref<const std::string&>());
                break;
            case json::parse_event_t::object_end:
                keys_.pop_back();
                break;
            case json::parse_event_t::value:
                count();
                break;
            case json::parse_event_t::array_end:
                break;
        }
    }

  private:
    void enter(int depth) {
        if (depth >= deepest_document)
            refuse(cat("nested more than ", deepest_document, " deep"));
        count();
    }
    void see_key(const std::string& key) {
        if (!keys_.back().insert(key).second)
            refuse(cat("two fields named ", quote(key)));
    }
    void count() {
        if (++values_ > most_json_values)
            refuse(cat("more than ", most_json_values, " values"));
    }

    [[noreturn]] void refuse(std::string_view why) const {
        refuse_at(name_, why, advice_);
    }

    std::string_view name_;
    const char* advice_;
    std::size_t values_ = 0;
    std::vector<std::set<std::string>> keys_;  // of each open object
};

json parse_watched(std::string_view bytes, std::string_view name,
                   std::size_t limit, const char* advice) {
    if (bytes.size() > limit)
        refuse_at(name, cat("it is larger than ", format_size(limit)), advice);
    Watch watch(name, advice);
    auto see = [&](int depth, json::parse_event_t event, json& value) {
        watch.see(depth, event, value);
        return true;
    };
    try {
        return json::parse(bytes, see);
    } catch (const json::parse_error& error) {
        refuse_at(name, cat("no JSON: it goes wrong at byte ", error.byte),
                  advice);
    } catch (const json::exception&) {
        refuse_at(name, "no JSON: it has a number out of range", advice);
    }
}

/// Names come from the document, too: long ones are not repeated whole.
std::string shown(std::string_view key) {
    constexpr std::size_t longest = 60;
    bool plain = !key.empty() && key.size() <= longest &&
                 std::all_of(key.begin(), key.end(), [](char c) {
                     return c > ' ' && c < 0x7f && c != '"' && c != '\\';
                 });
    if (plain) return std::string(key);
    return quote(key.substr(0, longest));
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return result;
}

std::string checked_text(const std::string& text, const DocumentField& field) {
    if (text.find('\0') != std::string::npos)
        field.refuse("it has a NUL byte in it");
    return text;
}

}  // namespace

DocumentField::DocumentField(Value value, std::string path, const char* advice)
    : value_(std::move(value)), path_(std::move(path)), advice_(advice) {}

void DocumentField::refuse(std::string_view why) const {
    refuse_at(path_, why, advice_);
}

// Shares the ownership of the whole document.
DocumentField DocumentField::part(const json& value, std::string path) const {
    return {Value(value_, &value), std::move(path), advice_};
}

std::optional<DocumentField> DocumentField::find(const std::string& key) const {
    if (!value_->is_object()) refuse("it is no object");
    auto found = value_->find(key);
    if (found == value_->end() || found->is_null()) return std::nullopt;
    // "manifest: config", then "manifest: config.digest".
    bool top = path_.find(": ") == std::string::npos;
    return part(*found, cat(path_, top ? ": " : ".", shown(key)));
}

DocumentField DocumentField::at(const std::string& key) const {
    std::optional<DocumentField> found = find(key);
    if (!found) refuse(cat(key, " is missing"));
    return *found;
}

bool DocumentField::mentions(std::string_view lower_case_key) const {
    if (!value_->is_object()) refuse("it is no object");
    return std::any_of(
        value_->items().begin(), value_->items().end(),
        [&](const auto& item) { return lower(item.key()) == lower_case_key; });
}

bool DocumentField::is_text() const {
    return value_->is_string();
}

std::string DocumentField::text() const {
    if (!value_->is_string()) refuse("it is no text");
    return checked_text(value_->get_ref<const std::string&>(), *this);
}

std::uint64_t DocumentField::number(std::uint64_t largest) const {
    // A negative number is an integer, too, but no unsigned one.
    if (!value_->is_number_unsigned() || value_->get<std::uint64_t>() > largest)
        refuse(cat("it is no whole number from 0 to ", largest));
    return value_->get<std::uint64_t>();
}

std::int64_t DocumentField::integer(std::int64_t lowest,
                                    std::int64_t largest) const {
    // What is beyond the signed ones is an unsigned number to the parser.
    bool fits = value_->is_number_integer() &&
                (!value_->is_number_unsigned() ||
                 value_->get<std::uint64_t>() <= INT64_MAX);
    if (!fits || value_->get<std::int64_t>() < lowest ||
        value_->get<std::int64_t>() > largest)
        refuse(cat("it is no whole number from ", lowest, " to ", largest));
    return value_->get<std::int64_t>();
}

bool DocumentField::truth() const {
    if (!value_->is_boolean()) refuse("it is neither true nor false");
    return value_->get<bool>();
}

std::vector<DocumentField> DocumentField::items(std::size_t most) const {
    if (!value_->is_array()) refuse("it is no list");
    if (value_->size() > most)
        refuse(cat(value_->size(), " entries; at most ", most, " are taken"));
    std::vector<DocumentField> items;
    items.reserve(value_->size());
    for (const json& item : *value_)
        items.push_back(part(item, cat(path_, "[", items.size(), "]")));
    return items;
}

std::vector<std::string> DocumentField::texts() const {
    std::vector<std::string> texts;
    for (const DocumentField& item : items(most_json_values))
        texts.push_back(item.text());
    return texts;
}

std::map<std::string, std::string> DocumentField::text_map() const {
    std::map<std::string, std::string> map;
    for (const std::string& name : names()) {
        std::optional<DocumentField> value = find(name);
        map[name] = value ? value->text() : "";
    }
    return map;
}

std::set<std::string> DocumentField::names() const {
    if (!value_->is_object()) refuse("it is no object");
    std::set<std::string> names;
    for (const auto& item : value_->items())
        names.insert(checked_text(item.key(), *this));
    return names;
}

DocumentField parse_document(std::string_view bytes, std::string_view name,
                             std::size_t limit, const char* advice) {
    auto value =
        std::make_shared<const json>(parse_watched(bytes, name, limit, advice));
    DocumentField document(std::move(value), std::string(name), advice);
    (void)document.names();  // an object
    return document;
}

DocumentField parse_document_list(std::string_view bytes, std::string_view name,
                                  std::size_t limit, const char* advice) {
    auto value =
        std::make_shared<const json>(parse_watched(bytes, name, limit, advice));
    if (!value->is_array()) refuse_at(name, "it is no list", advice);
    return {std::move(value), std::string(name), advice};
}

}  // namespace slipway
