#include <fcntl.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include <nlohmann/json.hpp>

#include "06-engine/oci/verbs.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/times.hpp"

namespace slipway {

std::string OciSettings::default_root() const {
    if (!root.empty()) return root;
    const char* own = std::getenv("XDG_RUNTIME_DIR");
    if (::geteuid() != 0 && own && *own)
        return std::string(own) + "/slipway-oci";
    return "/run/slipway-oci";
}

RuntimeContext OciSettings::context() const {
    if (systemd_cgroup)
        throw Error(ErrorKind::Unsupported,
                    "--systemd-cgroup: this runtime makes its groups itself")
            .advise(
                "without it; for dockerd: --exec-opt "
                "native.cgroupdriver=cgroupfs, for podman: "
                "--cgroup-manager cgroupfs");
    return {.root = default_root(), .warn = [this](const std::string& text) {
                write_log(*this, "warning", text);
            }};
}

void declare_oci_settings(CommandLine& line, OciSettings& settings) {
    auto text = [&](std::string& to) {
        return [&to](const std::string& value) { to = value; };
    };
    auto ignored = [](const std::string&) {};
    line.value("--root", "DIR", "where containers are noted",
               text(settings.root));
    line.value("--log", "FILE", "errors and warnings, a line each",
               text(settings.log));
    line.value("--log-format", "FORM", "text or json", [&](auto& form) {
        if (form != "text" && form != "json")
            throw Error(ErrorKind::InvalidArgument,
                        cat("--log-format ", quote(form)))
                .advise("text or json");
        settings.log_format = form;
    });
    line.flag("--debug", "more in the log", settings.debug);
    line.flag("--systemd-cgroup", "refused: no systemd is needed",
              settings.systemd_cgroup);
    line.value(
        "--cgroup-manager", "NAME", "cgroupfs (or disabled)",
        [&](auto& name) { settings.systemd_cgroup = name == "systemd"; });
    line.value("--rootless", "WHEN", "ignored: it is seen", ignored);
    line.value("--criu", "PATH", "ignored", ignored);
}

namespace {

// A link that somebody else has put into a folder like /tmp is not followed;
// one of root's is, such as /dev/stderr.
UniqueFd open_log(const std::string& path) {
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC;
    struct stat info {};
    if (::lstat(path.c_str(), &info) != 0 || !S_ISLNK(info.st_mode) ||
        (info.st_uid != 0 && info.st_uid != ::geteuid()))
        flags |= O_NOFOLLOW;
    return UniqueFd(::open(path.c_str(), flags, 0644));
}

}  // namespace

void write_log(const OciSettings& settings, const char* level,
               const std::string& message) {
    if (settings.log.empty()) return;
    std::string time = format_time(::time(nullptr));
    std::string line;
    if (settings.log_format == "json")
        line =
            nlohmann::ordered_json{
                {"level", level}, {"msg", message}, {"time", time}}
                .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    else
        line = cat("time=", quote(time), " level=", level,
                   " msg=", quote(message));
    UniqueFd file = open_log(settings.log);
    if (file) write_all(file.get(), line + "\n");
}

}  // namespace slipway
