#include "05-build/words.hpp"

#include <utility>

#include "05-build/glob.hpp"
#include "05-build/letters.hpp"
#include "05-build/word_split.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_result = std::size_t{16} << 20U;
constexpr int deepest = 50;  // of ${a:-${b:-...}}

// Where the letters of a word go. What was quoted is kept apart from what was
// not, for two readers: a pattern, and the splitting at blanks.
class Sink {
  public:
    enum class Purpose { Text, Pattern, Words };
    Sink(Purpose purpose, char escape) : purpose_(purpose), escape_(escape) {}

    // Quoted or escaped.
    void literal(std::string_view text) {
        in_word_ = true;
        for (char c : text) {
            if (purpose_ == Purpose::Pattern &&
                (c == '*' || c == '?' || c == escape_))
                add(escape_);
            add(c);
        }
    }

    void plain(std::string_view text) {
        for (char c : text) {
            if (purpose_ == Purpose::Words && is_space(c)) {
                end_word();
                continue;
            }
            in_word_ = true;
            add(c);
        }
    }

    std::string text() { return std::move(text_); }
    std::vector<std::string> words() {
        end_word();
        return std::move(words_);
    }

  private:
    void add(char c) {
        // ENV a=$a$a doubles it each time.
        if (text_.size() == largest_result)
            throw Error(ErrorKind::InvalidArgument,
                        "with its variables replaced, this is larger than "
                        "16 MiB");
        text_ += c;
    }

    void end_word() {
        if (in_word_) words_.push_back(std::move(text_));
        text_.clear();
        in_word_ = false;
    }

    Purpose purpose_;
    char escape_;
    std::string text_;
    std::vector<std::string> words_;
    bool in_word_ = false;  // "" is a word as well
};

bool is_special_parameter(char c) {
    return std::string_view("@*#?-$!").find(c) != std::string_view::npos;
}

class Expander {
  public:
    Expander(std::string_view text, const WordOptions& options)
        : text_(text), options_(options) {}

    // Up to `stop`, which is taken, or to the end when it is '\0'.
    void read(Sink& out, char stop = '\0') {
        while (!at_end() && (stop == '\0' || peek() != stop)) {
            if (peek() == '$')
                read_dollar(out, false);
            else if (options_.keep_quotes)
                read_kept(out, stop);
            else
                read_letter(out);
        }
        if (stop == '\0') return;
        if (at_end()) fail(cat("a ", std::string(1, stop), " is missing"));
        ++at_;
    }

  private:
    bool at_end() const { return at_ == text_.size(); }
    char peek() const { return text_[at_]; }
    bool follows(char c) const { return !at_end() && peek() == c; }
    bool takes(char c) {
        if (!follows(c)) return false;
        ++at_;
        return true;
    }
    std::string_view since(std::size_t begin) const {
        return text_.substr(begin, at_ - begin);
    }

    [[noreturn]] void fail(std::string_view why) const {
        constexpr std::size_t most = 60;
        std::string_view rest = text_.substr(begin_);
        std::string shown = quote(rest.substr(0, most));
        throw Error(ErrorKind::InvalidArgument,
                    cat(shown, rest.size() > most ? "…" : "", ": ", why));
    }

    // Where nothing is quoted by anything but the escape.
    void read_kept(Sink& out, char stop) {
        if (peek() == options_.escape && at_ + 1 < text_.size()) {
            char next = text_[at_ + 1];
            bool is_escape = next == '$' || next == options_.escape ||
                             (stop != '\0' && next == stop);
            if (is_escape) ++at_;
        }
        out.plain(text_.substr(at_++, 1));
    }

    void read_letter(Sink& out) {
        char c = text_[at_++];
        if (c == options_.escape) {
            // One at the very end escapes nothing, and is dropped.
            if (!at_end()) out.literal(text_.substr(at_++, 1));
        } else if (c == '\'') {
            read_single_quotes(out);
        } else if (c == '"') {
            read_double_quotes(out);
        } else {
            out.plain(text_.substr(at_ - 1, 1));
        }
    }

    void read_single_quotes(Sink& out) {
        std::size_t begin = at_, end = text_.find('\'', at_);
        begin_ = begin - 1;
        if (end == std::string_view::npos) fail("the ' is not closed");
        out.literal(text_.substr(begin, end - begin));
        at_ = end + 1;
    }

    void read_double_quotes(Sink& out) {
        std::size_t begin = at_ - 1;
        out.literal("");
        while (!at_end() && peek() != '"') {
            if (peek() == '$') {
                read_dollar(out, true);
                continue;
            }
            if (peek() == options_.escape && at_ + 1 < text_.size()) {
                char next = text_[at_ + 1];
                if (next == '"' || next == '$' || next == options_.escape)
                    ++at_;
            }
            out.literal(text_.substr(at_++, 1));
        }
        begin_ = begin;
        if (at_end()) fail("the \" is not closed");
        ++at_;
    }

