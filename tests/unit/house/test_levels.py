import json
import shutil
import unittest

import support


class Includes(support.TreeTest):
    def setUp(self):
        super().setUp()
        self.write("common/error.hpp", "#pragma once\n")
        self.write("steps/01-chroot/root.hpp", "#pragma once\n")
        self.write("steps/02-namespaces/mounts.hpp", "#pragma once\n")
        self.write("steps/06-engine/api/router.hpp", "#pragma once\n")

    def assert_include(self, file: str, include: str, problem: str | None):
        self.write(file, f"// first line\n#include {include}\n")
        if problem is None:
            self.assert_clean("levels.py", "check")
        else:
            self.assert_finds("levels.py", [f"{file}:2: {problem}"], "check")

    def test_lower_levels_and_the_own_one(self):
        for include in ('"common/error.hpp"', '"01-chroot/root.hpp"',
                        '"02-namespaces/mounts.hpp"', "<vector>"):
            self.assert_include("steps/02-namespaces/x.cpp", include, None)

    def test_higher_level(self):
        self.assert_include("steps/01-chroot/x.cpp", '"02-namespaces/mounts.hpp"',
                            "01-chroot may not use 02-namespaces")

    def test_common_uses_no_step(self):
        self.assert_include("common/x.cpp", '"06-engine/api/router.hpp"',
                            "common may not use 06-engine/api")

    def test_compare_uses_no_step(self):
        self.assert_include("steps/compare/x.cpp", '"01-chroot/root.hpp"',
                            "compare may not use 01-chroot")

    def test_inside_the_engine(self):
        self.assert_include("steps/06-engine/cli/x.cpp",
                            '"06-engine/api/router.hpp"', None)
        self.assert_include("steps/06-engine/main.cpp",
                            '"06-engine/api/router.hpp"', None)
        self.assert_include("steps/06-engine/runtime/x.cpp",
                            '"06-engine/api/router.hpp"',
                            "06-engine/runtime may not use 06-engine/api")

    def test_same_folder_without_its_level(self):
        self.assert_include("steps/02-namespaces/x.cpp", '"mounts.hpp"',
                            '"mounts.hpp" without its level: write '
                            '"02-namespaces/mounts.hpp"')

    def test_unknown_level(self):
        self.assert_include("common/x.cpp", '"09-cloud/sky.hpp"',
                            '"09-cloud/sky.hpp" begins with no level')

    def test_missing_file(self):
        self.assert_include("common/x.cpp", '"common/gone.hpp"',
                            '"common/gone.hpp" does not exist')

    def test_own_header_in_angle_brackets(self):
        self.assert_include("common/x.cpp", "<common/error.hpp>",
                            "<common/error.hpp> is ours")

    def test_folder_that_is_no_level(self):
        self.write("steps/09-cloud/x.cpp", "")
        self.assert_finds("levels.py", ["steps/09-cloud/x.cpp:1: "], "check")

    def test_include_in_a_comment(self):
        self.assert_include("common/x.cpp", "<vector> // ok\n"
                            '/*\n#include "gone.hpp"\n*/', None)

    def test_the_levels_name_only_levels(self):
        rules = json.loads((support.HOUSE / "levels.json").read_text())
        for level, may_use in rules["levels"].items():
            self.assertLessEqual(set(may_use), set(rules["levels"]) - {level})


class Words(support.TreeTest):
    def test_subject_words(self):
        self.write("common/x.hpp", "int f();\nint mount_all();\n"
                                   "// a Cgroup, and chroot\n")
        self.assert_finds("levels.py", [
            'common/x.hpp:2: common/ is subject-free, but this line says "mount_all"',
            'common/x.hpp:3: common/ is subject-free, but this line says "Cgroup"',
            'common/x.hpp:3: common/ is subject-free, but this line says "chroot"',
        ], "check")

    def test_ordinary_words(self):
        self.write("common/x.hpp", "namespace a {}\n// amount, mountain, social\n")
        self.write("steps/01-chroot/x.hpp", "// chroot\n")
        self.assert_clean("levels.py", "check")

    def test_allowed_with_a_reason(self):
        self.write("common/x.hpp",
                   "int a;  // chroot  // house: allow chroot because of this\n"
                   "// house: allow mount because of that\nint mount;\n")
        self.assert_clean("levels.py", "check")

    def test_allowed_without_a_reason_or_for_another_word(self):
        self.write("common/x.hpp", "int mount;  // house: allow mount\n"
                   "int x;\nint mount;  // house: allow other because of this\n")
        done = self.run_check("levels.py", "check")
        self.assertIn("common/x.hpp:1: ", done.stdout)
        self.assertIn("common/x.hpp:3: ", done.stdout)


@unittest.skipUnless(shutil.which("g++"), "needs g++")
class Headers(support.TreeTest):
    def test_headers_alone(self):
        self.write("common/good.hpp", "#pragma once\n#include <string>\n"
                                      "std::string f();\n")
        self.write("steps/01-chroot/good.hpp",
                   '#pragma once\n#include "common/good.hpp"\n')
        self.assert_clean("levels.py", "headers")

    def test_header_that_needs_another(self):
        self.write("steps/01-chroot/bad.hpp",
                   "#pragma once\n\nstd::string f();\n")
        self.assert_finds("levels.py", [
            "steps/01-chroot/bad.hpp:3: does not compile alone: "], "headers")

    def test_missing_compiler(self):
        self.write("common/x.hpp", "")
        done = self.run_check("levels.py", "headers", "--compiler=no-such-c++")
        self.assertEqual(done.returncode, 2)
        self.assertIn("no-such-c++ is not installed", done.stderr)
