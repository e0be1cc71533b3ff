// F: files of the host.
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <initializer_list>

#include "compare/probe/probe.hpp"

namespace probe {
namespace {

//@ begin host-file
Answer host_file(const Plan& plan) {
    return read_secret(plan.text("file"));
}
//@ end host-file

//@ begin through-proc
// The kernel follows /proc/PID/root into that process's own root, whatever ours
// is: a root is a property of a process, not a wall around it.
Answer through_proc(const Plan& plan) {
    return read_secret(
        path_of("%s/%s/root%s", proc(), plan.text("pid"), plan.text("file")));
}
//@ end through-proc

//@ begin second-chroot
Answer second_chroot(const Plan& plan) {
    if (*scratch() == '\0') return absent("no folder can be written");
    if (chdir("/") != 0 || chroot(scratch()) != 0) return of_call(-1);
    for (int i = 0; i < 64; ++i)
        if (chdir("..") != 0) return of_call(-1);
    if (chroot(".") != 0) return of_call(-1);
    return read_secret(plan.text("file"));
}
//@ end second-chroot

//@ begin leaked-folder
// A folder that the starter had open reaches the host, if it is still open
// here.
Answer leaked_folder(const Plan&) {
    for (int fd = 3; fd < 64; ++fd) {
        int file = openat(fd, "secret", O_RDONLY | O_CLOEXEC);
        if (file >= 0) return read_secret(file);
    }
    return closed_with("no descriptor of a folder of the host");
}
//@ end leaked-folder

//@ begin by-handle
// A handle is an inode's number: it names a file without any path, on the file
// system of whatever file of ours that lies on the same one.
Answer by_handle(const Plan& plan) {
    struct {
        unsigned bytes = 0;
        int type = 0;
        unsigned char data[128] = {};
    } handle;  // struct file_handle, with room for its last member
    const char* digits = plan.text("handle");
    if (*digits == '\0') return absent("the host's file system has no handles");
    handle.type = static_cast<int>(plan.number("handle-type"));
    for (; digits[0] && digits[1] && handle.bytes < sizeof handle.data;
         digits += 2) {
        char byte[3] = {digits[0], digits[1], '\0'};
        handle.data[handle.bytes++] =
            static_cast<unsigned char>(strtoul(byte, nullptr, 16));
    }
    Answer answer;
    for (const char* place :
         {"/", "/etc/hosts", "/etc/resolv.conf", "/probe", "."}) {
        int at = open(place, O_RDONLY | O_CLOEXEC);
        if (at < 0) continue;
        int fd = open_by_handle_at(at, reinterpret_cast<file_handle*>(&handle),
                                   O_RDONLY | O_CLOEXEC);
        answer = read_secret(fd);
        close(at);
        if (answer.outcome == Outcome::Open) return answer;
    }
    if (answer.error == ESTALE || answer.error == EOPNOTSUPP)
        set_detail(answer,
                   "it is allowed; no file here lies on the host's disk");
    return answer;
}
//@ end by-handle

Answer mount_table(const Plan& plan) {
    static char table[1 << 18];
    if (read_text(path_of("%s/self/mountinfo", proc()), table, sizeof table) <
        0)
        return of_call(-1);
    return strstr(table, plan.text("mount"))
               ? open_with("the host's mounts are listed")
               : closed_with("none of the host's mounts is listed");
}

//@ begin mount-outside
// Stays there: the judge looks whether it has come out, and takes it away.
Answer mount_outside(const Plan& plan) {
    if (*scratch() == '\0') return absent("no folder can be written");
    const char* place = path_of("%s/mount", scratch());
    if (mkdir(place, 0700) != 0 && errno != EEXIST) return of_call(-1);
    return of_call(mount(plan.text("inside"), place, "tmpfs", 0, "size=4k"));
}
//@ end mount-outside

Answer write_image(const Plan& plan) {
    int fd = open(path_of("%s/slipway-mark", plan.text("image")),
                  O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    Answer answer = of_call(fd);
    if (fd >= 0) close(fd);
    return answer;
}

// What a build has put there.
Answer built_file(const Plan&) {
    return read_secret("/built");
}

constexpr Row rows[] = {
    {"F1", "open(FILE)", host_file},
    {"F2", "open(/proc/PID/root/FILE)", through_proc},
    {"F3", "chroot(DIR), chdir(..) often, chroot(.), open(FILE)",
     second_chroot},
    {"F4", "openat(FD, FILE)", leaked_folder},
    {"F6", "open_by_handle_at(HANDLE)", by_handle},
    {"F7", "read(/proc/self/mountinfo)", mount_table},
    {"F8", "mount(tmpfs)", mount_outside},
    {"F10", "open(/MARK, O_CREAT)", write_image},
    {"B4", "open(/built)", built_file},
    {"B5", "open(/built)", built_file},
};

}  // namespace

Rows file_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
