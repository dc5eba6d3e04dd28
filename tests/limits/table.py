"""core/limits.inc read, and what is made from it beside the code: the limits of the schema and the
tables of the reference, English and Chinese.

    python3 table.py ROOT            writes them

What is written is committed, so that schema and pages can be read, and published, without a build;
limits.py compares.
"""
import ast
import collections
import pathlib
import re
import sys

TABLE = "core/limits.inc"
SCHEMA = "proxy/config/menshen.schema.json"
PAGES = {"docs/CONFIG_REFERENCE.md": "english", "docs/zh-CN/CONFIG_REFERENCE.md": "chinese"}
COLUMNS_MAX = 100

Limit = collections.namedtuple("Limit", "type name usual least most english chinese")
Relation = collections.namedtuple("Relation", "smaller sign larger english chinese")

UNITS = {"kib": 1024, "mib": 1024 ** 2, "gib": 1024 ** 3, "day_ms": 86_400_000}
STRING = re.compile(r'"((?:[^"\\]|\\.)*)"')
ROW = re.compile(r'^(MENSHEN_LIMIT(?:_RELATION)?)\(((?:[^"()]|"(?:[^"\\]|\\.)*")*)\)$',
                 re.MULTILINE)
COMMA = re.compile(r',(?=(?:[^"]|"(?:[^"\\]|\\.)*")*$)', re.DOTALL)


def number(text):
    """`32 * kib`, `10'000`: a product of numbers and units."""
    value = 1
    for factor in text.split("*"):
        factor = factor.strip().replace("'", "")
        value *= UNITS[factor] if factor in UNITS else int(factor)
    return value


def text_of(argument):
    return "".join(ast.literal_eval(f'"{part}"') for part in STRING.findall(argument))


def read(table):
    """(limits, relations) in their order."""
    limits, relations = [], []
    for macro, row in ROW.findall(table):
        cells = [cell.strip() for cell in COMMA.split(row)]
        words = list(map(text_of, cells[-2:]))
        if macro == "MENSHEN_LIMIT":
            kind, name, *numbers = cells[:-2]
            limits.append(Limit(kind, name, *map(number, numbers), *words))
        else:
            relations.append(Relation(*cells[:-2], *words))
    return limits, relations


def property_of(limit):
    """As the rest of the schema is written: on one line where that has room."""
    fields = {"minimum": limit.least, "maximum": limit.most, "default": limit.usual}
    parts = ['"type": "integer"'] + [f'"{name}": {value}' for name, value in fields.items()]
    line = f'        "{limit.name}": {{{", ".join(parts)}}}'
    if len(line) < COLUMNS_MAX:
        return line
    lines = ",\n".join(f"          {part}" for part in parts)
    return f'        "{limit.name}": {{\n{lines}\n        }}'


def with_schema(text, limits):
    begin, end = '    "limits": {\n', "\n    },"
    head, rest = text.split(begin, 1)
    rest = rest[rest.index(end):]
    lines = ('      "type": "object",\n      "additionalProperties": false,\n'
             '      "properties": {\n' + ",\n".join(map(property_of, limits)) + "\n      }")
    return head + begin + lines + rest


def rows(limits, language):
    return [f"| `{one.name}` | {one.usual:,} | {one.least:,} | {one.most:,} | "
            f"{getattr(one, language)} |" for one in limits]


def relation_rows(relations, language):
    return [f"| `{one.smaller}` {one.sign} `{one.larger}` | {getattr(one, language)} |"
            for one in relations]


def with_tables(text, limits, relations, language):
    """The two tables of the section `limits` with other rows."""
    lines, out, wanted, section = text.split("\n"), [], None, None
    tables = [rows(limits, language), relation_rows(relations, language)]
    for line in lines:
        if line.startswith("## "):
            section = line
        if section == "## `limits`" and re.match(r"\|[-|]+\|$", line):
            wanted = tables.pop(0)
            out += [line, *wanted]
        elif wanted is None or not line.startswith("|"):
            wanted = None
            out.append(line)
    return "\n".join(out)


def made(root):
    """path -> what is to stand there"""
    limits, relations = read((root / TABLE).read_text(encoding="utf-8"))
    files = {SCHEMA: with_schema((root / SCHEMA).read_text(encoding="utf-8"), limits)}
    for page, language in PAGES.items():
        files[page] = with_tables((root / page).read_text(encoding="utf-8"), limits, relations,
                                  language)
    return files


def main():
    root = pathlib.Path(sys.argv[1])
    for name, text in made(root).items():
        (root / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
