#include "01-chroot/run_in_root.hpp"

#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>

#include "01-chroot/root.hpp"
#include "common/error.hpp"
#include "common/files.hpp"
#include "common/process.hpp"

namespace slipway {

namespace {

constexpr std::size_t most_files = 253;  // SCM_MAX_FD, unix(7)
constexpr std::size_t most_bytes = std::size_t{1} << 30;

// Room for the control message that carries the descriptors.
union Control {
    cmsghdr align;
    char bytes[CMSG_SPACE(most_files * sizeof(int))];
};

//@ begin send-files
// One message whose ancillary part holds the descriptors: the kernel makes new
// ones in the receiver that mean the same open files.
void send_files(int socket, const std::vector<UniqueFd>& files) {
    if (files.size() > most_files)
        throw Error(ErrorKind::InvalidArgument,
                    cat("a task may return ", most_files, " files, not ",
                        files.size()));
    char payload = 'F';
    iovec part{&payload, 1};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    if (!files.empty()) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(files.size() * sizeof(int));
        cmsghdr* header = CMSG_FIRSTHDR(&message);
        header->cmsg_level = SOL_SOCKET;
        header->cmsg_type = SCM_RIGHTS;
        header->cmsg_len = CMSG_LEN(files.size() * sizeof(int));
        auto* numbers = reinterpret_cast<int*>(CMSG_DATA(header));
        for (const UniqueFd& file : files) *numbers++ = file.get();
    }
    check(::sendmsg(socket, &message, MSG_NOSIGNAL), "send files");
}
//@ end send-files

//@ begin receive-files
std::vector<UniqueFd> receive_files(int socket) {
    char payload = 0;
    iovec part{&payload, 1};
    Control control{};
    msghdr message{};
    message.msg_iov = &part;
    message.msg_iovlen = 1;
    message.msg_control = control.bytes;
    message.msg_controllen = sizeof control.bytes;
    // The child has ended: what it sent is here already, waiting would be for
    // nothing.
    check(::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT),
          "receive files");
    std::vector<UniqueFd> files;
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    if (!header || header->cmsg_type != SCM_RIGHTS) return files;
    std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    for (std::size_t i = 0; i < count; ++i) {
        int fd = -1;
        ::memcpy(&fd, CMSG_DATA(header) + i * sizeof fd, sizeof fd);
        files.emplace_back(fd);
    }
    if ((message.msg_flags & MSG_CTRUNC) != 0)
        throw Error(ErrorKind::System, "receive files: too many open files",
                    EMFILE);
    return files;
}
//@ end receive-files

}  // namespace

//@ begin run-in-root
RootReply run_in_root(const std::string& root,
                      const std::function<RootReply()>& task) {
    // Bytes come back through memory that both processes have open, files
    // through a socket; an Error comes back through start_child().
    UniqueFd bytes(
        check(::memfd_create("run_in_root", MFD_CLOEXEC), "memfd_create"));
    int ends[2];
    check(::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends),
          "socketpair");
    UniqueFd ours(ends[0]), theirs(ends[1]);

    ChildProcess child =
        start_child(Why{"a child to confine: there is no way back out"}, [&] {
            enter_root(root);
            RootReply reply = task();
            write_all(bytes.get(), reply.bytes);
            send_files(theirs.get(), reply.files);
        });
    ExitStatus status = child.wait();
    if (!status.ok())
        throw Error(ErrorKind::System, cat("task in root ", root,
                                           " ended early: ", status.text()));
    check(::lseek(bytes.get(), 0, SEEK_SET), "lseek");
    return {read_all(bytes.get(), most_bytes), receive_files(ours.get())};
}
//@ end run-in-root

}  // namespace slipway
