"""Holds the reference pages to the sources, both ways.

A table is known by the head of its first column; the code spans of that column are the names.
"""
import re

import markdown
import sources

PAGES = ("ERRORS.md", "HEADERS.md", "METRICS.md", "CLI.md", "API_COVERAGE.md")


def names_of(section, table, kind):
    """(line, name, cells) of a table's rows."""
    for line, cells in table[1:]:
        for name in markdown.spans(cells[0]):
            if kind == "option":
                group = markdown.spans(section.title)
                name = f"{group[0] if group else '?'} {name}"
            yield line, name, dict(zip(table[0][1], cells))


def tables_of(text):
    """(kind, line, name, cells) of everything that a page names."""
    for section in markdown.sections(text):
        for table in section.tables:
            kind = table[0][1][0]
            for line, name, row in names_of(section, table, kind):
                yield kind, line, name, row


def said_by(files):
    """kind -> the names that the sources have."""
    metrics, labels = sources.metrics(files)
    commands = sources.commands(files)
    is_option = {c: c.split(" ")[-1].startswith("--") or c in sources.POSITIONALS for c in commands}
    return {
        "code": set(sources.error_codes(files).kinds),
        "event": sources.log_events(files),
        "header": sources.header_fields(files),
        "metric": metrics,
        "label": labels,
        "command": {c for c in commands if not is_option[c]},
        "option": {c for c in commands if is_option[c]},
        "endpoint": sources.endpoints(files),
    }


def check_status(place, name, cell, codes, statuses):
    """The statuses of a code are those of the kinds of error that it occurs with."""
    stated = {int(number) for number in re.findall(r"\d+", cell)}
    true = {statuses[kind] for kind in codes.kinds.get(name, ()) if kind in statuses}
    if true and stated != true:
        text = ", ".join(map(str, sorted(true)))
        yield f"{place}: {name} has the status {text}"


def check(files, pages):
    """`files`: path -> source; `pages`: name -> text. Problems as sentences."""
    codes = sources.error_codes(files)
    statuses = sources.statuses(files)
    said = said_by(files)
    yield from codes.problems
    written = {kind: set() for kind in said}
    for page, text in pages.items():
        for kind, line, name, row in tables_of(text):
            if kind not in said:
                continue
            place = f"docs/{page}:{line}"
            if name not in said[kind]:
                yield f"{place}: no source has the {kind} {name}"
            if kind != "header" and name in written[kind]:
                yield f"{place}: the {kind} {name} stands here twice"
            written[kind].add(name)
            if kind == "code" and "status" in row:
                yield from check_status(place, name, row["status"], codes, statuses)
    for kind, names in said.items():
        if not names:
            yield f"tests/docs: no {kind} was found in the sources; the extraction is broken"
        for name in sorted(names - written[kind]):
            yield f"docs: the {kind} {name} stands in no reference page"
