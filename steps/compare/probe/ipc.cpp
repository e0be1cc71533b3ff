// U, I: the host's name, and ways of talking between processes.
#include <errno.h>
#include <fcntl.h>
#include <linux/keyctl.h>
#include <mqueue.h>
#include <stdint.h>
#include <string.h>
#include <sys/shm.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "compare/probe/network.hpp"
#include "compare/probe/probe.hpp"

namespace probe {
namespace {

Answer see_name(const Plan& plan) {
    utsname name{};
    uname(&name);
    Answer answer;
    answer.outcome = strcmp(name.nodename, plan.text("hostname")) == 0
                         ? Outcome::Open
                         : Outcome::Closed;
    set_detail(answer, "the name is %.60s", name.nodename);
    return answer;
}

// The judge has a name of its own to lose; the machine's is left alone.
Answer change_name(const Plan& plan) {
    if (own_namespace("uts") == plan.number("ns-uts-machine"))
        return open_with("the machine's own name could be changed; not tried");
    const char* name = plan.text("new-name");
    return of_call(sethostname(name, strlen(name)));
}

Answer shared_memory(const Plan& plan) {
    return read_segment(plan.number("shm"));
}

Answer message_queue(const Plan& plan) {
    mqd_t queue =
        mq_open(plan.text("queue"), O_WRONLY | O_NONBLOCK | O_CLOEXEC);
    if (queue < 0) return of_call(-1);
    const char* nonce = plan.text("nonce");
    Answer answer = of_call(mq_send(queue, nonce, strlen(nonce), 0));
    mq_close(queue);
    return answer;
}

Answer abstract_socket(const Plan& plan) {
    return read_secret(connect_abstract(plan.text("socket")));
}

Answer shared_folder(const Plan& plan) {
    return read_secret(path_of("/dev/shm/%s", plan.text("shared")));
}

//@ begin keyring
// Keys are found by name, in the keyring that our session came with.
Answer keyring(const Plan& plan) {
    long key = syscall(SYS_keyctl, KEYCTL_SEARCH, KEY_SPEC_SESSION_KEYRING,
                       "user", plan.text("key"), 0);
    if (key < 0) return of_call(-1);
    Answer answer{.outcome = Outcome::Open};
    long size = syscall(SYS_keyctl, KEYCTL_READ, key, answer.proof,
                        sizeof answer.proof - 1);
    return size < 0 ? of_call(-1) : answer;
}
//@ end keyring

constexpr Row rows[] = {
    {"U1", "uname()", see_name},
    {"U2", "sethostname(NAME)", change_name},
    {"I1", "shmat(ID)", shared_memory},
    {"I2", "mq_open(NAME), mq_send()", message_queue},
    {"I3", "connect(@NAME)", abstract_socket},
    {"I4", "open(/dev/shm/FILE)", shared_folder},
    {"I5", "keyctl(KEYCTL_SEARCH, NAME)", keyring},
};

}  // namespace

//@ begin shared-memory
Answer read_segment(long id) {
    void* memory = shmat(static_cast<int>(id), nullptr, SHM_RDONLY);
    if (memory == reinterpret_cast<void*>(-1))  // NOLINT(*-int-to-ptr)
        return of_call(-1);
    Answer answer{.outcome = Outcome::Open};
    strncpy(answer.proof, static_cast<const char*>(memory),
            sizeof answer.proof - 1);
    shmdt(memory);
    return answer;
}
//@ end shared-memory

Rows ipc_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
