"""The lists and templates of zh/: data, so that a new context is one line."""
import pathlib

FOLDER = pathlib.Path(__file__).parent / "zh"
KINDS = ("business", "life", "forms", "news", "negatives")


def lines_of(path):
    for line in path.read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith("# "):
            yield line


def lists():
    """Each list of words.txt by its name; a list without blanks is one of characters."""
    out = {}
    for line in lines_of(FOLDER / "words.txt"):
        name, words = line.split(": ", 1)
        out[name] = words.split(" ") if " " in words else list(words)
    return out


def templates(kind):
    lines = lines_of(FOLDER / f"{kind}.txt")
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in lines]
