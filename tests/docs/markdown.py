"""As much of Markdown as the checks of docs/ need: headings, tables, code spans, prose."""
import re

SPAN = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
HEADING = re.compile(r"(#+) (.+)")
LINK = re.compile(r"\]\([^)]*\)")
NUMBER = re.compile(r"\d+(?:\.\d+)*")


def spans(text):
    """The code spans of a text, in order."""
    return SPAN.findall(text)


def numbers(text):
    """The numbers outside code spans and links; separators of thousands are dropped."""
    plain = LINK.sub("]", SPAN.sub(" ", text)).replace("10⁻⁶", " ")
    return NUMBER.findall(re.sub(r"(?<=\d),(?=\d{3})", "", plain))


def cells(row):
    """Of a line `| a | b |`; a bar behind a backslash or within a code span divides nothing."""
    hidden = SPAN.sub(lambda m: m.group().replace("|", "\0"), row.replace(r"\|", "\0"))
    return [cell.strip().replace("\0", "|") for cell in hidden.strip().strip("|").split("|")]


class Section:
    """What stands between two headings."""

    def __init__(self, line, level, title):
        self.line, self.level, self.title = line, level, title
        self.tables = []  # each a list of (line, cells), the head first
        self.blocks = []  # code, each (language, text) of a fence
        self.prose = []   # (line, text) of paragraphs and items


def sections(text):
    """The page as a list of sections; before the first heading there is one without a title."""
    found = [Section(1, 0, "")]
    fence, table = None, None
    for number, line in enumerate(text.split("\n"), 1):
        if line.startswith("```"):
            if fence is None:
                fence, language = [], line[3:].strip()
            else:
                found[-1].blocks.append((language, "\n".join(fence)))
                fence = None
            continue
        if fence is not None:
            fence.append(line)
            continue
        heading = HEADING.fullmatch(line)
        if heading:
            found.append(Section(number, len(heading.group(1)), heading.group(2)))
        if line.startswith("|"):
            if table is None:
                table = []
                found[-1].tables.append(table)
            if not re.fullmatch(r"[|\s:-]+", line):
                table.append((number, cells(line)))
            continue
        table = None
        if not heading and line.strip():
            add_prose(found[-1].prose, number, line)
        elif not heading:
            found[-1].prose.append(None)  # a blank line ends a paragraph
    for section in found:
        section.prose = [p for p in section.prose if p]
    return found


def add_prose(prose, number, line):
    begins = re.match(r"\s*([-*]|\d+\.) ", line)
    if prose and prose[-1] and not begins:
        first, text = prose[-1]
        prose[-1] = (first, text + " " + line.strip())
    else:
        prose.append((number, line.strip()))
