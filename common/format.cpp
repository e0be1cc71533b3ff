#include "common/format.hpp"

#include <algorithm>
#include <cctype>
#include <functional>

#include <nlohmann/json.hpp>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

std::string_view trim(std::string_view text) {
    std::size_t begin = text.find_first_not_of(' ');
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
}

const ordered_json& find_field(const ordered_json& object,
                               std::string_view path) {
    const ordered_json* at = &object;
    if (path == ".") return *at;
    for (const std::string& name : split(path.substr(1), '.')) {
        if (at->is_object() && at->contains(name)) {
            at = &(*at)[name];
            continue;
        }
        std::vector<std::string> fields;
        if (at->is_object())
            for (const auto& [key, value] : at->items()) fields.push_back(key);
        throw Error(ErrorKind::InvalidArgument,
                    cat("--format: there is no field ", quote(name)))
            .advise(fields.empty() ? "there is nothing below it"
                                   : cat("there are: ", join(fields, ", ")));
    }
    return *at;
}

std::string json_text(const ordered_json& value) {
    return value.dump(-1, ' ', false, ordered_json::error_handler_t::replace);
}

// What stands between {{ and }}.
std::string fill_one(std::string_view inside, const ordered_json& object) {
    inside = trim(inside);
    bool as_json = inside.starts_with("json ");
    if (as_json) inside = trim(inside.substr(5));
    if (inside.empty() || inside[0] != '.' || inside.find(' ') != inside.npos)
        throw Error(ErrorKind::InvalidArgument,
                    cat("--format: cannot read {{", inside, "}}"))
            .advise("write {{.Field}}, {{.Field.Below}} or {{json .Field}}");
    const ordered_json& value = find_field(object, inside);
    return value.is_string() && !as_json ? value.get<std::string>()
                                         : json_text(value);
}

std::string unescape(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool escape = text[i] == '\\' && i + 1 < text.size() &&
                      (text[i + 1] == 't' || text[i + 1] == 'n');
        result += !escape ? text[i] : text[++i] == 't' ? '\t' : '\n';
    }
    return result;
}

// "CreatedBy" is "CREATED BY"; "ID" stays "ID".
std::string upper_words(std::string_view field) {
    std::string title;
    for (std::size_t i = 0; i < field.size(); ++i) {
        bool begins_word = i > 0 && std::isupper(field[i]) != 0 &&
                           std::islower(field[i - 1]) != 0;
        if (begins_word) title += ' ';
        title += static_cast<char>(std::toupper(field[i]));
    }
    return title;
}

using Fill = std::function<std::string(std::string_view inside)>;

std::string fill(std::string_view form, const Fill& value_of) {
    std::string result;
    for (;;) {
        std::size_t begin = form.find("{{");
        result += unescape(form.substr(0, begin));
        if (begin == form.npos) return result;
        std::size_t end = form.find("}}", begin);
        if (end == form.npos)
            throw Error(ErrorKind::InvalidArgument,
                        cat("--format: {{ without }} in ", quote(form)));
        result += value_of(form.substr(begin + 2, end - begin - 2));
        form.remove_prefix(end + 2);
    }
}

std::string title_of(const std::vector<Column>& columns,
                     std::string_view inside) {
    std::string_view field = trim(inside);
    field = field.substr(std::min(field.rfind('.') + 1, field.size()));
    for (const Column& column : columns)
        if (column.field == field) return column.title;
    return upper_words(field);
}

}  // namespace

std::string fill_template(std::string_view form, const ordered_json& object) {
    return fill(form, [&](std::string_view inside) {
        return fill_one(inside, object);
    });
}

std::string table_text(const std::vector<std::vector<std::string>>& rows) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], row[i].size());
    }
    constexpr std::size_t gap = 3;
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size())
                line.append(widths[i] - row[i].size() + gap, ' ');
        }
        text += line + "\n";
    }
    return text;
}

std::string rows_text(const std::vector<ordered_json>& rows,
                      const std::vector<Column>& columns,
                      std::string_view form) {
    constexpr std::string_view table = "table";
    bool is_table = form.empty() || form.starts_with(table);
    std::string text;
    if (!is_table) {
        for (const ordered_json& row : rows)
            text +=
                (form == "json" ? json_text(row) : fill_template(form, row)) +
                "\n";
        return text;
    }
    std::string line(trim(form.substr(std::min(form.size(), table.size()))));
    for (const Column& column : columns)
        if (form.empty() || form == table)
            line += cat(line.empty() ? "" : "\t", "{{.", column.field, "}}");
    std::vector<std::vector<std::string>> cells;
    cells.push_back(split(fill(line,
                               [&](std::string_view inside) {
                                   return title_of(columns, inside);
                               }),
                          '\t'));
    for (const ordered_json& row : rows)
        cells.push_back(split(fill_template(line, row), '\t'));
    return table_text(cells);
}

}  // namespace slipway
