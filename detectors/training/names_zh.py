"""Chinese rows from a seeded generator, for prepare_names.py."""
import zh_names
import zh_templates
import zh_traditional
import zh_words

WORDS = zh_words.lists()
COMPOUND = WORDS["SURNAME_COMPOUND"]
BEHIND = WORDS["TITLE2"] + WORDS["TITLE1"]
COMPANY = sorted({tail for tail in WORDS["COMPANYTAIL"] if len(tail) <= 4})
TRADITIONAL = 0.12
counted = zh_names.counted


class Chinese:
    """`lexicon`: (word, tag, count); `divisions`: names of provinces, cities and counties;
    `simplified` and `traditional`: the same sentences in both, as rows."""

    def __init__(self, random, lexicon, divisions, simplified=(), traditional=()):
        self.random = random
        self.table = zh_traditional.pairs(zh_traditional.by_number(simplified),
                                          zh_traditional.by_number(traditional))
        self.names = zh_names.Names(random, WORDS, lexicon, divisions)
        self.filler = zh_templates.Filler(random, self.names, WORDS)

    def rows(self, count):
        for text, spans in self.filler.rows(count):
            yield self._written(text), spans

    def _written(self, text):
        """Some in traditional characters, at the same places."""
        return text.translate(self.table) if self.random.random() < TRADITIONAL else text

    def instead_of(self, said):
        """A name of the same form."""
        names = self.names
        if not all("\u3400" <= c <= "\u9fff" or c in "·•．" for c in said) or len(said) < 2:
            return said
        if len(said) == 2 and (said[0] in "小老阿大" or said[1] in WORDS["TITLE1"]):
            return names.short()
        if len(said) > 4 or "·" in said or (len(said) == 4 and said[:2] not in COMPOUND):
            return names.foreign()
        if said[0] in names.surnames.known or said[:2] in COMPOUND:
            return names.chinese()
        return names.transliterated() if len(said) > 2 else said

    def swapped(self, rows):
        """The same sentences about other people: contexts of the wild, names unseen. Organisations
        and places too, now and then."""
        for row in rows:
            spans = sorted(row["spans"], key=lambda span: span["start"])
            clash = any(a["end"] > b["start"] for a, b in zip(spans, spans[1:]))
            if clash or not any(span["type"] == "PER" for span in spans):
                continue
            raw, out, marked, at, new = row["text"].encode(), b"", [], 0, {}
            for span in spans:
                out += raw[at:span["start"]]
                at = span["end"]
                said = raw[span["start"]:at].decode()
                if said not in new:
                    new[said] = self._other(said, span["type"])
                marked.append({"start": len(out), "end": len(out) + len(new[said].encode()),
                               "type": span["type"]})
                out += new[said].encode()
            yield {"id": row["id"] + "-swapped", "text": self._written((out + raw[at:]).decode()),
                   "spans": marked}

    def _other(self, said, kind):
        if kind == "PER":
            return self.instead_of(said)
        if self.random.random() < 0.7:
            return said
        return self.names.place() if kind == "LOC" else self.names.organisation()
