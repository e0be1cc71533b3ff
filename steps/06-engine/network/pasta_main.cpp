// slipway-pasta MARK FOLDER: makes the network namespace of a user's bridges,
// keeps it, and keeps pasta(1) running, which connects it with the outside.
// Started and stopped by user_network.cpp, which finds the namespace as
// descriptor 3 of this process.
//
//   FOLDER/ready        a pipe: pasta writes its number when it is ready
//   FOLDER/complaint    why there is no pasta; empty when there is one
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <optional>
#include <string>
#include <vector>

#include "02-namespaces/loopback.hpp"
#include "06-engine/network/helper_process.hpp"
#include "06-engine/network/user_network.hpp"
#include "common/error.hpp"
#include "common/exec.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/process.hpp"
#include "common/text.hpp"
#include "common/unix_socket.hpp"

using namespace slipway;

namespace {

constexpr std::size_t longest_complaint = 4096;

// A child makes it: this process, and pasta, stay where the sockets are.
UniqueFd new_network() {
    SocketPair sockets = make_socket_pair();
    start_child(Why{"a network namespace that plays the host"}, [&] {
        act(Why{"empty: nothing leads out of it but what pasta carries"},
            "unshare", ::unshare, shown(CLONE_NEWNET, "CLONE_NEWNET"));
        bring_loopback_up();
        std::vector<UniqueFd> files;
        files.emplace_back(
            check(::open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC),
                  "open /proc/self/ns/net"));
        send_message(sockets.theirs.get(), "n", files);
    }).wait();
    SocketMessage message = receive_message(sockets.ours.get());
    return std::move(message.files.at(0));
}

// A name for it, which only we and pasta see: pasta has given up the right to
// look at the descriptors of others before it opens it.
void name_network(const UniqueFd& network, const std::string& folder) {
    std::string path = folder + "/namespace";
    UniqueFd file(check(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600),
        "create ", path));
    act(Why{"a mount that nobody else sees"}, "unshare", ::unshare,
        shown(CLONE_NEWNS, "CLONE_NEWNS"));
    std::string source = cat("/proc/self/fd/", network.get());
    act(Why{"the network has a name"}, "mount", ::mount, source, path, nullptr,
        shown(MS_BIND, "MS_BIND"), nullptr);
}

UniqueFd make_pipe(const std::string& path) {
    if (::mkfifo(path.c_str(), 0600) != 0 && errno != EEXIST)
        throw_errno(errno, cat("create ", path));
    // For both: it can be opened at once, and never ends.
    return UniqueFd(check(
        ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC | O_NOFOLLOW),
        "open ", path));
}

std::vector<std::string> pasta_words(const std::string& folder) {
    // No port of the host is seen inside, and none of inside at the host; nor
    // is what listens on the host's 127.0.0.1, which pasta would show as the
    // gateway.
    std::vector<std::string> words = {
        "pasta",       "--config-net", "--foreground",   "--quiet",
        "--no-map-gw", "--pid",        folder + "/ready"};
    for (const char* none : {"-t", "-u", "-T", "-U"})
        words.insert(words.end(), {none, "none"});
    words.insert(words.end(), {"--netns", folder + "/namespace"});
    return words;
}

ChildProcess start_pasta(const std::vector<std::string>& words,
                         const std::string& complaint) {
    pid_t parent = ::getpid();
    return start_child(
        Why{"pasta carries packets as a user's connections"}, [&] {
            UniqueFd file(check(::open(complaint.c_str(),
                                       O_WRONLY | O_CREAT | O_TRUNC | O_APPEND |
                                           O_CLOEXEC | O_NOFOLLOW,
                                       0600),
                                "open ", complaint));
            check(::dup2(file.get(), STDERR_FILENO), "dup2");
            die_with_parent(parent);
            exec_program(words, {"PATH=/usr/local/bin:/usr/bin:/bin"});
        });
}

// False: it has ended before.
bool becomes_ready(ChildProcess& pasta, int ready) {
    pollfd events[] = {{ready, POLLIN, 0}, {pasta.pidfd(), POLLIN, 0}};
    while (::poll(events, 2, -1) < 0 && errno == EINTR) {
    }
    if ((events[0].revents & POLLIN) == 0) return false;
    char number[64];
    return ::read(ready, number, sizeof number) > 0;
}

std::string last_line(const std::string& text) {
    std::string last;
    for (const std::string& line : split(text, '\n'))
        if (!line.empty()) last = line;
    return last;
}

struct Pasta {
    std::string folder;
    UniqueFd ready;

    // Empty: it runs no more, and why is in the folder.
    std::optional<ChildProcess> start() const {
        std::string complaint = folder + "/complaint";
        try {
            ChildProcess pasta = start_pasta(pasta_words(folder), complaint);
            if (becomes_ready(pasta, ready.get())) {
                write_file_atomic(complaint, "", 0600, ToDisk::Later);
                return pasta;
            }
            pasta.wait();
            std::string text = read_file(complaint, longest_complaint);
            write_file_atomic(complaint, cat("pasta: ", last_line(text)), 0600,
                              ToDisk::Later);
        } catch (const Error& error) {
            bool missing = error.kind() == ErrorKind::NotFound;
            write_file_atomic(complaint,
                              missing ? "pasta is not installed (Debian's "
                                        "package passt)"
                                      : error.message(),
                              0600, ToDisk::Later);
        }
        return std::nullopt;
    }
};

}  // namespace

int main(int argc, char** argv) try {
    if (argc != 3)
        throw Error(ErrorKind::InvalidArgument, "slipway starts this itself");
    UniqueFd network = new_network();
    name_network(network, argv[2]);
    // Who waits for us waits until this is closed: pasta is ready then.
    UniqueFd waiting(check(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 10),
                           "duplicate standard error"));
    if (network.get() == user_network_descriptor)
        network.release();
    else
        check(::dup3(network.get(), user_network_descriptor, O_CLOEXEC),
              "dup3");
    go_to_background(argv[1]);
    Pasta pasta{argv[2], make_pipe(cat(argv[2], "/ready"))};
    constexpr int most_starts = 100;
    for (int i = 0; i < most_starts; ++i) {
        std::optional<ChildProcess> running = pasta.start();
        waiting.reset();
        if (!running) break;
        running->wait();  // somebody has killed it: the next one takes over
    }
    for (;;) ::pause();
} catch (const Error& error) {
    write_all(STDERR_FILENO, error.message());
    return exit_engine_error;
}
