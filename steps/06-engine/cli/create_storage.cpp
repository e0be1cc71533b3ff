// Volumes, mounts, namespaces and rights of `create` and `run`.
#include "02-namespaces/sysctl.hpp"
#include "06-engine/cli/create_options.hpp"
#include "06-engine/cli/key_values.hpp"
#include "06-engine/cli/life_options.hpp"
#include "06-engine/cli/mount_option.hpp"
#include "06-engine/cli/option_text.hpp"
#include "06-engine/cli/security_options.hpp"
#include "common/error.hpp"

namespace slipway {

void declare_storage_options(CommandLine& line, CreateCommandLine& options) {
    HostConfig& host = options.request.host;
    line.group("Storage");
    auto add = [&host](MountRequest (*parse)(std::string_view)) {
        return
            [&host, parse](auto& text) { host.mounts.push_back(parse(text)); };
    };
    line.values("-v,--volume", "[SOURCE:]TARGET[:ro]",
                "a volume, or a folder of the host", add(parse_volume_option));
    line.values("--mount", "type=TYPE,source=…,target=…",
                "the same and more, in fields", add(parse_mount_option));
    line.values("--tmpfs", "TARGET[:OPTIONS]", "an empty folder in memory",
                add(parse_tmpfs_option));
    line.values("--volumes-from", "CONTAINER[:ro]", "another one's volumes",
                [&](auto& text) {
                    host.volumes_from.push_back(parse_volumes_from(text));
                });
    line.flag("--read-only", "the root filesystem cannot be written",
              host.read_only_root);
    line.value("--volume-driver", "DRIVER", "local; there is no other one",
               [](auto& text) {
                   if (!text.empty() && text != "local")
                       throw Error(ErrorKind::Unsupported,
                                   "--volume-driver: local is the only one");
               });
    line.hide("--volume-driver");
    line.refuse("--storage-opt",
                "overlay has no options of one container; see --tmpfs and "
                "volumes");
}

namespace {

void declare_namespaces(CommandLine& line, HostConfig& host) {
    struct Mode {
        const char *option, *help;
        std::vector<std::string> words;
        std::string HostConfig::*to;
    };
    for (const Mode& mode :
         {Mode{"--pid",
               "host, container:NAME",
               {"host", "container:", "private", ""},
               &HostConfig::pid_mode},
          Mode{"--ipc",
               "private, shareable, none, host, container:NAME",
               {"none", "private", "shareable", "host", "container:", ""},
               &HostConfig::ipc_mode},
          Mode{"--uts", "host", {"host", "private", ""}, &HostConfig::uts_mode},
          Mode{"--userns", "host", {"host", ""}, &HostConfig::userns_mode},
          Mode{"--cgroupns",
               "private, host",
               {"private", "host", ""},
               &HostConfig::cgroupns_mode}})
        line.value(
            mode.option, "NAMESPACE", mode.help, [&host, mode](auto& text) {
                host.*mode.to = parse_mode(mode.option, text, mode.words);
            });
    line.value("--isolation", "LEVEL",
               "chroot, namespaces, cgroups or full, as in the course",
               [&](auto& text) { host.isolation = parse_isolation(text); });
    line.value("--runtime", "PROGRAM", "another OCI runtime: a path, or a name",
               [&](auto& text) { host.runtime = parse_runtime(text); });
}

void declare_rights(CommandLine& line, HostConfig& host) {
    line.flag("--privileged", "all rights, all devices", host.privileged);
    line.values("--cap-add", "CAPABILITY", "a right more; ALL",
                [&](auto& text) {
                    host.cap_add.push_back(parse_capability("--cap-add", text));
                });
    line.values(
        "--cap-drop", "CAPABILITY", "a right less; ALL", [&](auto& text) {
            host.cap_drop.push_back(parse_capability("--cap-drop", text));
        });
    line.values("--security-opt", "OPTION",
                "no-new-privileges, seccomp=FILE|unconfined, "
                "systempaths=unconfined",
                [&](auto& text) { add_security_option(host, text); });
    line.values("--sysctl", "NAME=VALUE", "a kernel setting of its own",
                [&](auto& text) {
                    Sysctl sysctl = parse_sysctl(text);
                    host.sysctls[sysctl.name] = sysctl.value;
                });
}

}  // namespace

void declare_security_options(CommandLine& line, CreateCommandLine& options) {
    HostConfig& host = options.request.host;
    line.group("Isolation");
    declare_namespaces(line, host);
    declare_rights(line, host);
    line.group("Health and logs");
    declare_health(line, options.request.health);
    line.flag("--no-healthcheck", "not even the image's",
              options.no_healthcheck);
    line.value("--log-driver", "DRIVER", "json-file, local or none",
               store(host.log_driver));
    line.values(
        "--log-opt", "KEY=VALUE", "max-size=10m, max-file=3, …",
        [&](auto& text) { add_pair(host.log_options, "--log-opt", text); });
}

}  // namespace slipway
