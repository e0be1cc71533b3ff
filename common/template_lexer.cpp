#include "common/template_lexer.hpp"

#include <algorithm>
#include <cctype>
#include <optional>

#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

void refuse_template(std::size_t at, std::string_view why, std::string advice) {
    throw Error(ErrorKind::InvalidArgument,
                cat("--format: character ", at + 1, ": ", why))
        .advise(std::move(advice));
}

namespace {

using Kind = TemplateTokenKind;

constexpr std::string_view blanks = " \t\r\n";

bool is_letter(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

// What a shell does not make of "\t": people write it in single quotes.
std::string unescape(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        bool escape = text[i] == '\\' && i + 1 < text.size() &&
                      (text[i + 1] == 't' || text[i + 1] == 'n');
        result += !escape ? text[i] : text[++i] == 't' ? '\t' : '\n';
    }
    return result;
}

void append_utf8(std::string& text, std::uint32_t code) {
    auto byte = [&](std::uint32_t bits) { text += static_cast<char>(bits); };
    if (code < 0x80) return byte(code);
    if (code < 0x800) {
        byte(0xc0 | code >> 6);
    } else {
        if (code < 0x10000) {
            byte(0xe0 | code >> 12);
        } else {
            byte(0xf0 | code >> 18);
            byte(0x80 | (code >> 12 & 0x3f));
        }
        byte(0x80 | (code >> 6 & 0x3f));
    }
    byte(0x80 | (code & 0x3f));
}

class Lexer {
  public:
    explicit Lexer(std::string_view form) : form_(form) {}

    std::vector<TemplateToken> run() {
        while (at_ < form_.size()) {
            text();
            if (at_ < form_.size()) action();
        }
        add(Kind::End, {}, at_);
        return std::move(tokens_);
    }

  private:
    void add(Kind kind, std::string text, std::size_t at) {
        tokens_.push_back({kind, std::move(text), at, at == end_of_last_});
        end_of_last_ = at_;
    }

    // Up to the next {{, without the blanks that its {{- takes away.
    void text() {
        std::size_t begin = at_;
        std::size_t end = std::min(form_.find("{{", at_), form_.size());
        at_ = end;
        std::string_view piece = form_.substr(begin, end - begin);
        if (trims_before(end)) {
            std::size_t last = piece.find_last_not_of(blanks);
            piece = piece.substr(0, last == piece.npos ? 0 : last + 1);
        }
        if (trim_next_) {
            std::size_t first = piece.find_first_not_of(blanks);
            piece.remove_prefix(std::min(first, piece.size()));
        }
        trim_next_ = false;
        if (!piece.empty()) add(Kind::Text, unescape(piece), begin);
    }

    bool trims_before(std::size_t open) const {
        return open + 3 < form_.size() && form_[open + 2] == '-' &&
               blanks.find(form_[open + 3]) != blanks.npos;
    }
    // " -}}" takes the blanks of the text that follows away.
    bool trims_after() const {
        return form_.substr(at_).starts_with("-}}") && at_ > 0 &&
               blanks.find(form_[at_ - 1]) != blanks.npos;
    }

    void action() {
        std::size_t open = at_;
        at_ += trims_before(open) ? 4 : 2;
        if (form_.substr(at_).starts_with("/*")) return comment(open);
        add(Kind::Open, {}, open);
        for (;;) {
            at_ = std::min(form_.find_first_not_of(blanks, at_), form_.size());
            if (at_ >= form_.size()) refuse_template(open, "{{ without }}");
            std::size_t begin = at_;
            trim_next_ = trims_after();
            if (trim_next_) ++at_;
            if (form_.substr(at_).starts_with("}}")) {
                at_ += 2;
                return add(Kind::Close, {}, begin);
            }
            trim_next_ = false;
            at_ = begin;
            token(form_[at_]);
        }
    }

    void comment(std::size_t open) {
        std::size_t end = form_.find("*/", at_ + 2);
        if (end == form_.npos) refuse_template(open, "/* without */");
        at_ = std::min(form_.find_first_not_of(blanks, end + 2), form_.size());
        trim_next_ = trims_after();
        if (trim_next_) ++at_;
        if (!form_.substr(at_).starts_with("}}"))
            refuse_template(at_, "a comment ends with */}}");
        at_ += 2;
    }

