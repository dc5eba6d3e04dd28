"""Holds a page in Chinese to the one in English: the same sections, tables, rows, names, numbers.

Names are code spans: each cell and the prose of each section have those of the original, the same
numbers and marks of footnotes, which name the same tests, and as many items. So what holds an
English page to the code holds its twin. Comments and texts in examples are the translator's; the
rest of them is the same, but for YAML, of which the keys count, and drawings, of which the first
column counts. A page has its twin; what a Chinese page links to is Chinese where there is a twin,
and else says that it is not.
"""
import os
import pathlib
import re
from collections import Counter

import markdown
import statements

KEY = re.compile(r"([A-Za-z_]+):(?=\s|$)")
ITEM = re.compile(r"(?:-|\d+\.) ")
LITERAL = re.compile(r"""(?:"[^"\n]*"|'[^'\n]*')(?P<key>\s*:)?"""
                     r"""|(?<!\S)(?P<comment>(?:#|//) .*)""")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s#]+)[^)]*\)")
IN_ENGLISH = "（英文）"


def difference(a, b):
    """What only one of both has, in words."""
    gone, new = Counter(a) - Counter(b), Counter(b) - Counter(a)
    parts = []
    if gone:
        parts.append("lacks " + ", ".join(sorted(gone)))
    if new:
        parts.append("has beside it " + ", ".join(sorted(new)))
    return "; ".join(parts)


def marks(text):
    return [f"[^{name}]" for name in statements.MARK.findall(text)]


def compare_cells(own, other):
    """Each cell has the names of its original, and then the numbers."""
    for read in (markdown.spans, markdown.numbers, marks):
        for ours, theirs in zip(own, other):
            wrong = difference(read(theirs), read(ours))
            if wrong:
                return wrong
    return "" if len(own) == len(other) else "has another number of cells"


def compare_rows(place, ours, theirs):
    for (line, own), (other, cells) in zip(ours, theirs):
        wrong = compare_cells(own, cells)
        if wrong:
            yield f"{place}:{line}: the row {wrong} (line {other} of the original)"


def compare_tables(place, ours, theirs):
    if len(ours) == len(theirs):
        yield from compare_rows(place, ours[1:], theirs[1:])
        return
    known = {span for _, cells in ours for span in markdown.spans(cells[0])}
    gone = {span for _, cells in theirs for span in markdown.spans(cells[0])} - known
    yield (f"{place}:{ours[0][0]}: {len(ours)} rows, the original has {len(theirs)}: "
           f"{', '.join(sorted(gone))}")


def items(section):
    """Of lists: how many have a bullet, how many a number."""
    begins = [re.match(r"-|\d", text) for _, text in section.prose if ITEM.match(text)]
    return Counter(mark.group().isdigit() for mark in begins)


def compare_prose(own, other):
    """The first difference: names, numbers, marks, items of lists."""
    ours, theirs = (" ".join(text for _, text in s.prose) for s in (own, other))
    wrong = difference(set(markdown.spans(theirs)), set(markdown.spans(ours)))
    wrong = wrong or difference(set(markdown.numbers(theirs)), set(markdown.numbers(ours)))
    wrong = wrong or difference(marks(theirs), marks(ours))
    return wrong or ("" if items(own) == items(other) else "has another number of items")


def compare_section(place, own, other):
    line = own.line
    if own.level != other.level:
        yield f"{place}:{line}: the heading is of another level than line {other.line}"
    if markdown.spans(own.title) != markdown.spans(other.title):
        yield f"{place}:{line}: the heading has other names than line {other.line}"
    if len(own.tables) != len(other.tables):
        yield f"{place}:{line}: {len(own.tables)} tables, the original has {len(other.tables)}"
    for ours, theirs in zip(own.tables, other.tables):
        yield from compare_tables(place, ours, theirs)
    wrong = compare_prose(own, other)
    if wrong:
        yield f"{place}:{line}: the prose {wrong}"
    keys = [[what_counts(*b) for b in s.blocks] for s in (other, own)]
    if keys[0] != keys[1]:
        yield f"{place}:{line}: the examples have other keys or commands"


def without_texts(block):
    """A string of several words, or in another script, is a text, unless it is a key."""
    def kept(match):
        string = match.group()
        is_text = match.group("comment") or " " in string or not string.isascii()
        return string if match.group("key") or not is_text else ""

    return LITERAL.sub(kept, block)


def what_counts(language, block):
    """Of an example, without its comments and texts."""
    if language == "yaml":  # its texts need no quotes
        return language, sorted(KEY.findall(without_texts(block)))
    if language:
        return language, without_texts(block).split()
    lines = [line for line in block.split("\n") if not line.startswith(8 * " ")]  # else it goes on
    return language, [re.split(r"  +", line.strip())[0] for line in lines]


def compare_notes(place, text, original):
    """The same tests carry the same mark."""
    own, other = (dict(statements.NOTE.findall(page)) for page in (text, original))
    for name in sorted(own.keys() & other.keys()):
        wrong = difference(markdown.spans(other[name]), markdown.spans(own[name]))
        if wrong:
            yield f"{place}: the note [^{name}] {wrong}"


def lacking(docs):
    """Pages without a twin, twins of nothing, and those that do not lead to each other."""
    english = {path.name for path in docs.glob("*.md")}
    chinese = {path.name for path in (docs / "zh-CN").glob("*.md")}
    for name in sorted(english - chinese):
        yield f"docs/{name}: there is no docs/zh-CN/{name}"
    for name in sorted(chinese - english):
        yield f"docs/zh-CN/{name}: there is no docs/{name}"
    for name in sorted(english & chinese):
        for page, link in ((name, f"[中文](zh-CN/{name})"),
                           (f"zh-CN/{name}", f"[English](../{name})")):
            if link not in (docs / page).read_text(encoding="utf-8"):
                yield f"docs/{page}: there is no {link}"


def check_links(root, place, text):
    """`place`: a page in Chinese."""
    here = (root / place).parent
    for words, target in LINK.findall(text):
        path = pathlib.Path(os.path.normpath(here / target))
        if re.match(r"[a-z]+:", target) or path.suffix != ".md" or words == "English":
            continue
        twin = root / "docs/zh-CN" / path.name
        translated = path.parent == root / "docs" and twin.exists()
        if translated:
            yield f"{place}: the link {target} has a page in Chinese"
        elif "zh-CN" not in target and path.parent != twin.parent and IN_ENGLISH not in words:
            yield f"{place}: the link {target} does not say that the page is in English"


def check(place, text, original):
    """`place`: the translated page's path; both texts whole."""
    own, other = markdown.sections(text), markdown.sections(original)
    if len(own) != len(other):
        titles = [s.title for s in other]
        yield f"{place}: {len(own)} sections, the original has {len(other)}: {'; '.join(titles)}"
        return
    for ours, theirs in zip(own, other):
        yield from compare_section(place, ours, theirs)
    yield from compare_notes(place, text, original)
