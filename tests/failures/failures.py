"""What failed in a stage, a line each, and the digest with which tests/run ends.

    python3 failures.py build STAGE LOG        the first errors of a build
    python3 failures.py junit STAGE REPORT     the tests of ctest that did not pass
    python3 failures.py e2e STAGE LOG          the failures of tests/support/reporter.mjs
    python3 failures.py fuzz STAGE LOG         the fuzz targets and canaries that failed
    python3 failures.py count REPORT           "PASSED FAILED" of ctest: not run is failed
    python3 failures.py summary FILE           the lines of FILE, bounded together and each

Of a log that is kept for long only its last few thousand characters may be left, so the digest has
room for names and first lines there, beside the table of stages.
"""
import re
import sys
import xml.etree.ElementTree as tree

LINE_CHARACTERS_MAX = 240
SUMMARY_CHARACTERS_MAX = 2400
WHY_LINES_MAX = 6
BUILD_ERRORS_MAX = 3

# Where a unit test, a sanitizer or a check in Python begins to say what is wrong.
BEGINS = re.compile(r": Failure$|ERROR: |WARNING: ThreadSanitizer|runtime error: |^(FAIL|ERROR): |"
                    r"terminate called|Traceback")
BUILD_ERROR = re.compile(r"\berror: |^FAILED: |undefined (symbol|reference)|CMake Error")
FUZZ_REASON = re.compile(r"SUMMARY: |ERROR: |deadly signal|runtime error: ")


def on_one_line(lines):
    said = [" ".join(line.split()) for line in lines if line.strip()]
    return " | ".join(said[:WHY_LINES_MAX])


def passed(case):
    return case.get("status") == "run" and case.find("failure") is None


def cases_of(report):
    return tree.parse(report).getroot().findall("testcase")


def count(report):
    cases = cases_of(report)
    good = sum(map(passed, cases))
    return good, len(cases) - good if cases else 1


def why(output):
    """The first lines from where the output says what is wrong, or its last ones."""
    lines = output.split("\n")
    begin = next((at for at, line in enumerate(lines) if BEGINS.search(line)), None)
    if begin is None:
        return on_one_line([line for line in lines if line.strip()][-WHY_LINES_MAX:])
    return on_one_line(lines[begin:])


def of_junit(report):
    for case in cases_of(report):
        if not passed(case):
            output = case.findtext("system-out") or ""
            state = case.get("status") if case.get("status") != "fail" else ""
            said = [text for text in (state, why(output)) if text]
            yield f"{case.get('name')}: {': '.join(said)}"


def of_build(log):
    with open(log, encoding="utf-8", errors="replace") as file:
        errors = [line for line in file if BUILD_ERROR.search(line)]
    yield from (on_one_line([line]) for line in errors[:BUILD_ERRORS_MAX])


def of_end_to_end(log):
    with open(log, encoding="utf-8", errors="replace") as file:
        yield from (line[len("E2E-FAILED "):].strip() for line in file
                    if line.startswith("E2E-FAILED "))


def of_fuzz(log):
    """A line "FAILED name", and what of its log follows it."""
    with open(log, encoding="utf-8", errors="replace") as file:
        parts = re.split(r"^(ok|FAILED)  +", file.read(), flags=re.MULTILINE)
    for verdict, text in zip(parts[1::2], parts[2::2]):
        if verdict == "FAILED":
            name, *lines = text.split("\n")
            reasons = [line for line in lines if FUZZ_REASON.search(line)]
            yield on_one_line([name, *(reasons or lines)])


def summary(lines):
    """The lines, each cut to its bound, until there is no more room; then how many are left."""
    room = SUMMARY_CHARACTERS_MAX
    for at, line in enumerate(lines):
        cut = line if len(line) <= LINE_CHARACTERS_MAX else line[:LINE_CHARACTERS_MAX - 3] + "..."
        if len(cut) + 1 > room:
            yield f"and {len(lines) - at} more, above"
            return
        room -= len(cut) + 1
        yield cut


READERS = {"build": of_build, "junit": of_junit, "e2e": of_end_to_end, "fuzz": of_fuzz}


def main():
    command, *arguments = sys.argv[1:]
    sys.stdout.reconfigure(encoding="utf-8", errors="replace")
    if command == "count":
        print(*count(arguments[0]))
    elif command == "summary":
        with open(arguments[0], encoding="utf-8", errors="replace") as file:
            print("".join(f"{line}\n" for line in summary(file.read().splitlines())), end="")
    else:
        stage, log = arguments
        for failure in READERS[command](log):
            print(f"FAILED {stage}: {failure}")


if __name__ == "__main__":
    main()
