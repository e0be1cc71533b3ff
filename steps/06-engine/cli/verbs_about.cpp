// info, version.
#include <memory>

#include <nlohmann/json.hpp>

#include "06-engine/cli/list_look.hpp"
#include "06-engine/cli/look_verbs.hpp"
#include "06-engine/engine/about.hpp"
#include "common/error.hpp"
#include "common/numbers.hpp"
#include "common/template.hpp"

namespace slipway {

namespace {

using nlohmann::ordered_json;

/// Docker's layout of info and version, filled in.
constexpr char info_text[] =
    R"(Client:
 Version:    {{.ClientInfo.Version}}
 Context:    {{.ClientInfo.Context}}
 Debug Mode: {{.Debug}}

Server:
 Containers: {{.Containers}}
  Running: {{.ContainersRunning}}
  Paused: {{.ContainersPaused}}
  Stopped: {{.ContainersStopped}}
 Images: {{.Images}}
 Server Version: {{.ServerVersion}}
 Storage Driver: {{.Driver}}
{{- range .DriverStatus}}
  {{index . 0}}: {{index . 1}}
{{- end}}
 Logging Driver: {{.LoggingDriver}}
 Cgroup Driver: {{.CgroupDriver}}
 Cgroup Version: {{.CgroupVersion}}
 Plugins:
  Volume: {{join .Plugins.Volume " "}}
  Network: {{join .Plugins.Network " "}}
  Log: {{join .Plugins.Log " "}}
 Swarm: {{.Swarm.LocalNodeState}}
 Runtimes: {{range $name, $runtime := .Runtimes}}{{$name}}{{end}}
 Default Runtime: {{.DefaultRuntime}}
 Init Binary: {{.InitBinary}}
 Security Options:
{{- range .SecurityOptions}}
  {{.}}
{{- end}}
 Kernel Version: {{.KernelVersion}}
 Operating System: {{.OperatingSystem}}
 OSType: {{.OSType}}
 Architecture: {{.Architecture}}
 CPUs: {{.NCPU}}
 Total Memory: {{.MemoryText}}
 Name: {{.Name}}
 Docker Root Dir: {{.DockerRootDir}}
 State Dir: {{.StateDir}}
 Experimental: {{.ExperimentalBuild}}
 Live Restore Enabled: {{.LiveRestoreEnabled}} (no daemon is needed)
)";

constexpr char version_text[] = R"(Client:
 Version:           {{.Client.Version}}
 API version:       {{.Client.ApiVersion}}
 OS/Arch:           {{.Client.Os}}/{{.Client.Arch}}
 Context:           {{.Client.Context}}

Server: {{.Server.Platform.Name}}
{{- range .Server.Components}}
 {{.Name}}:
  Version:          {{.Version}}
{{- end}}
 Kernel:            {{.Server.KernelVersion}}
)";

void refuse_words(const std::vector<std::string>& words) {
    if (!words.empty())
        throw Error(ErrorKind::InvalidArgument,
                    cat("unexpected word ", quote(words[0])));
}

void print_form(const ordered_json& object, const std::string& format) {
    std::string form = format == "json" ? "{{json .}}" : format;
    print_text(Template(form).fill(object) + "\n");
}

}  // namespace

Verb info_verb(const EngineSettings& settings) {
    auto format = std::make_shared<std::string>();
    return {"info", "[OPTION...]", "Display system-wide information",
            [format](CommandLine& line) {
                declare_format(line, *format, "-f,--format");
            },
            [&settings, format](auto& words) {
                refuse_words(words);
                ordered_json info = engine_info(settings.open());
                if (!format->empty()) {
                    print_form(info, *format);
                    return 0;
                }
                info["MemoryText"] =
                    binary_size(info["MemTotal"].get<double>());
                print_text(Template(info_text).fill(info));
                return 0;
            }};
}

Verb version_verb(const EngineSettings& /*settings*/) {
    auto format = std::make_shared<std::string>();
    return {"version", "[OPTION...]", "Show the version information",
            [format](CommandLine& line) {
                declare_format(line, *format, "-f,--format");
            },
            [format](auto& words) {
                refuse_words(words);
                ordered_json version = engine_version();
                if (format->empty())
                    print_text(Template(version_text).fill(version));
                else
                    print_form(version, *format);
                return 0;
            }};
}

}  // namespace slipway
