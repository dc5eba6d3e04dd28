"""The style of the tree, as far as a program can judge it.

    python3 style.py ROOT     exit 1 and one line per problem

Checked: columns, trailing blanks, tabs, leftover markers, functions that grow past a screen, long
files, #pragma once, the contract above a header's declarations, printing inside libraries, and that
no code names an API outside that API's folder in proxy/protocol.

A table may be of any length: a file that clang-format is told to leave alone, and whose functions
take less than a tenth of its lines.
"""
import ast
import pathlib
import re
import sys

import javascript

COLUMNS_MAX = 100
FUNCTION_LINES_MAX = 60
FILE_LINES_MAX = 400

CPP = {".h", ".cpp", ".hpp"}
JAVASCRIPT = {".mjs", ".js"}
CODE = CPP | JAVASCRIPT | {".inc", ".py", ".ts", ".css", ".sh", ".lua"}
SKIPPED = ("build/", "node_modules/", "var/", "quickstart.d/", "__pycache__/", ".git/")
# The command line prints; so do programs that are no library.
MAY_PRINT = ("proxy/main.cpp", "proxy/cli/", "deploy/", "tests/", "bench/")

MARKER = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX|HA" r"CK)\b")
PRINTING = re.compile(r"\b(std::(cout|cerr|clog|puts|printf)|(?<![\w:])(printf|puts|perror)\s*\()"
                      r"|\bf(printf|puts)\s*\(\s*std(out|err)")
TOKEN = re.compile(r'//[^\n]*|/\*.*?\*/|R"(\w*)\(.*?\)\1"|"(?:\\.|[^"\\\n])*"|'
                   r"'(?:\\.|[^'\\\n])*'", re.DOTALL)
# Formats of keys, sayings of attackers and spellings of models name vendors; what is no part of the
# gateway may too.
MAY_NAME_APIS = re.compile(r"^(proxy/protocol/\w+/|deploy/|tests/|bench/)"
                           r"|^detectors/(api_key|injection)/|^policies/model_name\.cpp$"
                           r"|(_test|_fuzz|_bench|_benchmark)\.cpp$|test_support\.(h|cpp)$"
                           r"|(testing\w*|_fakes|_fixture)\.(h|cpp)$")
# A program that gives up may say why.
LAST_WORDS = re.compile(r"[^;]{0,200};\s*std::abort\(\)")
# What stands before the brace of something that is no function.
NO_FUNCTION = re.compile(r"^\s*(\[\[.*\]\]\s*)?(template\s*<.*>\s*)?"
                         r"(inline\s+)?(namespace|class|struct|union|enum|extern)\b")


def blank(match):
    """Comments and literals as blanks, lines kept."""
    text = match.group(0)
    if text.startswith("'") and "\n" in text:
        return text
    return re.sub(r"[^\n]", " ", text)


def without_literals(text):
    # The apostrophe of a number (10'000) begins no literal.
    text = re.sub(r"(?<=[0-9a-fA-F])'(?=[0-9a-fA-F])", "_", text)
    return TOKEN.sub(blank, text)


def functions(text):
    """(first line, number of lines) of every outermost function body in C++ without literals."""
    stack, start_of_statement, found = [], 0, []
    for at, char in enumerate(text):
        if char == "{":
            head = text[start_of_statement:at]
            inside = any(kind == "function" for kind, _ in stack)
            is_body = ")" in head and not NO_FUNCTION.match(head) and not inside
            first = text.count("\n", 0, start_of_statement) + 1
            first += len(head) and head[:len(head) - len(head.lstrip())].count("\n")
            stack.append(("function" if is_body else "other", first))
            start_of_statement = at + 1
        elif char == "}":
            if stack:
                kind, first = stack.pop()
                if kind == "function":
                    found.append((first, text.count("\n", 0, at) + 2 - first))
            start_of_statement = at + 1
        elif char == ";":
            start_of_statement = at + 1
        elif char == "#" and text[text.rfind("\n", 0, at) + 1:at].strip() == "":
            end = text.find("\n", at)
            start_of_statement = len(text) if end < 0 else end
    return found


