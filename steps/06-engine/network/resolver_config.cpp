#include "06-engine/network/resolver_config.hpp"

#include <algorithm>
#include <cctype>

#include "06-engine/network/address.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

constexpr std::size_t largest_file = 1 << 20;

std::vector<std::string> words_of(std::string line) {
    std::replace_if(
        line.begin(), line.end(),
        [](unsigned char letter) { return std::isspace(letter) != 0; }, ' ');
    std::vector<std::string> words;
    for (std::string& word : split(line, ' '))
        if (!word.empty()) words.push_back(std::move(word));
    return words;
}

std::string read_or_nothing(const char* path) {
    try {
        return read_file(path, largest_file);
    } catch (const Error&) {
        return "";
    }
}

}  // namespace

ResolverConfig parse_resolver_config(std::string_view text) {
    ResolverConfig config;
    for (const std::string& line : split(text, '\n')) {
        std::vector<std::string> words = words_of(line);
        if (words.size() < 2 || words[0][0] == '#' || words[0][0] == ';')
            continue;
        std::vector<std::string> rest(words.begin() + 1, words.end());
        if (words[0] == "nameserver" &&
            (parse_ipv4(rest[0]) || is_ipv6(rest[0])))
            config.servers.push_back(rest[0]);
        if (words[0] == "search" || words[0] == "domain")
            config.search = rest;  // the last one holds
        if (words[0] == "options")
            config.options.insert(config.options.end(), rest.begin(),
                                  rest.end());
    }
    return config;
}

std::string resolver_config_text(const ResolverConfig& config) {
    std::string text;
    for (const std::string& server : config.servers)
        text += cat("nameserver ", server, "\n");
    if (!config.search.empty())
        text += cat("search ", join(config.search, " "), "\n");
    if (!config.options.empty())
        text += cat("options ", join(config.options, " "), "\n");
    return text;
}

std::string host_resolv_conf() {
    std::string text = read_or_nothing("/etc/resolv.conf");
    std::vector<std::string> servers = parse_resolver_config(text).servers;
    if (servers != std::vector<std::string>{"127.0.0.53"}) return text;
    std::string real = read_or_nothing("/run/systemd/resolve/resolv.conf");
    return real.empty() ? text : real;
}

}  // namespace slipway
