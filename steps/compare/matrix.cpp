#include "compare/matrix.hpp"

#include <algorithm>
#include <array>

#include <nlohmann/json.hpp>

#include "common/document.hpp"
#include "common/error.hpp"
#include "common/text.hpp"
#include "compare/rows.hpp"

namespace slipway::compare {
namespace {

using nlohmann::ordered_json;

constexpr std::string_view format = "slipway-compare/1";
constexpr std::array<std::string_view, 5> verdict_names = {
    "open", "limited", "closed", "nothing", "error"};

ordered_json as_json(const Cell& cell) {
    ordered_json object = {{"verdict", name_of(cell.verdict)}};
    if (!cell.attempt.empty()) object["attempt"] = cell.attempt;
    if (!cell.error.empty()) object["errno"] = cell.error;
    if (!cell.detail.empty()) object["detail"] = cell.detail;
    if (!cell.note.empty()) object["note"] = cell.note;
    return object;
}

ordered_json as_json(const Column& column) {
    ordered_json object = {{"name", column.name},
                           {"title", column.title},
                           {"kind", column.kind},
                           {"command", column.command},
                           {"failure", column.failure},
                           {"milliseconds", column.costs.milliseconds},
                           {"kibibytes", column.costs.kibibytes},
                           {"cells", ordered_json::object()}};
    for (const Row& row : all_rows())
        if (auto cell = column.cells.find(std::string(row.id));
            cell != column.cells.end())
            object["cells"][cell->first] = as_json(cell->second);
    return object;
}

ordered_json as_json(const Row& row) {
    return {{"id", row.id},           {"group", row.group},
            {"title", row.title},     {"meaning", row.meaning},
            {"closes", row.closes},   {"man", row.man},
            {"chapter", row.chapter}, {"severity", row.severity}};
}

std::string text_of(const DocumentField& object, std::string_view name) {
    auto field = object.find(name);
    return field ? field->text() : "";
}

Cell read_cell(const DocumentField& field) {
    return {parse_verdict(field.at("verdict").text()),
            text_of(field, "attempt"), text_of(field, "errno"),
            text_of(field, "detail"), text_of(field, "note")};
}

Column read_column(const DocumentField& field) {
    Column column{field.at("name").text(),
                  field.at("title").text(),
                  field.at("kind").text(),
                  field.at("command").text(),
                  field.at("failure").text(),
                  {},
                  {}};
    DocumentField cells = field.at("cells");
    for (const std::string& id : cells.names())
        column.cells[id] = read_cell(cells.at(id));
    constexpr std::size_t most_starts = 1000;
    for (const DocumentField& one : field.at("milliseconds").items(most_starts))
        column.costs.milliseconds.push_back(
            one.value().is_number() ? one.value().get<double>() : 0);
    for (const DocumentField& one : field.at("kibibytes").items(most_starts))
        column.costs.kibibytes.push_back(
            static_cast<long>(one.number(1UL << 40)));
    return column;
}

}  // namespace

const Column* Matrix::find(std::string_view name) const {
    auto found =
        std::find_if(columns.begin(), columns.end(),
                     [&](const Column& column) { return column.name == name; });
    return found == columns.end() ? nullptr : &*found;
}

std::string_view name_of(Verdict verdict) {
    return verdict_names[static_cast<std::size_t>(verdict)];
}

Verdict parse_verdict(std::string_view name) {
    auto found = std::find(verdict_names.begin(), verdict_names.end(), name);
    if (found == verdict_names.end())
        throw Error(ErrorKind::InvalidArgument,
                    cat("no verdict: ", quote(name)));
    return static_cast<Verdict>(found - verdict_names.begin());
}

const Cell& cell_of(const Column& column, std::string_view row) {
    static const Cell nothing;
    auto found = column.cells.find(std::string(row));
    return found == column.cells.end() ? nothing : found->second;
}

std::string to_json(const Matrix& matrix) {
    ordered_json object = {{"format", format},
                           {"machine", matrix.machine},
                           {"seconds", matrix.seconds},
                           {"rows", ordered_json::array()},
                           {"columns", ordered_json::array()}};
    for (const Row& row : all_rows()) object["rows"].push_back(as_json(row));
    for (const Column& column : matrix.columns)
        object["columns"].push_back(as_json(column));
    return object.dump(1, ' ', false, ordered_json::error_handler_t::replace) +
           "\n";
}

Matrix from_json(std::string_view text) {
    constexpr std::size_t most_bytes = 16 << 20, most_columns = 1000;
    DocumentField document = parse_document(text, "matrix", most_bytes,
                                            "it is made by compare --json");
    if (document.at("format").text() != format)
        document.at("format").refuse(cat("it is not ", format));
    Matrix matrix;
    matrix.machine = document.at("machine").text_map();
    if (document.at("seconds").value().is_number())
        matrix.seconds = document.at("seconds").value().get<double>();
    for (const DocumentField& column :
         document.at("columns").items(most_columns))
        matrix.columns.push_back(read_column(column));
    return matrix;
}

int count_of(const Column& column, Verdict verdict) {
    return static_cast<int>(std::count_if(
        column.cells.begin(), column.cells.end(),
        [&](const auto& cell) { return cell.second.verdict == verdict; }));
}

double median(std::vector<double> numbers) {
    if (numbers.empty()) return 0;
    std::sort(numbers.begin(), numbers.end());
    std::size_t middle = numbers.size() / 2;
    return numbers.size() % 2 == 1
               ? numbers[middle]
               : (numbers[middle - 1] + numbers[middle]) / 2;
}

std::vector<std::string_view> differing_rows(const Column& one,
                                             const Column& other) {
    std::vector<std::string_view> found;
    for (const Row& row : all_rows()) {
        std::string id(row.id);
        if (!one.cells.contains(id) || !other.cells.contains(id)) continue;
        if (one.cells.at(id).verdict != other.cells.at(id).verdict)
            found.push_back(row.id);
    }
    return found;
}

}  // namespace slipway::compare
