// ENV, LABEL, ARG: names and values.
#include <algorithm>

#include "05-build/flags.hpp"
#include "05-build/parsers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// NAME=VALUE; nothing when there is no = in it.
std::optional<NameValue> name_value(const InstructionText& text,
                                    WordSpan span) {
    std::string_view word = text.text(span);
    std::size_t equals = find_unquoted(word, '=', text.escape);
    if (equals == std::string_view::npos) return {};
    WordSpan name{span.begin, span.begin + equals};
    if (without_quotes(text.text(name), text.escape).empty())
        throw text.error(span, "there is no name in front of the =");
    return NameValue{text.word(name), text.word({name.end + 1, span.end})};
}

struct Pairs {
    std::vector<NameValue> values;
    bool old_form = false;
};

// "NAME rest of the line": one variable, blanks and all.
NameValue old_form(const InstructionText& text, WordSpan name) {
    std::size_t begin = text.line.text.find_first_not_of(" \t\r", name.end);
    if (begin == std::string::npos)
        throw text
            .error(name,
                   cat(text.verb, " ", quote(text.text(name)), " has no value"))
            .advise(cat("write ", text.verb, " NAME=VALUE"));
    return {text.word(name), text.word({begin, text.line.text.size()})};
}

Pairs read_pairs(InstructionText& text) {
    take_flags(text, {});
    text.must_have_rest("NAME=VALUE");
    std::vector<WordSpan> words = text.words();
    if (!name_value(text, words[0])) return {{old_form(text, words[0])}, true};
    Pairs pairs;
    for (WordSpan span : words) {
        auto pair = name_value(text, span);
        if (!pair)
            throw text
                .error(span, cat(quote(text.text(span)), " is not NAME=VALUE"))
                .advise("a value with blanks is put in quotes: NAME=\"a b\"");
        pairs.values.push_back(std::move(*pair));
    }
    return pairs;
}

}  // namespace

Env parse_env(InstructionText& text) {
    Pairs pairs = read_pairs(text);
    return {std::move(pairs.values), pairs.old_form};
}

Label parse_label(InstructionText& text) {
    Pairs pairs = read_pairs(text);
    return {std::move(pairs.values), pairs.old_form};
}

Arg parse_arg(InstructionText& text) {
    take_flags(text, {});
    text.must_have_rest("a name");
    Arg arg;
    for (WordSpan span : text.words()) {
        auto pair = name_value(text, span);
        Word name = pair ? pair->name : text.word(span);
        std::optional<Word> value;
        if (pair) value = pair->value;
        arg.values.push_back({without_quotes(name.text, text.escape),
                              std::move(value), text.where(span)});
    }
    return arg;
}

}  // namespace slipway
