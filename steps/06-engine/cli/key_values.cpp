#include "06-engine/cli/key_values.hpp"

#include <algorithm>
#include <cstdlib>

#include "05-build/letters.hpp"
#include "05-build/utf8.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_file = 16 << 20;

struct Line {
    std::string_view file;
    std::size_t number;
    std::string_view text;

    [[noreturn]] void refuse(std::string_view why) const {
        throw Error(ErrorKind::InvalidArgument,
                    cat(file, ":", number, ": ", why))
            .advise("a line is NAME=VALUE, NAME, or # and a comment");
    }
};

bool is_utf8(std::string_view text) {
    for (std::size_t at = 0; at < text.size();) {
        Letter letter = letter_at(text, at);
        if (!letter.valid) return false;
        at += letter.bytes;
    }
    return true;
}

// Calls with each line that says something, blanks in front taken away.
template <class Body>
void each_line(std::string_view name, std::string_view content, Body body) {
    if (content.starts_with("\xEF\xBB\xBF")) content.remove_prefix(3);
    std::size_t number = 0;
    while (!content.empty()) {
        std::size_t end = std::min(content.find('\n'), content.size());
        std::string_view text = content.substr(0, end);
        content.remove_prefix(std::min(end + 1, content.size()));
        if (text.ends_with('\r')) text.remove_suffix(1);
        while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
        Line line{name, ++number, text};
        if (!is_utf8(text)) line.refuse("it is no UTF-8");
        if (text.find('\0') != text.npos) line.refuse("a NUL byte");
        if (!text.empty() && text[0] != '#') body(line);
    }
}

std::string name_of(const Line& line) {
    std::string name(line.text.substr(0, line.text.find('=')));
    if (name.empty()) line.refuse("no name in front of the =");
    for (char c : name)
        if (is_space(c)) line.refuse(cat("blanks in the name ", quote(name)));
    return name;
}

}  // namespace

std::string parse_env(std::string_view text) {
    KeyValue pair = cut(text);
    if (pair.key.empty())
        refuse_option("--env", text, "the name is empty",
                      "write NAME=VALUE, or NAME to pass your own value on");
    if (pair.has_value) return std::string(text);
    const char* value = std::getenv(pair.key.c_str());
    return value ? cat(pair.key, "=", value) : pair.key;
}

void add_pair(std::map<std::string, std::string>& pairs,
              std::string_view option, std::string_view text) {
    KeyValue pair = cut(text);
    if (trim(pair.key).empty())
        refuse_option(option, text, "the name is empty", "write NAME=VALUE");
    pairs[pair.key] = pair.value;
}

std::vector<std::string> parse_env_file(std::string_view name,
                                        std::string_view content) {
    std::vector<std::string> variables;
    each_line(name, content, [&](const Line& line) {
        std::string variable = name_of(line);
        if (variable.size() < line.text.size())
            variables.emplace_back(line.text);
        else if (const char* value = std::getenv(variable.c_str()))
            variables.push_back(cat(variable, "=", value));
    });
    return variables;
}

std::vector<std::string> parse_label_file(std::string_view name,
                                          std::string_view content) {
    std::vector<std::string> labels;
    each_line(name, content, [&](const Line& line) {
        name_of(line);
        labels.emplace_back(line.text);
    });
    return labels;
}

std::vector<std::string> read_env_file(const std::string& path) {
    return with_context("--env-file", [&] {
        return parse_env_file(path, read_file(path, largest_file));
    });
}

std::vector<std::string> read_label_file(const std::string& path) {
    return with_context("--label-file", [&] {
        return parse_label_file(path, read_file(path, largest_file));
    });
}

}  // namespace slipway
