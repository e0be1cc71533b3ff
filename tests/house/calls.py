#!/usr/bin/env python3
"""Calls that the sources do not make.

Privileged calls go through the ledger (common/ledger.hpp), and some functions
are banned because the house has something better. Both are looked for in the
C++ code with comments and strings taken out.
"""

import fnmatch
import re
from pathlib import Path
from typing import Iterator, NamedTuple

from project import (Finding, blank, cpp_files, line_of, main_of, marked,
                     parser_for, read, report)

# Attacks and tests call the kernel as they like: that is their subject. What
# Dockerfiles/ builds is no part of the program.
EXEMPT = ("tutorial/attacks/", "steps/compare/probe/", "tests/", "Dockerfiles/")

PRIVILEGED = set("""
    chroot pivot_root mount umount umount2 unshare setns clone clone3
    open_tree move_mount fsopen fsconfig fsmount fspick mount_setattr
    sethostname setdomainname mknod mknodat
    setuid setgid seteuid setegid setreuid setregid setresuid setresgid
    setfsuid setfsgid setgroups initgroups
    capset cap_set_proc seccomp seccomp_load keyctl bpf
    acct quotactl swapon swapoff reboot iopl ioperm
    init_module finit_module delete_module
    settimeofday clock_settime clock_adjtime adjtimex
    """.split())
# prctl is privileged, or hands out privileges, only with these.
PRIVILEGED_PRCTL = """PR_CAPBSET_DROP PR_CAP_AMBIENT PR_SET_NO_NEW_PRIVS
    PR_SET_SECCOMP PR_SET_SECUREBITS""".split()
# Before a thin wrapper around syscall(2), which libc does not offer by name.
LEDGER_MARK = r"ledger: passed to act\(\) by name"


class Ban(NamedTuple):
    names: str           # functions, by unqualified name
    instead: str         # what to do
    allowed: tuple = ()  # the files that are that better thing


BANS = (
    Ban("system popen", "no shell: see common/process.hpp"),
    Ban("exit quick_exit",
        "only main.cpp leaves the program: throw an Error, or _exit in a child",
        ("*/main.cpp",)),
    Ban("""atoi atol atoll atof strtol strtoul strtoll strtoull strtof strtod
        sscanf stoi stol stoul stoll stoull stof stod""",
        "accepts garbage or depends on the locale: see common/numbers.hpp",
        ("common/numbers.cpp",)),
    Ban("sleep usleep nanosleep clock_nanosleep sleep_for sleep_until",
        "wait for the event: pidfd, epoll, inotify, futex"),
    Ban("fork vfork _Fork clone clone3",
        "processes begin in common/process.cpp or 02-namespaces/clone.cpp",
        ("common/process.cpp", "steps/02-namespaces/clone.cpp")),
    Ban("printf vprintf fprintf vfprintf puts putchar perror",
        "libraries do not print: throw, or return the text to main",
        ("*/main.cpp", "*/verb*.cpp", "*_main.cpp", "*/cli/*.cpp",
         "common/program.cpp")),
    Ban("""getpwnam getpwnam_r getpwuid getpwuid_r getpwent getgrnam getgrnam_r
        getgrgid getgrgid_r getgrent getgrouplist initgroups
        getaddrinfo gethostbyname gethostbyaddr getnameinfo""",
        "NSS loads libraries, in a container even the container's: "
        "parse the file"),
)

# The same for what is not a call: expression, what to do, allowed files.
BANNED_TEXT = (
    (r"\bTEST_CASE\(\s*\"-",
     "Catch2 takes a name that begins with - for an option: ctest cannot run it",
     ()),
    (r"\bstd::(?:cout|cerr|clog)\b|\bfmt::print\b",
     "libraries do not print: throw, or return the text to main",
     ("*/main.cpp", "*/verb*.cpp", "*_main.cpp", "*/cli/*.cpp",
         "common/program.cpp")),
    (r"\busing\s+namespace\s+std\s*;", "name what you use", ()),
    (r"\bstd::source_location\b|#\s*include\s*<source_location>",
     "clang 14 does not have it", ()),
    (r"#\s*include\s*<(?:format|print)>",
     "g++ 12 does not have it: concatenate, or use {fmt}", ()),
    (r"#\s*include\s*<expected>",
     "g++ 12 does not have it: throw an Error, or std::optional", ()),
)

# `a.mount(`, `a->mount(` and `Other::mount(` are somebody else's functions.
CALL = re.compile(r"(?<![\w.:>])((?:::)?(?:\w+::)*)(\w+)\s*\((?=\s*(\w*))")
LIBRARY_SCOPES = {"", "::", "std::", "::std::", "std::this_thread::",
                  "this_thread::"}
# A name before the name makes a declaration (`int mount(…)`), except these.
BEFORE_A_CALL = {"return", "throw", "else", "do", "case", "co_return",
                 "co_await", "co_yield", "not", "and", "or", "sizeof"}


class Call(NamedTuple):
    line: int
    name: str      # for syscall(SYS_mount, …): "mount"
    argument: str  # its first word, if it begins with one
    direct: bool   # false: by number, through syscall(2)


def calls_in(code: str) -> Iterator[Call]:
    """The calls of library functions in code without comments and strings."""
    for match in CALL.finditer(code):
        scope, name, argument = match.groups()
        before = re.search(r"(\w+)\s*$", code[max(0, match.start() - 80):
                                              match.start()])
        if scope not in LIBRARY_SCOPES or (
                before and before[1] not in BEFORE_A_CALL):
            continue
        line = line_of(code, match.start(2))
        number = re.fullmatch(r"(?:SYS|__NR)_(\w+)", argument)
        if name == "syscall" and number:
            yield Call(line, number[1], "", False)
        else:
            yield Call(line, name, argument, True)


def outside_ledger(call: Call) -> str | None:
    """What to say about a call that the ledger should have seen."""
    privileged = call.name in PRIVILEGED or (
        call.name == "prctl" and call.argument in PRIVILEGED_PRCTL)
    if not privileged:
        return None
    if not call.direct:
        return (f"{call.name} called outside the ledger: put syscall(SYS_"
                f"{call.name}, …) into a function of its own marked `// ledger:"
                f" passed to act() by name`, and write act(Why{{…}}, "
                f'"{call.name}", that function, …)')
    shown = f"{call.name}({call.argument})" if call.name == "prctl" \
        else call.name
    return (f"{shown} called outside the ledger: write act(Why{{…}}, "
            f'"{call.name}", ::{call.name}, …)')


def allowed(name: str, patterns: tuple) -> bool:
    return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)


def check_file(root: Path, name: str) -> Iterator[Finding]:
    text = read(root, name)
    code, lines = blank(text), text.splitlines()
    bans = {function: ban for ban in BANS for function in ban.names.split()
            if not allowed(name, ban.allowed)}
    for call in calls_in(code):
        problem = outside_ledger(call)
        if problem and not marked(lines, call.line, LEDGER_MARK):
            yield Finding(name, call.line, problem)
        if call.name in bans:
            yield Finding(name, call.line,
                          f"{call.name}: {bans[call.name].instead}")
    for expression, instead, files in BANNED_TEXT:
        if not allowed(name, files):
            for match in re.finditer(expression, code):
                yield Finding(name, line_of(code, match.start()),
                              f"{' '.join(match[0].split())}: {instead}")


def main() -> int:
    root = parser_for(__doc__).parse_args().root
    return report(finding for name in cpp_files(root)
                  if not name.startswith(EXEMPT)
                  for finding in check_file(root, name))


if __name__ == "__main__":
    main_of(main)
