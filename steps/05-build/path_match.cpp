#include "05-build/path_match.hpp"

#include <algorithm>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr char32_t not_utf8 = 0x110000;  // and the byte: no character is there
constexpr char32_t replacement = 0xfffd;
constexpr std::size_t ascii = 128;

bool is_continuation(std::string_view text, std::size_t at) {
    return at < text.size() &&
           (static_cast<unsigned char>(text[at]) >> 6U) == 2;
}

// How many bytes the character has that begins so; 0: none does.
std::size_t length_of(unsigned char first) {
    if (first < 0x80) return 1;
    if (first >= 0xc2 && first < 0xe0) return 2;
    if (first >= 0xe0 && first < 0xf0) return 3;
    if (first >= 0xf0 && first < 0xf5) return 4;
    return 0;
}

// Takes the first character. A byte that belongs to none counts as one, which
// is like no other.
char32_t take_character(std::string_view& text) {
    auto first = static_cast<unsigned char>(text[0]);
    std::size_t length = length_of(first);
    char32_t found =
        length < 2 ? first : static_cast<char32_t>(first & (0x7fU >> length));
    for (std::size_t i = 1; i < length; ++i) {
        if (!is_continuation(text, i))
            length = 0;
        else
            found = found << 6U | (static_cast<unsigned char>(text[i]) & 0x3fU);
    }
    bool is_broken = length == 0 || (length == 3 && found < 0x800) ||
                     (found >= 0xd800 && found < 0xe000) ||
                     (length == 4 && (found < 0x10000 || found > 0x10ffff));
    text.remove_prefix(is_broken ? 1 : length);
    return is_broken ? not_utf8 + first : found;
}

[[noreturn]] void throw_malformed(std::string_view pattern, const char* why) {
    throw Error(ErrorKind::InvalidArgument,
                cat("pattern ", quote(pattern.substr(0, 200)), ": ", why))
        .advise("write a [ that is meant as one as [[], a \\ as \\\\");
}

void set_bit(std::vector<PathPattern::Word>& words, std::size_t bit) {
    words[bit / 64] |= PathPattern::Word{1} << (bit % 64);
}
bool has_bit(const PathPattern::Word* words, std::size_t bit) {
    return (words[bit / 64] >> (bit % 64) & 1U) != 0;
}

}  // namespace

class PathPattern::Parser {
  public:
    Parser(PathPattern& pattern, std::string_view text, bool deep)
        : pattern_(pattern), text_(text), rest_(text), deep_(deep) {}

    void parse();

  private:
    void star();
    void double_star();
    void character_class();
    char32_t class_character();
    std::size_t place() const { return pattern_.steps_.size(); }
    bool take(char wanted) {
        if (!rest_.starts_with(wanted)) return false;
        rest_.remove_prefix(1);
        return true;
    }

    PathPattern& pattern_;
    std::string_view text_, rest_;
    bool deep_;
};

void PathPattern::Parser::parse() {
    using Kind = Step::Kind;
    while (!rest_.empty()) {
        if (take('*')) {
            star();
        } else if (take('?')) {
            pattern_.steps_.push_back({.kind = Kind::NotSlash});
        } else if (take('[')) {
            character_class();
        } else {
            if (take('\\') && rest_.empty())
                throw_malformed(text_, "ends in a backslash");
            pattern_.steps_.push_back({.literal = take_character(rest_)});
        }
    }
    if (!deep_) return;
    // What is below a match: /anything
    pattern_.steps_.push_back({.literal = U'/'});
    pattern_.stay_always_.push_back(place());
}

void PathPattern::Parser::star() {
    if (deep_ && take('*')) return double_star();
    pattern_.stay_not_slash_.push_back(place());
}

// "**/" is any folders, each with its slash. Before something else than a slash
// it means the same, but in front of a mere name anything: "**.log".
void PathPattern::Parser::double_star() {
    bool at_start = rest_.size() + 2 == text_.size();
    bool slash = take('/');
    bool mere_name = rest_.find_first_of("*?[]\\") == std::string_view::npos;
    if (rest_.empty() || (at_start && !slash && mere_name)) {
        pattern_.stay_always_.push_back(place());
        return;
    }
    // Two behind one another are no more than one.
    if (!pattern_.optional_.empty() &&
        pattern_.optional_.back() + 2 == place() &&
        (pattern_.stay_not_slash_.empty() ||
         pattern_.stay_not_slash_.back() != place()))
        return;
    pattern_.optional_.push_back(place());
    pattern_.steps_.push_back({.kind = Step::Kind::Never});
    pattern_.stay_always_.push_back(place());
    pattern_.steps_.push_back({.literal = U'/'});
}

void PathPattern::Parser::character_class() {
    Step step{.kind = Step::Kind::Class, .negated = take('^')};
    while (step.ranges.empty() || !take(']')) {
        char32_t low = class_character(), high = low;
        if (take('-')) high = class_character();
        step.ranges.push_back({low, high});
    }
    pattern_.steps_.push_back(std::move(step));
}