def check_lines(name, lines):
    for number, line in enumerate(lines, 1):
        if len(line) > COLUMNS_MAX:
            yield f"{name}:{number}: {len(line)} columns, {COLUMNS_MAX} at most"
        if line != line.rstrip():
            yield f"{name}:{number}: blanks at the end of the line"
        if "\t" in line:
            yield f"{name}:{number}: a tab"
        if MARKER.search(line):
            yield f"{name}:{number}: a leftover marker"


def check_header(name, lines):
    if "#pragma once" not in lines:
        yield f"{name}: no #pragma once"
    if not lines or not lines[0].startswith("//") or len(lines[0]) < 20:
        yield f"{name}:1: a header begins with its contract: what it is, with which limits"


def functions_of_python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.lineno, node.end_lineno - node.lineno + 1


def functions_of_shell(text):
    for match in re.finditer(r"^\w+\(\) \{\n.*?^\}", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start()) + 1, match.group().count("\n") + 1


def functions_in(suffix, text):
    """(first line, number of lines) of each function"""
    if suffix in CPP:
        return functions(without_literals(text))
    if suffix in JAVASCRIPT:
        return javascript.functions(javascript.bare(text))
    if suffix == ".py" or re.match(r"#!.*python", text):
        return list(functions_of_python(text))
    if suffix == ".sh" or re.match(r"#!.*sh\b", text):
        return list(functions_of_shell(text))
    return []


def is_table(text, found):
    lines_of_functions = sum(count for _, count in found)
    return "// clang-format off" in text and 10 * lines_of_functions < text.count("\n")


def check_lengths(name, text):
    found = functions_in(pathlib.PurePosixPath(name).suffix, text)
    for first, count in found:
        if count > FUNCTION_LINES_MAX:
            yield f"{name}:{first}: a function of {count} lines, {FUNCTION_LINES_MAX} at most"
    count = text.count("\n")
    if count > FILE_LINES_MAX and not is_table(text, found):
        yield f"{name}: {count} lines, {FILE_LINES_MAX} at most"


def check_cpp(name, text):
    bare = without_literals(text)
    # Tests, fuzzers, benchmarks and generators beside the code are programs.
    program = re.search(r"(_test|_fuzz|_bench|_main)\.cpp$|testing\.h$|/(training|interop)/", name)
    if not program and not name.startswith(MAY_PRINT):
        for match in PRINTING.finditer(bare):
            if LAST_WORDS.match(bare, match.end()):
                continue
            yield f"{name}:{bare.count(chr(10), 0, match.start()) + 1}: a library does not print"


def without_comments(text):
    return TOKEN.sub(lambda m: blank(m) if m.group(0).startswith("/") else m.group(0), text)


def check_apis(name, text, apis):
    """`apis`: the names of the adapters. Each has one folder, and nobody else asks which it is."""
    if not apis or MAY_NAME_APIS.search(name):
        return
    code = without_comments(text)
    for match in re.finditer("|".join(sorted(apis)), code, re.IGNORECASE):
        line = code.count("\n", 0, match.start()) + 1
        yield f"{name}:{line}: only the adapter of an API names it ({match.group(0)})"


def adapters(root):
    return {path.parent.name for path in root.glob("proxy/protocol/*/*_adapter.cpp")}


def check_file(name, text, apis=()):
    lines = text.split("\n")
    yield from check_lines(name, lines)
    yield from check_lengths(name, text)
    suffix = pathlib.PurePosixPath(name).suffix
    if suffix in (".h", ".hpp"):
        yield from check_header(name, lines)
    if suffix in CPP:
        yield from check_cpp(name, text)
        yield from check_apis(name, text, apis)


def sources(root):
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        skipped = any(f"/{part}" in f"/{name}" for part in SKIPPED)
        if not skipped and path.is_file() and is_code(path):
            yield name, path.read_text(encoding="utf-8")


def is_code(path):
    if path.suffix in CODE:
        return True
    if path.suffix:
        return False
    with path.open("rb") as file:
        return file.read(2) == b"#!"


def main():
    problems = []
    root = pathlib.Path(sys.argv[1])
    apis = adapters(root)
    if not apis:
        problems.append("proxy/protocol: no adapters were found")
    for name, text in sources(root):
        problems += check_file(name, text, apis)
    print("\n".join(problems + [f"{len(problems)} problems of style"]))
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
