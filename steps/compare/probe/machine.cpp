// The probe as all that runs on a virtual machine.
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <unistd.h>

#include "compare/probe/probe.hpp"

namespace probe {

//@ begin machine
// A kernel starts one program and mounts nothing. The plan lies in the archive
// that became the root, a word a line: a command line has less room.
int run_machine(int (*run)(const Plan& plan)) {
    static char text[1 << 14];
    static char* words[256];
    if (getpid() != 1) return 2;
    mount("proc", "/proc", "proc", 0, nullptr);
    mount("sysfs", "/sys", "sysfs", 0, nullptr);
    mount("devtmpfs", "/dev", "devtmpfs", 0, nullptr);
    read_text("/plan", text, sizeof text);
    int count = 0;
    for (char* rest = text; count < 256;)
        if (!(words[count++] = strsep(&rest, "\n"))) break;
    run({count - 1, words});
    fflush(nullptr);
    // In a pid namespace this ends the namespace only: reboot(2).
    return reboot(RB_POWER_OFF);
}
//@ end machine

}  // namespace probe
