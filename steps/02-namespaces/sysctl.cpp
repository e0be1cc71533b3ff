#include "02-namespaces/sysctl.hpp"

#include <fcntl.h>
#include <sched.h>

#include <algorithm>

#include "common/error.hpp"
#include "common/files.hpp"
#include "common/ledger.hpp"
#include "common/text.hpp"

namespace slipway {

namespace {

//@ begin sysctl-namespace
// The namespace that has this setting for itself, or 0: the machine has one.
int namespace_of(std::string_view name) {
    if (name.starts_with("net.")) return CLONE_NEWNET;
    if (name.starts_with("fs.mqueue.")) return CLONE_NEWIPC;
    constexpr std::string_view of_ipc[] = {
        "kernel.msgmax", "kernel.msgmnb",         "kernel.msgmni",
        "kernel.sem",    "kernel.shmall",         "kernel.shmmax",
        "kernel.shmmni", "kernel.shm_rmid_forced"};
    bool ipc = std::find(std::begin(of_ipc), std::end(of_ipc), name) !=
               std::end(of_ipc);
    return ipc ? CLONE_NEWIPC : 0;
}
//@ end sysctl-namespace

}  // namespace

//@ begin parse-sysctl
Sysctl parse_sysctl(const std::string& text) {
    std::size_t equals = text.find('=');
    Sysctl one{text.substr(0, equals), "", 0};
    constexpr char name_letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.";
    if (equals == std::string::npos || one.name.empty() ||
        one.name.find_first_not_of(name_letters) != std::string::npos ||
        one.name.find("..") != std::string::npos)
        throw Error(ErrorKind::InvalidArgument, cat("sysctl ", quote(text)))
            .advise("write NAME=VALUE, as in net.ipv4.ip_forward=1");
    one.value = text.substr(equals + 1);
    one.flag = namespace_of(one.name);
    if (one.flag == 0)
        throw Error(ErrorKind::InvalidArgument,
                    cat("sysctl ", one.name, " is the whole machine's"))
            .advise(
                "only net.*, fs.mqueue.* and kernel.msg*, sem, shm* belong "
                "to a namespace; for the host's name there is --hostname");
    return one;
}
//@ end parse-sysctl

//@ begin set-sysctls
void set_sysctls(const std::vector<Sysctl>& sysctls) {
    for (const Sysctl& one : sysctls) {
        std::string path = one.name;
        std::replace(path.begin(), path.end(), '.', '/');
        with_context(cat("sysctl ", one.name), [&] {
            act(Why{"a setting of our own namespace"}, "write",
                write_kernel_file, shown(AT_FDCWD, "AT_FDCWD"),
                "/proc/sys/" + path, one.value);
        });
    }
}
//@ end set-sysctls

}  // namespace slipway
