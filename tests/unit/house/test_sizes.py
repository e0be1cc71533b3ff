import unittest

import support
from sizes import functions_in


class Functions(unittest.TestCase):
    def check(self, code: str, expected: dict[str, int]):
        self.assertEqual({f.name: f.lines for f in functions_in("x", code)},
                         expected)

    def test_plain(self):
        self.check("int f(int a) {\n  if (a) {\n    g();\n  }\n}\n", {"f": 3})

    def test_in_scopes(self):
        self.check("namespace a::b {\nstruct S : T {\n  int f() const { return 1; }\n"
                   "  bool operator==(S s) {\n\n\n  }\n};\n}\n",
                   {"f": 1, "operator==": 2})

    def test_templates_and_linkage(self):
        self.check('extern "C" {\ntemplate <class A, typename B = X<int>>\n'
                   "auto f(A a) -> B {\n;\n}\n}\n", {"f": 1})

    def test_constructor_with_braced_members(self):
        self.check("S::S(int a)\n    : x_{a}, y_{std::move(b)} {\n  f();\n"
                   "  if (x) {\n  }\n}\n", {"S::S": 3})

    def test_braces_that_are_values(self):
        self.check("constexpr Row rows[] = {\n{1},\n{2}};\n"
                   "void f(X x = {}) {\n;\n}\nenum class E { A };\n", {"f": 1})

    def test_function_that_returns_a_struct(self):
        self.check("struct stat look(int fd) {\n;\n}\n", {"look": 1})

    def test_braces_in_text_and_directives(self):
        self.check('#define X {\nvoid f() {\n  g("}"); // }\n}\n', {"f": 1})


class Limits(support.TreeTest):
    def test_just_within(self):
        self.write("common/x.cpp", "void f() {\n" + ";\n" * 80 + "}\n")
        done = self.run_check("sizes.py")
        self.assertEqual(done.returncode, 0, done.stdout)
        self.assertIn("80 f  common/x.cpp:1", done.stdout)

    def test_long_function(self):
        self.write("common/x.cpp", "\nvoid f() {\n" + ";\n" * 81 + "}\n")
        done = self.run_check("sizes.py")
        self.assertEqual(done.returncode, 1)
        self.assertIn("\ncommon/x.cpp:2: f has 81 lines", done.stdout)

    def test_long_file(self):
        self.write("common/x.cpp", "int x;\n" * 501)
        done = self.run_check("sizes.py")
        self.assertEqual(done.returncode, 1)
        self.assertIn("\ncommon/x.cpp:501: 501 lines", done.stdout)
