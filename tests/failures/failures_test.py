"""What failures.py must find in the logs of each stage, and how long its digest may be."""
import pathlib
import subprocess
import tempfile
import unittest

import failures

JUNIT = """<testsuite>
<testcase name="Good.One" status="run"><system-out>fine</system-out></testcase>
<testcase name="Bad.One" status="fail"><failure message=""/><system-out>[ RUN ] Bad.One
core/a_test.cpp:12: Failure
Expected equality of these values:
  a
  b
</system-out></testcase>
<testcase name="Gone.One" status="notrun"><skipped message=""/><system-out/></testcase>
</testsuite>
"""
BUILD = """[1/9] Building a.o
FAILED: core/a.o
core/a.cpp:3:1: error: expected ';'
note: here
core/a.cpp:4:1: error: unknown type
core/a.cpp:5:1: error: unknown type
"""
END_TO_END = """FAILED   one
        Error: plain
E2E-FAILED a.test.mjs:4 outer > one: Error: plain
E2E-COUNTS 1 1
"""
FUZZ = """ok      one Done 12 runs
FAILED  two
==1== ERROR: libFuzzer: deadly signal
SUMMARY: libFuzzer: deadly signal
ok      two_canary: found
FAILED  three_canary: its planted bug was not found
"""
TESTS = """import { describe, test } from 'node:test';
describe('outer', () => {
  test('good', () => {});
  test('bad', () => {
    throw new Error('first\\n\\nsecond');
  });
  test.skip('skipped', () => {});
});
"""
REPORTER = pathlib.Path(__file__).parent.parent / "support" / "reporter.mjs"


class Failures(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.addCleanup(self.folder.cleanup)

    def file(self, text, name="log"):
        path = pathlib.Path(self.folder.name) / name
        path.write_text(text, encoding="utf-8")
        return path

    def test_units(self):
        report = self.file(JUNIT)
        self.assertEqual(failures.count(report), (1, 2))
        self.assertEqual(list(failures.of_junit(report)), [
            "Bad.One: core/a_test.cpp:12: Failure | Expected equality of these values: | a | b",
            "Gone.One: notrun"])

    def test_no_units_is_a_failure(self):
        self.assertEqual(failures.count(self.file("<testsuite/>")), (0, 1))

    def test_a_build(self):
        self.assertEqual(list(failures.of_build(self.file(BUILD))), [
            "FAILED: core/a.o", "core/a.cpp:3:1: error: expected ';'",
            "core/a.cpp:4:1: error: unknown type"])

    def test_end_to_end(self):
        self.assertEqual(list(failures.of_end_to_end(self.file(END_TO_END))),
                         ["a.test.mjs:4 outer > one: Error: plain"])

    def test_fuzz_targets(self):
        self.assertEqual(list(failures.of_fuzz(self.file(FUZZ))), [
            "two | ==1== ERROR: libFuzzer: deadly signal | SUMMARY: libFuzzer: deadly signal",
            "three_canary: its planted bug was not found"])

    def test_what_the_reporter_says(self):
        tests = self.file(TESTS, "planted.test.mjs")
        broken = self.file("throw new Error('no test runs');\n", "broken.test.mjs")
        command = ["node", "--test", f"--test-reporter={REPORTER}",
                   "--test-reporter-destination=stdout", tests, broken]
        version = subprocess.check_output(["node", "--version"], text=True).strip()
        log = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        self.assertEqual(sorted(failures.of_end_to_end(self.file(log))), [
            "broken.test.mjs:1: Error: no test runs | Node.js " + version,
            "planted.test.mjs:4 outer > bad: Error: first | second",
            "planted.test.mjs:7 outer > skipped: it was skipped"])
        self.assertEqual(log.splitlines()[-1], "E2E-COUNTS 1 3")

    def test_the_digest_is_bounded(self):
        short = ["FAILED e2e: one", "FAILED asan: two"]
        self.assertEqual(list(failures.summary(short)), short)
        self.assertEqual(list(failures.summary([])), [])
        many = [f"FAILED e2e: {number} {'门' * 1000}" for number in range(100)]
        digest = list(failures.summary(many))
        self.assertEqual(len(digest[0]), failures.LINE_CHARACTERS_MAX)
        self.assertEqual(digest[-1], f"and {101 - len(digest)} more, above")
        self.assertLessEqual(len("\n".join(digest[:-1])), failures.SUMMARY_CHARACTERS_MAX)
        self.assertTrue(all(line.startswith(f"FAILED e2e: {at} ")
                            for at, line in enumerate(digest[:-1])))


if __name__ == "__main__":
    unittest.main()