    void token(char first) {
        std::size_t begin = at_;
        char second = begin + 1 < form_.size() ? form_[begin + 1] : '\0';
        auto single = [&](Kind kind) {
            at_ = begin + 1;
            add(kind, std::string(1, first), begin);
        };
        switch (first) {
            case '|':
                return single(Kind::Pipe);
            case '(':
                return single(Kind::LeftParen);
            case ')':
                return single(Kind::RightParen);
            case ',':
                return single(Kind::Comma);
            case '=':
                return single(Kind::Assign);
            case '"':
                return quoted();
            case '`':
                return raw();
            case '\'':
                return character();
            default:
                break;
        }
        if (first == ':' && second == '=') {
            at_ = begin + 2;
            return add(Kind::Declare, ":=", begin);
        }
        bool is_digit = std::isdigit(static_cast<unsigned char>(first)) != 0;
        bool is_number =
            is_digit || ((first == '-' || first == '+') &&
                         std::isdigit(static_cast<unsigned char>(second)) != 0);
        if (is_number) return number();
        if (first == '.' || first == '$' || is_letter(first)) return name();
        refuse_template(begin,
                        cat("unexpected ", quote(form_.substr(begin, 1))));
    }

    // .Name, $name, name: one letter that says what it is, and the rest.
    void name() {
        std::size_t begin = at_;
        char first = form_[at_];
        if (first == '.' || first == '$') ++at_;
        std::size_t letters = at_;
        while (at_ < form_.size() && is_letter(form_[at_])) ++at_;
        std::string text(form_.substr(letters, at_ - letters));
        if (first == '$') return add(Kind::Variable, "$" + text, begin);
        if (first != '.') return add(Kind::Word, text, begin);
        if (text.empty()) return add(Kind::Dot, ".", begin);
        add(Kind::Field, text, begin);
    }

    void number() {
        std::size_t begin = at_++;
        while (at_ < form_.size() &&
               (is_letter(form_[at_]) || form_[at_] == '.'))
            ++at_;
        add(Kind::Number, std::string(form_.substr(begin, at_ - begin)), begin);
    }

    void raw() {
        std::size_t begin = at_;
        std::size_t end = form_.find('`', begin + 1);
        if (end == form_.npos) refuse_template(begin, "` without a second one");
        at_ = end + 1;
        add(Kind::String, std::string(form_.substr(begin + 1, end - begin - 1)),
            begin);
    }

    void quoted() {
        std::size_t begin = at_++;
        std::string text;
        while (at_ < form_.size() && form_[at_] != '"' && form_[at_] != '\n')
            one_character(text);
        if (at_ >= form_.size() || form_[at_] != '"')
            refuse_template(begin, "\" without a second one");
        ++at_;
        add(Kind::String, std::move(text), begin);
    }

    // 'a' is the number 97, as in Go.
    void character() {
        std::size_t begin = at_++;
        std::string text;
        if (at_ < form_.size()) one_character(text);
        if (text.size() != 1 || at_ >= form_.size() || form_[at_] != '\'')
            refuse_template(begin, "' ' must hold one letter");
        ++at_;
        add(Kind::Number, cat(static_cast<unsigned char>(text[0])), begin);
    }

    // A letter between quotes, or what its backslash means.
    void one_character(std::string& text) {
        if (form_[at_] != '\\') {
            text += form_[at_++];
            return;
        }
        std::size_t begin = at_++;
        char what = at_ < form_.size() ? form_[at_++] : '\0';
        constexpr std::string_view names = "abfnrtv\\'\"";
        constexpr std::string_view meant = "\a\b\f\n\r\t\v\\'\"";
        std::size_t digits = what == 'x' ? 2 : what == 'u' ? 4 : 0;
        if (std::size_t i = names.find(what); i != names.npos) {
            text += meant[i];
        } else if (auto code =
                       digits > 0 ? hexadecimal(digits) : std::nullopt) {
            if (digits == 2)
                text += static_cast<char>(*code);
            else
                append_utf8(text, *code);
        } else {
            refuse_template(begin, "unknown escape behind a backslash");
        }
    }

    std::optional<std::uint32_t> hexadecimal(std::size_t digits) {
        std::uint32_t code = 0;
        for (std::size_t i = 0; i < digits; ++i, ++at_) {
            constexpr std::string_view values = "0123456789abcdef";
            if (at_ >= form_.size()) return {};
            auto letter = static_cast<char>(
                std::tolower(static_cast<unsigned char>(form_[at_])));
            std::size_t value = values.find(letter);
            if (value == values.npos) return {};
            code = code * 16 + static_cast<std::uint32_t>(value);
        }
        return code;
    }

    std::string_view form_;
    std::size_t at_ = 0;
    std::size_t end_of_last_ = 0;
    bool trim_next_ = false;
    std::vector<TemplateToken> tokens_;
};

}  // namespace

std::vector<TemplateToken> template_tokens(std::string_view form) {
    return Lexer(form).run();
}

}  // namespace slipway
