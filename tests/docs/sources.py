"""What the sources say that a reference page must say too: error codes with their statuses, log
events, metrics and their labels, header fields, commands and options, endpoints.

The extraction is lexical. A place that it cannot read is a problem, never a silence.
"""
import re

# Whatever is no part of the shipped program.
OUTSIDE = ("tests/", "bench/", "build/", "docs/", "deploy/", "console/", "cmake/")
PROGRAMS = re.compile(r"(_test|_fuzz|_bench|_benchmark)\.cpp$|testing|test_support|fake|fixture")

COMMENT = re.compile(r'("(?:\\.|[^"\\\n])*")|//[^\n]*|/\*.*?\*/', re.DOTALL)
STRING = re.compile(r'"((?:\\.|[^"\\\n])*)"')
JOINED = re.compile(r'"\s*\n\s*"')
KIND = re.compile(r"\bErrorKind::(\w+)")
CODE = re.compile(r"[a-z]+(_[a-z0-9]+)*\Z")
FIELD = r"[a-z]+(?:-[a-z0-9]+)*"


def without_comments(text):
    return COMMENT.sub(lambda m: m.group(1) or " ", text)


def read(root):
    """path -> text without comments, of every source that is shipped."""
    found = {}
    for path in sorted(root.rglob("*")):
        name = path.relative_to(root).as_posix()
        shipped = not name.startswith(OUTSIDE) and not PROGRAMS.search(name)
        if path.suffix in (".cpp", ".h") and shipped and path.is_file():
            found[name] = without_comments(path.read_text(encoding="utf-8"))
    return found


def arguments(text, opening):
    """The arguments between the bracket at `opening` and its partner, and where that stands."""
    parts, depth, begin, at = [], 0, opening + 1, opening
    while at < len(text):
        char = text[at]
        if char == '"':
            at = STRING.match(text, at).end()
            continue
        if char in "({[":
            depth += 1
        elif char in ")}]":
            depth -= 1
            if depth == 0:
                parts.append(text[begin:at].strip())
                return parts, at
        elif char == "," and depth == 1:
            parts.append(text[begin:at].strip())
            begin = at + 1
        at += 1
    return parts, len(text)


def literal(argument):
    match = STRING.fullmatch(JOINED.sub("", argument))
    return match.group(1) if match else None


# --- Error codes

MAKERS = re.compile(r"\b(?:client|gateway|provider)_error\(|\bcore::Error\{"
                    r"|\breturn \{(?=core::Error)|\bRow\{")
HELPER = re.compile(r"\b(\w+)\(([^()]*\b(?:char\s*\*|std::string(?:_view)?\s*&?)\s*code\b[^()]*)\)"
                    r"\s*(?:const\s*)?\{")
CONSTANT = re.compile(r"\bchar\s*\*\s*(?:const\s+)?(\w+)\s*=\s*\"(\w+)\"")
# A library's database names the code of its errors when it is opened; the record names the fault of
# a provider whose answer was passed on.
NAMED = re.compile(r"\.code\s*=(?!=)\s*([^,}]+)|std::string code = ([^;]+);"
                   r"|record\.provider_failed\(([^)]+)\)")
FORWARDED = re.compile(r"(std::move\(|std::string\()?(\w+(\(\))?\.)*code_?\)?\Z")


class Codes:
    """code -> the kinds of error that it occurs with."""

    def __init__(self):
        self.kinds, self.problems = {}, []

    def add(self, code, kind):
        kinds = self.kinds.setdefault(code, set())
        if kind:
            kinds.add(kind)

    def take(self, place, argument, kind, constants):
        """The code that one argument says."""
        code = literal(argument) or constants.get(argument)
        if code and CODE.match(code):
            self.add(code, kind)
        elif not FORWARDED.match(argument):
            self.problems.append(f"{place}: the error's code cannot be read: {argument[:40]}")


def body_of(text, match):
    opening = text.index("{", match.end() - 1)
    return text[opening:arguments(text, opening)[1]]


def helpers_of(text):
    """Functions of a file that are given a code: name -> (which argument, kind of error)."""
    found = {}
    for match in HELPER.finditer(text):
        parameters = [p.strip() for p in match.group(2).split(",")]
        index = next(i for i, p in enumerate(parameters) if re.search(r"\bcode\Z", p))
        body = body_of(text, match)
        kind = KIND.search(body)
        if not kind:  # it hands the code on to a helper that was found before
            inner = next((found[n] for n in found if re.search(rf"\b{n}\(", body)), None)
        found[match.group(1)] = (index, kind.group(1) if kind else inner and inner[1])
    return found


def take_maker(codes, name, text, match, constants):
    opening = match.end() - 1
    given, _ = arguments(text, opening)
    place = f"{name}:{text.count(chr(10), 0, opening) + 1}"
    if match.group().startswith("Row{"):
        if len(given) < 4 or "ErrorKind" not in given[1] or given[0] == "Fault::none":
            return
        index = 2
    else:
        index = 2 if "{" in match.group() else 1
    if len(given) <= index:
        return
    kind = KIND.search(given[index - 1] if index == 1 else ",".join(given[:index]))
    codes.take(place, given[index], kind and kind.group(1), constants)


