"""What docs/ says, held to the code.

    python3 docs.py ROOT        exit 1 and one line per problem
"""
import pathlib
import sys

import references
import sources


def pages_of(folder, names):
    return {name: (folder / name).read_text(encoding="utf-8") for name in names}


def problems(root):
    docs = root / "docs"
    yield from references.check(sources.read(root), pages_of(docs, references.PAGES))


def main():
    found = list(problems(pathlib.Path(sys.argv[1])))
    print("\n".join(found) if found else "The documents say what the code says.")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
