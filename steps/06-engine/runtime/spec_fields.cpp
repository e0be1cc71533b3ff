#include <algorithm>

#include "06-engine/runtime/spec_parts.hpp"
#include "common/text.hpp"

namespace slipway {

void read_field(const DocumentField& from, const char* key, std::string& to) {
    if (auto field = from.find(key)) to = field->text();
}

void read_field(const DocumentField& from, const char* key,
                std::vector<std::string>& to) {
    if (auto field = from.find(key)) to = field->texts();
}

void read_field(const DocumentField& from, const char* key, bool& to) {
    if (auto field = from.find(key)) to = field->truth();
}

std::string shown_text(std::string_view text) {
    constexpr std::size_t longest = 60;
    return quote(text.substr(0, longest));
}

std::string read_absolute_path(const DocumentField& field) {
    std::string path = field.text();
    if (!path.starts_with('/'))
        field.refuse(cat(shown_text(path), " does not begin with /"));
    return path;
}

std::vector<std::string> read_absolute_paths(const DocumentField& list) {
    std::vector<std::string> paths;
    for (const DocumentField& item : list.items(most_json_values))
        paths.push_back(read_absolute_path(item));
    return paths;
}

std::vector<std::string> read_environment(const DocumentField& list) {
    std::vector<std::string> variables;
    for (const DocumentField& item : list.items(most_json_values)) {
        variables.push_back(item.text());
        std::size_t equals = variables.back().find('=');
        if (equals == 0 || equals == std::string::npos)
            item.refuse(cat(shown_text(variables.back()), " is no NAME=VALUE"));
    }
    return variables;
}

std::uint32_t read_id(const DocumentField& field) {
    return static_cast<std::uint32_t>(field.number(UINT32_MAX - 1));
}

namespace {

void check_room(const DocumentField& item, const IdRange& range) {
    if (range.count == 0) item.at("size").refuse("it is 0");
    std::uint64_t end = std::uint64_t{UINT32_MAX};
    if (range.inside + std::uint64_t{range.count} > end ||
        range.outside + std::uint64_t{range.count} > end)
        item.refuse(cat("it goes beyond the greatest id, ", end - 1));
}

}  // namespace

std::vector<IdRange> read_id_ranges(const DocumentField& list) {
    // The kernel takes no more lines: user_namespaces(7).
    constexpr std::size_t most_ranges = 340;
    std::vector<IdRange> ranges;
    for (const DocumentField& item : list.items(most_ranges)) {
        IdRange range{read_id(item.at("containerID")),
                      read_id(item.at("hostID")), read_id(item.at("size"))};
        check_room(item, range);
        ranges.push_back(range);
    }
    return ranges;
}

std::uint32_t read_major(const DocumentField& field) {
    return static_cast<std::uint32_t>(field.number((1 << 12) - 1));
}

std::uint32_t read_minor(const DocumentField& field) {
    return static_cast<std::uint32_t>(field.number((1 << 20) - 1));
}

}  // namespace slipway
