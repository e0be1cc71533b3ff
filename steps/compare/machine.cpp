#include "compare/machine.hpp"

#include <sys/utsname.h>

#include <algorithm>
#include <filesystem>
#include <string>
#include <vector>

#include "common/error.hpp"

namespace slipway::compare {

//@ begin machine-words
// Emulated, so that it runs wherever QEMU does: with KVM a boot is faster, and
// costs the same memory. No disk, no network: only a serial line leads out.
Subject machine_subject() {
    return {"vm",
            "QEMU, own kernel",
            "machine",
            Ground::Machine,
            {"qemu-system-x86_64",
             "-nodefaults",
             "-no-user-config",
             "-display",
             "none",
             "-no-reboot",
             "-machine",
             "pc,accel=tcg",
             "-cpu",
             "max,la57=off",
             "-smp",
             "1",
             "-m",
             "128",
             "-kernel",
             "{kernel}",
             "-initrd",
             "{initrd}",
             "-append",
             "quiet console=ttyS0 panic=-1 rdinit=/probe -- machine",
             "-serial",
             "stdio"}};
}
//@ end machine-words

std::string find_kernel(const std::string& folder) {
    utsname name{};
    ::uname(&name);
    std::string running = cat(folder, "/vmlinuz-", name.release);
    if (std::filesystem::exists(running)) return running;
    std::vector<std::string> found;
    std::error_code none;
    for (const auto& entry : std::filesystem::directory_iterator(folder, none))
        if (entry.path().filename().string().starts_with("vmlinuz"))
            found.push_back(entry.path());
    if (found.empty())
        throw Error(ErrorKind::NotFound,
                    cat("no kernel that could be booted is in ", folder,
                        ": name one by --kernel FILE"));
    return *std::max_element(found.begin(), found.end());
}

}  // namespace slipway::compare
