#include "common/spawn.hpp"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/error.hpp"
#include "common/scope_guard.hpp"

namespace slipway {

namespace {

// As execve(2) takes them.
std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    pointers.reserve(texts.size() + 1);
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

void add_files(posix_spawn_file_actions_t& actions, const SpawnPlan& plan) {
    for (const SpawnPlan::File& file : plan.files)
        if (file.ours < 0)
            ::posix_spawn_file_actions_addopen(&actions, file.theirs,
                                               "/dev/null", O_RDONLY, 0);
        else
            ::posix_spawn_file_actions_adddup2(&actions, file.ours,
                                               file.theirs);
}

}  // namespace

ChildProcess spawn(SpawnPlan plan) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ScopeGuard free_actions(
        [&] { ::posix_spawn_file_actions_destroy(&actions); });
    add_files(actions, plan);

    posix_spawnattr_t attributes;
    ::posix_spawnattr_init(&attributes);
    ScopeGuard free_attributes([&] { ::posix_spawnattr_destroy(&attributes); });
    sigset_t none, all;
    ::sigemptyset(&none);
    ::sigfillset(&all);
    ::posix_spawnattr_setsigmask(&attributes, &none);
    ::posix_spawnattr_setsigdefault(&attributes, &all);
    ::posix_spawnattr_setpgroup(&attributes, 0);
    ::posix_spawnattr_setflags(&attributes, plan.flags);

    std::vector<char*> arguments = pointers_to(plan.arguments);
    std::vector<char*> environment;
    if (plan.environment) environment = pointers_to(*plan.environment);
    if (plan.program.empty()) plan.program = plan.arguments[0];
    pid_t pid = -1;
    int error = ::posix_spawnp(&pid, plan.program.c_str(), &actions,
                               &attributes, arguments.data(),
                               plan.environment ? environment.data() : environ);
    if (error != 0) throw_errno(error, cat("start ", plan.program));
    ScopeGuard undo([pid] {
        ::kill(pid, SIGKILL);  // ours and not reaped: the number is still its
        ::waitpid(pid, nullptr, 0);
    });
    UniqueFd pidfd = open_pidfd(pid);
    undo.dismiss();
    return {pid, std::move(pidfd)};
}

}  // namespace slipway
