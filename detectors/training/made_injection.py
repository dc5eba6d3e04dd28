"""Made attacks on a model's instructions and their benign twins in Chinese and English
(en/injection.txt, zh/injection.txt), a part of them in disguise on both sides."""
import pathlib
import random

from grammar import Grammar

FOLDER = pathlib.Path(__file__).parent
STAND_INS = str.maketrans("aeiost", "43105t")


def disguised(text, rng):
    """What hides words from filters, and what chat does to them."""
    way = rng.randrange(6)
    if way == 0:
        return text.upper()
    if way == 1:
        words = text.split(" ")
        at = rng.randrange(len(words))
        words[at] = words[at].translate(STAND_INS)
        return " ".join(words)
    if way == 2:
        at = rng.randrange(len(text) + 1)
        return text[:at] + rng.choice("\u200b\u200d\u00ad") + text[at:]
    if way == 3:
        return text.replace(". ", "\n").replace("。", "\n")
    if way == 4:
        return rng.choice(("> ", "**", "- ", "1. ", "/* ", "“")) + text
    return text.lower().rstrip(".。")


def rows(count_each, seed=1):
    """{"id", "text", "role", "injection"}, so many of each root and language."""
    for lang in ("en", "zh"):
        rng = random.Random(f"{seed}{lang}")
        grammar = Grammar(FOLDER / lang / "injection.txt")
        for root in grammar.roots("attack_", "benign_"):
            for number in range(count_each):
                text = grammar.say(root, rng)
                text = text[:1].upper() + text[1:]
                if rng.random() < 0.2:
                    text = disguised(text, rng)
                yield {"id": f"injection-{lang}-{root}-{number}", "text": text,
                       "role": "user",
                       "injection": int(root.startswith("attack_"))}
