#include "05-build/lines.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "05-build/letters.hpp"
#include "05-build/word_split.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_source = std::size_t{16} << 20U;

bool is_comment(std::string_view line) {
    return trim(line).starts_with('#');
}

// Where the escape is that continues the line; nothing: it ends here.
std::optional<std::size_t> continuation(std::string_view line, char escape) {
    while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
    if (!line.ends_with(escape)) return {};
    line.remove_suffix(1);
    if (line.ends_with(escape)) return {};  // an escaped escape
    return line.size();
}

// The verb of the line, or of the instruction that is behind ONBUILD.
std::string acting_verb(std::string_view text) {
    std::string verb;
    do {
        text = trim(text);
        std::size_t end = std::min(text.find_first_of(" \t"), text.size());
        verb = to_upper(text.substr(0, end));
        text.remove_prefix(end);
    } while (verb == "ONBUILD" && !text.empty());
    return verb;
}

// Behind RUN a shell reads the word again, and ends it at its own signs.
std::string_view up_to_shell_sign(std::string_view word, char escape) {
    std::size_t end = word.size();
    for (char sign : std::string_view(";&|()>"))
        end = std::min(end, find_unquoted(word, sign, escape));
    return word.substr(0, end);
}

struct HeredocWord {
    std::string name;
    bool chomps = false, expands = true;
};

// 3<<-"EOF"
std::optional<HeredocWord> heredoc_word(std::string_view word, bool for_shell,
                                        char escape) {
    while (!word.empty() && is_digit(word.front())) word.remove_prefix(1);
    if (!word.starts_with("<<")) return {};
    word.remove_prefix(2);
    HeredocWord found;
    found.chomps = word.starts_with('-');
    if (found.chomps) word.remove_prefix(1);
    if (for_shell) word = up_to_shell_sign(word, escape);
    if (word.find('<') != std::string_view::npos) return {};
    found.name = without_quotes(word, escape);
    found.expands = found.name == word;
    if (found.name.empty()) return {};
    return found;
}

class LineReader {
  public:
    LineReader(const Source& source, std::size_t begin, char escape)
        : source_(source), at_(begin), escape_(escape) {}

    Lines read() {
        while (at_ < source_.text.size()) {
            SourceRange physical = next();
            if (is_comment(text_of(physical)) ||
                trim(text_of(physical)).empty())
                continue;
            LogicalLine line = joined(physical);
            if (line.text.empty()) continue;
            read_heredocs(line);
            result_.lines.push_back(std::move(line));
        }
        return std::move(result_);
    }

  private:
    std::string_view text_of(SourceRange range) const {
        return std::string_view(source_.text)
            .substr(range.begin, range.end - range.begin);
    }

    // One line of the file, without its end.
    SourceRange next() {
        std::size_t begin = at_;
        std::size_t end =
            std::min(source_.text.find('\n', at_), source_.text.size());
        at_ = std::min(end + 1, source_.text.size());
        if (end > begin && source_.text[end - 1] == '\r') --end;
        return {begin, end};
    }

    LogicalLine joined(SourceRange physical) {
        LogicalLine line;
        auto more = append(line, physical);
        while (more && at_ < source_.text.size()) {
            physical = next();
            if (is_comment(text_of(physical))) continue;
            if (trim(text_of(physical)).empty()) {
                result_.empty_continuations.push_back(physical);
                continue;
            }
            more = append(line, physical);
        }
        while (!line.text.empty() && is_blank(line.text.back()))
            line.text.pop_back();
        if (line.text.empty()) return line;
        while (line.pieces.back().begin >= line.text.size())
            line.pieces.pop_back();
        line.where = line.in_source(0, line.text.size());
        return line;
    }

    //@ begin join-lines
    // Whether the line goes on.
    bool append(LogicalLine& line, SourceRange physical) {
        auto more = continuation(text_of(physical), escape_);
        if (more) physical.end = physical.begin + *more;
        if (line.text.empty())
            while (physical.begin < physical.end &&
                   is_blank(source_.text[physical.begin]))
                ++physical.begin;
        if (physical.begin < physical.end)
            line.pieces.push_back({line.text.size(), physical.begin});
        line.text += text_of(physical);
        return more.has_value();
    }
    //@ end join-lines

    void read_heredocs(LogicalLine& line) {
        std::string verb = acting_verb(line.text);
        if (verb != "RUN" && verb != "COPY" && verb != "ADD") return;
        for (WordSpan word : split_words(line.text, 0, escape_)) {
            auto found = heredoc_word(std::string_view(line.text).substr(
                                          word.begin, word.end - word.begin),
                                      verb == "RUN", escape_);
            if (found) read_heredoc(line, word, *found);
        }
    }

    void read_heredoc(LogicalLine& line, WordSpan word,
                      const HeredocWord& found) {
        LineHeredoc heredoc{
            {found.name, {}, found.expands}, word.begin, word.end};
        std::size_t body = at_;
        while (at_ < source_.text.size()) {
            SourceRange physical = next();
            std::string_view text = text_of(physical);
            line.heredoc_source += cat(text, "\n");
            if (found.chomps)
                while (text.starts_with('\t')) text.remove_prefix(1);
            if (text == found.name) {
                line.where.end = physical.end;
                line.heredocs.push_back(std::move(heredoc));
                return;
            }
            heredoc.heredoc.text += cat(text, "\n");
        }
        throw_unended(line, word, found, body);
    }

    [[noreturn]] void throw_unended(const LogicalLine& line, WordSpan word,
                                    const HeredocWord& found,
                                    std::size_t body) {
        Error error =
            input_error(source_, line.in_source(word.begin, word.end),
                        cat("this heredoc has no end: no line below is ",
                            quote(found.name), " and nothing else"));
        at_ = body;
        while (at_ < source_.text.size()) {
            SourceRange physical = next();
            if (trim(text_of(physical)) != found.name) continue;
            error.set_advice(
                cat("line ", position_of(source_, physical.begin).line,
                    " has blanks beside it; tabs in front are allowed with "
                    "<<-, nothing else"));
            break;
        }
        throw error;
    }

    const Source& source_;
    std::size_t at_;
    char escape_;
    Lines result_;
};

}  // namespace

SourceRange LogicalLine::in_source(std::size_t begin, std::size_t end) const {
    auto place = [this](std::size_t offset) {
        auto next =
            std::upper_bound(pieces.begin(), pieces.end(), offset,
                             [](std::size_t wanted, const Piece& piece) {
                                 return wanted < piece.begin;
                             });
        if (next == pieces.begin()) return where.begin;
        const Piece& piece = *(next - 1);
        return piece.source + (offset - piece.begin);
    };
    if (begin >= end) return {place(begin), place(begin)};
    // The last letter may be on another line than what follows it.
    return {place(begin), place(end - 1) + 1};
}

Lines read_lines(const Source& source, std::size_t begin, char escape) {
    return LineReader(source, begin, escape).read();
}

void check_source(const Source& source) {
    if (source.text.size() > largest_source)
        throw Error(ErrorKind::InvalidArgument,
                    cat(source.name, " is larger than 16 MiB"));
    std::size_t nul = source.text.find('\0');
    if (nul != std::string::npos)
        throw input_error(source, {nul, nul + 1},
                          "a NUL byte: this is no text");
}

}  // namespace slipway
