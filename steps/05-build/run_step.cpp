// RUN: a command in the stage's root; what it changes becomes a layer.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <optional>

#include <nlohmann/json.hpp>

#include "04-images/run_image.hpp"
#include "05-build/build_session.hpp"
#include "05-build/mount_stubs.hpp"
#include "05-build/root_view.hpp"
#include "05-build/run_mounts.hpp"
#include "common/environment.hpp"
#include "common/error.hpp"
#include "common/text.hpp"
#include "common/times.hpp"

namespace slipway {

namespace {

constexpr char script_folder[] = "/dev/pipes/";
constexpr char host_name[] = "slipway";

struct RunWork {
    std::vector<std::string> words;
    RunVariables variables;
    ExecNetwork network = ExecNetwork::None;
    std::vector<ReadyMount> mounts;
    std::vector<UniqueFd> caches;  ///< held while it runs
};

//@ begin run-script
// RUN <<EOF: the text is the script. With #! it is a program of its own,
// without one it is for the shell. In RUN cat <<EOF the shell itself reads the
// text that follows.
void take_heredocs(const StageState& state, const Run& run, RunWork& work) {
    const CommandLineForm& command = run.command;
    if (command.heredocs.empty()) return;
    const Heredoc& first = command.heredocs[0];
    std::string_view text = command.words.at(0);
    bool is_script = command.heredocs.size() == 1 && text.starts_with("<<") &&
                     text.find_first_of(" \t") == text.npos;
    work.words = shell_of(state);
    if (!is_script) {
        std::string whole(text);
        for (const Heredoc& each : command.heredocs)
            whole += cat("\n", each.text, each.word);
        work.words.push_back(whole + "\n");
    } else if (!first.text.starts_with("#!")) {
        work.words.push_back(first.text);
    } else {
        ExecMount script{ExecMount::Kind::File, script_folder + first.word};
        script.content = first.text;
        script.mode = 0755;
        work.words = {script.target};
        ReadyMount mount;
        mount.exec = std::move(script);
        mount.identity = Digest::of(first.text).text();
        work.mounts.push_back(std::move(mount));
    }
}
//@ end run-script

ExecNetwork network_of(const BuildPlan& plan, const Run& run) {
    if (run.network == "none") return ExecNetwork::None;
    if (run.network.empty() || run.network == "default") return plan.network;
    if (plan.network == ExecNetwork::Host || plan.allow_host_network)
        return ExecNetwork::Host;
    throw Error(ErrorKind::Forbidden, "--network=host is not allowed here")
        .advise("allow it: --allow network.host");
}

std::string network_text(ExecNetwork network) {
    if (network == ExecNetwork::Default) return "default";
    return network == ExecNetwork::Host ? "host" : "none";
}

//@ begin run-key
// Everything that the command can see, and nothing else: a LABEL in front of it
// changes nothing.
StepKey run_key(const StageState& state, const RunWork& work,
                std::optional<std::time_t> epoch) {
    StepKey key;
    key.inputs.push_back(
        {"the command",
         nlohmann::json(work.words)
             .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace)});
    for (const std::string& each : work.variables.environment) {
        std::size_t equals = each.find('=');
        std::string name = each.substr(0, equals);
        bool is_arg =
            std::find(work.variables.args.begin(), work.variables.args.end(),
                      each) != work.variables.args.end();
        key.inputs.push_back(
            {cat(is_arg ? "ARG " : "ENV ", name), each.substr(equals + 1)});
    }
    //@ end run-key
    //@ begin run-key-below
    for (const ReadyMount& mount : work.mounts)
        if (!mount.identity.empty())
            key.inputs.push_back(
                {cat("the mount ", mount.exec.target), mount.identity});
    const RunConfig& config = state.config.config;
    key.inputs.push_back({"the user", config.user});
    key.inputs.push_back({"the working directory", config.working_dir});
    key.inputs.push_back({"the network", network_text(work.network)});
    key.inputs.push_back({"the platform", state.config.platform.text()});
    // It is the latest time that files may have.
    if (epoch) key.inputs.push_back({"SOURCE_DATE_EPOCH", cat(*epoch)});
    for (std::size_t i = 0; i < state.layers.size(); ++i)
        key.inputs.push_back({cat("layer ", i + 1, " below it"),
                              state.layers[i].diff_id.text()});
    return key;
}
//@ end run-key-below

// Proxies are passed on, and count for nothing: they say how to reach a thing,
// not which.
void add_proxies(const BuildPlan& plan, std::vector<std::string>& environment) {
    for (const char* name :
         {"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY",
          "http_proxy", "https_proxy", "ftp_proxy", "no_proxy", "all_proxy"}) {
        auto given = plan.args.find(name);
        if (given != plan.args.end() &&
            environment_value(environment, name).empty())
            set_environment(environment, cat(name, "=", given->second));
    }
}

std::string hosts_text(const BuildPlan& plan) {
    std::string text = cat("127.0.0.1\tlocalhost ", host_name,
                           "\n::1\tlocalhost ip6-localhost\n");
    for (const auto& [name, address] : plan.hosts)
        text += cat(address, "\t", name, "\n");
    return text;
}

ReadyMount ready(ExecMount exec) {
    ReadyMount mount;
    mount.exec = std::move(exec);
    return mount;
}

void add_network_files(BuildSession& session, RunWork& work) {
    ExecMount hosts{ExecMount::Kind::File, "/etc/hosts"};
    hosts.content = hosts_text(session.plan);
    hosts.mode = 0644;
    work.mounts.push_back(ready(hosts));
    if (work.network != ExecNetwork::Host) return;
    char resolved[PATH_MAX];
    if (!::realpath("/etc/resolv.conf", resolved)) return;
    ExecMount names{ExecMount::Kind::Bind, "/etc/resolv.conf"};
    names.source = resolved;
    names.read_only = true;
    ReadyMount mount = ready(names);
    mount.is_single_file = true;
    work.mounts.push_back(std::move(mount));
}

ExecRequest request_for(StageWork& stage, RunWork& work) {
    BuildSession& session = stage.session;
    const StageState& state = stage.state;
    ExecRequest request;
    request.layers = layer_folders(session.store, state.layers);
    request.user_xattr = session.store.user_xattr;
    request.upper = session.make_folder();
    request.work = session.make_folder();
    request.place = session.make_folder();
    request.command = work.words;
    RunConfig config;
    config.env = work.variables.environment;
    request.environment = environment_of(config, {});
    // Which terminal somebody sits at is none of the build's business.
    std::erase_if(request.environment, [](const std::string& each) {
        return each.starts_with("TERM=");
    });
    add_proxies(session.plan, request.environment);
    request.user = state.config.config.user;
    request.workdir = state.config.config.working_dir;
    request.hostname = host_name;
    request.network = work.network;
    request.memory = session.plan.memory;
    request.pids = session.plan.pids;
    std::vector<MountTarget> targets = {{"/proc"}, {"/sys"}, {"/dev"}};
    if (work.network == ExecNetwork::Default)  // who runs it may mount it there
        targets.push_back({"/etc/resolv.conf", true});
    work.caches = hold_caches(session, work.mounts);
    for (ReadyMount& mount : work.mounts) {
        if (mount.prepare) mount.prepare(mount);
        if (mount.needs_folder()) mount.exec.folder = session.make_folder();
        if (!mount.exec.target.starts_with("/dev/"))
            targets.push_back({mount.exec.target, mount.is_file()});
        if (!mount.environment.empty())
            set_environment(request.environment, mount.environment);
        if (!mount.exec.target.empty()) request.mounts.push_back(mount.exec);
    }
    std::erase_if(targets, [](const auto& each) { return each.path.empty(); });
    std::string stubs = session.make_folder();
    UniqueFd root = open_root(session.store, state.layers);
    if (make_stubs(root.get(), targets, stubs)) request.layers.push_back(stubs);
    return request;
}

[[noreturn]] void refuse_status(const RunWork& work, const ExitStatus& status) {
    std::string shown = join(work.words, " ");
    constexpr std::size_t longest = 400;
    if (shown.size() > longest) shown = shown.substr(0, longest) + "...";
    throw Error(ErrorKind::System,
                cat("The command '", shown,
                    "' returned a non-zero code: ", status.exit_code()))
        .exit_with(1);
}

//@ begin execute
CachedStep execute(StageWork& stage, RunWork& work) {
    BuildSession& session = stage.session;
    ExecRequest request = request_for(stage, work);
    ExecSession streams;
    streams.cancelled_fd = session.cancelled_fd;
    streams.output = [&](std::string_view bytes) {
        stage.tell(BuildEvent::Kind::Output, std::string(bytes));
    };
    ExitStatus status = session.plan.executor(request, streams);
    // Killed by us: that is no failure of the command's.
    if (status.exit_code() != 0 && session.is_cancelled())
        throw Error(ErrorKind::Cancelled, "the build was given up");
    if (status.exit_code() != 0) refuse_status(work, status);
    return {layer_from_upper(session.layer_plan(), request.upper),
            format_time(session.plan.created)};
}
//@ end execute

std::string history_text(const RunWork& work) {
    std::string text = "RUN ";
    if (!work.variables.args.empty())
        text += cat("|", work.variables.args.size(), " ",
                    join(work.variables.args, " "), " ");
    return text + join(work.words, " ");
}

}  // namespace

//@ begin run-step
void run_step(StageWork& stage, const Instruction& instruction,
              const Run& run) {
    if (run.security == "insecure")
        throw Error(ErrorKind::Forbidden, "--security=insecure is not allowed");
    RunWork work;
    work.words = command_words(stage.state, run.command);
    work.variables = run_variables(stage.state);
    work.network = network_of(stage.session.plan, run);
    work.mounts = ready_mounts(stage, run);
    take_heredocs(stage.state, run, work);
    StepKey key =
        run_key(stage.state, work, stage.session.plan.source_date_epoch);
    auto step = find_step(stage, instruction.text, key);
    if (step) {
        stage.tell(BuildEvent::Kind::Cached);
    } else {
        add_network_files(stage.session, work);
        step = execute(stage, work);
        stage.session.cache.keep(key.digest(), *step, instruction.text);
    }
    if (step->layer) stage.state.layers.push_back(*step->layer);
    add_history(stage.state, history_text(work), !step->layer, step->created);
}
//@ end run-step

}  // namespace slipway
