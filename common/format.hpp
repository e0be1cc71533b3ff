// Output in the form that the user asks for, as Docker's --format has it.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json_fwd.hpp>

namespace slipway {

/// Fills a template with the fields of an object:
///     {{.Name}}  {{.Config.User}}  {{json .Config}}  {{json .}}
/// Other text stands for itself, "\t" and "\n" for tab and new line. What is no
/// text is printed as JSON. Throws InvalidArgument that says what is wrong with
/// the template, or which fields there are.
std::string fill_template(std::string_view form,
                          const nlohmann::ordered_json& object);

/// Rows with aligned columns, each line ended. Empty cells are kept.
std::string table_text(const std::vector<std::vector<std::string>>& rows);

struct Column {
    std::string field;
    std::string title;  ///< "IMAGE ID"
};

/// How rows are printed. `form` is what --format says: "" or "table" (all
/// columns), "table TEMPLATE", "json" (an object a line), or a template for
/// each line. `columns` are the fields that are shown when nothing is said; a
/// template may name others of the rows, too.
std::string rows_text(const std::vector<nlohmann::ordered_json>& rows,
                      const std::vector<Column>& columns,
                      std::string_view form);

}  // namespace slipway
