#include "06-engine/terminal/console.hpp"

#include <fcntl.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <termios.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

#include "02-namespaces/mounts.hpp"
#include "02-namespaces/terminal.hpp"
#include "common/error.hpp"
#include "common/ledger.hpp"
#include "common/process.hpp"
#include "common/signals.hpp"

namespace slipway {

namespace {

//@ begin console-mount
// By descriptors on both sides: /dev may be a volume, in which another
// container swaps the file for a link between our look and our mount
// (CVE-2025-52565).
void show_as_console() {
    UniqueFd root(
        check(::open("/", O_PATH | O_DIRECTORY | O_CLOEXEC), "open /"));
    UniqueFd target =
        open_mount_point(root.get(), "/dev/console", false, false);
    struct stat info {};
    check(::fstat(target.get(), &info), "stat /dev/console");
    if (!S_ISREG(info.st_mode) && !S_ISCHR(info.st_mode))
        throw Error(ErrorKind::Forbidden,
                    "/dev/console inside is neither a file nor a device")
            .advise("an image or volume has put something else there");
    UniqueFd tree(
        act(Why{"the terminal, to be seen by another name"}, "open_tree",
            ::open_tree, shown(STDIN_FILENO, "terminal"), "",
            shown(unsigned{OPEN_TREE_CLONE} | unsigned{OPEN_TREE_CLOEXEC} |
                      unsigned{AT_EMPTY_PATH},
                  "OPEN_TREE_CLONE")));
    act(Why{"what the command writes to the console is for its terminal"},
        "move_mount", ::move_mount, tree, "",
        shown(target.get(), "/dev/console"), "",
        shown(unsigned{MOVE_MOUNT_F_EMPTY_PATH} |
                  unsigned{MOVE_MOUNT_T_EMPTY_PATH},
              "EMPTY_PATH"));
}
//@ end console-mount

}  // namespace

UniqueFd connect_console(const std::string& path) {
    return with_context("console socket", [&] {
        try {
            return connect_unix_socket(path);
        } catch (Error& error) {
            error.set_advice(
                "somebody must listen there: it gets the terminal");
            throw;
        }
    });
}

//@ begin give-terminal
void give_terminal(int socket, unsigned short height, unsigned short width,
                   unsigned uid, ConsoleFile file) {
    UniqueFd outer = open_new_terminal();
    if (height != 0 || width != 0) {
        winsize size{height, width, 0, 0};
        check(::ioctl(outer.get(), TIOCSWINSZ, &size), "set terminal size");
    }
    // Or the command could not open /dev/tty's other names again.
    check(::fchown(STDIN_FILENO, uid, static_cast<gid_t>(-1)),
          "give terminal to user ", uid);
    if (file == ConsoleFile::Show) show_as_console();
    std::vector<UniqueFd> files;
    files.push_back(std::move(outer));
    send_message(socket, "/dev/ptmx", files);
}
//@ end give-terminal

UniqueFd receive_terminal(SocketPair& console) {
    console.theirs.reset();  // or we would wait for ourselves
    SocketMessage message = receive_message(console.ours.get());
    return message.files.empty() ? UniqueFd() : std::move(message.files[0]);
}

namespace {

// Situation: a copy of a command that ends now. Of what that has open, locks
// among it, only the terminal is kept; and nobody waits for us.
[[noreturn]] void keep_terminal(int outer) noexcept {
    ::setsid();
    // The command that ends may have led the session of the user's terminal,
    // and have hung us up before we left it.
    ::signal(SIGHUP, SIG_IGN);
    if (::chdir("/") != 0) ::_exit(1);
    int null = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    for (int fd : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO})
        ::dup2(null, fd);
    constexpr int kept = STDERR_FILENO + 1;
    if (outer != kept) ::dup2(outer, kept);
    ::syscall(SYS_close_range, kept + 1, ~0U, 0);
    let_signals_in();
    char thrown_away[4096];
    ssize_t count = 0;
    do {
        count = ::read(kept, thrown_away, sizeof thrown_away);
    } while (count > 0 || (count < 0 && errno == EINTR));
    ::_exit(0);
}

}  // namespace

void leave_terminal(const UniqueFd& outer) {
    if (fork_away() == Fork::Second) keep_terminal(outer.get());
}

}  // namespace slipway
