import support


class Calls(support.TreeTest):
    FILE = "steps/02-namespaces/x.cpp"

    def allows(self, code: str, file: str = FILE):
        with self.subTest(code):
            self.write(file, code + "\n")
            self.assert_clean("calls.py")
            (self.root / file).unlink()

    def bans(self, code: str, text: str, file: str = FILE):
        with self.subTest(code):
            self.write(file, f"// first line\n{code}\n")
            self.assert_finds("calls.py", [f"{file}:2: {text}"])
            (self.root / file).unlink()

    def test_privileged_calls(self):
        for code in ("chroot(path);", "::chroot(path);", "return ::chroot (p);",
                     "if (chroot(p) != 0) {}", "f(g(chroot(p)));", "auto x = !::chroot(p);"):
            self.bans(code, "chroot called outside the ledger: write "
                            'act(Why{…}, "chroot", ::chroot, …)')
        self.bans("check(umount2(path, 0));", "umount2 called outside")

    def test_by_number(self):
        self.bans("return syscall(SYS_pivot_root, a, b);",
                  "pivot_root called outside the ledger: put syscall(SYS_pivot")
        self.allows("return syscall(SYS_pivot_root, a, b);"
                    "  // ledger: passed to act() by name")
        self.allows("// ledger: passed to act() by name\n"
                    "return syscall(SYS_pivot_root, a, b);")
        self.allows("return syscall(SYS_openat2, a);")

    def test_by_name(self):
        self.allows('act(Why{"x"}, "chroot", ::chroot, path);')
        self.allows("// chroot(path)\nf(\"chroot(path)\");")

    def test_other_functions_of_that_name(self):
        for code in ("table.mount(x);", "table->mount(x);", "Table::mount(x);",
                     "int mount(const char* x);", "remount(x);"):
            self.allows(code)

    def test_prctl(self):
        self.allows("prctl(PR_SET_NAME, name);")
        self.bans("prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);",
                  "prctl(PR_SET_NO_NEW_PRIVS) called outside the ledger")

    def test_exempt_folders(self):
        for file in ("tutorial/attacks/x.cpp", "tests/unit/x.cpp"):
            self.allows("chroot(path); system(x);", file)

    def test_banned_functions(self):
        for code, text in (
                ("std::system(x);", "system: no shell"),
                ("popen(x);", "popen: no shell"),
                ("exit(1);", "exit: only main.cpp"),
                ("std::stoi(x);", "stoi: accepts garbage"),
                ("strtoul(x, 0, 10);", "strtoul: accepts garbage"),
                ("std::this_thread::sleep_for(x);", "sleep_for: wait for"),
                ("pid_t p = fork();", "fork: processes begin in"),
                ('printf("x");', "printf: libraries do not print"),
                ("std::cerr << x;", "std::cerr: libraries do not print"),
                ("fmt::print(x);", "fmt::print: libraries do not print"),
                ("using namespace std;", "using namespace std;: name what"),
                ("getpwnam(x);", "getpwnam: NSS"),
                ("auto x = std::source_location::current();",
                 "std::source_location: clang 14"),
                ("#include <format>", "#include <format>: g++ 12"),
                ("#include <expected>", "#include <expected>: g++ 12")):
            self.bans(code, text)

    def test_near_misses(self):
        for code in ("_exit(1);", "atexit(f);", "using namespace std::literals;",
                     "snprintf(a, 1, b);", "#include <fmt/format.h>",
                     "forklift();", "options.exit(1);"):
            self.allows(code)

    def test_where_they_are_allowed(self):
        self.allows("std::cout << x; exit(1);", "steps/01-chroot/main.cpp")
        self.allows("strtol(x, 0, 10);", "common/numbers.cpp")
        self.allows("std::cerr << x;", "common/program.cpp")
        self.allows("fork();", "common/process.cpp")
        self.bans("fork();", "fork: processes begin", "common/program.cpp")

    def test_clone3_goes_through_the_ledger_even_where_processes_begin(self):
        file = "steps/02-namespaces/clone.cpp"
        self.bans("syscall(SYS_clone3, a);", "clone3 called outside", file)
        self.allows("syscall(SYS_clone3, a);  // ledger: passed to act() by name",
                    file)
