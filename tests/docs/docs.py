"""What docs/ says, held to the code.

    python3 docs.py ROOT        exit 1 and one line per problem
"""
import pathlib
import sys

import references
import sources
import statements
import translations


# Every item and row of these names its test.
CARRIED = ("docs/LIFE_OF_A_REQUEST.md",)


def pages_of(folder, names):
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


def translated(root):
    """(page in Chinese, its original)."""
    yield root / "README.zh-CN.md", root / "README.md"
    for path in sorted((root / "docs/zh-CN").glob("*.md")):
        yield path, root / "docs" / path.name


def problems(root):
    docs = root / "docs"
    yield from references.check(sources.read(root), pages_of(docs, references.PAGES))
    tests = statements.tests_of(root)
    for path in sorted(docs.rglob("*.md")) + sorted(root.glob("*.md")):
        text = path.read_text(encoding="utf-8")
        name = path.relative_to(root).as_posix()
        yield from statements.check_notes(name, text, tests)
        yield from statements.check_column(name, text, tests)
        if name in CARRIED:
            yield from statements.unmarked(name, text)
        yield from statements.check_paths(root, name, text)
    yield from translations.lacking(docs)
    for path, original in translated(root):
        name = path.relative_to(root).as_posix()
        texts = [file.read_text(encoding="utf-8") for file in (path, original)]
        yield from translations.check(name, *texts)
        yield from translations.check_links(root, name, texts[0])


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found) if found else "The documents say what the code says.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
