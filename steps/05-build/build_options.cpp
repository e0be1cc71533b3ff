#include "05-build/build_options.hpp"

#include <arpa/inet.h>
#include <stdlib.h>

#include <algorithm>
#include <ctime>

#include "02-namespaces/id_map.hpp"
#include "04-images/new_image.hpp"
#include "04-images/reference.hpp"
#include "04-images/registry_options.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/numbers.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

using Fields = std::map<std::string, std::string>;

[[noreturn]] void refuse(std::string_view option, std::string_view text,
                         std::string_view advice) {
    throw Error(ErrorKind::InvalidArgument, cat(option, " ", quote(text)))
        .advise(std::string(advice));
}

// "type=local,dest=out". A word without "=" has the name "".
Fields fields_of(const std::string& text) {
    Fields fields;
    for (const std::string& field : split(text, ',')) {
        std::size_t equals = field.find('=');
        if (equals == field.npos)
            fields[""] = field;
        else
            fields[field.substr(0, equals)] = field.substr(equals + 1);
    }
    return fields;
}

std::pair<std::string, std::string> name_value(std::string_view option,
                                               const std::string& text) {
    std::size_t equals = text.find('=');
    if (equals == 0) refuse(option, text, "write NAME=VALUE");
    if (equals != text.npos)
        return {text.substr(0, equals), text.substr(equals + 1)};
    return {text, ""};
}

// A name alone takes its value from the environment, and is nothing without.
void add_build_arg(BuildPlan& plan, const std::string& text) {
    auto [name, value] = name_value("--build-arg", text);
    if (text.find('=') == text.npos) {
        const char* own = ::getenv(name.c_str());
        if (!own) return;
        value = own;
    }
    plan.args[name] = value;
}

//@ begin secret-option
void add_secret(BuildPlan& plan, const std::string& text) {
    Fields fields = fields_of(text);
    std::string id = fields["id"];
    std::string file =
        fields.contains("src") ? fields["src"] : fields["source"];
    std::string variable = fields["env"];
    if (id.empty() || (!file.empty() && !variable.empty()))
        refuse("--secret", text, "write id=ID,src=FILE or id=ID,env=NAME");
    if (file.empty() && variable.empty()) variable = id;
    constexpr std::size_t largest = 500 << 10;  // as BuildKit
    if (!file.empty()) {
        plan.secrets[id] = {read_file(file, largest)};
        return;
    }
    const char* value = ::getenv(variable.c_str());
    if (!value)
        throw Error(ErrorKind::NotFound, cat("--secret ", id, ": the variable ",
                                             variable, " is not set"));
    plan.secrets[id] = {value};
}
//@ end secret-option

void add_ssh(BuildPlan& plan, const std::string& text) {
    auto [id, socket] = name_value("--ssh", text);
    if (socket.empty()) {
        const char* agent = ::getenv("SSH_AUTH_SOCK");
        if (!agent)
            throw Error(ErrorKind::NotFound, "--ssh: SSH_AUTH_SOCK is not set")
                .advise("start an agent, or write --ssh ID=SOCKET");
        socket = agent;
    }
    plan.ssh[id] = socket;
}

BuildOutput parse_output(const std::string& text) {
    if (text == "-") return {"tar", "-"};
    if (text.find('=') == text.npos) return {"local", text};
    Fields fields = fields_of(text);
    BuildOutput output{fields["type"], fields["dest"],
                       fields["push"] == "true"};
    if (output.type == "registry") output = {"image", "", true};
    bool to_file = output.type == "tar" || output.type == "oci" ||
                   output.type == "docker" || output.type == "local";
    if (!to_file && output.type != "image")
        refuse("--output", text,
               "types are local, tar, oci, docker, image and registry");
    if (output.dest.empty() && output.type == "docker") output.type = "image";
    if (output.dest.empty() && to_file && output.type != "image")
        refuse("--output", text, "where to? add dest=PATH");
    return output;
}

CacheExchange parse_cache(const char* option, const std::string& text) {
    if (text.find('=') == text.npos) return {"registry", text};
    Fields fields = fields_of(text);
    std::string type = fields["type"];
    if (type == "registry" && !fields["ref"].empty())
        return {type, fields["ref"]};
    std::string place =
        fields.contains("dest") ? fields["dest"] : fields["src"];
    if (type == "local" && !place.empty()) return {type, place};
    refuse(option, text,
           "write type=registry,ref=NAME or type=local,dest=DIR (src=DIR)");
}

