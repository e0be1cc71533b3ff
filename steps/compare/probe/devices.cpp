// D: devices, through nodes that we make ourselves.
#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "compare/probe/probe.hpp"

namespace probe {
namespace {

//@ begin disk
// The disk that the host's root lies on, below every file system's rules.
Answer disk(const Plan& plan) {
    if (plan.number("disk-major") == 0)
        return absent("the host's root lies on no disk");
    return open_new_device(
        "disk", S_IFBLK,
        makedev(static_cast<unsigned>(plan.number("disk-major")),
                static_cast<unsigned>(plan.number("disk-minor"))),
        O_RDONLY | O_NONBLOCK);
}
//@ end disk

Answer memory(const Plan&) {
    return open_new_device("mem", S_IFCHR, makedev(1, 1), O_RDONLY);
}
Answer kernel_log(const Plan&) {
    return open_new_device("kmsg", S_IFCHR, makedev(1, 11),
                           O_RDONLY | O_NONBLOCK);
}
Answer loop_control(const Plan&) {
    return open_new_device("loop", S_IFCHR, makedev(10, 237), O_RDWR);
}
Answer fuse(const Plan&) {
    return open_new_device("fuse", S_IFCHR, makedev(10, 229), O_RDWR);
}
Answer tunnel(const Plan&) {
    return open_new_device("tun", S_IFCHR, makedev(10, 200), O_RDWR);
}
Answer console(const Plan&) {
    return open_new_device("console", S_IFCHR, makedev(4, 1),
                           O_RDONLY | O_NOCTTY | O_NONBLOCK);
}

constexpr Row rows[] = {
    {"D1", "mknod(b, DISK), open(O_RDONLY)", disk},
    {"D2", "mknod(c 1:1), open(O_RDONLY)", memory},
    {"D3", "mknod(c 1:11), open(O_RDONLY)", kernel_log},
    {"D4", "mknod(c 10:237), open(O_RDWR)", loop_control},
    {"D5", "mknod(c 10:229), open(O_RDWR)", fuse},
    {"D6", "mknod(c 10:200), open(O_RDWR)", tunnel},
    {"D7", "mknod(c 4:1), open(O_RDONLY)", console},
};

}  // namespace

Rows device_rows() {
    return {rows, sizeof rows / sizeof *rows};
}

}  // namespace probe
