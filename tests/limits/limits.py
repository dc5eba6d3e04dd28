"""Every limit is read by the code, and a test holds it at its bound and one past it.

    python3 limits.py ROOT    exit 1 and one line per problem

The limits are those of core/limits.h; bounds.md, beside this file, names the tests of each that a
configuration may set. Read is what code outside of core/limits.h and of the configuration takes
from an object named `limits`; or, of a constant, what it names. Of tests the script sees that they
exist and name the limit, not what they assert.
"""
import pathlib
import re
import sys

LIMITS = "core/limits.h"
BOUNDS = "tests/limits/bounds.md"
# Reading the file and checking relations is no use of a limit; fuzzers and tests are none either.
NO_READER = re.compile(r"^proxy/config/|^core/limits\.h$|_(test|fuzz|benchmark|bench)\.cpp$|"
                       r"(^|/)testing\w*\.|^(build|tests|bench|deploy)/")

STRUCT = re.compile(r"struct Limits \{(.*?)\n\};", re.DOTALL)
MEMBER = re.compile(r"^  std::uint(?:32|64)_t (\w+)\b", re.MULTILINE)
CONSTANT = re.compile(r"^inline constexpr [\w:]+ (\w+)\b", re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)


def read_limits(header):
    """(what a configuration may set, constants)"""
    struct = STRUCT.search(header)
    members = MEMBER.findall(struct.group(1)) if struct else []
    return members, CONSTANT.findall(header)


def readers(sources):
    """The code that can read a limit, without comments, as one text."""
    return "\n".join(COMMENT.sub("", text) for name, text in sources if not NO_READER.search(name))


def check_readers(members, constants, code):
    for name in members:
        if not re.search(rf"\blimits_?(\.|->|\(\)\.){name}\b", code):
            yield f"{LIMITS}: no code reads {name}"
    for name in constants:
        if not re.search(rf"\b{name}\b", code):
            yield f"{LIMITS}: no code reads {name}"


def unit_tests(sources):
    """Suite.Name -> the test's body"""
    return {f"{suite}.{name}": body for path, text in sources if path.endswith("_test.cpp")
            for suite, name, body in TEST.findall(text)}


def test_text(test, units, files):
    """Where the test must name its limit: the body of a unit test, the file of another. None:
    there is no such test."""
    file, colon, title = test.partition(": ")
    if not colon:
        return units.get(test)
    text = files.get(f"tests/e2e/{file}", "")
    titled = any("test(" in line and title in line for line in text.split("\n"))
    return text if titled else None


def check_bounds(members, table, sources):
    units, files = unit_tests(sources), dict(sources)
    rows = {name: (at, at if past == "same" else past) for name, at, past in ROW.findall(table)}
    for name in members:
        if name not in rows:
            yield f"{BOUNDS}: no row for {name}"
    for name, tests in rows.items():
        if name not in members:
            yield f"{BOUNDS}: {name} is no limit"
        for test in dict.fromkeys(tests):
            text = test_text(test, units, files)
            if text is None:
                yield f"{BOUNDS}: {name}: there is no test {test}"
            elif not re.search(rf"\b{name}\b", text):
                yield f"{BOUNDS}: {name}: {test} does not name it"


def sources_of(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith("build/") or "node_modules/" in name:
            continue
        if path.suffix in (".h", ".cpp", ".mjs"):
            yield name, path.read_text(encoding="utf-8")


def check_tree(root):
    sources = list(sources_of(root))
    members, constants = read_limits(dict(sources).get(LIMITS, ""))
    if not members or not constants:
        return [f"{LIMITS}: the limits were not found"]
    problems = list(check_readers(members, constants, readers(sources)))
    table = (root / BOUNDS).read_text(encoding="utf-8")
    return problems + list(check_bounds(members, table, sources))


def main():
    problems = check_tree(pathlib.Path(sys.argv[1]))
    print("\n".join(problems) if problems else "Every limit is read and tested.")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
