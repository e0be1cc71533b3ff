// COPY and ADD.
#include <algorithm>

#include "05-build/flags.hpp"
#include "05-build/parsers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Kind = FlagRule::Kind;

const std::vector<FlagRule> copy_flags = {
    {"from"},
    {"chown"},
    {"chmod"},
    {"link", Kind::Boolean},
    {"parents", Kind::Boolean},
    {"exclude", Kind::Repeated},
};
const std::vector<FlagRule> add_flags = {
    {"chown"},
    {"chmod"},
    {"link", Kind::Boolean},
    {"exclude", Kind::Repeated},
    {"checksum"},
    {"keep-git-dir", Kind::Boolean},
    {"unpack", Kind::Boolean},
};

void read_flags(Copy& copy, InstructionText& text) {
    Flags flags = take_flags(text, copy.is_add ? add_flags : copy_flags);
    copy.from = flags.text("from");
    copy.chown = flags.text("chown");
    copy.chmod = flags.text("chmod");
    copy.link = flags.boolean("link").value_or(false);
    copy.parents = flags.boolean("parents").value_or(false);
    copy.unpack = flags.boolean("unpack");
    copy.checksum = flags.text("checksum");
    copy.keep_git_dir = flags.boolean("keep-git-dir").value_or(false);
    for (const Flag& flag : flags.all("exclude"))
        copy.exclude.push_back(flag.value);
    if (const Flag* from = flags.find("from")) {
        copy.from_where = text.where(from->value_at);
        copy.from = without_quotes(copy.from, text.escape);
        // Which stages there are to build must be known before any is built.
        if (copy.from.find('$') != std::string::npos)
            throw text
                .error(from->value_at, "variables are not replaced in --from")
                .advise("make a stage of it: FROM $IMAGE AS name, --from=name");
    }
}

// A heredoc is a file of its word's name: it must be a name, not a path.
void take_heredoc(Copy& copy, const InstructionText& text,
                  const LineHeredoc& found) {
    const std::string& name = found.heredoc.word;
    if (name.find('/') != std::string::npos || name == "." || name == "..")
        throw text.error({found.begin, found.end},
                         cat(quote(name), " is no name for a file"));
    copy.heredocs.push_back(found.heredoc);
}

const LineHeredoc* heredoc_at(const InstructionText& text, WordSpan span) {
    for (const LineHeredoc& heredoc : text.line.heredocs)
        if (heredoc.begin == span.begin) return &heredoc;
    return nullptr;
}

void read_words(Copy& copy, const InstructionText& text) {
    std::vector<WordSpan> words = text.words();
    for (WordSpan span : words) {
        const LineHeredoc* heredoc = heredoc_at(text, span);
        bool is_last = span.begin == words.back().begin;
        if (heredoc && is_last)
            throw text.error(span, "a heredoc cannot be the destination");
        if (heredoc)
            take_heredoc(copy, text, *heredoc);
        else if (is_last)
            copy.destination = text.word(span);
        else
            copy.sources.push_back(text.word(span));
    }
}

Copy parse(InstructionText& text, bool is_add) {
    constexpr std::string_view needed = "at least one source and a destination";
    Copy copy;
    copy.is_add = is_add;
    read_flags(copy, text);
    text.must_have_rest(needed);
    if (auto json = json_words(text)) {
        copy.sources = std::move(*json);
        if (!copy.sources.empty()) {
            copy.destination = std::move(copy.sources.back());
            copy.sources.pop_back();
        }
    } else {
        read_words(copy, text);
    }
    if (copy.sources.empty() && copy.heredocs.empty())
        throw text.error(text.rest_span(), cat(text.verb, " needs ", needed));
    if (!copy.heredocs.empty() && !copy.from.empty())
        throw text.error(text.verb_at,
                         "a heredoc comes from no stage: leave out --from");
    return copy;
}

}  // namespace

Copy parse_copy(InstructionText& text) {
    return parse(text, false);
}

Copy parse_add(InstructionText& text) {
    return parse(text, true);
}

}  // namespace slipway
