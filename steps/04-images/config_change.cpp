#include "04-images/config_change.hpp"

#include <algorithm>
#include <cctype>
#include <vector>

#include <nlohmann/json.hpp>

#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Texts = std::vector<std::string>;

[[noreturn]] void refuse(std::string_view instruction, const char* how) {
    throw Error(ErrorKind::InvalidArgument,
                cat("--change ", quote(instruction)))
        .advise(how);
}

// ["a", "b"]; nothing for what is no such list.
std::optional<Texts> json_list(std::string_view text) {
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

std::string unquoted(std::string_view text) {
    if (text.size() >= 2 && text.front() == '"' && text.back() == '"')
        text = text.substr(1, text.size() - 2);
    return std::string(text);
}

// Words, of which parts may be in quotes: A="b c" D=e
Texts words_of(std::string_view text) {
    Texts words(1);
    bool in_quotes = false;
    for (char letter : text) {
        if (letter == '"') in_quotes = !in_quotes;
        if (letter == ' ' && !in_quotes)
            words.emplace_back();
        else
            words.back() += letter;
    }
    std::erase(words, "");
    return words;
}

struct Pair {
    std::string name, value;
};
std::vector<Pair> pairs_of(std::string_view instruction,
                           std::string_view text) {
    std::vector<Pair> pairs;
    for (const std::string& word : words_of(text)) {
        std::size_t equals = word.find('=');
        if (equals == word.npos || equals == 0)
            refuse(instruction, "write NAME=VALUE, more than once if need be");
        pairs.push_back({unquoted(word.substr(0, equals)),
                         unquoted(word.substr(equals + 1))});
    }
    return pairs;
}

Texts list_of(std::string_view text) {
    if (auto words = json_list(text)) return *words;
    return words_of(text);
}

}  // namespace

void apply_change(RunConfig& config, std::string_view instruction) {
    std::size_t space = std::min(instruction.find(' '), instruction.size());
    std::string verb(instruction.substr(0, space));
    std::transform(verb.begin(), verb.end(), verb.begin(), [](char letter) {
        return static_cast<char>(
            std::toupper(static_cast<unsigned char>(letter)));
    });
    std::size_t begin =
        std::min(instruction.find_first_not_of(' ', space), instruction.size());
    std::string_view rest = instruction.substr(begin);
    if (rest.empty()) refuse(instruction, "there is nothing behind it");
    if (verb == "CMD") {
        config.cmd = command(rest);
    } else if (verb == "ENTRYPOINT") {
        config.entrypoint = command(rest);
        config.cmd.clear();  // it was written for another entrypoint
    } else if (verb == "ENV") {
        for (const Pair& pair : pairs_of(instruction, rest))
            set_environment(config.env, pair.name + "=" + pair.value);
    } else if (verb == "LABEL") {
        for (const Pair& pair : pairs_of(instruction, rest))
            config.labels[pair.name] = pair.value;
    } else if (verb == "EXPOSE") {
        for (const std::string& port : words_of(rest))
            config.exposed_ports.insert(
                port.find('/') == port.npos ? port + "/tcp" : port);
    } else if (verb == "VOLUME") {
        for (const std::string& path : list_of(rest))
            config.volumes.insert(path);
    } else if (verb == "USER") {
        config.user = rest;
    } else if (verb == "WORKDIR") {
        if (rest[0] != '/') refuse(instruction, "write an absolute path");
        config.working_dir = rest;
    } else if (verb == "STOPSIGNAL") {
        parse_signal(rest);
        config.stop_signal = rest;
    } else {
        refuse(instruction,
               "there are CMD, ENTRYPOINT, ENV, EXPOSE, LABEL, STOPSIGNAL, "
               "USER, VOLUME, WORKDIR");
    }
}

}  // namespace slipway
