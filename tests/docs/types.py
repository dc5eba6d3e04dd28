"""The table of docs/DETECTORS.md, made from what the program says of its types.

    build/release/menshen scan --types --json | python3 tests/docs/types.py ROOT

writes it, and beside it the Chinese one, in which rows keep their text; those of new types stand in
English until somebody translates them. `TypesPage` compares.
"""
import json
import pathlib
import sys

PAGES = ("docs/DETECTORS.md", "docs/zh-CN/DETECTORS.md")


def rows_of(text):
    """Lines of the table, behind its head."""
    lines = text.splitlines()
    head = next(i for i, line in enumerate(lines) if line.startswith("|---"))
    end = next((i for i in range(head + 1, len(lines)) if not lines[i].startswith("|")), len(lines))
    return lines, head + 1, end


def row(kind, summary):
    classes = " ".join(f"`{name}`" for name in kind["classes"])
    cells = (f"`{kind['type']}`", f"`{kind['category']}`", f"`[{kind['tag']}]`", classes, summary)
    return f"| {' | '.join(cells)} |"


def main():
    root = pathlib.Path(sys.argv[1])
    kinds = json.load(sys.stdin)
    for name in PAGES:
        path = root / name
        lines, begin, end = rows_of(path.read_text(encoding="utf-8"))
        known = {}
        if name == PAGES[1]:
            for line in lines[begin:end]:
                cells = [cell.strip() for cell in line.strip("|").split("|")]
                known[cells[0].strip("`")] = cells[-1]
        table = [row(kind, known.get(kind["type"], kind["summary"])) for kind in kinds]
        lines[begin:end] = table
        path.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
