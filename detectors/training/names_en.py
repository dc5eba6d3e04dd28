"""English sentences of business, with names drawn anew: (text, spans) from a seeded generator.

en/words.txt: lines of a list's name and its words, a blank within one written as '_';
en/sentences.txt: templates, see slot(); en/negatives.txt: sentences that name nobody.
"""
import collections
import pathlib

FOLDER = pathlib.Path(__file__).parent / "en"


def lists():
    out = collections.defaultdict(list)
    for line in (FOLDER / "words.txt").read_text(encoding="utf-8").splitlines():
        name, *words = line.split()
        out[name] += [word.replace("_", " ") for word in words]
    return out


def lines(name):
    text = (FOLDER / name).read_text(encoding="utf-8")
    return [line.replace("\\n", "\n").replace("\\t", "\t") for line in text.splitlines()]


WORDS = lists()
SENTENCES = lines("sentences.txt")
PLAIN = lines("negatives.txt")


class English:
    def __init__(self, random, parts, cities):
        self.random = random
        self.given = sorted(parts["given"]) + WORDS["GIVEN"] * 3
        self.surnames = sorted(parts["surname"]) + WORDS["SURNAME"] * 5
        self.cities = cities

    def one(self, values):
        return self.random.choice(values)

    def surname(self):
        return self.one(self.surnames)

    def person(self):
        given, kind = self.one(self.given), self.random.random()
        if kind < 0.08:
            given += " " + self.one("ABCDEFGHJKLMNPRSTW") + "."
        elif kind < 0.12:
            given = given[0] + "."
        elif kind < 0.16:
            given += " " + self.one(self.given)
        whole = given + " " + self.surname()
        kind = self.random.random()
        if kind < 0.04:
            return whole.upper()
        if kind < 0.09 and "." not in whole and "'" not in whole:
            return whole.lower()
        return whole

    def organisation(self):
        kind = self.random.random()
        if kind < 0.3:
            return self.one(WORDS["KNOWN"])
        if kind < 0.45:
            return self.one(WORDS["BODY"]).format(self.one(WORDS["PLACE"]))
        if kind < 0.6:
            ending = self.one(("& Sons", "Group", "and Associates", "Law Firm", "Bros."))
            return self.surname() + " " + ending
        name = self.one(WORDS["FIRM"]) if kind < 0.8 else self.surname()
        name += " " + self.one(WORDS["TRADE"])
        return name + " " + self.one(WORDS["FORM"]) if kind < 0.9 else name

    def place(self):
        return self.one(self.cities) if self.random.random() < 0.3 else self.one(WORDS["PLACE"])

    def fill(self, template):
        text, spans = "", []
        while template:
            begin = template.find("{")
            if begin < 0:
                text += template
                break
            text += template[:begin]
            slot, template = template[begin + 1], template[begin + 3:]
            piece, kind = self.slot(slot)
            article = kind and piece.startswith("the ")
            if kind:
                spans.append((len(text) + (4 if article else 0), len(text) + len(piece), kind))
            text += piece
        return text, spans

    def slot(self, slot):
        if slot == "P":
            return self.person(), "PER"
        if slot == "G":
            return self.one(self.given), "PER"
        if slot == "S":
            return self.surname(), "PER"
        if slot == "O":
            return self.organisation(), "ORG"
        if slot == "L":
            return self.place(), "LOC"
        if slot == "e":
            return "sales@example.com", None
        return str(self.random.randint(2, 2024)), None

    def rows(self, count):
        for _ in range(count):
            if self.random.random() < 0.15:
                yield self.one(PLAIN), []
            else:
                yield self.fill(self.one(SENTENCES))
