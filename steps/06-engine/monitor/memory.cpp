#include "06-engine/monitor/memory.hpp"

#include <link.h>
#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace slipway {

namespace {

// Parts of a file that cannot be written to: nothing can be lost.
int release_read_only(dl_phdr_info* program, std::size_t, void*) {
    auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    for (unsigned i = 0; i < program->dlpi_phnum; ++i) {
        const ElfW(Phdr)& part = program->dlpi_phdr[i];
        if (part.p_type != PT_LOAD || (part.p_flags & PF_W) != 0) continue;
        std::uintptr_t begin =
            (program->dlpi_addr + part.p_vaddr) / page * page;
        std::uintptr_t end = program->dlpi_addr + part.p_vaddr + part.p_memsz;
        ::madvise(reinterpret_cast<void*>(begin),  // NOLINT(*-int-to-ptr)
                  end - begin, MADV_DONTNEED);
    }
    return 1;  // the program alone, not the libraries that it may have
}

}  // namespace

void release_unused_memory() {
    ::malloc_trim(0);
    ::dl_iterate_phdr(release_read_only, nullptr);
}

}  // namespace slipway
