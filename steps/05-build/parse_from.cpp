#include <algorithm>

#include "05-build/flags.hpp"
#include "05-build/letters.hpp"
#include "05-build/parsers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

bool is_stage_name(std::string_view name) {
    return !name.empty() && is_alpha(name[0]) &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_name_letter(c) || c == '-' || c == '.';
           });
}

void read_name(From& from, const InstructionText& text, WordSpan as,
               WordSpan name) {
    from.as_keyword = text.text(as);
    from.stage_name_as_written = text.text(name);
    from.stage_name_where = text.where(name);
    from.stage_name = to_lower(from.stage_name_as_written);
    if (from.as_keyword.size() != 2 || to_lower(from.as_keyword) != "as")
        throw text
            .error(as, cat(quote(from.as_keyword), " stands where AS should"))
            .advise("write FROM IMAGE AS NAME");
    if (!is_stage_name(from.stage_name))
        throw text
            .error(name, cat(quote(from.stage_name_as_written),
                             " is no name for a stage"))
            .advise("a letter first, then letters, digits, and any of _ - .");
}

}  // namespace

From parse_from(InstructionText& text) {
    From from;
    Flags flags = take_flags(text, {{"platform"}});
    if (const Flag* platform = flags.find("platform")) {
        from.platform = platform->value;
        from.platform_where = text.where(platform->value_at);
    }
    text.must_have_rest("an image");
    std::vector<WordSpan> words = text.words();
    from.image = text.word(words[0]);
    if (words.size() == 1) return from;
    if (words.size() != 3)
        throw text
            .error({words[1].begin, words.back().end},
                   "FROM takes an image, or an image and AS NAME")
            .advise("write FROM IMAGE AS NAME");
    read_name(from, text, words[1], words[2]);
    return from;
}

}  // namespace slipway
