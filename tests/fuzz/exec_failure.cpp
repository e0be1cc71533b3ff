// A program file that cannot be run is read to say why. Its bytes come out of
// an image that anybody may have made.
#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "common/exec.hpp"
#include "common/files.hpp"

using namespace slipway;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size) {
    UniqueFd file(::memfd_create("program", MFD_CLOEXEC));
    write_all(file.get(), {reinterpret_cast<const char*>(data), size});
    std::string path = cat("/proc/self/fd/", file.get());
    for (int error : {ENOENT, ENOEXEC, EACCES}) {
        Error explained = explain_exec_failure(path, error);
        int code = explained.exit_code();
        if (code != exit_cannot_run && code != exit_command_missing) abort();
    }
    return 0;
}