char32_t PathPattern::Parser::class_character() {
    if (rest_.empty()) throw_malformed(text_, "a [ without its ]");
    if (rest_[0] == '-' || rest_[0] == ']')
        throw_malformed(text_, "a range in [] without beginning or end");
    if (take('\\') && rest_.empty())
        throw_malformed(text_, "ends in a backslash");
    char32_t found = take_character(rest_);
    if (found >= not_utf8) throw_malformed(text_, "is no UTF-8 in []");
    return found;
}

bool PathPattern::Step::takes(char32_t character) const {
    switch (kind) {
        case Kind::Literal:
            return character == literal;
        case Kind::NotSlash:
            return character != U'/';
        case Kind::Class:
            break;
        case Kind::Never:
            return false;
    }
    char32_t seen = character >= not_utf8 ? replacement : character;
    return negated != std::any_of(ranges.begin(), ranges.end(),
                                  [seen](const Range& range) {
                                      return range.low <= seen &&
                                             seen <= range.high;
                                  });
}

PathPattern::PathPattern(std::string_view pattern, Syntax syntax) {
    Parser(*this, pattern, syntax == Syntax::Deep).parse();
    words_ = steps_.size() / 64 + 1;
    accepting_.resize(words_);
    set_bit(accepting_, steps_.size());
    if (syntax == Syntax::Deep) set_bit(accepting_, steps_.size() - 1);
    forward_.resize(ascii * words_);
    stay_.resize(ascii * words_);
    for (std::size_t i = 0; i < ascii; ++i)
        make_masks(static_cast<char32_t>(i), &forward_[i * words_],
                   &stay_[i * words_]);
}

void PathPattern::make_masks(char32_t character, Word* forward,
                             Word* stay) const {
    auto set = [](Word* mask, std::size_t bit) {
        mask[bit / 64] |= Word{1} << (bit % 64);
    };
    std::fill_n(forward, words_, 0);
    std::fill_n(stay, words_, 0);
    for (std::size_t i = 0; i < steps_.size(); ++i)
        if (steps_[i].takes(character)) set(forward, i);
    for (std::size_t place : stay_always_) set(stay, place);
    if (character == U'/') return;
    for (std::size_t place : stay_not_slash_) set(stay, place);
}

void PathPattern::start(Word* places) const {
    std::fill_n(places, words_, 0);
    places[0] = 1;
    skip_optional(places);
}

// In the order of the places: one may lead to the next.
void PathPattern::skip_optional(Word* places) const {
    for (std::size_t place : optional_) {
        if (!has_bit(places, place)) continue;
        for (std::size_t next : {place + 1, place + 2})
            places[next / 64] |= Word{1} << (next % 64);
    }
}

//@ begin match-step
// All places go on at once: those that stay on this character, and those from
// which it leads to the next one.
void PathPattern::advance_one(Word* places, char32_t character) const {
    std::vector<Word> made;
    const Word* forward = &forward_[0];
    const Word* stay = &stay_[0];
    if (character < ascii) {
        forward += character * words_;
        stay += character * words_;
    } else {
        made.resize(2 * words_);
        make_masks(character, &made[0], &made[words_]);
        forward = &made[0];
        stay = &made[words_];
    }
    Word carry = 0;
    for (std::size_t i = 0; i < words_; ++i) {
        Word moved = places[i] & forward[i];
        places[i] = (places[i] & stay[i]) | moved << 1U | carry;
        carry = moved >> 63U;
    }
    skip_optional(places);
}
//@ end match-step

void PathPattern::advance(Word* places, std::string_view text) const {
    while (!text.empty() && !is_stuck(places))
        advance_one(places, take_character(text));
}

bool PathPattern::accepts(const Word* places) const {
    for (std::size_t i = 0; i < words_; ++i)
        if ((places[i] & accepting_[i]) != 0) return true;
    return false;
}

bool PathPattern::is_stuck(const Word* places) const {
    return std::all_of(places, places + words_,
                       [](Word word) { return word == 0; });
}

bool PathPattern::matches(std::string_view path) const {
    std::vector<Word> places(words_);
    start(places.data());
    advance(places.data(), path);
    return accepts(places.data());
}

bool match_path(std::string_view pattern, std::string_view name) {
    return PathPattern(pattern, PathPattern::Syntax::Match).matches(name);
}

bool has_wildcard(std::string_view pattern) {
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\')
            ++i;
        else if (std::string_view("*?[").find(pattern[i]) !=
                 std::string_view::npos)
            return true;
    }
    return false;
}

std::string unescaped(std::string_view pattern) {
    std::string name;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        if (pattern[i] == '\\' && i + 1 < pattern.size()) ++i;
        name += pattern[i];
    }
    return name;
}

std::string clean_path(std::string_view path) {
    bool absolute = path.starts_with('/');
    std::vector<std::string> kept;
    for (std::string& part : split(path, '/')) {
        if (part.empty() || part == ".") continue;
        bool up = part == "..";
        if (up && !kept.empty() && kept.back() != "..")
            kept.pop_back();
        else if (!up || !absolute)
            kept.push_back(std::move(part));
    }
    std::string clean = cat(absolute ? "/" : "", join(kept, "/"));
    return clean.empty() ? "." : clean;
}

}  // namespace slipway
