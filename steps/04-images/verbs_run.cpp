// run, ps, rm: a command on an image.
#include <sched.h>
#include <sys/stat.h>

#include <cerrno>
#include <cstdio>
#include <memory>
#include <optional>

#include "02-namespaces/id_map.hpp"
#include "02-namespaces/isolate.hpp"
#include "02-namespaces/options.hpp"
#include "03-cgroups/cgroup.hpp"
#include "03-cgroups/options.hpp"
#include "04-images/containers.hpp"
#include "04-images/overlay.hpp"
#include "04-images/run_image.hpp"
#include "04-images/store_lock.hpp"
#include "04-images/verbs.hpp"
#include "common/error.hpp"
#include "common/signals.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

struct RunOptions {
    IsolationOptions isolation;
    CgroupLimits limits;
    RunOverrides typed;
    std::string name;
    bool remove = false, interactive = false;  // what Docker's users type
};

void declare_run(CommandLine& line, RunOptions& options) {
    line.value("--name", "NAME", "keep what the command writes, as NAME",
               [&](auto& text) { options.name = text; });
    line.value("-u,--user", "USER[:GROUP]",
               "run as this user, by name or number",
               [&](auto& text) { options.typed.user = text; });
    line.value("-w,--workdir", "DIR", "start in this directory",
               [&](auto& text) { options.typed.workdir = text; });
    line.values("-e,--env", "NAME=VALUE", "set an environment variable",
                [&](auto& text) { options.typed.environment.push_back(text); });
    line.value("--entrypoint", "PROGRAM", "in place of the image's",
               [&](auto& text) { options.typed.entrypoint = text; });
    declare_world_options(line, options.isolation);
    declare_limit_options(line, options.limits);
    line.flag("--rm", "does nothing: without --name nothing is kept",
              options.remove);
    line.flag("-i,--interactive", "does nothing: input is always passed on",
              options.interactive);
    line.footer(
        "Options come before IMAGE; what follows is the command's.\n\n"
        "Example:\n"
        "  step4-images run --memory 64m -u nobody busybox id");
}

void refuse_what_cannot_be(const NamespaceSet& own) {
    if (!own.has(CLONE_NEWNS))
        throw Error(ErrorKind::InvalidArgument,
                    "an image needs a mount namespace to be mounted in")
            .advise("add mnt to --only");
    // Layers belong to the host's users, of whom the namespace knows none.
    if (own.has(CLONE_NEWUSER) && !in_user_namespace())
        throw Error(ErrorKind::Unsupported,
                    "root's images cannot be run in a user namespace yet")
            .advise("run step4-images as an ordinary user: its images can");
}

// Report of step 3.
void report(const CgroupStats& stats, const CgroupLimits& limits,
            const ExitStatus& status) {
    std::string text =
        memory_kill_text(stats, limits, status.exit_code() == 128 + SIGKILL);
    if (!text.empty()) std::fprintf(stderr, "step4-images: %s\n", text.c_str());
}

//@ begin run-config
int run_container(RunOptions& options, const Container& container,
                  const ImageStore& store) {
    IsolationOptions& isolation = options.isolation;
    const RunConfig& config = container.image.config.config;
    OverlayPlan overlay = container.overlay(store);
    isolation.environment = environment_of(config, options.typed);
    isolation.workdir = options.typed.workdir.empty() ? config.working_dir
                                                      : options.typed.workdir;
    std::string user =
        options.typed.user.empty() ? config.user : options.typed.user;
    //@ end run-config

    //@ begin run-container
    SignalForwarder signals;
    CgroupLayout layout = read_cgroup_layout();
    Cgroup group = Cgroup::create(layout, options.limits);
    // In the child's mount namespace: the host never sees the overlay, and it
    // goes with the child.
    isolation.rootfs.mount_root = [&](const std::string& root) {
        attach_mount(make_overlay(overlay), root);
    };
    if (isolation.rootfs.namespaces.has(CLONE_NEWCGROUP))
        isolation.rootfs.more_mounts = [&](int root) {
            mount_cgroups(root, layout);
        };
    join_namespaces(isolation.joins);
    StartHooks hooks{group.fd(), [&] { group.join(); },
                     [&](auto& who, auto& environment) {
                         Inside inside = prepare_inside(user, isolation.workdir,
                                                        environment);
                         who = inside.user;
                         environment = inside.environment;
                     }};
    Isolated isolated = start_isolated(isolation, signals, hooks);
    ExitStatus status = wait_isolated(isolated, signals);
    report(group.stats(), options.limits, status);
    group.remove();
    return status.exit_code();
    //@ end run-container
}

int run(ImageStore store, RunOptions& options, std::vector<std::string> words) {
    if (words.empty())
        throw Error(ErrorKind::InvalidArgument, "no IMAGE given")
            .advise("images shows which there are");
    // Until the container says what it needs, nothing is collected.
    std::optional<StoreLease> lease(hold_store(store.content));
    StoredImage image = find_stored_image(store.content, words[0]);
    options.typed.command.assign(words.begin() + 1, words.end());
    // The overlay is mounted on a folder of the store, in the child's own
    // mount namespace: all runs use the same one.
    std::string place = store.root + "/rootfs";
    if (::mkdir(place.c_str(), 0755) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", place));
    std::vector<std::string> isolated = {place, "--"};
    for (std::string& word : command_of(image.config.config, options.typed))
        isolated.push_back(std::move(word));
    // In a user namespace a command gets one of its own again: nodes in /dev
    // are then the host's, since nobody here could make any.
    if (store.user_xattr && !options.isolation.id_maps)
        options.isolation.id_maps = same_ids();
    finish_options(options.isolation, isolated);
    finish_limits(options.limits);
    refuse_what_cannot_be(options.isolation.rootfs.namespaces);
    remove_container_leftovers(store);
    Container container = create_container(store, image, options.name);
    lease.reset();
    int status = run_container(options, container, store);
    if (options.name.empty()) remove_container(container);
    return status;
}

int rm(ImageStore store, const std::vector<std::string>& words) {
    if (words.empty()) only_word(words, "NAME");
    for (const std::string& name : words) {
        Container container = open_container(store, name);
        remove_container(container);
        std::puts(name.c_str());
    }
    return 0;
}

}  // namespace

Verb run_verb(const Settings& settings) {
    auto options = std::make_shared<RunOptions>();
    return {"run",
            "[OPTION...] IMAGE [COMMAND [ARG...]]",
            "Run a command on an image.",
            [options](CommandLine& line) { declare_run(line, *options); },
            [&settings, options](auto& words) {
                return run(settings.open_store(), *options, words);
            },
            true};
}

Verb ps_verb(const Settings& settings) {
    return {"ps", "", "List the containers that run --name kept.",
            [](CommandLine&) {},
            [&settings](auto&) {
                ImageStore store = settings.open_store();
                for (const std::string& name : list_containers(store))
                    std::puts(name.c_str());
                return 0;
            }};
}

Verb rm_verb(const Settings& settings) {
    return {
        "rm", "NAME...", "Remove containers that were kept.",
        [](CommandLine&) {},
        [&settings](auto& words) { return rm(settings.open_store(), words); }};
}

}  // namespace slipway