def error_codes(sources):
    codes = Codes()
    shared = {}
    for name, text in sources.items():
        if name.endswith(".h"):
            shared.update(CONSTANT.findall(text))
    for name, text in sources.items():
        if name == "core/error.h":
            continue
        constants = {**shared, **dict(CONSTANT.findall(text))}
        for match in MAKERS.finditer(text):
            take_maker(codes, name, text, match, constants)
        for helper, (index, kind) in helpers_of(text).items():
            for call in re.finditer(rf"(?<![\w:.]){helper}\(", text):
                given, end = arguments(text, call.end() - 1)
                declares = index < len(given) and re.search(r"\bcode\Z", given[index])
                if index >= len(given) or (declares and " " in given[index]):
                    continue
                place = f"{name}:{text.count(chr(10), 0, call.start()) + 1}"
                own = KIND.search(",".join(given[:index]))
                codes.take(place, given[index], own.group(1) if own else kind, constants)
        for match in NAMED.finditer(text):
            argument = next(g for g in match.groups() if g).strip()
            codes.take(name, argument, None, constants)
    return codes


def statuses(sources):
    """kind -> HTTP status, from the one function that maps them."""
    text = sources.get("core/error.cpp", "")
    return {kind: int(status)
            for kind, status in re.findall(r"case ErrorKind::(\w+): return (\d+);", text)}


# --- The others

def log_events(sources):
    found = set()
    for name, text in sources.items():
        found.update(re.findall(r"\blog_\.(?:info|warn|error|notice)\(\s*\"(\w+)\"", text))
        found.update(re.findall(r'\bLogLine \w+\(\w+, "\w+", "(\w+)"\)', text))
    return found


METRIC = re.compile(r"\b(?:counter|gauge|histogram)\((?=\s*\")")


def metrics(sources):
    """(names, labels) of what /metrics shows."""
    names, labels = set(), set()
    for name, text in sources.items():
        if not name.startswith("proxy/admin/"):
            continue
        for match in METRIC.finditer(text):
            given, _ = arguments(text, match.end() - 1)
            names.add(literal(given[0]))
            labels.update(STRING.findall(given[2]) if len(given) > 2 else ())
    return names, labels


FIELDS = [
    re.compile(rf'emplace_back\(\s*"({FIELD})",'),
    re.compile(rf'find_header\([^;"]*"({FIELD})"\)'),
    re.compile(rf'\bname == "({FIELD})"'),
    re.compile(rf'"(?:[^"]*\\n)?({FIELD}): '),
    re.compile(rf'headers = \{{\{{"({FIELD})"'),
    re.compile(rf'\}}, \{{"({FIELD})", exchange'),
    re.compile(rf'ResponseHead \w+\{{[^"]*\{{\{{"({FIELD})"'),
]
OF_ADAPTERS = [
    re.compile(rf'\.credential = \{{"({FIELD})"'),
    re.compile(rf'HeaderLine\{{"({FIELD})"'),
]
FIELD_LIST = re.compile(r"array<std::string_view, \d+>\s+"
                        r"(?:names|to_provider|to_client|of_account)\{")
SCORE_HEADER = re.compile(rf'\.header = "({FIELD})"')  # of a kind of score
SPEAKS_HTTP = tuple(f"proxy/{room}/"
                    for room in ("http", "net", "protocol", "identity", "pipeline", "transport",
                                 "admin"))


def header_fields(sources):
    found = set()
    for name, text in sources.items():
        if name.startswith("detectors/"):
            found.update(SCORE_HEADER.findall(text))
        if not name.startswith(SPEAKS_HTTP):
            continue
        for pattern in OF_ADAPTERS if name.startswith("proxy/protocol/") else FIELDS:
            found.update(pattern.findall(text))
        for match in FIELD_LIST.finditer(text):
            given, _ = arguments(text, match.end() - 1)
            found.update(literal(g) for g in given)
    return found


POSITIONALS = ("keys id", "policy file", "completion shell")
COMMAND = re.compile(r"\b(\w+)(?:\.|->)add_subcommand\(\s*\"([\w-]+)\""
                     r"|\badd(?:_\w+)?\(\s*\*(\w+),\s*\"([\w-]+)\"")
OPTION = re.compile(r"(?:->|\.)add_(?:option|flag)\(\s*\"([\w-]+)\"")


def commands(sources):
    """Every command and, as `command option`, every option of its file: `keys --json`."""
    found = set()
    for name, text in sources.items():
        if not name.startswith("proxy/cli/"):
            continue
        tops = [c for owner, c, _, _ in COMMAND.findall(text) if owner == "app"]
        # A file that adds to the command of another is given that one by its name.
        tops = tops or {owner for owner, _, _, _ in COMMAND.findall(text)} - {"", "parent"}
        for owner, command, group, inner in COMMAND.findall(text):
            if owner == "app":
                found.add(command)
            elif owner != "parent":
                found.add(f"{group or owner} {inner or command}")
        for top in tops:
            found.update(f"{top} {option}" for option in OPTION.findall(text))
    return found


def endpoints(sources):
    """Method and path of everything that is answered."""
    found = set()
    for name, text in sources.items():
        for method, path in re.findall(r'"(GET|POST|PUT|PATCH|DELETE)",\s*"(/[\w/{}*-]*)"', text):
            found.add(f"{method} {path}")
    return found
