"""Random names of Chinese texts: people, short forms, organisations, places.

Surnames and the characters of given names come as often as in the lexicon of names, and each of
them can come, so that most names drawn are nobody's that a lexicon holds: a model has to tell them
from the words around.
"""
import collections

SURNAME, GIVEN_FIRST, GIVEN_SECOND = range(3)


def counted(lexicon):
    """How often the names of a lexicon of (word, tag, count) begin and go on with a character."""
    surnames, first, second = (collections.Counter() for _ in range(3))
    for word, tag, _ in lexicon:
        if tag != "nr" or len(word) not in (2, 3):
            continue
        surnames[word[0]] += 1
        first[word[1]] += 1
        if len(word) == 3:
            second[word[2]] += 1
    return surnames, first, second


class Weighted:
    """A choice among the keys of a counter, by its counts to a power; the seldom ones can come."""

    def __init__(self, counts, power):
        self.values = sorted(counts)
        self.known = frozenset(counts)
        self.total, self.sums = 0.0, []
        for value in self.values:
            self.total += counts[value] ** power
            self.sums.append(self.total)

    def draw(self, random):
        return random.choices(self.values, cum_weights=self.sums)[0]


class Names:
    def __init__(self, random, words, lexicon, places, english=()):
        self.random, self.words = random, words
        self.given = [Weighted({c: n for c, n in counts.items() if n > 1}, 0.75)
                      for counts in counted(lexicon)[1:]]
        self.given_names = self._of_sexes()
        singles = dict.fromkeys(words["SURNAME_RARE"], 2)
        for rank, name in enumerate(words["SURNAME_COMMON"]):
            singles[name] = singles.get(name, 0) + 400 // (rank + 4)
        self.surnames = Weighted(singles, 1.0)
        self.borrowed = sorted(w for w, tag, _ in lexicon if tag == "nrt" and 2 <= len(w) <= 5)
        self.known_places = sorted(w for w, tag, n in lexicon
                                   if tag == "ns" and 2 <= len(w) <= 5 and n >= 3)
        self.known_bodies = sorted(w for w, tag, n in lexicon if tag == "nt" and 3 <= len(w) <= 10)
        surnames = self.surnames.known
        self.everyday = sorted(w for w, tag, n in lexicon if tag[0] in "nvadtmlic" and n >= 20 and
                               tag not in ("nr", "nrt", "nrfg", "ns", "nt", "nz") and
                               2 <= len(w) <= 4 and w[0] in surnames)
        self.places, self.english = places, list(english)

    def _of_sexes(self):
        return [Weighted({c: 1 + 200 // (rank + 8) for rank, c in enumerate(self.words[name])}, 1.0)
                for name in ("GIVEN_MALE", "GIVEN_FEMALE", "GIVEN_RARE")]

    def one(self, name):
        return self.random.choice(self.words[name])

    def surname(self):
        if self.random.random() < 0.03:
            return self.one("SURNAME_COMPOUND")
        return self.surnames.draw(self.random)

    def given_name(self):
        kind = self.random.random()
        if kind < 0.45:
            first, second = (by.draw(self.random) for by in self.given)
        elif kind < 0.9:
            of_sex = self.given_names[0 if kind < 0.68 else 1]
            first, second = of_sex.draw(self.random), of_sex.draw(self.random)
        else:
            first, second = (self.random.choice(self.given_names).draw(self.random) for _ in "12")
        length = self.random.random()
        if length < 0.22:
            return second
        return second * 2 if length < 0.26 else first + second

    def chinese(self):
        name = self.surname()
        if self.random.random() < 0.008:
            return name + self.surname() + self.given_name()[:1] + self.given_name()[-1:]
        return name + self.given_name()

    def transliterated(self):
        if self.random.random() < 0.4:
            return self.random.choice(self.borrowed)
        return "".join(self.one("TRANSLIT") for _ in range(self.random.choice((2, 3, 3, 3, 4))))

    def foreign(self):
        kind = self.random.random()
        if kind < 0.18:
            group = self.random.choice(("UYGHUR", "TIBETAN", "MONGOL"))
            dot = "·" if group == "UYGHUR" or self.random.random() < 0.3 else ""
            return self.one(group) + dot + self.one(group)
        if kind < 0.24:
            return self.one("JAPANESE_SUR") + self.one("JAPANESE_GIVEN")
        draw = self.transliterated if kind < 0.75 else lambda: self.one("FOREIGN")
        parts = [draw() for _ in range(self.random.choice((1, 1, 2, 2, 2, 3)))]
        dots = self.random.choices(("·", "•", "．"), (8, 1, 1))[0]
        return dots.join(parts)

    def everyday_word(self):
        """One that begins like a name, and is none."""
        return self.one("NEG") if self.random.random() < 0.5 else self.random.choice(self.everyday)

    def latin(self):
        names = self.english or self.words["LATIN"]
        name = self.random.choice(names)
        return name if self.random.random() < 0.6 else name + " " + self.random.choice(names)

    def person(self):
        kind = self.random.random()
        if kind < 0.07:
            return self.foreign()
        return self.latin() if kind < 0.09 else self.chinese()

    def surname_of(self, name):
        if not name:
            return self.surname()
        return name[:2 if name[:2] in self.words["SURNAME_COMPOUND"] else 1]

    def short(self, name=None):
        """王总, 小王, 老李, 张工: a person as colleagues say it, all of it the name."""
        surname = self.surname_of(name)
        if len(surname) == 1 and self.random.random() < 0.4:
            return self.random.choices("小老阿大", (6, 5, 2, 1))[0] + surname
        return surname + self.random.choices(
            self.words["TITLE1"], [8, 6] + [1] * (len(self.words["TITLE1"]) - 2))[0]

    def nick(self):
        kind = self.random.random()
        first = self.given[0].draw(self.random)
        if kind < 0.3:
            return first * 2
        if kind < 0.5:
            return self.random.choice("小阿") + first
        return first + self.random.choice("哥姐儿宝总子") if kind < 0.75 else self.given_name()

    def place(self):
        kind = self.random.random()
        if kind < 0.35:
            return self.one("PLACE")
        if kind < 0.6:
            return self.random.choice(self.known_places)
        name = self.random.choice(self.places)
        return name.rstrip("市县区") if len(name) > 2 and kind < 0.8 else name

    def company(self):
        brand = "".join(self.one("BRANDHEAD") if at == 0 else self.one("BRANDTAIL")
                        for at in range(self.random.choice((2, 2, 2, 3, 4))))
        where = self.place() if self.random.random() < 0.55 else ""
        if self.random.random() < 0.12:
            return brand + self.one("INDUSTRY")
        tail = self.one("COMPANYTAIL")
        if where and self.random.random() < 0.15:
            return f"{brand}（{where}）{self.one('INDUSTRY')}{tail}"
        return where + brand + self.one("INDUSTRY") + tail

    def body(self):
        kind = self.random.random()
        if kind < 0.15:
            return self.random.choice(self.known_bodies)
        if kind < 0.25:
            return self.one("BANK")
        return self.place() + self.one(self.random.choice(("GOV", "HOSPITAL", "SCHOOL")))

    def organisation(self):
        kind = self.random.random()
        if kind < 0.5:
            return self.company()
        return self.body() if kind < 0.8 else self.one("BRAND")

    def law_firm(self):
        return self.place() + self.one("BRANDHEAD") + self.one("BRANDTAIL") + "律师事务所"

    def address(self):
        """A chain of divisions, and the street behind it, which is not a part of the name."""
        chain = self.random.choice(self.places) + (self.random.choice(self.places)
                                                   if self.random.random() < 0.5 else "")
        street = self.one("BRANDHEAD") + self.one("BRANDTAIL") + self.random.choice("路街道巷")
        number = self.random.randint(1, 999)
        room = f"{self.random.randint(1, 30)}栋{self.random.randint(101, 2904)}室"
        return chain, f"{street}{number}号" + (room if self.random.random() < 0.5 else "")
