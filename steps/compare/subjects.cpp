#include "compare/subjects.hpp"

#include "common/error.hpp"
#include "common/text.hpp"

namespace slipway::compare {
namespace {

using Words = std::vector<std::string>;

Words joined(Words words, const Words& more) {
    words.insert(words.end(), more.begin(), more.end());
    return words;
}

// What every engine is given here that has such options: a small container.
const Words limits = {"--memory", "64m",    "--pids-limit",
                      "64",       "--cpus", "{cpus}"};

std::vector<Subject> steps() {
    return {
        {"host", "no container", "host", Ground::Host, {"{probe}"}},
        {"1",
         "chroot",
         "step",
         Ground::Folder,
         {"{bin}/step1-chroot", "{rootfs}", "{probe}"}},
        {"2",
         "namespaces",
         "step",
         Ground::Folder,
         {"{bin}/step2-namespaces", "--hostname", "box", "{rootfs}",
          "{probe}"}},
        {"3", "cgroups", "step", Ground::Folder,
         joined(joined({"{bin}/step3-cgroups", "--hostname", "box"}, limits),
                {"{rootfs}", "{probe}"})},
        {"4", "images", "step", Ground::Image,
         joined(joined({"{bin}/step4-images", "--root", "{store}", "run",
                        "--hostname", "box"},
                       limits),
                {"probe", "{probe}"})},
        {"5",
         "build",
         "step",
         Ground::Dockerfile,
         {"{bin}/step5-build", "--root", "{store}", "build", "--no-cache",
          "--progress", "plain", "--memory", "64m", "--pids-limit", "64",
          "{context}"}},
        {"6",
         "engine",
         "step",
         Ground::Bundle,
         {"{bin}/slipway-oci", "run", "--bundle", "{bundle}", "{id}"}},
    };
}

// Step 2 with one namespace alone, and with all but one.
std::vector<Subject> namespaces_alone() {
    std::vector<Subject> subjects;
    for (std::string type :
         {"mnt", "pid", "uts", "ipc", "net", "cgroup", "user"}) {
        Words words = {"{bin}/step2-namespaces",
                       "--hostname",
                       "box",
                       "--only",
                       type,
                       "{rootfs}",
                       "{probe}"};
        // There is no other host to name.
        if (type != "uts") words.erase(words.begin() + 1, words.begin() + 3);
        if (type == "user") words.insert(words.begin() + 1, "--map-root");
        subjects.push_back(
            {"2-only-" + type, "only " + type, "only", Ground::Folder, words});
    }
    for (std::string type : {"mnt", "pid", "uts", "ipc", "net", "cgroup"}) {
        Words words = {"{bin}/step2-namespaces",
                       "--hostname",
                       "box",
                       "--without",
                       type,
                       "{rootfs}",
                       "{probe}"};
        if (type == "uts") words.erase(words.begin() + 1, words.begin() + 3);
        subjects.push_back({"2-without-" + type, "without " + type, "without",
                            Ground::Folder, words});
    }
    subjects.push_back({"2-map-root",
                        "with user namespace",
                        "without",
                        Ground::Folder,
                        {"{bin}/step2-namespaces", "--hostname", "box",
                         "--map-root", "{rootfs}", "{probe}"}});
    return subjects;
}

constexpr char all_capabilities[] = R"([
    "CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER",
    "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
    "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
    "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
    "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
    "CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
    "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
    "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE",
    "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM", "CAP_BLOCK_SUSPEND",
    "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE"])";