ExecNetwork parse_network(const std::string& text) {
    if (text == "host") return ExecNetwork::Host;
    if (text == "none") return ExecNetwork::None;
    refuse("--network", text, "it is default, none or host");
}

void add_host(BuildPlan& plan, const std::string& text) {
    std::size_t end = std::min(text.find_first_of(":="), text.size());
    std::string address = text.substr(std::min(end + 1, text.size()));
    if (address.starts_with('[') && address.ends_with(']'))
        address = address.substr(1, address.size() - 2);
    in6_addr bytes;
    if (end == 0 || (::inet_pton(AF_INET, address.c_str(), &bytes) != 1 &&
                     ::inet_pton(AF_INET6, address.c_str(), &bytes) != 1))
        refuse("--add-host", text, "write NAME:ADDRESS, with numbers");
    plan.hosts[text.substr(0, end)] = address;
}

void declare_inputs(CommandLine& line, BuildOptions& options) {
    BuildPlan& plan = options.plan;
    line.value("-f,--file", "FILE", "the Dockerfile (PATH/Dockerfile)",
               [&](auto& text) { options.dockerfile = text; });
    line.value("--target", "STAGE", "build this stage, by name or number",
               [&](auto& text) { plan.target = text; });
    line.values("--build-arg", "NAME=VALUE", "a value for ARG",
                [&](auto& text) { add_build_arg(plan, text); });
    line.values("--build-context", "NAME=PATH|docker-image://IMAGE",
                "more files, for COPY --from=NAME and FROM NAME",
                [&](auto& text) {
                    plan.contexts.insert(name_value("--build-context", text));
                });
    line.values("--secret", "id=ID,src=FILE",
                "for RUN --mount=type=secret; or id=ID,env=NAME",
                [&](auto& text) { add_secret(plan, text); });
    line.values("--ssh", "ID[=SOCKET]",
                "an agent for RUN --mount=type=ssh and ADD",
                [&](auto& text) { add_ssh(plan, text); });
    line.value("--platform", "OS/ARCH", "of base images",
               [&](auto& text) { plan.platform = parse_platform(text); });
    line.flag("--pull", "look for newer base images", plan.pull);
}

void declare_commands(CommandLine& line, BuildOptions& options) {
    BuildPlan& plan = options.plan;
    line.value("--network", "default|none|host", "of RUN (default)",
               [&](auto& text) {
                   if (text != "default") plan.network = parse_network(text);
               });
    line.values("--allow", "network.host", "RUN --network=host is fine",
                [&](auto& text) {
                    if (text != "network.host")
                        refuse("--allow", text, "there is only network.host");
                    plan.allow_host_network = true;
                });
    line.values("--add-host", "NAME:ADDRESS", "one more line in /etc/hosts",
                [&](auto& text) { add_host(plan, text); });
    line.value("-m,--memory", "SIZE", "the most that a RUN may use",
               [&](auto& text) { plan.memory = parse_size(text); });
    line.value("--pids-limit", "N", "the most processes of a RUN (4096)",
               [&](auto& text) {
                   plan.pids = parse_unsigned(text, UINT32_MAX);
                   if (!plan.pids) refuse("--pids-limit", text, "a number");
               });
}

void declare_cache(CommandLine& line, BuildOptions& options) {
    BuildPlan& plan = options.plan;
    line.flag("--no-cache", "carry out every instruction", plan.no_cache);
    line.values("--no-cache-filter", "STAGE,...", "those of these stages",
                [&](auto& text) {
                    for (const std::string& stage : split(text, ','))
                        plan.no_cache_stages.insert(stage);
                });
    line.flag("--explain-cache", "say why a step is not cached",
              plan.explain_cache);
    line.values(
        "--cache-from", "type=registry,ref=NAME | type=local,src=DIR",
        "a cache from elsewhere", [&](auto& text) {
            options.cache_from.push_back(parse_cache("--cache-from", text));
        });
    line.values("--cache-to", "type=registry,ref=NAME | type=local,dest=DIR",
                "send this build's cache there", [&](auto& text) {
                    options.cache_to.push_back(parse_cache("--cache-to", text));
                });
}

