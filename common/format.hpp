// Output in the form that the user asks for, as Docker's --format has it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace slipway {

/// Fills a template with the fields of an object: template.hpp. "\t" and "\n"
/// stand for tab and new line. Throws InvalidArgument that says what is wrong
/// with the template, or which fields there are.
std::string fill_template(std::string_view form,
                          const nlohmann::ordered_json& object);

/// Rows with aligned columns, each line ended. Empty cells are kept. A column
/// and the blanks behind it are not less than `narrowest` wide.
std::string table_text(const std::vector<std::vector<std::string>>& rows,
                       std::size_t narrowest = 0);

/// The narrowest column of Docker's tables (Go, text/tabwriter).
constexpr std::size_t table_column = 10;

struct Column {
    std::string field;
    std::string title;  ///< "IMAGE ID"
};

/// How rows are printed. `form` is what --format says: "" or "table" (all
/// columns), "table TEMPLATE", "json" (an object a line), or a template for
/// each line. `columns` are the fields that are shown when nothing is said; a
/// template may name others of the rows, too.
std::string rows_text(const std::vector<nlohmann::ordered_json>& rows,
                      const std::vector<Column>& columns, std::string_view form,
                      std::size_t narrowest = 0);

}  // namespace slipway
