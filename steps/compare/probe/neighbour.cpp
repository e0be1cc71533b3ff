// X: another container, started beside ours in the same way.
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <initializer_list>

#include "compare/probe/network.hpp"
#include "compare/probe/probe.hpp"

namespace probe {
namespace {

constexpr size_t page = 4096;

// --- The neighbour itself ----------------------------------------------------

int listen_abstract(const char* name) {
    sockaddr_un at{};
    at.sun_family = AF_UNIX;
    memcpy(at.sun_path + 1, name, strlen(name));
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, reinterpret_cast<sockaddr*>(&at),
             static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + 1 +
                                    strlen(name))) != 0 ||
        listen(fd, 4) != 0)
        return -1;
    return fd;
}

int listen_here(int* port) {
    sockaddr_in at{};
    at.sin_family = AF_INET;
    at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof at;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(fd, reinterpret_cast<sockaddr*>(&at), sizeof at) != 0 ||
        listen(fd, 4) != 0 ||
        getsockname(fd, reinterpret_cast<sockaddr*>(&at), &size) != 0)
        return -1;
    *port = ntohs(at.sin_port);
    return fd;
}

int share_memory(const char* secret) {
    int memory = shmget(IPC_PRIVATE, page, IPC_CREAT | 0600);
    void* here = memory < 0 ? nullptr : shmat(memory, nullptr, 0);
    if (!here) return -1;
    shmctl(memory, IPC_RMID, nullptr);  // gone with us
    strncpy(static_cast<char*>(here), secret, page - 1);
    return memory;
}

// At the top of its root, or where everybody may write; says where.
const char* write_file(const Plan& plan, const char* secret) {
    static char path[512];
    for (const char* folder : {plan.text("near-folder"), "", "/tmp"}) {
        snprintf(path, sizeof path, "%s/%s", folder, plan.text("near-mark"));
        int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
        if (file < 0) continue;
        [[maybe_unused]] ssize_t written = write(file, secret, strlen(secret));
        close(file);
        return path;
    }
    return "";
}

void serve(int one, int other, const char* secret) {
    pollfd list[] = {{one, POLLIN, 0}, {other, POLLIN, 0}};
    while (poll(list, 2, -1) >= 0)
        for (const pollfd& ready : list) {
            if (ready.revents == 0) continue;
            int peer = accept4(ready.fd, nullptr, nullptr, SOCK_CLOEXEC);
            if (peer < 0) return;
            send(peer, secret, strlen(secret), MSG_NOSIGNAL);
            close(peer);
        }
}

// --- What is tried with it ---------------------------------------------------

// The number here of the process that was started as a neighbour; 0: none.
pid_t find_neighbour(const Plan& plan) {
    DIR* folder = opendir(proc());
    if (!folder) return 0;
    pid_t found = 0;
    const char* mark = plan.text("near-mark");
    while (dirent* entry = readdir(folder)) {
        static char command[4096];
        long size = read_text(path_of("%s/%s/cmdline", proc(), entry->d_name),
                              command, sizeof command);
        const char* name = command;
        if (size > 0 && *mark && strlen(name) + 1 < static_cast<size_t>(size) &&
            strcmp(name + strlen(name) + 1, "neighbour") == 0 &&
            memmem(command, static_cast<size_t>(size), mark, strlen(mark)))
            found = atoi(entry->d_name);
    }
    closedir(folder);
    return found;
}

Answer see_file(const Plan& plan) {
    if (*plan.text("near-file") == '\0')
        return absent("the neighbour could write nowhere");
    return read_secret(plan.text("near-file"));
}

Answer see_process(const Plan& plan) {
    pid_t found = find_neighbour(plan);
    if (found == 0) return closed_with("no process of the neighbour is listed");
    Answer answer = open_with("");
    set_detail(answer, "the neighbour is number %d", static_cast<int>(found));
    return answer;
}

Answer signal_it(const Plan& plan) {
    pid_t found = find_neighbour(plan);
    if (found == 0) return closed_with("no process of the neighbour is listed");
    return of_call(kill(found, SIGURG));
}

Answer reach_loopback(const Plan& plan) {
    return read_secret(connect_tcp("127.0.0.1", plan.number("near-port")));
}

Answer reach_socket(const Plan& plan) {
    return read_secret(connect_abstract(plan.text("near-mark")));
}

Answer attach_memory(const Plan& plan) {
    return read_segment(plan.number("near-shm"));
}

constexpr Row rows[] = {
    {"X1", "open(FILE)", see_file},
    {"X2", "readdir(/proc)", see_process},
    {"X3", "kill(PID, SIGURG)", signal_it},
    {"X4", "connect(127.0.0.1:PORT)", reach_loopback},
    {"X5", "connect(@NAME)", reach_socket},
    {"X6", "shmat(ID)", attach_memory},
};

}  // namespace

// Says where its things are, and waits to be told to end.
int be_neighbour(const Plan& plan) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGTERM, [](int) { _exit(0); });  // also as number 1
    const char* secret = plan.text("near-secret");
    const char* place = write_file(plan, secret);
    int port = 0, loopback = listen_here(&port),
        abstract = listen_abstract(plan.text("near-mark"));
    dprintf(1,
            "@@%s {\"neighbour\": \"near-port=%d near-shm=%d near-file=%s\"}\n",
            plan.text("nonce"), port, share_memory(secret), place);
    serve(loopback, abstract, secret);
    return 1;
}

Rows neighbour_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
