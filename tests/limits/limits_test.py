"""Planted violations that the check of limits must see, and look-alikes that it must not."""
import pathlib
import tempfile
import unittest

import limits

HEADER = """struct Limits {
  std::uint32_t depth_max = 4;  // nesting
  std::uint64_t wait_timeout_ms =
      15'000;
};
inline constexpr std::size_t match_bytes_max = 256;
"""
READER = "void f() { g(limits_.depth_max, a.limits.wait_timeout_ms, core::match_bytes_max); }\n"
TESTS = """TEST(Depth, AtAndPast) {
  limits.depth_max = 3;
}

TEST_F(Wait, Within) {
  limits.wait_timeout_ms = 9;
}
"""
END_TO_END = """limits: { wait_timeout_ms: 1 }
  test(`${api}: who waits too long is told`, () => {});
"""
TABLE = """| limit | at the bound | past it |
|---|---|---|
| `depth_max` | Depth.AtAndPast | same |
| `wait_timeout_ms` | Wait.Within | wait.test.mjs: who waits too long is told |
"""
TREE = {"core/limits.h": HEADER, "proxy/a.cpp": READER, "proxy/a_test.cpp": TESTS,
        "tests/e2e/wait.test.mjs": END_TO_END, "tests/limits/bounds.md": TABLE}


def check(**changed):
    """The problems of the tree with the files that `changed` names by a part of their path."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in TREE.items():
            for part, replaced in changed.items():
                text = replaced if f"/{part}." in f"/{name}" else text
            path = root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        return limits.check_tree(root)


class Limits(unittest.TestCase):
    def assert_one(self, problems, said):
        self.assertEqual(len(problems), 1, problems)
        self.assertIn(said, problems[0])

    def test_clean(self):
        self.assertEqual(check(), [])

    def test_a_limit_that_no_code_reads(self):
        self.assert_one(check(a=READER.replace("limits_.depth_max", "depth_max")),
                        "no code reads depth_max")
        self.assert_one(check(a=READER.replace("core::match_bytes_max", "0")),
                        "no code reads match_bytes_max")

    def test_what_is_no_reading(self):
        unread = READER.replace("limits_.depth_max, ", "")
        self.assert_one(check(a=unread + "// limits.depth_max\n"), "no code reads depth_max")
        reads = "void g() { h(limits.depth_max); }\n"
        for name in ("proxy/config/b.cpp", "proxy/b_test.cpp", "proxy/b_fuzz.cpp", "core/limits.h"):
            self.assertEqual(limits.readers([(name, reads)]), "", name)
        self.assertEqual(limits.readers([("proxy/b.cpp", reads)]), reads)

    def test_a_new_limit(self):
        header = HEADER.replace("};", "  std::uint32_t queue_max = 1;\n};")
        problems = check(limits=header, bounds=TABLE)
        self.assertEqual(len(problems), 2, problems)
        self.assertIn("no code reads queue_max", problems[0])
        self.assertIn("no row for queue_max", problems[1])

    def test_a_row_of_a_limit_that_is_gone(self):
        row = "| `gone_max` | Depth.AtAndPast | same |\n"
        problems = check(bounds=TABLE + row)
        self.assertIn("gone_max is no limit", problems[0])

    def test_a_test_that_is_not_there(self):
        self.assert_one(check(bounds=TABLE.replace("Wait.Within", "Wait.Without")),
                        "there is no test Wait.Without")
        self.assert_one(check(bounds=TABLE.replace("is told", "is heard")), "there is no test wait")
        self.assert_one(check(bounds=TABLE.replace("wait.test", "other.test")),
                        "there is no test other.test.mjs")

    def test_a_test_that_is_about_something_else(self):
        self.assert_one(check(a_test=TESTS.replace("limits.depth_max", "limits.depth_max_of_all")),
                        "Depth.AtAndPast does not name it")
        self.assert_one(check(bounds=TABLE.replace("Wait.Within", "Depth.AtAndPast")),
                        "wait_timeout_ms: Depth.AtAndPast does not name it")

    def test_no_limits(self):
        self.assert_one(check(limits="struct Bounds {};\n", bounds=TABLE), "were not found")


if __name__ == "__main__":
    unittest.main()
