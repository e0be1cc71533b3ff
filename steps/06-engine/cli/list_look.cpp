#include "06-engine/cli/list_look.hpp"

#include <cstdio>
#include <optional>
#include <utility>

#include <nlohmann/json.hpp>

#include "06-engine/cli/settings.hpp"
#include "common/error.hpp"
#include "common/template.hpp"
#include "common/text.hpp"

namespace slipway {

using nlohmann::ordered_json;

void print_text(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), stdout);
}

void declare_format(CommandLine& line, std::string& format,
                    const std::string& name) {
    line.value(name, "TEMPLATE",
               "table, \"table TEMPLATE\", json, or a template such as\n"
               "'{{.ID}} {{json .}}'",
               [&](auto& text) { format = text; });
}

void declare_no_trunc(CommandLine& line, ListLook& look) {
    line.flag("--no-trunc", "nothing is cut short", look.whole);
}

void declare_list_look(CommandLine& line, ListLook& look, const char* quiet) {
    declare_format(line, look.format);
    line.flag("-q,--quiet", cat(quiet, " only"), look.quiet);
}

void declare_filters(CommandLine& line, Filters& filters) {
    line.values("-f,--filter", "KEY=VALUE",
                cat("only those with: ", join(filters.keys(), ", ")),
                [&](auto& text) { filters.add(text); });
}

void print_rows(const std::vector<ordered_json>& rows,
                const std::vector<Column>& columns, const ListLook& look,
                const char* id) {
    std::string form = look.format;
    if (look.quiet) form = cat("{{.", id, "}}");
    print_text(rows_text(rows, columns, form, table_column));
}

int print_inspected(
    const std::vector<std::string>& words, const std::string& format,
    const std::function<ordered_json(const std::string&)>& find) {
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, "nothing to inspect given");
    std::optional<Template> form;
    if (!format.empty())
        form.emplace(format == "json" ? std::string("{{json .}}") : format);
    ordered_json all = ordered_json::array();
    std::vector<Error> errors;
    for (const std::string& word : words) try {
            ordered_json object = find(word);
            if (form)
                print_text(form->fill(object) + "\n");
            else
                all.push_back(std::move(object));
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::InvalidArgument && form) throw;
            errors.push_back(error);
        }
    if (!form)
        print_text(
            all.dump(4, ' ', false, ordered_json::error_handler_t::replace) +
            "\n");
    for (const Error& error : errors) print_error(error);
    return errors.empty() ? 0 : 1;
}

}  // namespace slipway
