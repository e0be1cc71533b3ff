// What a container is called and what runs in it.
#include "04-images/platform.hpp"
#include "06-engine/cli/create_options.hpp"
#include "06-engine/cli/key_values.hpp"
#include "06-engine/cli/life_options.hpp"
#include "06-engine/cli/network_option.hpp"
#include "06-engine/cli/option_text.hpp"
#include "common/error.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

std::string parse_workdir(const std::string& text) {
    if (!text.empty() && text[0] != '/')
        refuse_option("--workdir", text, "it is not absolute",
                      "write the path inside the container, from / on");
    return text;
}

std::string parse_pull(const std::string& text) {
    if (text == "always" || text == "missing" || text == "never") return text;
    refuse_option("--pull", text, "it is none of always, missing, never");
}

void declare_program(CommandLine& line, CreateCommandLine& options) {
    CreateRequest& request = options.request;
    line.values("-e,--env", "NAME[=VALUE]",
                "an environment variable; without VALUE: our own",
                [&](auto& text) { options.env.push_back(parse_env(text)); });
    line.values("--env-file", "FILE", "variables, one a line",
                append(options.env_files));
    line.value(
        "-w,--workdir", "DIR", "start in this directory",
        [&](auto& text) { request.typed.workdir = parse_workdir(text); });
    line.value("-u,--user", "USER[:GROUP]", "who it runs as: names or numbers",
               store(request.typed.user));
    line.values("--group-add", "GROUP", "one more group of the user",
                append(request.host.group_add));
    line.value("--entrypoint", "PROGRAM",
               "instead of the image's; \"\" takes it away",
               [&](auto& text) { request.typed.entrypoint = text; });
    line.flag("--init", "number 1 reaps and passes signals on",
              request.host.init);
}

void declare_streams(CommandLine& line, CreateCommandLine& options) {
    CreateRequest& request = options.request;
    line.flag("-i,--interactive", "keep the standard input open",
              request.open_stdin);
    line.flag("-t,--tty", "a terminal of its own", request.tty);
    line.values("-a,--attach", "STREAM", "stdin, stdout or stderr only",
                [&](auto& text) { request.attach.insert(parse_stream(text)); });
}

void declare_ending(CommandLine& line, CreateCommandLine& options) {
    CreateRequest& request = options.request;
    line.value("--restart", "POLICY",
               "no, on-failure[:N], always, unless-stopped",
               [&](auto& text) { request.host.restart = parse_restart(text); });
    line.flag("--rm", "remove the container when it ends",
              request.host.auto_remove);
    line.value("--stop-signal", "SIGNAL", "what stop sends (SIGTERM)",
               [&](auto& text) {
                   with_context("--stop-signal", [&] { parse_signal(text); });
                   request.stop_signal = text;
               });
    line.value("--stop-timeout", "SECONDS",
               "how long stop waits before SIGKILL (10; -1: for ever)",
               [&](auto& text) {
                   request.stop_timeout = static_cast<int>(
                       parse_integer("--stop-timeout", text, -1, INT32_MAX));
               });
}

}  // namespace

void declare_process_options(CommandLine& line, CreateCommandLine& options) {
    line.group("Process");
    declare_streams(line, options);
    declare_program(line, options);
    declare_ending(line, options);
}

void declare_identity_options(CommandLine& line, CreateCommandLine& options) {
    CreateRequest& request = options.request;
    line.group("Container");
    line.value("--name", "NAME", "what it is called", [&](auto& text) {
        request.name = text.starts_with('/') ? text.substr(1) : text;
    });
    line.value("-h,--hostname", "NAME", "the host name inside",
               [&](auto& text) {
                   request.hostname = parse_host_name("--hostname", text);
               });
    line.value("--domainname", "NAME", "the NIS domain name inside",
               [&](auto& text) {
                   request.domainname = parse_host_name("--domainname", text);
               });
    line.values("-l,--label", "KEY[=VALUE]", "for filters and for people",
                append(options.labels));
    line.values("--label-file", "FILE", "labels, one a line",
                append(options.label_files));
    line.values("--annotation", "KEY=VALUE", "handed on to the OCI runtime",
                [&](auto& text) {
                    add_pair(request.host.annotations, "--annotation", text);
                });
    line.value("--cidfile", "FILE", "write the container's ID there",
               store(options.cid_file));
    line.value("--pull", "WHEN", "the image: always, missing, never",
               [&](auto& text) { request.pull = parse_pull(text); });
    line.value("--platform", "OS/ARCH", "which of an image's platforms",
               [&](auto& text) {
                   with_context("--platform", [&] { parse_platform(text); });
                   request.platform = text;
               });
    line.flag("-q,--quiet", "no progress while the image is fetched",
              options.quiet);
    static bool ignored = false;
    line.flag("--disable-content-trust", "ignored: there is none", ignored);
    line.hide("--disable-content-trust");
    line.refuse("--use-api-socket",
                "not supported: with it the container would be root of this "
                "host");
}

}  // namespace slipway
