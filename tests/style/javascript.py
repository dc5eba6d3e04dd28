"""The functions of a file in JavaScript, as far as a program without a parser can tell.

`bare(text)` blanks comments, strings, regular expressions and the text of templates, lines kept;
`functions(bare)` gives (first line, number of lines) of each function with a body in braces, nested
ones too. The callback of describe() is a suite and no function.
"""
import re

QUOTED = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\\n])*'|\"(?:\\.|[^\"\\\n])*\"", re.DOTALL)
PATTERN = re.compile(r"/(?![*/])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\[\n])+/[a-z]*")
TEMPLATE = re.compile(r"(?:\\.|\$(?!\{)|[^`\\$])*", re.DOTALL)
# What a regular expression may stand behind; elsewhere a slash divides.
BEFORE_PATTERN = re.compile(r"(^|[(,=:\[!&|?{};+>]|\b(return|of|in|case))\s*$")
CALLEE = re.compile(r"([\w.]+)\s*$")
CONTROL = {"if", "for", "while", "switch", "catch", "await"}
SUITE = "describe"


def blank(text):
    return re.sub(r"[^\n]", " ", text)


def literal_at(text, at, before):
    if text[at] not in "/'\"":
        return None
    quoted = QUOTED.match(text, at)
    if quoted or text[at] != "/" or not BEFORE_PATTERN.search(before):
        return quoted
    return PATTERN.match(text, at)


def bare(text):
    out, depth, open_templates, at = "", 0, [], 0
    while at < len(text):
        char = text[at]
        literal = literal_at(text, at, out[-40:])
        if literal:
            out += blank(literal.group())
            at = literal.end()
        elif char == "`" or (char == "}" and open_templates and open_templates[-1] == depth):
            if char == "}":
                open_templates.pop()
            words = TEMPLATE.match(text, at + 1)
            out += " " + blank(words.group())
            at = words.end()
            inside = text.startswith("${", at)
            if inside:
                open_templates.append(depth)
            out += "  " if inside else " "
            at += 2 if inside else 1
        else:
            depth += (char == "{") - (char == "}")
            out += char
            at += 1
    return out


def callee(text, at):
    match = CALLEE.search(text, max(0, at - 60), at)
    return match.group(1) if match else ""


def is_body(text, at, stack, closed):
    """Whether the brace at `at` opens the body of a function; `closed`: what stands before the
    bracket whose partner closed last."""
    head = text[max(0, at - 200):at].rstrip()
    if head.endswith("=>"):
        caller = stack[-1][1] if stack and stack[-1][0] == "(" else ""
        return caller.split(".")[0] != SUITE
    return head.endswith(")") and closed not in CONTROL


def functions(text):
    stack, found, closed = [], [], ""
    for at, char in enumerate(text):
        if char in "([":
            stack.append((char, callee(text, at), at))
        elif char in ")]" and stack:
            closed = stack.pop()[1]
        elif char == "{":
            stack.append((char, is_body(text, at, stack, closed), at))
        elif char == "}" and stack:
            _, body, begin = stack.pop()
            if body is True:
                first = text.count("\n", 0, begin) + 1
                found.append((first, text.count("\n", 0, at) + 2 - first))
    return sorted(found)
