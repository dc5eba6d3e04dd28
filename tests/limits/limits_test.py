"""Planted violations that the check of limits must see, and look-alikes that it must not."""
import pathlib
import tempfile
import unittest

import limits
import table

LIMITS = """// MENSHEN_LIMIT(type, name, default, least, most, what it bounds, in Chinese)
#define MENSHEN_LIMIT(...)
MENSHEN_LIMIT(std::uint32_t, depth_max, 4, 1, 2 * kib, "nesting, at most", "嵌套层数")
MENSHEN_LIMIT(std::uint64_t, wait_timeout_ms, 15'000, 0, day_ms,
              "how long (in all) "
              "one \\"waits\\"", "等待多久")
MENSHEN_LIMIT_RELATION(depth_max, <=, wait_timeout_ms, "depth takes time", "深度需要时间")
"""
HEADER = """inline constexpr std::uint64_t kib = 1024;
inline constexpr std::size_t match_bytes_max = 256;
"""
SCHEMA = """{
    "limits": {
      "type": "object",
      "additionalProperties": false,
      "properties": {
        "depth_max": {"type": "integer", "minimum": 1, "maximum": 2048, "default": 4},
        "wait_timeout_ms": {"type": "integer", "minimum": 0, "maximum": 86400000, "default": 15000}
      }
    },
    "audit": {}
}
"""
PAGE = """## `store`

| key | default |
|---|---|
| `path` | ./var |

## `limits`

| key | default | from | to | bounds |
|---|---|---|---|---|
| `depth_max` | 4 | 1 | 2,048 | nesting, at most |
| `wait_timeout_ms` | 15,000 | 0 | 86,400,000 | how long (in all) one "waits" |

Relations:

| relation | why |
|---|---|
| `depth_max` <= `wait_timeout_ms` | depth takes time |

## `audit`

| key | default |
|---|---|
| `origin` | none |
"""
CHINESE = (PAGE.replace("nesting, at most", "嵌套层数").replace("depth takes time", "深度需要时间")
           .replace('how long (in all) one "waits"', "等待多久"))
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
TREE = {"core/limits.inc": LIMITS, "core/limits.h": HEADER, "proxy/a.cpp": READER,
        "proxy/a_test.cpp": TESTS, "tests/e2e/wait.test.mjs": END_TO_END,
        "tests/limits/bounds.md": TABLE, "proxy/config/menshen.schema.json": SCHEMA,
        "docs/CONFIG_REFERENCE.md": PAGE, "docs/zh-CN/CONFIG_REFERENCE.md": CHINESE}
NAMES = {"table": "core/limits.inc", "header": "core/limits.h", "a": "proxy/a.cpp",
         "a_test": "proxy/a_test.cpp", "bounds": "tests/limits/bounds.md",
         "schema": "proxy/config/menshen.schema.json", "page": "docs/CONFIG_REFERENCE.md",
         "chinese": "docs/zh-CN/CONFIG_REFERENCE.md"}


def check(**changed):
    """The problems of the tree with other texts in the files that `changed` names."""
    with tempfile.TemporaryDirectory() as folder:
        root = pathlib.Path(folder)
        for name, text in {**TREE, **{NAMES[key]: text for key, text in changed.items()}}.items():
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
        row = 'MENSHEN_LIMIT(std::uint32_t, queue_max, 1, 1, 9, "queue", "队列")\n'
        problems = check(table=LIMITS + row)
        self.assertEqual(len(problems), 5, problems)
        self.assertIn("no code reads queue_max", problems[0])
        self.assertIn("no row for queue_max", problems[1])
        for name, problem in zip(table.made(pathlib.Path(__file__).parents[2]), problems[2:]):
            self.assertIn(f"{name}: not as core/limits.inc says", problem)

    def test_what_is_made_from_the_table(self):
        stale = "not as core/limits.inc says"
        self.assert_one(check(schema=SCHEMA.replace("2048", "2049")), stale)
        self.assert_one(check(page=PAGE.replace("15,000", "15,001")), stale)
        self.assert_one(check(chinese=CHINESE.replace("需要", "不需要")), stale)
        changed = LIMITS.replace("depth takes time", "it does")
        self.assert_one(check(table=changed), "docs/CONFIG_REFERENCE.md")

    def test_a_row_of_a_limit_that_is_gone(self):
        row = "| `gone_max` | Depth.AtAndPast | same |\n"
        problems = check(bounds=TABLE + row)
        self.assertIn("gone_max is no limit", problems[0])

    def test_a_constant_may_have_a_row(self):
        row = "| `match_bytes_max` | Match.At | same |\n"
        tests = TESTS + "\nTEST(Match, At) {\n  f(core::match_bytes_max);\n}\n"
        self.assertEqual(check(bounds=TABLE + row, a_test=tests), [])
        self.assert_one(check(bounds=TABLE + row), "there is no test Match.At")

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
        self.assert_one(check(table="// none\n"), "were not found")
        self.assert_one(check(header="// none\n"), "were not found")


if __name__ == "__main__":
    unittest.main()
