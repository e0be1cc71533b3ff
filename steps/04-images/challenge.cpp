#include "04-images/challenge.hpp"

#include "common/error.hpp"

namespace slipway {

namespace {

constexpr std::size_t longest_header = 16 << 10;
constexpr std::size_t most_challenges = 16, most_parameters = 16;

[[noreturn]] void refuse(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument,
                cat("the WWW-Authenticate header ", why))
        .advise("what answers may be no registry, or a proxy before it");
}

bool is_letter_or_digit(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9');
}
bool is_token(char c) {
    return is_letter_or_digit(c) ||
           std::string_view("!#$%&'*+-.^_`|~").find(c) !=
               std::string_view::npos;
}
bool is_token68(char c) {
    return is_letter_or_digit(c) ||
           std::string_view("-._~+/").find(c) != std::string_view::npos;
}

std::string lower(std::string_view text) {
    std::string copy(text);
    for (char& c : copy)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return copy;
}

// Reads from the front; a reading function takes away what it read.
class Reader {
  public:
    explicit Reader(std::string_view text) : rest_(text) {}

    bool at_end() const { return rest_.empty(); }
    bool take(char c) {
        if (!rest_.starts_with(c)) return false;
        rest_.remove_prefix(1);
        return true;
    }
    bool skip_blanks() {
        std::size_t count = rest_.find_first_not_of(" \t");
        if (count == std::string_view::npos) count = rest_.size();
        rest_.remove_prefix(count);
        return count > 0;
    }
    std::string_view take_while(bool (*fits)(char)) {
        std::size_t count = 0;
        while (count < rest_.size() && fits(rest_[count])) ++count;
        std::string_view taken = rest_.substr(0, count);
        rest_.remove_prefix(count);
        return taken;
    }
    std::string quoted();
    std::optional<std::pair<std::string, std::string>> parameter();
    std::optional<std::string> token68();

  private:
    std::string_view rest_;
};

// After the opening quote.
std::string Reader::quoted() {
    std::string text;
    while (!rest_.empty() && rest_[0] != '"') {
        if (rest_[0] == '\\') rest_.remove_prefix(1);
        if (rest_.empty()) break;
        text += rest_[0];
        rest_.remove_prefix(1);
    }
    if (!take('"')) refuse("has a quotation mark that nothing closes");
    return text;
}

// name=value or name="value"; else nothing, and nothing is read.
std::optional<std::pair<std::string, std::string>> Reader::parameter() {
    Reader ahead(*this);
    std::string name = lower(ahead.take_while(is_token));
    ahead.skip_blanks();
    if (name.empty() || !ahead.take('=')) return {};
    ahead.skip_blanks();
    std::string value;
    if (ahead.take('"')) {
        value = ahead.quoted();
    } else {
        value = ahead.take_while(is_token);
        if (value.empty()) return {};
    }
    *this = ahead;
    return std::pair(name, value);
}

// Base64 or the like, up to the next comma.
std::optional<std::string> Reader::token68() {
    Reader ahead(*this);
    std::string token(ahead.take_while(is_token68));
    while (!token.empty() && ahead.take('=')) token += '=';
    ahead.skip_blanks();
    if (token.empty() || (!ahead.at_end() && !ahead.rest_.starts_with(',')))
        return {};
    *this = ahead;
    return token;
}

void add_parameter(Challenge& challenge,
                   std::pair<std::string, std::string> parameter) {
    if (challenge.parameter(parameter.first))
        refuse(cat("names ", quote(parameter.first), " twice"));
    if (challenge.parameters.size() == most_parameters)
        refuse(cat("has more than ", most_parameters, " parameters"));
    challenge.parameters.push_back(std::move(parameter));
}

// Between commas stands a parameter of the challenge before, or the beginning
// of another one: a scheme, and behind a blank its first parameter.
void read_element(Reader& reader, std::vector<Challenge>& found) {
    if (!found.empty() && found.back().token.empty())
        if (auto parameter = reader.parameter())
            return add_parameter(found.back(), std::move(*parameter));
    std::string scheme = lower(reader.take_while(is_token));
    if (scheme.empty()) refuse("has a part that is no challenge");
    if (found.size() == most_challenges)
        refuse(cat("has more than ", most_challenges, " challenges"));
    found.push_back({scheme, "", {}});
    if (!reader.skip_blanks()) return;
    if (auto parameter = reader.parameter())
        add_parameter(found.back(), std::move(*parameter));
    else if (auto token = reader.token68())
        found.back().token = std::move(*token);
}

}  // namespace

std::optional<std::string> Challenge::parameter(std::string_view name) const {
    for (const auto& [its_name, value] : parameters)
        if (its_name == name) return value;
    return {};
}

std::vector<Challenge> parse_challenges(std::string_view header) {
    if (header.size() > longest_header) refuse("is longer than 16 KiB");
    for (char c : header)
        if ((static_cast<unsigned char>(c) < ' ' && c != '\t') || c == '\x7f')
            refuse("has a control character");
    std::vector<Challenge> found;
    Reader reader(header);
    while (true) {
        while (reader.skip_blanks() || reader.take(',')) {
        }
        if (reader.at_end()) return found;
        read_element(reader, found);
        reader.skip_blanks();
        if (!reader.at_end() && !reader.take(','))
            refuse("has something that is no parameter");
    }
}

}  // namespace slipway
