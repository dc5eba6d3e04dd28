"""Made talk about people in Chinese and English, hateful and not (en/hate.txt, zh/hate.txt), a part
of it in the spellings that hide words."""
import pathlib
import random

from grammar import Grammar

FOLDER = pathlib.Path(__file__).parent
ROOTS = ("hate_", "toxic_", "fine_")
STAND_INS = str.maketrans("aeiost", "@3!0$7")


def misspelt(text, rng):
    """As people write who would not be found, or in haste."""
    words = text.split(" ")
    at = rng.randrange(len(words))
    word = words[at]
    if len(word) < 4 or "{" in word:
        return text
    way = rng.randrange(5)
    cut = rng.randrange(1, len(word) - 1)
    if way == 0:
        word = word[:cut] + word[cut + 1] + word[cut] + word[cut + 2:]
    elif way == 1:
        word = word[:cut] + "*" + word[cut + 1:]
    elif way == 2:
        word = word.translate(STAND_INS)
    elif way == 3:
        word = word[:cut] + word[cut] + word[cut:]
    elif at + 1 < len(words):
        word += words.pop(at + 1)
    words[at] = word
    return " ".join(words)


def hidden(text, rng):
    """Chinese with signs between two characters."""
    at = rng.randrange(1, max(2, len(text) - 1))
    return text[:at] + rng.choice([" ", "*", ".", "-", "丶"]) + text[at:]


def rows(count_each, seed=1):
    """{"id", "text", "toxicity", "bias"}, so many of each root and language."""
    for lang in ("en", "zh"):
        rng = random.Random(f"{seed}{lang}")
        grammar = Grammar(FOLDER / lang / "hate.txt")
        for root in grammar.roots(*ROOTS):
            for number in range(count_each):
                text = grammar.say(root, rng)
                text = text[:1].upper() + text[1:]
                if rng.random() < 0.12:
                    text = misspelt(text, rng) if lang == "en" else hidden(text, rng)
                yield {"id": f"hate-{lang}-{root}-{number}", "text": text,
                       "toxicity": int(not root.startswith("fine_")),
                       "bias": int(root.startswith("hate_"))}
