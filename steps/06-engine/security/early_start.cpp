// become_unwritable(), before anything else has been done.
//
// Situation: the kernel has just started us. There is no C library yet, no
// relocation, no heap: only the stack, and calls that we make by hand. To start
// again from here costs 0.1 ms; from main() it cost 0.8 ms, because then all
// that a program does before main() has been done for nothing: on a virtual
// machine the C library's look at the processor alone takes 0.3 ms (each CPUID
// is an exit to the hypervisor).
//
// Whatever does not work here, or is rare, is left to main(), which calls
// become_unwritable() in any case.
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/statfs.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>

#include "common/program_variable.hpp"

// Only there is the beginning written, below.
#ifdef __x86_64__

namespace {

constexpr char own[] = "/proc/self/exe";
constexpr int most_variables = 1000;
constexpr int longest_path = 4096;

long word(const void* pointer) {
    return reinterpret_cast<long>(pointer);
}
long word(long value) {
    return value;
}

template <class... Arguments>
long call(long number, Arguments... arguments) {
    long words[5] = {word(arguments)...};
    long result = number;
    register long fourth asm("r10") = words[3];
    register long fifth asm("r8") = words[4];
    asm volatile("syscall"
                 : "+a"(result)
                 : "D"(words[0]), "S"(words[1]), "d"(words[2]), "r"(fourth),
                   "r"(fifth)
                 : "rcx", "r11", "memory");
    return result;
}

bool begins_with(const char* text, const char* beginning) {
    while (*beginning)
        if (*text++ != *beginning++) return false;
    return true;
}
bool is(const char* text, const char* other) {
    return begins_with(text, other) && begins_with(other, text);
}

// A verb that starts something in a container. Another word that is the same
// costs time, and no more. Whoever wants to have it explained gets it by
// main().
bool is_wanted(char** argv) {
    bool wanted = false;
    for (char** word = argv; *word; ++word) {
        if (begins_with(*word, "--explain")) return false;
        wanted = wanted || is(*word, "run") || is(*word, "exec") ||
                 is(*word, "create") || is(*word, "start") ||
                 is(*word, "restart") || is(*word, "health");
    }
    return wanted;
}

bool is_read_only() {
    struct statfs where {};
    return call(SYS_statfs, own, &where) != 0 ||
           (where.f_flags & ST_RDONLY) != 0;
}

// A variable that says where our file is: see own_path().
struct Note {
    char text[sizeof slipway::program_variable + 1 + longest_path];

    bool write() {
        char* end = text;
        for (const char* from = slipway::program_variable; *from;)
            *end++ = *from++;
        *end++ = '=';
        long size = call(SYS_readlink, own, end, long{longest_path - 1});
        if (size <= 0) return false;
        end[size] = '\0';
        return true;
    }
};

struct Environment {
    const char* variables[most_variables + 2];

    bool copy(char** from, const Note& note) {
        int count = 0;
        variables[count++] = note.text;
        for (; *from; ++from) {
            if (count > most_variables) return false;
            if (!begins_with(*from, slipway::program_variable))
                variables[count++] = *from;
        }
        variables[count] = nullptr;
        return true;
    }
};

void start_again(long program, char** argv, char** variables) {
    Note note;
    Environment environment;
    if (note.write() && environment.copy(variables, note))
        call(SYS_execveat, program, "", argv, environment.variables,
             long{AT_EMPTY_PATH});
}

}  // namespace

//@ begin early-start
// The stack as the kernel leaves it: argc, argv, null, environment, null.
extern "C" void start_again_early(long* stack) {
    char** argv = reinterpret_cast<char**>(stack + 1);
    char** environment = argv + stack[0] + 1;
    if (!is_wanted(argv) || is_read_only()) return;
    // ledger: with --explain, become_unwritable() does it and tells
    long view = call(SYS_open_tree, long{AT_FDCWD}, own,
                     long{OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC});
    if (view < 0) return;
    mount_attr attributes{};
    attributes.attr_set = MOUNT_ATTR_RDONLY;
    if (call(SYS_mount_setattr, view, "", long{AT_EMPTY_PATH}, &attributes,
             long{sizeof attributes}) == 0)
        start_again(view, argv, environment);
    call(SYS_close, view);
}

// In place of the C library's beginning, which is next. %rdx is 0 there.
asm(R"(
    .globl before_library
before_library:
    mov %rsp, %rbx
    mov %rsp, %rdi
    and $-16, %rsp
    call start_again_early
    mov %rbx, %rsp
    xor %edx, %edx
    jmp _start
)");
//@ end early-start

#endif
