#include "06-engine/cli/create_options.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "06-engine/cli/key_values.hpp"
#include "06-engine/cli/life_options.hpp"
#include "06-engine/cli/network_option.hpp"
#include "06-engine/cli/option_text.hpp"
#include "06-engine/engine/check_request.hpp"
#include "06-engine/engine/isolation_level.hpp"
#include "06-engine/monitor/detach_keys.hpp"
#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

[[noreturn]] void contradict(const std::string& one, const std::string& other) {
    throw Error(ErrorKind::InvalidArgument,
                cat(one, " and ", other, " contradict each other"))
        .advise("give one of them");
}

void join_lists(CreateCommandLine& options) {
    CreateRequest& request = options.request;
    for (const std::string& file : options.env_files)
        for (std::string& variable : read_env_file(file))
            request.typed.environment.push_back(std::move(variable));
    for (const std::string& variable : options.env)
        request.typed.environment.push_back(variable);
    for (const std::string& file : options.label_files)
        for (const std::string& label : read_label_file(file))
            add_pair(request.labels, "--label-file", label);
    for (const std::string& label : options.labels)
        add_pair(request.labels, "--label", label);
}

// --ip, --network-alias and so on are about the first network.
void join_first_network(NetworkRequest& network, const NetworkRequest& typed) {
    auto one = [](std::string& to, const std::string& from,
                  const char* option) {
        if (from.empty()) return;
        if (!to.empty()) contradict(option, "the same field of --network");
        to = from;
    };
    one(network.ip, typed.ip, "--ip");
    one(network.ip6, typed.ip6, "--ip6");
    one(network.mac, typed.mac, "--mac-address");
    if (typed.aliases.empty()) return;
    if (!network.aliases.empty())
        contradict("--network-alias", "the same field of --network");
    network.aliases = typed.aliases;
}

void settle_networks(CreateCommandLine& options) {
    HostConfig& host = options.request.host;
    if (host.networks.empty()) host.networks = {{.network = "bridge"}};
    host.network_mode = host.networks[0].network;
    std::vector<std::string> names;
    for (const NetworkRequest& each : host.networks) {
        if (std::find(names.begin(), names.end(), each.network) != names.end())
            throw Error(ErrorKind::InvalidArgument,
                        cat("--network ", each.network, " is given twice"));
        names.push_back(each.network);
        if (host.networks.size() > 1 && !is_user_defined(each.network))
            throw Error(ErrorKind::InvalidArgument,
                        cat("several networks, one of which is ", each.network))
                .advise("only networks that people made can be combined");
    }
    join_first_network(host.networks[0], options.first_network);
    bool has_endpoint =
        host.network_mode == "bridge" || is_user_defined(host.network_mode);
    if (has_endpoint) return;
    if (!host.networks[0].mac.empty())
        contradict("--mac-address", cat("--network ", host.network_mode));
    if (!host.networks[0].aliases.empty() || !host.networks[0].ip.empty() ||
        !host.networks[0].ip6.empty())
        contradict("--ip or --network-alias",
                   cat("--network ", host.network_mode));
    host.networks.clear();
}

// As Docker: each once; ALL takes the others in; what is added is not dropped.
void settle_capabilities(HostConfig& host) {
    auto settle = [](std::vector<std::string>& names) {
        std::sort(names.begin(), names.end());
        names.erase(std::unique(names.begin(), names.end()), names.end());
        if (std::find(names.begin(), names.end(), "ALL") != names.end())
            names = {"ALL"};
    };
    settle(host.cap_add);
    settle(host.cap_drop);
    if (host.cap_drop == std::vector<std::string>{"ALL"}) return;
    std::erase_if(host.cap_drop, [&](const std::string& name) {
        return std::find(host.cap_add.begin(), host.cap_add.end(), name) !=
               host.cap_add.end();
    });
}

void settle_health(CreateCommandLine& options) {
    Healthcheck& health = options.request.health;
    if (!options.no_healthcheck) return;
    if (health != Healthcheck{})
        contradict("--no-healthcheck", "the --health options");
    health.test = {"NONE"};
}

void check_cid_file(const std::string& path) {
    struct stat info {};
    if (path.empty() || ::lstat(path.c_str(), &info) != 0) return;
    throw Error(ErrorKind::Conflict,
                cat("--cidfile ", path, " is there already"))
        .advise(
            "see that its container does not run any more, then remove "
            "the file");
}

