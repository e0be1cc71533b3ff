#include "common/template_functions.hpp"

#include <algorithm>
#include <cctype>
#include <compare>
#include <iterator>
#include <optional>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;
using Value = TemplateValue;
using Arguments = TemplateArguments;

[[noreturn]] void fail(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument, why);
}

const std::string& text_of(const Value& value) {
    if (!value.is_text()) fail(cat("wants a text, not ", kind_of(value)));
    return value.text();
}

std::size_t count_of(const Value& value) {
    if (!value.json().is_number_integer())
        fail(cat("wants a number, not ", kind_of(value)));
    auto number = value.json().get<std::int64_t>();
    if (number < 0) fail("wants a number that is not negative");
    return static_cast<std::size_t>(number);
}

Value made(std::string text) {
    if (text.size() > longest_template_text) fail("the text becomes too long");
    return Value::of(std::move(text));
}

Value map_letters(const Arguments& arguments, int (*change)(int)) {
    std::string text = text_of(arguments[0]);
    for (char& c : text)
        c = static_cast<char>(change(static_cast<unsigned char>(c)));
    return made(std::move(text));
}

Value lower(const Arguments& arguments) {
    return map_letters(arguments, ::tolower);
}

Value upper(const Arguments& arguments) {
    return map_letters(arguments, ::toupper);
}

Value title(const Arguments& arguments) {
    std::string text = text_of(arguments[0]);
    bool begins = true;
    for (char& c : text) {
        auto letter = static_cast<unsigned char>(c);
        if (begins) c = static_cast<char>(std::toupper(letter));
        begins =
            std::isalnum(letter) == 0 && c != '_' && c != '\'' && letter < 0x80;
    }
    return made(std::move(text));
}

Value to_json(const Arguments& arguments) {
    return made(json_line(arguments[0].json()));
}

Value split_text(const Arguments& arguments) {
    const std::string& text = text_of(arguments[0]);
    const std::string& separator = text_of(arguments[1]);
    ordered_json parts = ordered_json::array();
    std::size_t begin = 0;
    for (;;) {
        std::size_t end =
            separator.empty() ? begin + 1 : text.find(separator, begin);
        if (end == text.npos || (separator.empty() && end >= text.size()))
            break;
        parts.push_back(text.substr(begin, end - begin));
        begin = end + separator.size();
    }
    if (!separator.empty() || !text.empty())
        parts.push_back(text.substr(begin));
    return Value::of(std::move(parts));
}

Value join_texts(const Arguments& arguments) {
    const Value& list = arguments[0];
    if (!list.is_nothing() && !list.json().is_array())
        fail(cat("wants a list, not ", kind_of(list)));
    std::string text;
    for (const ordered_json& item : list.json()) {
        if (&item != &list.json().front()) text += text_of(arguments[1]);
        text += printed(item);
        if (text.size() > longest_template_text)
            fail("the text becomes too long");
    }
    return made(std::move(text));
}

Value pad(const Arguments& arguments) {
    const std::string& text = text_of(arguments[0]);
    std::size_t before = count_of(arguments[1]), after = count_of(arguments[2]);
    if (text.empty()) return arguments[0];
    if (std::max(before, after) > longest_template_text)
        fail("the text becomes too long");
    return made(std::string(before, ' ') + text + std::string(after, ' '));
}

Value truncate(const Arguments& arguments) {
    return made(text_of(arguments[0]).substr(0, count_of(arguments[1])));
}

// Go's Sprint: a blank between two that are no texts.
Value print(const Arguments& arguments) {
    std::string text;
    for (std::size_t i = 0; i < arguments.size(); ++i) {
        if (i > 0 && !arguments[i].is_text() && !arguments[i - 1].is_text())
            text += ' ';
        text += printed(arguments[i].json());
    }
    return made(std::move(text));
}

Value println(const Arguments& arguments) {
    std::vector<std::string> texts;
    for (const Value& value : arguments) texts.push_back(printed(value.json()));
    return made(join(texts, " ") + "\n");
}

Value print_format(const Arguments& arguments) {
    return made(template_printf(arguments));
}

Value length(const Arguments& arguments) {
    const Value& value = arguments[0];
    if (value.is_text()) return Value::of(value.text().size());
    if (!value.is_nothing() && !value.json().is_structured())
        fail(cat(kind_of(value), " has no length"));
    return Value::of(value.json().size());
}

// A missing key of a map of texts is "", as Go's zero value is.
Value missing_key(const ordered_json& map) {
    for (const ordered_json& value : map)
        if (!value.is_string()) return {};
    return Value::of("");
}

