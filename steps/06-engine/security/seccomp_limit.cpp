// A seccomp profile compiled with a limit of time. How long libseccomp takes
// cannot be told from a profile: rules with args for the same call may each
// double it. So it is tried, in a child that the kernel ends.
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>

#include "06-engine/security/seccomp.hpp"
#include "06-engine/security/seccomp_program.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"

namespace slipway {

namespace {

/// SIGXCPU after so much processor time, and no core file of it. The clock's
/// time would refuse good profiles on a busy machine.
void limit_own_time(unsigned seconds) {
    sigset_t only;
    ::sigemptyset(&only);
    ::sigaddset(&only, SIGXCPU);
    ::signal(SIGXCPU, SIG_DFL);
    check(::sigprocmask(SIG_UNBLOCK, &only, nullptr), "sigprocmask");
    const rlimit no_core{0, 0};
    check(::setrlimit(RLIMIT_CORE, &no_core), "setrlimit RLIMIT_CORE");
    rlimit limit{};
    check(::getrlimit(RLIMIT_CPU, &limit), "getrlimit RLIMIT_CPU");
    limit.rlim_cur = std::min<rlim_t>(limit.rlim_cur, seconds);
    check(::setrlimit(RLIMIT_CPU, &limit), "setrlimit RLIMIT_CPU");
}

void write_program(const UniqueFd& file,
                   const std::vector<sock_filter>& program) {
    write_all(file.get(), {reinterpret_cast<const char*>(program.data()),
                           program.size() * sizeof(sock_filter)});
}

}  // namespace

//@ begin compile-within
SeccompFilter compile_within(const DocumentField& field, unsigned seconds) {
    const SeccompProfile profile = read_seccomp(field);
    UniqueFd file(
        check(::memfd_create("seccomp", MFD_CLOEXEC), "memfd_create"));
    const pid_t parent = ::getpid();
    ChildProcess child =
        start_child(Why{"a profile can keep libseccomp busy for days: a child "
                        "can be ended"},
                    [&] {
                        die_with_parent(parent);
                        limit_own_time(seconds);
                        write_program(file, seccomp_program(profile));
                    });
    ExitStatus status = child.wait();
    if (status.signal == SIGXCPU)
        field.refuse(
            cat("compiling it takes more than ", seconds,
                " s of processor time: have fewer rules with args for one "
                "system call, or fewer architectures"));
    if (!status.ok())
        throw Error(ErrorKind::System,
                    cat("compile the seccomp filter: ", status.text()));
    return seccomp_filter(profile, read_seccomp_program(file));
}
//@ end compile-within

}  // namespace slipway
