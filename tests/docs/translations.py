"""Holds a page in Chinese to the one in English: the same sections, tables, rows, names, numbers.

Names are code spans. Examples in other words are the translator's: of a code block the keys count,
of one for a shell the commands without their texts, and of prose the names alone. A page for users
has its twin; what a Chinese page links to is Chinese where there is a twin, and else says that it
is not.
"""
import os
import pathlib
import re
from collections import Counter

import markdown

KEY = re.compile(r"([A-Za-z_]+):(?=\s|$)")
LINK = re.compile(r"\[([^\]]+)\]\(([^)\s#]+)[^)]*\)")
# For whoever changes the code, who reads its comments too.
ENGLISH_ALONE = ("ADDING_A_DETECTOR.md", "ARCHITECTURE.md", "CODING.md", "LIFE_OF_A_REQUEST.md")
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


def compare_rows(place, ours, theirs):
    for (line, own), (other, cells) in zip(ours, theirs):
        own, cells = " ".join(own), " ".join(cells)
        wrong = difference(markdown.spans(cells), markdown.spans(own))
        if not wrong:
            wrong = difference(markdown.numbers(cells), markdown.numbers(own))
        if wrong:
            yield f"{place}:{line}: the row {wrong} (line {other} of the original)"


def compare_section(place, own, other):
    line = own.line
    if own.level != other.level:
        yield f"{place}:{line}: the heading is of another level than line {other.line}"
    if len(own.tables) != len(other.tables):
        yield f"{place}:{line}: {len(own.tables)} tables, the original has {len(other.tables)}"
    for ours, theirs in zip(own.tables, other.tables):
        if len(ours) != len(theirs):
            known = {span for _, cells in ours for span in markdown.spans(cells[0])}
            gone = {span for _, cells in theirs for span in markdown.spans(cells[0])} - known
            yield (f"{place}:{ours[0][0]}: {len(ours)} rows, the original has {len(theirs)}: "
                   f"{', '.join(sorted(gone))}")
        else:
            yield from compare_rows(place, ours[1:], theirs[1:])
    prose = [set(markdown.spans(" ".join(text for _, text in s.prose))) for s in (other, own)]
    wrong = difference(*prose)
    if wrong:
        yield f"{place}:{line}: the prose {wrong}"
    keys = [[what_counts(*b) for b in s.blocks] for s in (other, own)]
    if keys[0] != keys[1]:
        yield f"{place}:{line}: the examples have other keys or commands"


def what_counts(language, block):
    """Of an example, without its comments and texts."""
    bare = re.sub(r'#.*|"[^"]*"|\'[^\']*\'', "", block)
    return language, bare.split() if language == "sh" else sorted(KEY.findall(bare))


def lacking(docs):
    """Pages for users without a twin, and twins of nothing."""
    english = {path.name for path in docs.glob("*.md")} - set(ENGLISH_ALONE)
    chinese = {path.name for path in (docs / "zh-CN").glob("*.md")}
    for name in sorted(english - chinese):
        yield f"docs/{name}: there is no docs/zh-CN/{name}"
    for name in sorted(chinese - english):
        yield f"docs/zh-CN/{name}: there is no docs/{name}"


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