void declare_outputs(CommandLine& line, BuildOptions& options) {
    line.values("-t,--tag", "NAME[:TAG]", "a name for the image",
                [&](auto& text) {
                    options.names.push_back(parse_reference(text).text());
                });
    line.values("--label", "NAME=VALUE", "a label of the image",
                [&](auto& text) {
                    options.plan.labels.insert(name_value("--label", text));
                });
    line.values("-o,--output", "type=TYPE,dest=PATH",
                "local: a folder; tar, oci, docker: a file", [&](auto& text) {
                    options.outputs.push_back(parse_output(text));
                });
    line.flag("--push", "push the image when it is built", options.push);
    line.flag("--load", "keep the image in the store (it is kept anyway)",
              options.load);
    line.value("--iidfile", "FILE", "write the image's ID there",
               [&](auto& text) { options.image_id_file = text; });
    line.value("--metadata-file", "FILE", "write what was built there, as JSON",
               [&](auto& text) { options.metadata_file = text; });
    line.flag("-q,--quiet", "print the image's ID only", options.quiet);
    line.value("--progress", "auto|plain|tty|json|quiet", "how it is shown",
               [&](auto& text) { options.progress = text; });
}

// What docker build and docker buildx build have besides.
void declare_refused(CommandLine& line) {
    for (const char* name :
         {"--cgroup-parent", "-c,--cpu-shares", "--cpu-period", "--cpu-quota",
          "--cpuset-cpus", "--cpuset-mems", "--memory-swap", "--shm-size",
          "--ulimit"})
        line.refuse(name, "a RUN is limited by --memory and --pids-limit");
    line.refuse("--security-opt", "each RUN has the usual restrictions");
    line.refuse("--isolation", "that is for Windows");
    line.refuse("--squash",
                "build in one stage, and COPY --from it what is wanted");
    line.refuse("--annotation", "images have labels: --label");
    line.refuse("--builder", "there is one builder, and it is here");
    line.refuse("--call", "write --check");
    line.refuse("-D,--debug", "see --progress plain and --debug-shell");
    for (const char* name : {"--attest", "--provenance", "--sbom"}) {
        line.value(name, "false", "", [name](auto& text) {
            if (text == "false") return;
            refuse(name, text, "no statements are made about an image");
        });
        line.hide(name);
    }
}

}  // namespace

void declare_build(CommandLine& line, BuildOptions& options) {
    declare_inputs(line, options);
    declare_outputs(line, options);
    declare_cache(line, options);
    declare_commands(line, options);
    line.flag("--check", "look for mistakes, and build nothing", options.check);
    line.flag("--verify", "build twice, and compare", options.verify);
    line.flag("--debug-shell",
              "when an instruction fails: a shell in the state before it",
              options.debug_shell);
    declare_registry(line, options.plan.registry);
    static bool ignored = false;
    line.flag("--rm,--force-rm", "does nothing: nothing is left anyway",
              ignored);
    line.flag("--compress,--disable-content-trust", "", ignored);
    line.hide("--compress");
    line.hide("--disable-content-trust");
    declare_refused(line);
    line.footer(
        cat("PATH is a folder, a tar, the URL of a git repository, or - for "
            "standard\ninput.\n\nExample:\n  ",
            line.name(), " -t app --build-arg VERSION=2 ."));
}

void finish_build_options(BuildOptions& options) {
    BuildPlan& plan = options.plan;
    constexpr std::uint64_t usual_pids = 4096;
    // An ordinary user need not have a cgroup to give: then only what was asked
    // for is insisted on.
    if (!plan.pids && !in_user_namespace()) plan.pids = usual_pids;
    const char* variable = ::getenv("SOURCE_DATE_EPOCH");
    std::string epoch = variable ? variable : "";
    if (auto given = plan.args.find("SOURCE_DATE_EPOCH");
        given != plan.args.end())
        epoch = given->second;
    plan.created = std::time(nullptr);
    if (!epoch.empty()) {
        plan.created = parse_source_date_epoch(epoch);
        plan.source_date_epoch = plan.created;
    }
    if (options.verify && !plan.source_date_epoch)
        plan.source_date_epoch = plan.created;
    for (const BuildOutput& output : options.outputs)
        options.push = options.push || output.push;
    if (options.push && options.names.empty())
        throw Error(ErrorKind::InvalidArgument, "--push needs a name")
            .advise("add -t REGISTRY/NAME:TAG");
    if (options.quiet) options.progress = "quiet";
}

}  // namespace slipway
