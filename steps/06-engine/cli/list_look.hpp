// What the verbs that only look have in common: -f, --format, --no-trunc, -q.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <nlohmann/json_fwd.hpp>

#include "common/filters.hpp"
#include "common/format.hpp"
#include "common/program.hpp"

namespace slipway {

struct ListLook {
    std::string format;
    bool whole = false, quiet = false;
};
/// `quiet`: what -q leaves, "container IDs".
void declare_list_look(CommandLine& line, ListLook& look, const char* quiet);
void declare_no_trunc(CommandLine& line, ListLook& look);
/// -f, --filter.
void declare_filters(CommandLine& line, Filters& filters);
/// --format alone: `name` is "--format", or "-f,--format" where there are no
/// filters.
void declare_format(CommandLine& line, std::string& format,
                    const std::string& name = "--format");

/// The rows as the options say, or with -q the field `id` of each.
void print_rows(const std::vector<nlohmann::ordered_json>& rows,
                const std::vector<Column>& columns, const ListLook& look,
                const char* id = "ID");

/// What `inspect` prints: a list, or what the template makes of each. Docker's
/// way with what is not there: the others are shown, then the error; the status
/// is 1. `find` throws NotFound.
int print_inspected(
    const std::vector<std::string>& words, const std::string& format,
    const std::function<nlohmann::ordered_json(const std::string&)>& find);

void print_text(std::string_view text);

}  // namespace slipway