    void read_dollar(Sink& out, bool quoted) {
        std::size_t begin = at_++;
        std::string value;
        if (takes('{')) {
            value = braces(begin);
        } else {
            std::string name = read_name();
            value = name.empty() ? "$" : value_or_nothing(name);
        }
        if (quoted)
            out.literal(value);
        else
            out.plain(value);
    }

    // "name", "12", "@"; empty: none of them follows.
    std::string read_name() {
        std::size_t begin = at_;
        if (at_end()) return {};
        if (is_digit(peek())) {
            while (!at_end() && is_digit(peek())) ++at_;
        } else if (is_special_parameter(peek())) {
            ++at_;
        } else {
            while (!at_end() && is_name_letter(peek())) ++at_;
        }
        return std::string(since(begin));
    }

    std::optional<std::string> value_of(const std::string& name) const {
        // Those of a shell script are not set here.
        bool is_name = is_name_letter(name[0]) && !is_digit(name[0]);
        if (unused_ > 0 || !is_name || !options_.lookup) return {};
        return options_.lookup(name);
    }

    std::string value_or_nothing(const std::string& name) const {
        auto value = value_of(name);
        if (!value && unused_ == 0 && options_.on_unset)
            options_.on_unset(name);
        return value.value_or("");
    }

    // What is behind "${".
    std::string braces(std::size_t begin) {
        if (++depth_ > deepest)
            fail(cat("more than ", deepest, " ${ in one another"));
        begin_ = begin;
        std::string name = read_name();
        if (at_end()) fail("it is not closed: a } is missing");
        if (name.empty()) fail("a variable's name must follow ${");
        std::string value = with_modifier(name, begin);
        --depth_;
        return value;
    }

    std::string with_modifier(const std::string& name, std::size_t begin) {
        char sign = text_[at_++];
        switch (sign) {
            case '}':
                return value_or_nothing(name);
            case ':':
                if (at_end()) fail("it is not closed: a } is missing");
                return choice(name, text_[at_++], true, begin);
            case '+':
            case '-':
            case '?':
                return choice(name, sign, false, begin);
            case '#':
            case '%':
                return trimmed(name, sign, begin);
            case '/':
                return replaced(name, begin);
            default:
                fail(cat(quote(std::string(1, sign)),
                         " cannot follow a variable's name: there are "
                         ":- :+ :? - + ? # ## % %% / //"));
        }
    }

    // The w of ${v:-w}. When it is not used, its variables are not asked for.
    std::string word(bool is_used, std::size_t begin) {
        unused_ += is_used ? 0 : 1;
        Sink out(Sink::Purpose::Text, options_.escape);
        begin_ = begin;
        read(out, '}');
        unused_ -= is_used ? 0 : 1;
        begin_ = begin;
        return out.text();
    }

    std::string choice(const std::string& name, char sign, bool or_empty,
                       std::size_t begin) {
        auto value = value_of(name);
        bool there = value && !(or_empty && value->empty());
        if (sign == '-') {
            std::string other = word(!there, begin);
            return there ? *value : other;
        }
        if (sign == '+') {
            std::string other = word(there, begin);
            return there ? other : "";
        }
        if (sign != '?')
            fail(cat("\":", std::string(1, sign),
                     "\" is not supported: there are :- :+ :?"));
        std::string message = word(!there, begin);
        if (there || unused_ > 0) return value.value_or("");
        if (message.empty())
            message = or_empty ? "it is not set, or empty" : "it is not set";
        throw Error(ErrorKind::InvalidArgument, cat(name, ": ", message));
    }

    GlobPattern pattern(char stop, std::size_t begin) {
        Sink out(Sink::Purpose::Pattern, options_.escape);
        begin_ = begin;
        read(out, stop);
        return {out.text(), options_.escape};
    }

    std::string trimmed(const std::string& name, char sign, std::size_t begin) {
        auto which = takes(sign) ? MatchLength::Longest : MatchLength::Shortest;
        std::string value = value_or_nothing(name);
        GlobPattern end = pattern('}', begin);
        return sign == '#' ? remove_prefix(value, end, which)
                           : remove_suffix(value, end, which);
    }

    std::string replaced(const std::string& name, std::size_t begin) {
        bool all = takes('/');
        std::string value = value_or_nothing(name);
        GlobPattern part = pattern('/', begin);
        std::string other = word(true, begin);
        return replace_matches(value, part, other, all);
    }

    std::string_view text_;
    const WordOptions& options_;
    std::size_t at_ = 0;
    std::size_t begin_ = 0;  // of what an error is about
    int depth_ = 0;
    int unused_ = 0;  // inside words whose value nobody will see
};

}  // namespace

std::string expand_word(std::string_view word, const WordOptions& options) {
    Sink out(Sink::Purpose::Text, options.escape);
    Expander(word, options).read(out);
    return out.text();
}

std::vector<std::string> expand_words(std::string_view word,
                                      const WordOptions& options) {
    Sink out(Sink::Purpose::Words, options.escape);
    Expander(word, options).read(out);
    return out.words();
}

}  // namespace slipway