Value index_once(const Value& whole, const Value& key) {
    const ordered_json& json = whole.json();
    if (key.is_text()) {
        if (!json.is_object() && !json.is_null())
            fail(cat("a text is no index of ", kind_of(whole)));
        auto found = json.find(key.text());
        return found == json.end() ? missing_key(json) : whole.within(*found);
    }
    std::size_t i = count_of(key);
    if (json.is_null()) fail("there is nothing to take an item of");
    if (!json.is_array() && !json.is_string())
        fail(cat("a number is no index of ", kind_of(whole)));
    std::size_t size = whole.is_text() ? whole.text().size() : json.size();
    if (i >= size) fail(cat("item ", i, " of ", size, ": they count from 0"));
    if (whole.is_text())
        return Value::of(static_cast<unsigned char>(whole.text()[i]));
    return whole.within(json[i]);
}

Value index(const Arguments& arguments) {
    Value value = arguments[0];
    for (std::size_t i = 1; i < arguments.size(); ++i)
        value = index_once(value, arguments[i]);
    return value;
}

Value slice(const Arguments& arguments) {
    const Value& whole = arguments[0];
    if (!whole.is_text() && !whole.json().is_array())
        fail(cat("cannot take a part of ", kind_of(whole)));
    std::size_t size =
        whole.is_text() ? whole.text().size() : whole.json().size();
    std::size_t begin = arguments.size() > 1 ? count_of(arguments[1]) : 0;
    std::size_t end = arguments.size() > 2 ? count_of(arguments[2]) : size;
    if (begin > end || end > size)
        fail(cat("no part from ", begin, " to ", end, " of ", size));
    if (whole.is_text()) return made(whole.text().substr(begin, end - begin));
    ordered_json part = ordered_json::array();
    for (std::size_t i = begin; i < end; ++i) part.push_back(whole.json()[i]);
    return Value::of(std::move(part));
}

Value negate(const Arguments& arguments) {
    return Value::of(!is_true(arguments[0]));
}

// Empty: they cannot be compared.
std::optional<std::partial_ordering> compare(const Value& a, const Value& b) {
    const ordered_json &left = a.json(), &right = b.json();
    if (a.is_text() && b.is_text()) return a.text() <=> b.text();
    if (left.is_number_integer() && right.is_number_integer())
        return left.get<std::int64_t>() <=> right.get<std::int64_t>();
    if (left.is_number() && right.is_number())
        return left.get<double>() <=> right.get<double>();
    return {};
}

bool same(const Value& a, const Value& b) {
    if (a.is_nothing() || b.is_nothing())
        return a.is_nothing() && b.is_nothing();
    if (a.json().is_boolean() && b.json().is_boolean())
        return a.json() == b.json();
    auto order = compare(a, b);
    if (!order) fail(cat("cannot compare ", kind_of(a), " and ", kind_of(b)));
    return std::is_eq(*order);
}

Value equal(const Arguments& arguments) {
    for (std::size_t i = 1; i < arguments.size(); ++i)
        if (same(arguments[0], arguments[i])) return Value::of(true);
    return Value::of(false);
}

Value not_equal(const Arguments& arguments) {
    return Value::of(!same(arguments[0], arguments[1]));
}

std::partial_ordering order_of(const Arguments& arguments) {
    auto order = compare(arguments[0], arguments[1]);
    if (!order)
        fail(cat("cannot compare ", kind_of(arguments[0]), " and ",
                 kind_of(arguments[1])));
    return *order;
}

Value less(const Arguments& arguments) {
    return Value::of(std::is_lt(order_of(arguments)));
}
Value less_or_equal(const Arguments& arguments) {
    return Value::of(std::is_lteq(order_of(arguments)));
}
Value greater(const Arguments& arguments) {
    return Value::of(std::is_gt(order_of(arguments)));
}
Value greater_or_equal(const Arguments& arguments) {
    return Value::of(std::is_gteq(order_of(arguments)));
}

constexpr std::size_t any = 1000;

constexpr TemplateFunction functions[] = {
    {"and", 1, any, nullptr},
    {"eq", 2, any, equal},
    {"ge", 2, 2, greater_or_equal},
    {"gt", 2, 2, greater},
    {"index", 1, any, index},
    {"join", 2, 2, join_texts},
    {"json", 1, 1, to_json},
    {"le", 2, 2, less_or_equal},
    {"len", 1, 1, length},
    {"lower", 1, 1, lower},
    {"lt", 2, 2, less},
    {"ne", 2, 2, not_equal},
    {"not", 1, 1, negate},
    {"or", 1, any, nullptr},
    {"pad", 3, 3, pad},
    {"print", 0, any, print},
    {"printf", 1, any, print_format},
    {"println", 0, any, println},
    {"slice", 1, 3, slice},
    {"split", 2, 2, split_text},
    {"title", 1, 1, title},
    {"truncate", 2, 2, truncate},
    {"upper", 1, 1, upper},
};

}  // namespace

const TemplateFunction* find_function(std::string_view name) {
    const auto* found =
        std::find_if(std::begin(functions), std::end(functions),
                     [&](const auto& each) { return each.name == name; });
    return found == std::end(functions) ? nullptr : found;
}

std::vector<std::string> function_names() {
    std::vector<std::string> names;
    for (const TemplateFunction& each : functions)
        names.emplace_back(each.name);
    return names;
}

}  // namespace slipway
