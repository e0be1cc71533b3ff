#include "06-engine/cli/exec_options.hpp"

#include "06-engine/cli/key_values.hpp"
#include "06-engine/cli/life_options.hpp"
#include "06-engine/cli/limit_options.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"

namespace slipway {

void declare_exec(CommandLine& line, ExecLine& exec) {
    line.flag("-d,--detach", "return at once", exec.detach);
    line.flag("-i,--interactive", "hand on the standard input",
              exec.interactive);
    line.flag("-t,--tty", "a terminal of its own", exec.tty);
    line.values(
        "-e,--env", "NAME[=VALUE]",
        "an environment variable; without VALUE: our own",
        [&](auto& text) { exec.environment.push_back(parse_env(text)); });
    line.values("--env-file", "FILE", "variables, one a line",
                append(exec.env_files));
    line.value("-u,--user", "USER[:GROUP]", "who it runs as: names or numbers",
               store(exec.user));
    line.value("-w,--workdir", "DIR", "start in this directory",
               store(exec.workdir));
    line.flag("--privileged", "all rights", exec.privileged);
    line.value("--detach-keys", "KEYS",
               "leave a terminal with these (ctrl-p,ctrl-q)",
               store(exec.detach_keys));
}

void finish_exec(ExecLine& exec, const std::vector<std::string>& words) {
    if (words.size() < 2)
        throw Error(ErrorKind::InvalidArgument,
                    words.empty() ? "no CONTAINER given" : "no COMMAND given")
            .advise("exec [OPTION...] CONTAINER COMMAND [ARG...]");
    if (!exec.workdir.empty() && exec.workdir[0] != '/')
        refuse_option("--workdir", exec.workdir, "it is not absolute",
                      "write the path inside the container, from / on");
    exec.container = words[0];
    exec.command = {words.begin() + 1, words.end()};
    std::vector<std::string> environment;
    for (const std::string& file : exec.env_files)
        for (std::string& variable : read_env_file(file))
            environment.push_back(std::move(variable));
    environment.insert(environment.end(), exec.environment.begin(),
                       exec.environment.end());
    exec.environment = std::move(environment);
}

void declare_update(CommandLine& line, UpdateLine& update) {
    line.value("--restart", "POLICY",
               "no, on-failure[:N], always, unless-stopped",
               [&](auto& text) { update.restart = parse_restart(text); });
    declare_update_limits(line, update.resources);
    line.refuse("--kernel-memory", "kernels do not limit it any more");
}

void finish_update(UpdateLine& update, const std::vector<std::string>& words) {
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, "no CONTAINER given")
            .advise("update [OPTION...] CONTAINER...");
    if (!update.restart && update.resources == ResourceRequest{})
        throw Error(ErrorKind::InvalidArgument, "nothing is to change")
            .advise("give one or more options: -m 1g, --restart always");
    update.containers = words;
}

}  // namespace slipway
