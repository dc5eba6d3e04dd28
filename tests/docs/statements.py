"""Statements and their tests: a footnote names the tests that carry what stands before it.

    - An event waits for at most the unfinished word at its end.[^hold-back]

    [^hold-back]: `Scanner.HoldsBackAWordOfEnglishAndNothingOfChinese`, `streams.test.mjs`

Every mark has its one note and every note its mark; a note names at least one test, and each is
there: a case of GoogleTest as `Suite.Name`, or a file of end to end tests. A table may have a
column `test` (`测试`) instead. Links and paths of all pages are checked along.
"""
import re
from collections import Counter

import markdown

MARK = re.compile(r"\[\^([\w-]+)\](?!:)")
NOTE = re.compile(r"^\[\^([\w-]+)\]: (.+)$", re.MULTILINE)
CASE = re.compile(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\s*\)")
LINK = re.compile(r"\]\(([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
PATH = re.compile(r"(?:core|detectors|policies|audit|proxy|store|tests|bench|deploy|cmake|docs)"
                  r"/[\w./-]*\Z")
# What they name is to be made by the reader.
EXAMPLES = ("detectors/employee_number/", "detectors/cn_passport")


def tests_of(root):
    """The names of all tests: cases, and files of end to end tests."""
    found = set()
    for path in root.rglob("*_test.cpp"):
        if "build" not in path.relative_to(root).parts:
            found.update(f"{s}.{n}" for s, n in CASE.findall(path.read_text(encoding="utf-8")))
    found.update(path.name for path in (root / "tests/e2e").rglob("*.test.mjs"))
    return found


def check_notes(page, text, tests):
    bare = FENCE.sub("", text)
    written = NOTE.findall(bare)
    notes = dict(written)
    marks = set(MARK.findall(bare))
    for name in sorted(marks - set(notes)):
        yield f"{page}: the mark [^{name}] has no note"
    for name in sorted(set(notes) - marks):
        yield f"{page}: no statement has the mark [^{name}]"
    times = Counter(name for name, _ in written)
    for name in sorted(name for name in times if times[name] > 1):
        yield f"{page}: the note [^{name}] stands here twice"
    for name, note in notes.items():
        named = markdown.spans(note)
        if not named:
            yield f"{page}: the note [^{name}] names no test"
        for test in named:
            if test not in tests:
                yield f"{page}: there is no test {test} (note [^{name}])"


def check_column(page, text, tests):
    """A table with a column `test` names tests there, and those are."""
    for section in markdown.sections(text):
        for table in section.tables:
            columns = [i for i, name in enumerate(table[0][1]) if name in ("test", "测试")]
            if not columns:
                continue
            for line, cells in table[1:]:
                named = markdown.spans(cells[columns[0]])
                if not named:
                    yield f"{page}:{line}: the row names no test"
                for test in named:
                    if test not in tests:
                        yield f"{page}:{line}: there is no test {test}"


def unmarked(page, text):
    """Items of lists and rows of tables that no mark carries."""
    for section in markdown.sections(text):
        items = [(line, item) for line, item in section.prose if item.startswith("- ")]
        rows = [(line, " ".join(cells)) for table in section.tables for line, cells in table[1:]]
        for line, block in items + rows:
            if not MARK.search(block):
                yield f"{page}:{line}: a statement without a test: {block[:50]}"


def anchors_of(text):
    """What headings are called in links, as GitHub makes it."""
    return {re.sub(r"[^\w\- ]", "", s.title.lower()).replace(" ", "-")
            for s in markdown.sections(text)}


def check_paths(root, page, text):
    here = (root / page).parent
    for target in LINK.findall(FENCE.sub("", text)):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        path = here / file if file else root / page
        if not path.exists():
            yield f"{page}: the link {target} leads nowhere"
        elif anchor and anchor not in anchors_of(path.read_text(encoding="utf-8")):
            yield f"{page}: {file or page} has no heading #{anchor}"
    for span in markdown.spans(FENCE.sub("", text)):
        wanted = PATH.match(span) and "NAME" not in span and span not in EXAMPLES
        if wanted and not any(root.glob(span + "*")):
            yield f"{page}: there is no {span}"