// The engine's container with one mechanism taken out of its config.json.
std::vector<Subject> engine_without() {
    struct Less {
        std::string name;
        std::vector<Edit> edits;
    };
    std::vector<Edit> rights;
    for (std::string set : {"bounding", "effective", "permitted"})
        rights.push_back({"/process/capabilities/" + set, all_capabilities});
    const std::vector<Less> all = {
        {"pid", {{"/linux/namespaces/pid", ""}}},
        {"net", {{"/linux/namespaces/network", ""}}},
        {"ipc", {{"/linux/namespaces/ipc", ""}}},
        {"uts", {{"/linux/namespaces/uts", ""}, {"/hostname", ""}}},
        {"cgroup", {{"/linux/namespaces/cgroup", ""}}},
        {"capabilities", rights},
        {"no_new_privs", {{"/process/noNewPrivileges", "false"}}},
        {"seccomp", {{"/linux/seccomp", ""}}},
        {"masks", {{"/linux/maskedPaths", ""}, {"/linux/readonlyPaths", ""}}},
        {"devices",
         {{"/linux/resources/devices",
           R"([{"allow": true, "access": "rwm"}])"}}},
        {"read-only", {{"/root/readonly", "false"}}},
        {"limits",
         {{"/linux/resources/memory", ""},
          {"/linux/resources/pids", ""},
          {"/linux/resources/cpu", ""}}},
    };
    std::vector<Subject> subjects;
    for (const Less& less : all)
        subjects.push_back(
            {"6-without-" + less.name,
             "without " + less.name,
             "without",
             Ground::Bundle,
             {"{bin}/slipway-oci", "run", "--bundle", "{bundle}", "{id}"},
             less.edits});
    return subjects;
}

std::vector<Subject> references() {
    return {
        {"unshare",
         "unshare + chroot",
         "reference",
         Ground::Folder,
         {"unshare", "-fpmnuiC", "--mount-proc={rootfs}/proc", "chroot",
          "{rootfs}", "{probe}"}},
        {"bwrap",
         "bubblewrap",
         "reference",
         Ground::Folder,
         {"bwrap", "--unshare-all", "--hostname", "box", "--bind", "{rootfs}",
          "/", "--proc", "/proc", "--dev", "/dev", "{probe}"}},
        {"nspawn",
         "systemd-nspawn",
         "reference",
         Ground::Folder,
         {"systemd-nspawn", "--quiet", "--register=no", "--keep-unit", "--pipe",
          "-M", "{id}", "-D", "{rootfs}", "{probe}"}},
        {"runc",
         "runc",
         "reference",
         Ground::Bundle,
         {"runc", "run", "--bundle", "{bundle}", "{id}"}},
        {"crun",
         "crun",
         "reference",
         Ground::Bundle,
         {"crun", "run", "--bundle", "{bundle}", "{id}"},
         {},
         true},
        {"podman",
         "podman",
         "reference",
         Ground::Podman,
         joined(joined({"podman", "run", "--rm", "--network", "none"}, limits),
                {"{image}", "{probe}"}),
         {},
         true},
        {"docker", "docker", "reference", Ground::Docker,
         joined(joined({"docker", "run", "--rm"}, limits),
                {"{image}", "{probe}"})},
    };
}

}  // namespace

const std::vector<Subject>& all_subjects() {
    static const std::vector<Subject> subjects = [] {
        std::vector<Subject> all;
        for (auto part : {steps, references, namespaces_alone, engine_without})
            for (Subject& subject : part()) all.push_back(std::move(subject));
        return all;
    }();
    return subjects;
}

Subject parse_subject(const std::string& text) {
    std::size_t at = text.find('=');
    if (at == std::string::npos || at == 0)
        throw Error(ErrorKind::InvalidArgument,
                    cat("subject ", quote(text), ": it has no NAME="))
            .advise("write it as --subject NAME='program {rootfs} {probe}'");
    Words words;
    for (const std::string& word : split(text.substr(at + 1), ' '))
        if (!word.empty()) words.push_back(word);
    bool probes = false;
    for (const std::string& word : words) probes = probes || word == "{probe}";
    if (!probes)
        throw Error(ErrorKind::InvalidArgument,
                    cat("subject ", quote(text), ": it starts no {probe}"))
            .advise("write it as --subject NAME='program {rootfs} {probe}'");
    return {text.substr(0, at), text.substr(0, at), "yours", Ground::Folder,
            words};
}

}  // namespace slipway::compare
