"""Chinese rows: templates whose slots are filled with names drawn anew (zh_names.py).

A slot is {NAME} or {NAME:n}: those with one number in a template are about one person. What a slot
puts in is marked as its kind says, or not at all.
"""
import re

import zh_words

SLOT = re.compile(r"\{([A-Z]+[12]?)(?::(\d))?\}")
# How often rows are of a kind.
SHARES = {"business": 30, "life": 16, "forms": 8, "news": 14, "negatives": 32}


class Filler:
    def __init__(self, random, names, words):
        self.random, self.names, self.words = random, names, words
        self.people = {}
        number = random.randint
        self.marked = {
            "ORG": (names.organisation, "ORG"), "BRAND": (lambda: names.one("BRAND"), "ORG"),
            "INST": (names.body, "ORG"), "BANK": (lambda: names.one("BANK"), "ORG"),
            "LAWFIRM": (names.law_firm, "ORG"), "LOC": (names.place, "LOC"),
            "EPER": (names.latin, "PER"), "NICK": (names.nick, "PER"),
            "SURNAMED": (names.surname, "PER"),
        }
        self.plain = {
            "NEG": names.everyday_word,
            "NUM": lambda: str(number(1, 10 ** number(1, 6))),
            "AGE": lambda: str(number(3, 90)),
            "YEAR": lambda: str(number(1900, 2026)),
            "MONEY": lambda: f"{number(1, 9999)}{random.choice(('元', '万元', '.00元'))}",
            "PCT": lambda: f"{number(1, 99)}%",
            "PHONE": lambda: f"1{number(3, 9)}{number(0, 10 ** 9 - 1):09}",
            "ID": lambda: str(number(10 ** 17, 10 ** 18 - 1)),
            "EMAIL": lambda: f"{random.choice('abcdwxyz')}{number(1, 999)}@example.com",
        }

    def address(self):
        chain, rest = self.names.address()
        return [(chain, "LOC"), (rest, None)]

    def person(self, number):
        if number is None:
            return self.names.person()
        if number not in self.people:
            self.people[number] = self.names.chinese()
        return self.people[number]

    def pieces(self, slot, number):
        """What a slot is filled with: (text, kind or None) in a row."""
        names = self.names
        if slot == "PER":
            titled = number is None and self.random.random() < 0.06
            return [(self.person(number), "PER"), (names.one("TITLE2") if titled else "", None)]
        if slot == "SHORT":
            return [(names.short(self.people.get(number)), "PER")]
        if slot == "SURT":
            surname = names.surname_of(self.people.get(number))
            return [(surname, "PER"), (names.one("TITLE2"), None)]
        if slot == "ADDR":
            return self.address()
        if slot in self.marked:
            draw, kind = self.marked[slot]
            return [(draw(), kind)]
        return [(self.plain[slot]() if slot in self.plain else names.one(slot), None)]

    def fill(self, template):
        self.people = {}
        text, spans, at = "", [], 0
        for match in SLOT.finditer(template):
            text += template[at:match.start()]
            at = match.end()
            for piece, kind in self.pieces(*match.groups()):
                if kind:
                    spans.append((len(text), len(text) + len(piece), kind))
                text += piece
        return text + template[at:], spans

    def rows(self, count):
        kinds = {kind: zh_words.templates(kind) for kind in zh_words.KINDS}
        for _ in range(count):
            kind = self.random.choices(list(SHARES), list(SHARES.values()))[0]
            text, spans = self.fill(self.random.choice(kinds[kind]))
            # Neighbours as in a document, and mixed punctuation.
            if self.random.random() < 0.1:
                text = half_width(text)
            yield text, spans


HALF = str.maketrans("，：；（）？！", ",:;()?!")


def half_width(text):
    return text.translate(HALF)
