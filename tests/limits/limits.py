"""Every limit is read by the code, a test holds it at its bound and one past it, and schema and
reference say of it what its table says.

    python3 limits.py ROOT    exit 1 and one line per problem

The limits are the rows of core/limits.inc, which a configuration may set, and the constants of
core/limits.h; bounds.md, beside this file, names the tests of each of the former and of some of the
latter. Read is what code outside of core/limits.h and of the configuration takes from an object
named `limits`; or, of a constant, what it names. Of tests the script sees that they exist and name
the limit, not what they assert.
"""
import pathlib
import re
import sys

import table

LIMITS = "core/limits.h"
BOUNDS = "tests/limits/bounds.md"
# Reading the file and checking relations is no use of a limit; fuzzers and tests are none either.
NO_READER = re.compile(r"^proxy/config/|^core/limits\.h$|_(test|fuzz|benchmark|bench)\.cpp$|"
                       r"(^|/)testing\w*\.|^(build|tests|bench|deploy)/")

CONSTANT = re.compile(r"^inline constexpr [\w:]+ (\w+)\b", re.MULTILINE)
COMMENT = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
ROW = re.compile(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", re.MULTILINE)
TEST = re.compile(r"^TEST(?:_F|_P)?\((\w+), (\w+)\) \{\n(.*?)^\}", re.MULTILINE | re.DOTALL)


def read_limits(sources):
    """(what a configuration may set, constants)"""
    limits, _ = table.read(sources.get(table.TABLE, ""))
    units = set(table.UNITS)
    constants = [name for name in CONSTANT.findall(sources.get(LIMITS, "")) if name not in units]
    return [limit.name for limit in limits], constants


def readers(sources):
    """The code that can read a limit, without comments, as one text."""
    return "\n".join(COMMENT.sub("", text) for name, text in sources if not NO_READER.search(name))


def check_readers(members, constants, code):
    for name in members:
        if not re.search(rf"\blimits_?(\.|->|\(\)\.){name}\b", code):
            yield f"{table.TABLE}: no code reads {name}"
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


def check_bounds(members, constants, bounds, sources):
    units, files = unit_tests(sources), dict(sources)
    rows = {name: (at, at if past == "same" else past) for name, at, past in ROW.findall(bounds)}
    for name in members:
        if name not in rows:
            yield f"{BOUNDS}: no row for {name}"
    for name, tests in rows.items():
        if name not in members and name not in constants:
            yield f"{BOUNDS}: {name} is no limit"
        for test in dict.fromkeys(tests):
            text = test_text(test, units, files)
            if text is None:
                yield f"{BOUNDS}: {name}: there is no test {test}"
            elif not re.search(rf"\b{name}\b", text):
                yield f"{BOUNDS}: {name}: {test} does not name it"


def check_made(root):
    """What is made from the table stands as it would be made now."""
    for name, text in table.made(root).items():
        if (root / name).read_text(encoding="utf-8") != text:
            yield f"{name}: not as {table.TABLE} says; run: python3 tests/limits/table.py ."


def sources_of(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        if name.startswith("build/") or "node_modules/" in name:
            continue
        if path.suffix in (".h", ".inc", ".cpp", ".mjs"):
            yield name, path.read_text(encoding="utf-8")


def check_tree(root):
    sources = list(sources_of(root))
    members, constants = read_limits(dict(sources))
    if not members or not constants:
        return [f"{table.TABLE}, {LIMITS}: the limits were not found"]
    problems = list(check_readers(members, constants, readers(sources)))
    bounds = (root / BOUNDS).read_text(encoding="utf-8")
    problems += check_bounds(members, constants, bounds, sources)
    return problems + list(check_made(root))


def main():
    problems = check_tree(pathlib.Path(sys.argv[1]))
    print("\n".join(problems or ["Every limit is read, tested and stated."]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