// The words from `command` on that are options of ours, with their values.
std::size_t misplaced(const CommandLine& line,
                      const std::vector<std::string>& command) {
    std::size_t count = 0;
    while (count < command.size() && command[count].size() > 1 &&
           command[count][0] == '-') {
        const std::string& word = command[count];
        std::string name = word.substr(0, word.find('='));
        if (word[1] != '-') name = word.substr(0, 2);
        auto option = line.find(name);
        if (!option) break;
        bool has_value = word.size() > name.size();
        bool wants_more = !option->placeholder.empty() && !has_value;
        // "-it": the last letter decides.
        if (option->placeholder.empty() && word[1] != '-' && has_value)
            if (auto last = line.find({'-', word.back()}))
                wants_more = !last->placeholder.empty();
        count += wants_more ? 2 : 1;
    }
    return std::min(count, command.size());
}

// As a shell reads it back.
std::string shell_word(const std::string& word) {
    constexpr char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
        "_-./:=,@%+[]";
    if (!word.empty() && word.find_first_not_of(plain) == word.npos)
        return word;
    std::string quoted = "'";
    for (char c : word) quoted += c == '\'' ? "'\\''" : std::string(1, c);
    return quoted + "'";
}

std::string corrected_line(const CommandLine& line,
                           const std::vector<std::string>& words) {
    std::vector<std::string> command(words.begin() + 1, words.end());
    auto count = static_cast<std::ptrdiff_t>(misplaced(line, command));
    if (count == 0) return {};
    const std::vector<std::string>& typed = line.arguments();
    std::vector<std::string> right(
        typed.begin(), typed.end() - static_cast<std::ptrdiff_t>(words.size()));
    right.insert(right.end(), command.begin(), command.begin() + count);
    right.push_back(words[0]);
    right.insert(right.end(), command.begin() + count, command.end());
    std::string text = line.name();
    for (const std::string& word : right) text += cat(" ", shell_word(word));
    return text;
}

}  // namespace

void declare_create_options(CommandLine& line, CreateCommandLine& options) {
    declare_identity_options(line, options);
    declare_process_options(line, options);
    declare_network_options(line, options);
    declare_storage_options(line, options);
    declare_limits(line, options);
    declare_security_options(line, options);
}

void declare_run_options(CommandLine& line, CreateCommandLine& options) {
    line.group("Options");
    line.flag("-d,--detach", "run in the background, print the ID",
              options.run.detach);
    line.flag("--sig-proxy", "signals go to the container (true)",
              options.run.sig_proxy);
    line.value("--detach-keys", "KEYS",
               "leave a terminal with these (ctrl-p,ctrl-q)",
               store(options.run.detach_keys));
}

void finish_create_options(const CommandLine& line, CreateCommandLine& options,
                           const std::vector<std::string>& words) {
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, "no IMAGE given")
            .advise(cat(line.name(), " [OPTION...] IMAGE [COMMAND...]"));
    CreateRequest& request = options.request;
    request.image = words[0];
    request.typed.command = {words.begin() + 1, words.end()};
    if (options.run.detach && !request.attach.empty())
        contradict("--attach", "--detach");
    request.detached = options.run.detach;
    parse_detach_keys(options.run.detach_keys);  // refuses what is none
    join_lists(options);
    apply_isolation(request);
    settle_networks(options);
    settle_capabilities(request.host);
    settle_health(options);
    check_log(request.host);
    options.warnings = check_request(request);
    for (const PortBinding& port : request.host.ports)
        request.expose.insert(cat(port.container_port, "/", port.protocol));
    check_cid_file(options.cid_file);
    options.corrected = corrected_line(line, words);
}

void check_command(const CreateCommandLine& options, const RunConfig& image) {
    const RunOverrides& typed = options.request.typed;
    bool has_entrypoint = typed.entrypoint ? !typed.entrypoint->empty()
                                           : !image.entrypoint.empty();
    if (options.corrected.empty() || has_entrypoint) return;
    throw Error(ErrorKind::InvalidArgument,
                cat(quote(typed.command[0]), " stands behind the image ",
                    options.request.image, ", where it is the command to run"))
        .advise(cat("options come first: ", options.corrected));
}

}  // namespace slipway
