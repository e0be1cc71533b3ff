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

/// Builds the document while the parser reads, and stops it where that goes
/// beyond the limits. The parser's own builder lets fields be given twice.
class Builder {
  public:
    Builder(std::string_view name, const char* advice)
        : name_(name), advice_(advice) {}

    bool null() { return put(nullptr); }
    bool boolean(bool value) { return put(value); }
    bool number_integer(std::int64_t value) { return put(value); }
    bool number_unsigned(std::uint64_t value) { return put(value); }
    bool number_float(double value, const std::string&) { return put(value); }
    bool string(std::string& value) { return put(std::move(value)); }
    bool binary(json::binary_t&) { return false; }  // there is none in text
    bool start_object(std::size_t) { return open(json::object()); }
    bool start_array(std::size_t) { return open(json::array()); }
    bool end_object() { return close(); }
    bool end_array() { return close(); }
    bool key(std::string& key) {
        auto& fields = open_.back()->get_ref<json::object_t&>();
        auto [place, is_new] = fields.try_emplace(std::move(key));
        if (!is_new) refuse(cat("two fields named ", quote(place->first)));
        slot_ = &place->second;
        return true;
    }
    bool parse_error(std::size_t byte, const std::string&,
                     const json::exception& error) {
        if (dynamic_cast<const json::parse_error*>(&error))
            refuse(cat("no JSON: it goes wrong at byte ", byte));
        refuse("no JSON: it has a number out of range");
    }

    json take() { return std::move(root_); }

  private:
    json* add(json value) {
        if (++values_ > most_json_values)
            refuse(cat("more than ", most_json_values, " values"));
        json* place = slot_;
        if (!open_.empty() && open_.back()->is_array()) {
            auto& items = open_.back()->get_ref<json::array_t&>();
            items.push_back(std::move(value));
            return &items.back();
        }
        *place = std::move(value);
        return place;
    }
    bool put(json value) {
        add(std::move(value));
        return true;
    }
    bool open(json value) {
        if (open_.size() >= deepest_document)
            refuse(cat("nested more than ", deepest_document, " deep"));
        open_.push_back(add(std::move(value)));
        return true;
    }
    bool close() {
        open_.pop_back();
        return true;
    }
    [[noreturn]] void refuse(std::string_view why) const {
        refuse_at(name_, why, advice_);
    }

    std::string_view name_;
    const char* advice_;
    std::size_t values_ = 0;
    json root_;
    std::vector<json*> open_;  // lists and objects, the innermost last
    json* slot_ = &root_;      // of an object: where the next value goes
};

json parse_watched(std::string_view bytes, std::string_view name,
                   std::size_t limit, const char* advice) {
    if (bytes.size() > limit)
        refuse_at(name, cat("it is larger than ", format_size(limit)), advice);
    // The parser takes it for the end of the text, and what follows for
    // nothing.
    if (std::size_t nul = bytes.find('\0'); nul != std::string_view::npos)
        refuse_at(name, cat("no JSON: a NUL byte at byte ", nul + 1), advice);
    Builder builder(name, advice);
    json::sax_parse(bytes, &builder);
    return builder.take();
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

struct DocumentField::Document {
    json root;
    std::string name;
    const char* advice;
};

namespace {

// A value is where it is for as long as the document: it is found by its
// address. "manifest: config", then "manifest: config.digest".
bool find_path(const json& from, const json* wanted, std::string& path) {
    if (&from == wanted) return true;
    auto is_below = [&](const json& value, const std::string& step) {
        std::size_t length = path.size();
        path += step;
        if (find_path(value, wanted, path)) return true;
        path.resize(length);
        return false;
    };
    if (from.is_array())
        for (std::size_t i = 0; i < from.size(); ++i)
            if (is_below(from[i], cat("[", i, "]"))) return true;
    if (const auto* fields = from.get_ptr<const json::object_t*>()) {
        const char* dot = path.find(": ") == std::string::npos ? ": " : ".";
        for (const auto& [key, value] : *fields)
            if (is_below(value, dot + shown(key))) return true;
    }
    return false;
}

}  // namespace

DocumentField::DocumentField(std::shared_ptr<const Document> document,
                             const json* value)
    : document_(std::move(document)), value_(value) {}

void DocumentField::refuse(std::string_view why) const {
    std::string path = document_->name;
    find_path(document_->root, value_, path);
    refuse_at(path, why, document_->advice);
}

std::optional<DocumentField> DocumentField::find(std::string_view key) const {
    const auto* fields = value_->get_ptr<const json::object_t*>();
    if (!fields) refuse("it is no object");
    auto found = fields->find(key);
    if (found == fields->end() || found->second.is_null()) return std::nullopt;
    return DocumentField(document_, &found->second);
}

DocumentField DocumentField::at(std::string_view key) const {
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
    for (const json& item : *value_) items.emplace_back(document_, &item);
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

namespace {

DocumentField parse_whole(std::string_view bytes, std::string_view name,
                          std::size_t limit, const char* advice) {
    auto document = std::make_shared<const DocumentField::Document>(
        DocumentField::Document{parse_watched(bytes, name, limit, advice),
                                std::string(name), advice});
    const json* root = &document->root;
    return {std::move(document), root};
}

}  // namespace

DocumentField parse_document(std::string_view bytes, std::string_view name,
                             std::size_t limit, const char* advice) {
    DocumentField document = parse_whole(bytes, name, limit, advice);
    if (!document.value().is_object()) document.refuse("it is no object");
    return document;
}

DocumentField parse_document_list(std::string_view bytes, std::string_view name,
                                  std::size_t limit, const char* advice) {
    DocumentField document = parse_whole(bytes, name, limit, advice);
    if (!document.value().is_array()) document.refuse("it is no list");
    return document;
}

}  // namespace slipway
