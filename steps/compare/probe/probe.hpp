// The probe: runs inside a container and tries what it should not be able to
// do.
//
// Each row of the matrix is one plain function that makes one attempt and says
// how it ended. Attempts are real but harmless: they read what was put there
// for them, or ask for something that cannot be carried out, in such a way that
// the kernel's answer tells "you may not" from "you may, but this is nonsense".
//
// The probe never judges. "closed" here means "it did not work for me"; only
// the judge outside knows whether it works on the host, and what it saw itself.
//
// No C++ library and no allocation: the program is to run inside anything.
#pragma once

#include <stddef.h>

namespace probe {

enum class Outcome {
    Open,     ///< it worked
    Closed,   ///< it was refused, or led to something that is not the host's
    Limited,  ///< it worked up to a bound, named in `detail`
    Absent,   ///< there is nothing to try: the kernel or the plan lacks it
    Failed,   ///< it could not be tried: nothing is known
};

struct Answer {
    Outcome outcome = Outcome::Closed;
    int error = 0;          ///< errno of the attempt
    char detail[200] = "";  ///< what was seen, for people
    char proof[64] = "";    ///< the secret of the canary that was reached
};

/// What the judge has planted, as NAME=VALUE arguments.
struct Plan {
    int count = 0;
    char** words = nullptr;

    /// Empty text when it is not planned.
    const char* text(const char* name) const;
    /// 0 when it is not planned.
    long number(const char* name) const;
};

struct Row {
    const char* id;
    const char* attempt;  ///< the call, for people
    Answer (*run)(const Plan& plan);
};

struct Rows {
    const Row* first;
    size_t count;
};

Rows file_rows();
Rows process_rows();
Rows ipc_rows();
Rows network_rows();
Rows user_rows();
Rows device_rows();
Rows kernel_rows();
Rows resource_rows();
Rows neighbour_rows();

/// As process 1 of a machine of its own: makes what a kernel leaves to it, runs
/// the plan of /plan, and switches off. Does nothing anywhere else.
int run_machine(int (*run)(const Plan& plan));

/// Takes all inotify instances of a user, says "y", or "n" when there is no end
/// of them, and waits.
int hoard(const char* user);

/// What another container finds, or not: says what it is, and waits.
int be_neighbour(const Plan& plan);

// --- For the rows ------------------------------------------------------------

/// A folder that may be written, or empty; made by main, removed by main.
const char* scratch();
/// Where a proc file system is: "/proc", or one that main has mounted.
const char* proc();

/// In one buffer that the next call overwrites.
const char* path_of(const char* format, ...)
    __attribute__((format(printf, 1, 2)));

Answer absent(const char* why);
Answer open_with(const char* detail);
Answer closed_with(const char* detail);
/// It could not be tried, for errno: no more processes, say.
Answer failed();
/// Open when `result` is not negative, else closed with errno.
Answer of_call(long result);
/// For a call with nonsense in it: open when the kernel complains of the
/// nonsense (`allowed`, one of two errnos) and not of us.
Answer of_errno(long result, int allowed, int or_allowed = 0);
/// Reads a canary's secret from a file, or from a socket.
Answer read_secret(int fd);
Answer read_secret(const char* path);
/// The same from a System V shared memory segment, by its number.
Answer read_segment(long id);
void set_detail(Answer& answer, const char* format, ...)
    __attribute__((format(printf, 2, 3)));

/// Reads a small file as text; -1 when it cannot be.
long read_text(const char* path, char* text, size_t size);
/// The number of a namespace of ours: the inode of /proc/self/ns/NAME.
long own_namespace(const char* name);
/// Makes a device node in scratch() and opens it.
Answer open_new_device(const char* name, unsigned mode, unsigned long device,
                       int flags);

}  // namespace probe
