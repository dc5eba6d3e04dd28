"""Attacks on a model's instructions, each with a benign twin that uses the same words, in Chinese
and English.

    python3 injection_pairs.py [--seed 1] [--pairs 3600]    so many pairs of each language

prints JSON lines {"id", "pair", "family", "lang", "role", "label", "text"}; `label` is 1 for an
attack and 0 for its twin. `zh` and `en` hold the text:

  pairs_words.txt          `[name]` begins a slot, ` | ` parts the ways to say it
  pairs_user*.txt          blocks `[family]`: `+` an attack, `-` a twin, said by a user
  pairs_tool*.txt          blocks of the same form: sentences that stand inside documents
  pairs_carriers*.txt      `[tool]` documents and `[task]` what a user asks to do with one;
                           `{here}` is where the sentence goes, one of several is drawn,
                           and `[filler]` sentences go to the others

A slot has one value in both texts of a pair; `{name2}` is a second value. `{b64<name>}` encodes a
slot (b64, hex, rot13, rev). Document, place, opening, close and disguise are the same in both
texts, and of the twins that a block offers the one of the most similar form is taken, so that
neither length nor punctuation nor carrier tells attack from twin.
"""
import argparse
import base64
import codecs
import collections
import json
import math
import pathlib
import random
import re

import injection_disguises

FOLDER = pathlib.Path(__file__).parent
SLOT = re.compile(r"\{(\w+?)(\d?)(?:<(\w+?)(\d?)>)?\}")
ENCODINGS = {
    "b64": lambda text: base64.b64encode(text.encode()).decode(),
    "hex": lambda text: text.encode().hex(),
    "rot13": lambda text: codecs.encode(text, "rot13"),
    "rev": lambda text: text[::-1],
    "url": lambda text: "".join(f"%{byte:02x}" for byte in text.encode()),
    "esc": lambda text: "".join(f"\\u{ord(char):04x}" for char in text),
}
MARKS = {r"[?？]": 3, r"[\"'“”‘’「」『』]": 1, r"\n": 1, r"\d": 1, r"https?:": 1, r"[!！]": 1,
         r"[A-Z]": 1, r"[:：]": 1, r"[.。;；]": 1.5, r"[,，、]": 1, r"[<>\[\]{}#`*_/=]": 1,
         r"^[A-Z\W]": 1,
         # Who is spoken to or about: documents that name an assistant are not all attacks.
         r"\b(AI|[Aa]ssistant|[Cc]hatbot|LLM|[Bb]ot|[Aa]gent|[Mm]odel)s?\b|助手|智能|模型|机器人|AI": 3}
OPENED, CLOSED, IN_DOCUMENT, DISGUISED, WRAPPED, LONGER = 0.3, 0.25, 0.25, 0.16, 0.2, 0.25
ASKED, TWINS_TRIED, ATTACKS_TRIED = 0.85, 6, 3


def lines_of(folder, pattern):
    paths = sorted(folder.glob(pattern))
    if not paths:
        raise ValueError(f"{folder}: no {pattern}")
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            if line.strip() and not line.startswith("# "):
                yield line


def words(folder):
    slots, ways = {}, None
    for line in lines_of(folder, "pairs_words*.txt"):
        if header := re.fullmatch(r"\[(\w+)\]", line):
            ways = slots.setdefault(header[1], [])
        else:
            ways += line.split(" | ")
    return slots


class Block:
    def __init__(self, family, role):
        self.family, self.role = family, role
        self.attacks, self.twins = [], []


def blocks(folder):
    found = []
    for role in ("user", "tool"):
        for line in lines_of(folder, f"pairs_{role}*.txt"):
            if header := re.fullmatch(r"\[(\w+)\]", line):
                found.append(Block(header[1], role))
            else:
                side = {"+ ": found[-1].attacks, "- ": found[-1].twins}[line[:2]]
                side.append(line[2:].replace("\\n", "\n"))
    return found


def carriers(folder):
    kinds, lines = {}, None
    for line in lines_of(folder, "pairs_carriers*.txt"):
        if header := re.fullmatch(r"\[(\w+)\]", line):
            lines = kinds.setdefault(header[1], [])
        else:
            lines.append(line.replace("\\n", "\n"))
    return kinds


class Speaker:
    """Fills slots; what a slot said once it says again until forget()."""

    def __init__(self, slots, rng):
        self.slots, self.rng, self.said = slots, rng, {}

    def forget(self):
        self.said = {}

    def word(self, name, number):
        key = name + number
        if key not in self.said:
            if name == "num":
                self.said[key] = str(self.rng.randint(2, 10 ** self.rng.randint(1, 4)))
                return self.said[key]
            taken = [value for other, value in self.said.items() if other[:len(name)] == name]
            ways = self.slots[name]
            way = self.rng.choice(ways)
            # A second value is another one.
            for _ in range(9):
                if way not in taken:
                    break
                way = self.rng.choice(ways)
            self.said[key] = self.say(way)
        return self.said[key]

    def say(self, text):
        return with_articles(SLOT.sub(self.fill, text))

    def fill(self, found):
        name, number, inner, inner_number = found.groups()
        if inner:
            return ENCODINGS[name + number](self.word(inner, inner_number))
        return self.word(name, number)


def with_articles(text):
    """The articles that the words of slots ask for."""
    text = re.sub(r"\b([Aa]) (?=[aeio](?!ne\b)|u(?!s|ni)|AI\b|LLM\b)", r"\1n ", text)
    return re.sub(r"\b([Aa])n (?=[b-df-gj-np-tv-z])", r"\1 ", text)


