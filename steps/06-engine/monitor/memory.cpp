#include "06-engine/monitor/memory.hpp"

#include <malloc.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdint>

// Of the linker: where the program's file begins in memory, and where its code
// ends.
extern "C" const char __executable_start, etext;  // NOLINT(*-identifier*)

namespace slipway {

void release_unused_memory() {
    ::malloc_trim(0);
    auto page = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    auto begin = reinterpret_cast<std::uintptr_t>(&__executable_start);
    auto end = reinterpret_cast<std::uintptr_t>(&etext) / page * page;
    // Read-only pages of a file: nothing can be lost.
    ::madvise(reinterpret_cast<void*>(begin),
              end - begin,  // NOLINT(*-int-to-ptr)
              MADV_DONTNEED);
}

}  // namespace slipway
