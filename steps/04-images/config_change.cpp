#include "04-images/config_change.hpp"

#include <algorithm>
#include <cctype>
#include <optional>
#include <string_view>
#include <utility>

#include <nlohmann/json.hpp>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Texts = std::vector<std::string>;

constexpr std::string_view blanks = " \t";

/// Why an instruction is not taken; which one is added further up.
[[noreturn]] void refuse(std::string_view why) {
    throw Error(ErrorKind::InvalidArgument, why);
}

// ["a", "b"]; nothing for what is no such list, which is then for the shell, as
// in a Dockerfile.
std::optional<Texts> json_list(std::string_view text) {
    if (!text.starts_with('[')) return {};
    auto value = nlohmann::json::parse(text, nullptr, false);
    if (!value.is_array()) return {};
    Texts words;
    for (const auto& each : value) {
        if (!each.is_string()) return {};
        words.push_back(each.get<std::string>());
    }
    return words;
}

Texts command(std::string_view text) {
    if (auto words = json_list(text)) return *words;
    return {"/bin/sh", "-c", std::string(text)};
}

// A="b c" 'D=e f' G=h\ i: as a shell has them.
Texts words_of(std::string_view text) {
    Texts words;
    char quote_sign = '\0';
    bool in_word = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        char letter = text[i];
        bool is_blank = blanks.find(letter) != blanks.npos;
        if (!in_word && is_blank) continue;
        if (!in_word) words.emplace_back();
        in_word = true;
        if (letter == quote_sign) {
            quote_sign = '\0';
        } else if (!quote_sign && (letter == '"' || letter == '\'')) {
            quote_sign = letter;
        } else if (!quote_sign && is_blank) {
            in_word = false;
        } else if (letter == '\\' && quote_sign != '\'') {
            if (++i == text.size()) refuse("nothing follows the last \\");
            words.back() += text[i];
        } else {
            words.back() += letter;
        }
    }
    if (quote_sign) refuse("a quote is not closed");
    return words;
}

using Pair = std::pair<std::string, std::string>;

std::vector<Pair> pairs_of(std::string_view text) {
    std::vector<Pair> pairs;
    for (const std::string& word : words_of(text)) {
        std::size_t equals = word.find('=');
        if (equals == word.npos || equals == 0)
            refuse(cat(quote(word), " is not NAME=VALUE"));
        pairs.emplace_back(word.substr(0, equals), word.substr(equals + 1));
    }
    return pairs;
}

std::string absolute_path(std::string_view path) {
    if (!path.starts_with('/'))
        refuse(cat(quote(path), " is no absolute path"));
    return std::string(path);
}

// More than these make no sense without a Dockerfile around them.
struct Change {
    const char* verb;
    void (*apply)(RunConfig& config, std::string_view rest);
};

constexpr Change changes[] = {
    {"CMD", [](auto& config, auto rest) { config.cmd = command(rest); }},
    {"ENTRYPOINT",
     [](auto& config, auto rest) { config.entrypoint = command(rest); }},
    {"ENV",
     [](auto& config, auto rest) {
         for (const auto& [name, value] : pairs_of(rest))
             set_environment(config.env, cat(name, "=", value));
     }},
    {"EXPOSE",
     [](auto& config, auto rest) {
         for (const std::string& word : words_of(rest))
             add_exposed_ports(config.exposed_ports, word);
     }},
    {"LABEL",
     [](auto& config, auto rest) {
         for (const auto& [name, value] : pairs_of(rest))
             config.labels[name] = value;
     }},
    {"STOPSIGNAL",
     [](auto& config, auto rest) {
         parse_signal(rest);
         config.stop_signal = rest;
     }},
    {"USER",
     [](auto& config, auto rest) {
         if (rest.find_first_of(blanks) != rest.npos)
             refuse("a user is one word");
         config.user = rest;
     }},
    {"VOLUME",
     [](auto& config, auto rest) {
         auto list = json_list(rest);
         for (const std::string& path : list ? *list : words_of(rest))
             config.volumes.insert(absolute_path(path));
     }},
    {"WORKDIR",
     [](auto& config, auto rest) { config.working_dir = absolute_path(rest); }},
};

std::string_view trimmed(std::string_view text) {
    std::size_t begin = text.find_first_not_of(blanks);
    if (begin == text.npos) return {};
    return text.substr(begin, text.find_last_not_of(blanks) + 1 - begin);
}

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& letter : result)
        letter =
            static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
    return result;
}

/// Returns the verb.
std::string apply_change(RunConfig& config, std::string_view instruction) {
    std::string_view text = trimmed(instruction);
    std::string verb = upper(text.substr(0, text.find_first_of(blanks)));
    std::string_view rest = trimmed(text.substr(verb.size()));
    auto change = std::find_if(
        std::begin(changes), std::end(changes),
        [&](const Change& candidate) { return candidate.verb == verb; });
    if (change == std::end(changes))
        refuse(
            "it is none of CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, "
            "USER, VOLUME, WORKDIR");
    if (rest.empty()) refuse(cat("nothing follows ", verb));
    if (rest.find('\0') != rest.npos) refuse("it has a NUL byte in it");
    change->apply(config, rest);
    return verb;
}

}  // namespace

void add_exposed_ports(std::set<std::string>& ports, const std::string& word) {
    constexpr std::uint64_t largest = 65535;
    std::size_t slash = std::min(word.find('/'), word.size());
    std::string kind = word.substr(std::min(slash + 1, word.size()));
    for (char& letter : kind)
        if (letter >= 'A' && letter <= 'Z')
            letter = static_cast<char>(letter + ('a' - 'A'));
    if (slash == word.size()) kind = "tcp";
    std::string numbers = word.substr(0, slash);
    // "8080:80": which port of the host it is to be, an image cannot say.
    numbers.erase(0, numbers.rfind(':') + 1);
    std::size_t dash = numbers.find('-');
    auto first = parse_unsigned(numbers.substr(0, dash), largest);
    auto last = dash == numbers.npos
                    ? first
                    : parse_unsigned(numbers.substr(dash + 1), largest);
    if (!first || !last || *first == 0 || *last < *first ||
        (kind != "tcp" && kind != "udp" && kind != "sctp"))
        refuse(cat(quote(word), " is no port: write 80, 53/udp, 8000-8010"));
    for (std::uint64_t port = *first; port <= *last; ++port)
        ports.insert(cat(port, "/", kind));
}

void apply_changes(RunConfig& config, const Texts& instructions) {
    RunConfig changed = config;
    bool has_cmd = false, has_entrypoint = false;
    for (const std::string& instruction : instructions)
        with_context(cat("--change ", quote(instruction)), [&] {
            std::string verb = apply_change(changed, instruction);
            has_cmd = has_cmd || verb == "CMD";
            has_entrypoint = has_entrypoint || verb == "ENTRYPOINT";
        });
    if (has_entrypoint && !has_cmd) changed.cmd.clear();
    config = std::move(changed);
}

}  // namespace slipway
