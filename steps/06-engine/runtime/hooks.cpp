#include "06-engine/runtime/hooks.hpp"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>

#include <algorithm>
#include <cerrno>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/spawn.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

// A file in memory and not a pipe: a hook that does not read its stdin must not
// make us wait.
UniqueFd stdin_with(const std::string& text) {
    UniqueFd file(check(::memfd_create("state", MFD_CLOEXEC), "memfd_create"));
    write_all(file.get(), text);
    check(::lseek(file.get(), 0, SEEK_SET), "lseek");
    return file;
}

// False: its time is over.
bool wait_for_end(const ChildProcess& child, std::optional<unsigned> timeout) {
    pollfd end{child.pidfd(), POLLIN, 0};
    int left =
        timeout ? static_cast<int>(std::min(*timeout, 86'400U)) * 1000 : -1;
    int ready = 0;
    do {
        ready = ::poll(&end, 1, left);
    } while (ready < 0 && errno == EINTR);
    return ready > 0;
}

//@ begin run-hook
void run_hook(const Hook& hook, const std::string& state) {
    UniqueFd input = stdin_with(state);
    std::vector<std::string> arguments = hook.args;
    if (arguments.empty()) arguments.push_back(hook.path);
    ChildProcess child = spawn({.program = hook.path,
                                .arguments = arguments,
                                .environment = hook.env,
                                .files = {{input.get(), 0}},
                                .flags = POSIX_SPAWN_SETSIGMASK});
    if (!wait_for_end(child, hook.timeout_s)) {
        child.send_signal(SIGKILL);
        child.wait();
        throw Error(ErrorKind::System,
                    cat("it took longer than its timeout of ", *hook.timeout_s,
                        " s and was killed"));
    }
    ExitStatus status = child.wait();
    if (!status.ok()) throw Error(ErrorKind::System, status.text());
}
//@ end run-hook

}  // namespace

//@ begin run-hooks
void run_hooks(const char* kind, const std::vector<Hook>& hooks,
               const std::string& state) {
    for (const Hook& hook : hooks)
        with_context(cat(kind, " hook ", hook.path),
                     [&] { run_hook(hook, state); });
}
//@ end run-hooks

}  // namespace slipway
