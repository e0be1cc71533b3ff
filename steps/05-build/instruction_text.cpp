#include "05-build/instruction_text.hpp"

#include <utility>

#include <nlohmann/json.hpp>

#include "05-build/letters.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// Where the strings of the list are, which is known to be valid JSON.
std::vector<WordSpan> string_spans(std::string_view text, std::size_t begin) {
    std::vector<WordSpan> spans;
    for (std::size_t i = begin; i < text.size(); ++i) {
        if (text[i] != '"') continue;
        std::size_t first = i++;
        while (text[i] != '"') i += text[i] == '\\' ? 2 : 1;
        spans.push_back({first, i + 1});
    }
    return spans;
}

}  // namespace

void InstructionText::go_on(std::size_t offset) {
    while (offset < line.text.size() && is_space(line.text[offset])) ++offset;
    rest_begin = offset;
}

void InstructionText::must_have_rest(std::string_view what) const {
    if (rest().empty()) throw error(verb_at, cat(verb, " needs ", what));
}

std::optional<std::vector<Word>> json_words(const InstructionText& text) {
    if (!text.rest().starts_with('[')) return {};
    auto list = nlohmann::json::parse(text.rest(), nullptr, false);
    if (!list.is_array()) return {};
    for (const auto& value : list)
        if (!value.is_string()) return {};
    std::vector<Word> words;
    for (WordSpan span : string_spans(text.line.text, text.rest_begin)) {
        auto value = list[words.size()].get<std::string>();
        if (value.find('\0') != std::string::npos)
            throw text.error(span, "a NUL cannot be in a word");
        words.push_back({std::move(value), text.where(span)});
    }
    return words;
}

CommandLineForm command_line_form(const InstructionText& text) {
    auto words = json_words(text);
    if (!words) return {false, {std::string(text.rest())}, {}};
    CommandLineForm form{true, {}, {}};
    for (Word& word : *words) form.words.push_back(std::move(word.text));
    return form;
}

Error with_suggestion(Error error, const std::string& typed,
                      const std::vector<std::string>& names,
                      std::string_view before) {
    std::string meant = nearest(typed, names);
    if (!meant.empty()) {
        error.set_advice(cat("did you mean ", before, meant, "?"));
        return error;
    }
    std::string list;
    for (const std::string& name : names)
        list += cat(list.empty() ? "" : " ", before, name);
    if (!list.empty()) error.set_advice(cat("there are ", list));
    return error;
}

}  // namespace slipway
