// The system calls that Docker's default profile allows to everybody, by
// subject. Source: docs.docker.com, "Seccomp security profiles for Docker", and
// the profile named there; which calls are on the list is a fact that programs
// in images rely on.
//
// Names of one call for 32 and for 64 bits stand side by side: an architecture
// that does not have a call does not mind its name. What is missing here is
// the point: see default_seccomp.cpp for what a capability opens.
#pragma once

namespace slipway {

inline constexpr const char* allowed_calls[] = {
    // Files: to open, read and write them. name_to_handle_at is harmless, its
    // counterpart opens any file by its number.
    "open openat openat2 creat close close_range name_to_handle_at",
    "read readv pread64 preadv preadv2 write writev pwrite64 pwritev pwritev2 "
    "lseek _llseek readahead copy_file_range sendfile sendfile64 splice tee "
    "vmsplice truncate truncate64 ftruncate ftruncate64 fallocate fadvise64 "
    "fadvise64_64 sync syncfs fsync fdatasync sync_file_range cachestat",
    // Descriptors.
    "dup dup2 dup3 fcntl fcntl64 flock ioctl pipe pipe2 memfd_create "
    "memfd_secret",

    // Names, folders, and what is known about a file. Which device nodes open,
    // the cgroup's rules decide.
    "chdir fchdir getcwd getdents getdents64 mkdir mkdirat rmdir link linkat "
    "symlink symlinkat readlink readlinkat unlink unlinkat rename renameat "
    "renameat2 mknod mknodat",
    "access faccessat faccessat2 stat stat64 lstat lstat64 fstat fstat64 "
    "fstatat64 newfstatat statx statfs statfs64 fstatfs fstatfs64 statmount "
    "listmount umask chmod fchmod fchmodat fchmodat2 chown chown32 fchown "
    "fchown32 lchown lchown32 fchownat utime utimes futimesat utimensat "
    "utimensat_time64",
    // Extended attributes.
    "getxattr lgetxattr fgetxattr getxattrat setxattr lsetxattr fsetxattr "
    "setxattrat listxattr llistxattr flistxattr listxattrat removexattr "
    "lremovexattr fremovexattr removexattrat",

    // To wait for many things at once. io_uring is not here: what it does on
    // behalf of a program no filter sees, and it had too many holes.
    "select _newselect pselect6 pselect6_time64 poll ppoll ppoll_time64 "
    "epoll_create epoll_create1 epoll_ctl epoll_ctl_old epoll_wait "
    "epoll_wait_old epoll_pwait epoll_pwait2 eventfd eventfd2 signalfd "
    "signalfd4 inotify_init inotify_init1 inotify_add_watch inotify_rm_watch "
    "fanotify_mark io_setup io_destroy io_submit io_cancel io_getevents "
    "io_pgetevents io_pgetevents_time64",

    // Memory.
    "brk mmap mmap2 munmap mremap mprotect madvise mincore msync mlock mlock2 "
    "mlockall munlock munlockall mseal remap_file_pages membarrier "
    "map_shadow_stack pkey_alloc pkey_free pkey_mprotect process_mrelease",

    // Processes and threads; clone and clone3 have rules of their own.
    "fork vfork execve execveat exit exit_group wait4 waitid waitpid getpid "
    "getppid gettid getpgid getpgrp getsid setpgid setsid set_tid_address "
    "get_thread_area set_thread_area get_robust_list set_robust_list rseq "
    "getcpu prctl pidfd_open pidfd_send_signal uretprobe",
    // Tracing another process needs rights over it in any case, and since
    // Linux 4.8 a tracer can no longer lead a process around its filter.
    "ptrace process_vm_readv process_vm_writev",
    "futex futex_time64 futex_waitv futex_wait futex_wake futex_requeue",
    // Signals.
    "kill tkill tgkill pause restart_syscall rt_sigaction rt_sigpending "
    "rt_sigprocmask rt_sigqueueinfo rt_tgsigqueueinfo rt_sigreturn "
    "rt_sigsuspend rt_sigtimedwait rt_sigtimedwait_time64 sigaltstack "
    "sigprocmask sigreturn",
    // Their turns at the processor, and their limits.
    "sched_yield sched_getaffinity sched_setaffinity sched_getattr "
    "sched_setattr sched_getparam sched_setparam sched_getscheduler "
    "sched_setscheduler sched_get_priority_max sched_get_priority_min "
    "sched_rr_get_interval sched_rr_get_interval_time64 getpriority "
    "setpriority ioprio_get ioprio_set getrlimit ugetrlimit setrlimit "
    "prlimit64 getrusage times",

    // Who one is. What may be changed, capabilities decide.
    "getuid getuid32 geteuid geteuid32 getresuid getresuid32 setuid setuid32 "
    "setreuid setreuid32 setresuid setresuid32 setfsuid setfsuid32 getgid "
    "getgid32 getegid getegid32 getresgid getresgid32 setgid setgid32 "
    "setregid setregid32 setresgid setresgid32 setfsgid setfsgid32 getgroups "
    "getgroups32 setgroups setgroups32 capget capset",
    // To be confined further.
    "seccomp landlock_create_ruleset landlock_add_rule landlock_restrict_self",

    // Time. adjtimex also reads; to set the clock needs a capability.
    "time gettimeofday clock_gettime clock_gettime64 clock_getres "
    "clock_getres_time64 clock_adjtime clock_adjtime64 adjtimex nanosleep "
    "clock_nanosleep clock_nanosleep_time64 alarm getitimer setitimer "
    "timer_create timer_delete timer_getoverrun timer_gettime timer_gettime64 "
    "timer_settime timer_settime64 timerfd_create timerfd_gettime "
    "timerfd_gettime64 timerfd_settime timerfd_settime64",

    // Sockets; socket itself has rules of its own. socketcall is all of them
    // in one, for old 32-bit programs: its arguments lie in memory, where a
    // filter cannot look.
    "socketcall socketpair bind connect listen accept accept4 getsockname "
    "getpeername getsockopt setsockopt send sendto sendmsg sendmmsg recv "
    "recvfrom recvmsg recvmmsg recvmmsg_time64 shutdown",

    // System V and POSIX messages, semaphores, shared memory: of one's own
    // IPC namespace.
    "ipc msgctl msgget msgrcv msgsnd semctl semget semop semtimedop "
    "semtimedop_time64 shmat shmctl shmdt shmget mq_open mq_unlink mq_notify "
    "mq_getsetattr mq_timedreceive mq_timedreceive_time64 mq_timedsend "
    "mq_timedsend_time64",

    // The machine, to look at.
    "uname sysinfo getrandom",
#if defined(__x86_64__)
    "arch_prctl modify_ldt",
#elif defined(__aarch64__)
    "arm_fadvise64_64 arm_sync_file_range sync_file_range2 breakpoint "
    "cacheflush set_tls",
#elif defined(__riscv)
    "riscv_flush_icache riscv_hwprobe",
#elif defined(__powerpc64__)
    "sync_file_range2 swapcontext",
#elif defined(__s390x__)
    "s390_pci_mmio_read s390_pci_mmio_write s390_runtime_instr",
#endif
};

}  // namespace slipway