def sentence(text, casual):
    """Capitals where a slot begins a sentence."""
    if casual:
        return text
    return re.sub(r"(^|[.!?] |\n)([a-z])(?=[a-z']* )", lambda m: m[1] + m[2].upper(), text)


def form(text):
    return [math.log(1 + len(text)) * 2] + [
        math.log1p(len(re.findall(mark, text))) * weight for mark, weight in MARKS.items()]


def distance(one, other):
    return sum(abs(a - b) for a, b in zip(form(one), form(other)))


class Pairs:
    def __init__(self, lang, seed):
        folder = FOLDER / lang
        self.lang, self.rng = lang, random.Random(f"{seed}{lang}")
        self.speaker = Speaker(words(folder), self.rng)
        self.blocks = blocks(folder)
        self.carriers = carriers(folder)
        self.queues, self.taken = {}, collections.Counter()

    def next_of(self, side):
        """Every way of a block in turn, in an order drawn anew each time round."""
        queue = self.queues.setdefault(id(side), [])
        if not queue:
            queue += self.rng.sample(side, len(side))
        return queue.pop()

    def sentence_of(self, side):
        way = self.next_of(side)
        return sentence(self.speaker.say(way), way[0].islower()), way

    def core(self, block):
        """An attack and the twin of the block that resembles it most, of those seldom taken."""
        best = None
        for _ in range(ATTACKS_TRIED):
            self.speaker.forget()
            attack, _ = self.sentence_of(block.attacks)
            for _ in range(TWINS_TRIED):
                twin, way = self.sentence_of(block.twins)
                far = distance(attack, twin) * self.rng.uniform(0.7, 1.3) + self.taken[way]
                if best is None or far < best[0]:
                    best = far, attack, twin, way, self.speaker.said
            if best[0] < 6 + min(self.taken[way] for way in block.twins):
                break
        _, attack, twin, way, self.speaker.said = best
        self.taken[way] += 1
        return [self.asked(attack, twin), twin]

    def asked(self, attack, twin):
        """Questions about attacks are many; a question mark must not tell them."""
        if twin[-1] in "?？" and attack[-1] in ".。" and self.rng.random() < ASKED:
            return attack[:-1] + twin[-1]
        return attack

    def filled(self, parts):
        """Parts of a document with harmless sentences in the places between them."""
        text = self.speaker.say(parts[0])
        for part in parts[1:]:
            self.speaker.forget()
            text += self.speaker.say(self.rng.choice(self.carriers["filler"]) + part)
        return text

    def frame(self, block):
        """What stands around both texts, with one {here}."""
        rng = self.rng
        if block.role == "tool" or rng.random() < IN_DOCUMENT and "tool" not in block.family:
            frame = self.speaker.say(rng.choice(self.carriers["tool"]).replace("{here}", "\0"))
            places = frame.split("\0")
            place = rng.randrange(1, len(places))
            kept = [self.filled(places[:place]), self.filled(places[place:])]
            if rng.random() < LONGER:
                more = self.filled(rng.choice(self.carriers["tool"]).split("{here}"))
                side = rng.randrange(2)
                kept[side] = (more + "\n\n" + kept[0], kept[1] + "\n\n" + more)[side]
            if rng.random() < WRAPPED:
                wrap = rng.choice(self.carriers["wrap"]).split("{here}")
                kept = [kept[0] + wrap[0], wrap[1] + kept[1]]
            if block.role == "user":
                task = rng.choice(self.carriers["task"]).split("{document}")
                kept = [self.speaker.say(task[0]) + kept[0], kept[1] + self.speaker.say(task[1])]
            return kept
        first = self.speaker.say(rng.choice(self.carriers["opening"])) if (
            rng.random() < OPENED) else ""
        if first and self.lang == "en" and not first.endswith("\n"):
            first += " "
        last = self.speaker.say(rng.choice(self.carriers["close"])) if (
            rng.random() < CLOSED) else ""
        return [first, last]

    def pair(self):
        block = self.rng.choices(self.blocks, [
            (len(b.attacks) + len(b.twins) / 2) * (1.8 if b.role == "tool" else 1)
            for b in self.blocks])[0]
        texts = self.core(block)
        before, after = self.frame(block)
        way = "plain"
        if block.family not in ("encode", "disguise") and self.rng.random() < DISGUISED:
            way, seed = self.rng.choice(injection_disguises.WAYS[self.lang]), self.rng.random()
            texts = [injection_disguises.disguised(text, way, random.Random(seed))
                     for text in texts]
        # A close is no part of the last word.
        gap = " " if after[:1].isalpha() else ""
        return block, way, [before + text + gap + after if text[-1].isalnum() else
                            before + text + after for text in texts]


def rows(count, seed=1):
    """Rows of so many pairs of each language, no text twice."""
    for lang in ("en", "zh"):
        made, seen, number = Pairs(lang, seed), set(), 0
        while number < count:
            block, way, texts = made.pair()
            if texts[0] == texts[1] or seen & set(texts):
                continue
            seen |= set(texts)
            number += 1
            pair = f"pair-{lang}-{number:05}"
            for label, text in zip((1, 0), texts):
                yield {"id": f"{pair}-{'ba'[label]}-{way}", "pair": pair, "family": block.family,
                       "lang": lang, "role": block.role, "label": label, "text": text}


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--pairs", type=int, default=3600)
    given = arguments.parse_args()
    for row in rows(given.pairs, given.seed):
        print(json.dumps(row, ensure_ascii=False))


if __name__ == "__main__":
    main()
