#include "compare/subjects.hpp"

#include <algorithm>
#include <filesystem>

#include "common/error.hpp"
#include "common/text.hpp"
#include "compare/ordinary_user.hpp"

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

Words engine(const Words& options, const Words& limited) {
    return joined(joined(joined({"{bin}/slipway", "--root", "{store}",
                                 "--state", "{state}", "run", "--rm"},
                                options),
                         limited),
                  {"probe", "{probe}"});
}

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
          "{context}"},
         {},
         false,
         0,
         {"{bin}/step5-build", "--root", "{store}", "build", "--progress",
          "plain", "{context}"}},
        {"6",
         "engine",
         "step",
         Ground::Image,
         engine({"--network", "none"}, limits),
         {},
         false,
         0,
         {"{bin}/slipway", "--root", "{store}", "--state", "{state}", "build",
          "--progress", "plain", "--network", "none", "{context}"}},
        {"privileged", "engine, all rights", "engine", Ground::Image,
         engine({"--network", "none", "--privileged"}, limits)},
        // No limits: a user needs a group for them. See engine_without().
        {"rootless",
         "engine, not root",
         "engine",
         Ground::UserImage,
         engine({"--network", "none"}, {}),
         {},
         false,
         ordinary_user},
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
    subjects.push_back(
        {"2-rootless",
         "not root",
         "without",
         Ground::Folder,
         {"{bin}/step2-namespaces", "--hostname", "box", "{rootfs}", "{probe}"},
         {},
         false,
         ordinary_user});
    return subjects;
}

// The engine's container with one mechanism left out, or one more.
std::vector<Subject> engine_without() {
    struct Change {
        std::string name;
        Words options;
    };
    const std::vector<Change> changes = {
        {"without pid", {"--pid", "host"}},
        {"without net", {"--network", "host"}},
        {"without ipc", {"--ipc", "host"}},
        {"without uts", {"--uts", "host"}},
        {"without cgroup", {"--cgroupns", "host"}},
        {"without capabilities", {"--cap-add", "ALL"}},
        {"without seccomp", {"--security-opt", "seccomp=unconfined"}},
        {"without masks", {"--security-opt", "systempaths=unconfined"}},
        {"without devices", {"--device-cgroup-rule", "a *:* rwm"}},
        {"with init", {"--init"}},
        {"with no-new-privileges", {"--security-opt", "no-new-privileges"}},
        {"with read-only", {"--read-only"}},
        {"with no capabilities", {"--cap-drop", "ALL"}},
    };
    std::vector<Subject> subjects;
    for (const Change& change : changes) {
        Words options = change.options;
        if (change.name != "without net")
            options = joined({"--network", "none"}, options);
        std::string name = "6-" + change.name;
        std::replace(name.begin(), name.end(), ' ', '-');
        subjects.push_back({name, change.name, "without", Ground::Image,
                            engine(options, limits)});
    }
    subjects.push_back({"6-without-limits", "without limits", "without",
                        Ground::Image, engine({"--network", "none"}, {})});
    Subject user{"rootless-with-groups",
                 "with groups",
                 "without",
                 Ground::UserImage,
                 engine({"--network", "none"}, limits),
                 {},
                 false,
                 ordinary_user};
    user.has_groups = true;
    subjects.push_back(user);
    return subjects;
}

// What the engine's runtime does that no option of the engine leaves out. For
// the mount namespace there is no such option: it refuses such a container.
std::vector<Subject> runtime_without() {
    const std::string rights = R"(["CAP_SYS_ADMIN"])";
    struct Change {
        std::string name;
        Words options;
        std::vector<Edit> edits = {};
    };
    const std::vector<Change> changes = {
        {"without close_range", {"--preserve-fds", "1"}},
        {"without keyring", {"--no-new-keyring"}},
        {"with CAP_SYS_ADMIN",
         {},
         {{"/process/capabilities/bounding", rights},
          {"/process/capabilities/permitted", rights},
          {"/process/capabilities/effective", rights}}},
    };
    std::vector<Subject> subjects;
    for (const Change& change : changes) {
        std::string name = "oci-" + change.name;
        std::replace(name.begin(), name.end(), ' ', '-');
        subjects.push_back(
            {name, change.name, "without", Ground::Bundle,
             joined(joined({"{bin}/slipway-oci", "--root", "{runs}", "run"},
                           change.options),
                    {"--bundle", "{bundle}", "{id}"}),
             change.edits});
    }
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
          "-M", "{id}", "-D", "{rootfs}", "{probe}"},
         {},
         false,
         0,
         {},
         false,
         true},
        {"oci",
         "slipway-oci",
         "reference",
         Ground::Bundle,
         {"{bin}/slipway-oci", "--root", "{runs}", "run", "--bundle",
          "{bundle}", "{id}"}},
        {"runc",
         "runc",
         "reference",
         Ground::Bundle,
         {"runc", "--root", "{runs}", "run", "--bundle", "{bundle}", "{id}"}},
        {"crun",
         "crun",
         "reference",
         Ground::Bundle,
         {"crun", "--root", "{runs}", "run", "--bundle", "{bundle}", "{id}"},
         {},
         true},
        {"podman",
         "podman",
         "reference",
         Ground::Podman,
         joined(
             joined({"podman", "--runtime-flag", "root={runs}", "run", "--rm",
                     "--network", "none", "--cgroup-parent", "{group}"},
                    limits),
             {"{image}", "{probe}"}),
         {},
         true,
         0,
         {"podman", "build", "--runtime-flag", "root={runs}", "--network",
          "none", "{context}"}},
        {"docker", "docker", "reference", Ground::Docker,
         joined(joined({"docker", "run", "--rm", "--network", "none",
                        "--cgroup-parent", "{group}"},
                       limits),
                {"{image}", "{probe}"})},
    };
}

}  // namespace

const std::vector<Subject>& all_subjects() {
    static const std::vector<Subject> subjects = [] {
        std::vector<Subject> all;
        for (auto part : {steps, references, namespaces_alone, engine_without,
                          runtime_without})
            for (Subject& subject : part()) all.push_back(std::move(subject));
        return all;
    }();
    return subjects;
}

Subject parse_subject(const std::string& text) {
    auto refuse = [&](const char* why, const char* advice) {
        throw Error(ErrorKind::InvalidArgument,
                    cat("subject ", quote(text), ": ", why))
            .advise(advice);
    };
    constexpr const char* form =
        "write it as --subject NAME='program {rootfs} {probe}'";
    std::size_t at = text.find('=');
    if (at == std::string::npos || at == 0) refuse("it has no NAME=", form);
    std::string name = text.substr(0, at), command = text.substr(at + 1);
    if (name.find_first_not_of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTU"
                               "VWXYZ0123456789._-") != std::string::npos)
        refuse("its name is a column's", "letters, digits, and . _ - in it");
    if (command.find_first_of("'\"\\") != std::string::npos)
        refuse("it is split at spaces, and knows no quotes",
               "what needs them can be a script of its own");
    Words words;
    for (const std::string& word : split(command, ' '))
        if (!word.empty()) words.push_back(word);
    if (std::find(words.begin(), words.end(), "{probe}") == words.end())
        refuse("it starts no {probe}", form);
    // The judge looks for it from another folder.
    if (words[0].find('/') != std::string::npos && words[0][0] != '{')
        words[0] = std::filesystem::absolute(words[0]);
    Subject subject{name, name, "yours", Ground::Folder, words};
    subject.folder = std::filesystem::current_path();
    return subject;
}

}  // namespace slipway::compare
