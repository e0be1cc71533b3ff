#include "01-chroot/run_in_root.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include "01-chroot/root.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"
#include "common/unix_socket.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_bytes = std::size_t{1} << 30;

}  // namespace

//@ begin run-in-root
RootReply run_in_root(const std::string& root,
                      const std::function<RootReply()>& task) {
    // Bytes come back through memory that both processes have open, files
    // through a socket; an Error comes back through start_child().
    UniqueFd bytes(
        check(::memfd_create("run_in_root", MFD_CLOEXEC), "memfd_create"));
    SocketPair sockets = make_socket_pair();

    ChildProcess child =
        start_child(Why{"a child to confine: there is no way back out"}, [&] {
            enter_root(root);
            RootReply reply = task();
            write_all(bytes.get(), reply.bytes);
            send_message(sockets.theirs.get(), "files", reply.files);
        });
    ExitStatus status = child.wait();
    if (!status.ok())
        throw Error(ErrorKind::System, cat("task in root ", root,
                                           " ended early: ", status.text()));
    check(::lseek(bytes.get(), 0, SEEK_SET), "lseek");
    sockets.theirs.reset();  // were nothing sent, we must not wait for it
    return {read_all(bytes.get(), most_bytes),
            receive_message(sockets.ours.get()).files};
}
//@ end run-in-root

}  // namespace slipway
