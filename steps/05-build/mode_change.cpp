#include "05-build/mode_change.hpp"

#include <sys/stat.h>

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr mode_t every_x = 0111;

[[noreturn]] void refuse(std::string_view text) {
    throw Error(ErrorKind::InvalidArgument,
                cat("mode ", quote(text.substr(0, 200))))
        .advise("write up to four octal digits, or as for chmod: u=rwX,go=rX");
}

// r, w and x as in "others", for all three.
mode_t three_times(mode_t bits) {
    return bits | bits << 3U | bits << 6U;
}

class Parser {
  public:
    explicit Parser(std::string_view text) : text_(text), rest_(text) {}

    ModeChange parse() {
        if (text_.find_first_not_of("01234567") == std::string_view::npos)
            return {.absolute = octal()};
        ModeChange change;
        do clause(change.actions);
        while (take(","));
        if (!rest_.empty()) refuse(text_);
        return change;
    }

  private:
    mode_t octal() const {
        mode_t mode = 0;
        for (char digit : text_)
            mode = mode * 8 + static_cast<mode_t>(digit - '0');
        if (text_.empty() || text_.size() > 5 || mode > 07777) refuse(text_);
        return mode;
    }

    // The next letter, if it is one of these.
    char take(std::string_view letters) {
        if (rest_.empty() || letters.find(rest_[0]) == std::string_view::npos)
            return '\0';
        char letter = rest_[0];
        rest_.remove_prefix(1);
        return letter;
    }

    static mode_t bits_of(char who) {
        return who == 'u'   ? 04700
               : who == 'g' ? 02070
               : who == 'o' ? 01007
                            : 07777;
    }

    void clause(std::vector<ModeChange::Action>& actions) {
        mode_t who = 0;
        while (char letter = take("ugoa")) who |= bits_of(letter);
        if (who == 0) who = 07777;
        std::size_t before = actions.size();
        while (char operation = take("=+-"))
            actions.push_back(action(operation, who));
        if (actions.size() == before) refuse(text_);
    }

    ModeChange::Action action(char operation, mode_t who) {
        ModeChange::Action action{operation, who, 0, 0, false, {}};
        if (char from = take("ugo")) {
            action.copy_from = from;
            return action;
        }
        while (char letter = take("rwxXst")) {
            if (letter == 'r') action.permissions |= 0444;
            if (letter == 'w') action.permissions |= 0222;
            if (letter == 'x') action.permissions |= every_x;
            if (letter == 'X') action.x_if_any = true;
            if (letter == 's') action.special |= 06000;
            if (letter == 't') action.special |= 01000;
        }
        return action;
    }

    std::string_view text_, rest_;
};

mode_t copied(mode_t permissions, char from) {
    unsigned shift = from == 'u' ? 6 : from == 'g' ? 3 : 0;
    return three_times(permissions >> shift & 07U);
}

}  // namespace

ModeChange parse_mode_change(std::string_view text) {
    return Parser(text).parse();
}

mode_t ModeChange::apply(mode_t permissions, bool is_folder) const {
    if (absolute) return *absolute;
    mode_t mode = permissions & 07777U;
    for (const Action& action : actions) {
        mode_t bits = action.permissions | action.special;
        if (action.copy_from) bits |= copied(mode, *action.copy_from);
        if (action.x_if_any && (is_folder || (mode & every_x) != 0))
            bits |= every_x;
        bits &= action.who;
        if (action.operation == '+') mode |= bits;
        if (action.operation == '-') mode &= ~bits;
        if (action.operation == '=') {
            // Of a folder, set-uid and set-gid stay unless they are named.
            mode_t kept = is_folder ? mode_t{06000} & ~action.special : 0;
            mode = (mode & (~action.who | kept)) | bits;
        }
    }
    return mode;
}

}  // namespace slipway
