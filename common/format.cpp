#include "common/format.hpp"

#include <algorithm>
#include <cctype>

#include <nlohmann/json.hpp>

#include "common/template.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

std::string_view trim(std::string_view text) {
    std::size_t begin = text.find_first_not_of(' ');
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(' ') - begin + 1);
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

// "com.example.build-id" is "build id", as docker has it.
std::string label_title(std::string_view name) {
    std::string title(name.substr(std::min(name.rfind('.') + 1, name.size())));
    for (char& c : title)
        if (c == '-' || c == '_') c = ' ';
    return title;
}

std::string title_of(const std::vector<Column>& columns,
                     std::string_view field) {
    if (field.starts_with('.'))  // .Label "com.example.name"
        return label_title(field.substr(field.find(' ') + 1));
    for (const Column& column : columns)
        if (column.field == field) return column.title;
    return upper_words(field);
}

// Letters that a terminal shows: bytes that go on with one are not counted.
std::size_t width_of(std::string_view text) {
    std::size_t width = 0;
    for (char c : text) width += (static_cast<unsigned char>(c) & 0xc0) != 0x80;
    return width;
}

}  // namespace

std::string fill_template(std::string_view form, const ordered_json& object) {
    return Template(form).fill(object);
}

std::string table_text(const std::vector<std::vector<std::string>>& rows,
                       std::size_t narrowest) {
    std::vector<std::size_t> widths;
    for (const auto& row : rows) {
        widths.resize(std::max(widths.size(), row.size()));
        for (std::size_t i = 0; i < row.size(); ++i)
            widths[i] = std::max(widths[i], width_of(row[i]));
    }
    constexpr std::size_t gap = 3;
    for (std::size_t& width : widths) width = std::max(width + gap, narrowest);
    std::string text;
    for (const auto& row : rows) {
        std::string line;
        for (std::size_t i = 0; i < row.size(); ++i) {
            line += row[i];
            if (i + 1 < row.size())
                line.append(widths[i] - width_of(row[i]), ' ');
        }
        text += line + "\n";
    }
    return text;
}

namespace {

// {{.A}}<tab>{{.B}}
std::string all_columns(const std::vector<Column>& columns) {
    std::vector<std::string> fields;
    fields.reserve(columns.size());
    for (const Column& column : columns)
        fields.push_back(cat("{{.", column.field, "}}"));
    return join(fields, "\t");
}

}  // namespace

std::string rows_text(const std::vector<ordered_json>& rows,
                      const std::vector<Column>& columns, std::string_view form,
                      std::size_t narrowest) {
    constexpr std::string_view table = "table";
    bool is_table = form.empty() || form.starts_with(table);
    if (form == "json") form = "{{json .}}";
    std::string line(form);
    if (is_table) line = trim(form.substr(std::min(form.size(), table.size())));
    if (line.empty()) line = all_columns(columns);
    Template filled(line);
    std::string text;
    if (!is_table) {
        for (const ordered_json& row : rows) text += filled.fill(row) + "\n";
        return text;
    }
    std::vector<std::vector<std::string>> cells;
    cells.push_back(split(
        filled.titles([&](auto field) { return title_of(columns, field); }),
        '\t'));
    for (const ordered_json& row : rows)
        cells.push_back(split(filled.fill(row), '\t'));
    return table_text(cells, narrowest);
}

}  // namespace slipway
