// What is only noted in the image's config.
#include "05-build/flags.hpp"
#include "05-build/parsers.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::vector<Word> some_words(InstructionText& text, std::string_view what) {
    take_flags(text, {});
    text.must_have_rest(what);
    std::vector<Word> words;
    for (WordSpan span : text.words()) words.push_back(text.word(span));
    return words;
}

Word one_word(InstructionText& text, std::string_view what) {
    std::vector<Word> words = some_words(text, what);
    if (words.size() != 1)
        throw text.error(text.rest_span(),
                         cat(text.verb, " takes ", what, " and nothing else"));
    return words[0];
}

}  // namespace

Expose parse_expose(InstructionText& text) {
    return {some_words(text, "a port")};
}

UserInstruction parse_user(InstructionText& text) {
    return {one_word(text, "a user")};
}

// Blanks need no quotes here: the path is all of the line.
Workdir parse_workdir(InstructionText& text) {
    take_flags(text, {});
    text.must_have_rest("a path");
    return {text.word(text.rest_span())};
}

Volume parse_volume(InstructionText& text) {
    take_flags(text, {});
    text.must_have_rest("a path");
    auto json = json_words(text);
    Volume volume{json ? *json : some_words(text, "a path")};
    if (volume.paths.empty())
        throw text.error(text.rest_span(), "VOLUME needs a path");
    for (const Word& path : volume.paths)
        if (path.text.empty())
            throw input_error(text.source, path.where,
                              "a volume's path cannot be empty");
    return volume;
}

StopSignal parse_stop_signal(InstructionText& text) {
    StopSignal stop{one_word(text, "a signal")};
    if (stop.signal.text.find('$') != std::string::npos) return stop;
    // What has no variables need not wait for the build to be refused.
    try {
        parse_signal(without_quotes(stop.signal.text, text.escape));
    } catch (const Error& error) {
        Error shown = text.error(text.rest_span(), error.message());
        shown.set_advice(error.advice());
        throw shown;
    }
    return stop;
}

Maintainer parse_maintainer(InstructionText& text) {
    take_flags(text, {});
    text.must_have_rest("a name");
    return {std::string(text.rest())};
}

}  // namespace slipway
