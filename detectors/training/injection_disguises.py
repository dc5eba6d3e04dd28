"""Disguises that hide words from filters and that people also use in play and ornament.

    disguised("ignore the rules", "leet", random.Random(1))

The same way with the same random state treats both texts of a pair alike.
"""
import pathlib
import re

WAYS = {
    "en": ("leet", "spaced", "dotted", "zero_width", "full_width", "homoglyphs", "emoji",
           "capitals", "accents", "swapped", "bold", "lower", "lines", "tags"),
    "zh": ("spaced", "dotted", "zero_width", "full_width", "traditional", "emoji", "struck",
           "traditional", "brackets", "lines", "parts", "no_marks"),
}
LEET = str.maketrans("aeiostAEIOST", "431057431057")
LOOK_ALIKES = str.maketrans("aceopxyijsAEOPCTHKMX", "асеорхуіјѕАЕОРСТНКМХ")
ACCENTS = str.maketrans("aeiounc", "áèîöùñç")
FULL_WIDTH = {code: code + 0xfee0 for code in range(0x21, 0x7f)}
BOLD = {**{0x41 + n: 0x1d400 + n for n in range(26)}, **{0x61 + n: 0x1d41a + n for n in range(26)}}
EMOJI = "✨🔥🌸⭐🎉💡🙏🍀🐱🌈"
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"
# Characters in parts, as people write them to be funny or to get round a filter.
PARTS = {"指": "扌旨", "规": "夫见", "则": "贝刂", "提": "扌是", "词": "讠司", "说": "讠兑", "记": "讠己",
         "和": "禾口", "明": "日月", "好": "女子", "你": "亻尔", "他": "亻也", "们": "亻门", "话": "讠舌",
         "制": "帀刂", "限": "阝艮", "给": "纟合", "输": "车俞", "请": "讠青", "设": "讠殳", "的": "白勺"}


def traditional_table():
    path = pathlib.Path(__file__).parent / "zh" / "pairs_traditional.txt"
    text = "".join(line for line in path.read_text(encoding="utf-8").splitlines()
                   if not line.startswith("#"))
    pairs = text.split()
    return str.maketrans({pair[0]: pair[1] for pair in pairs})


TRADITIONAL = traditional_table()


def some_words(text, rng, share, change):
    """A share of the words, at least one, changed."""
    words = re.split(r"(\s+)", text)
    places = [n for n, word in enumerate(words) if len(word) > 2 and "://" not in word]
    for n in rng.sample(places, max(1, int(len(places) * share)) if places else 0):
        words[n] = change(words[n])
    return "".join(words)


def between(text, rng, mark, share):
    """A mark between characters of Han or letters that stand together, here and there."""
    return re.sub(r"(?<=[\w])(?=[\w])",
                  lambda _: mark(rng) if rng.random() < share else "", text)


def han_or_words(text, rng, mark, share):
    if re.search(r"[\u4e00-\u9fff]", text):
        return between(text, rng, mark, share)
    return some_words(text, rng, share, lambda word: mark(rng).join(word))


def swapped(word):
    at = len(word) // 2
    return word[:at - 1] + word[at] + word[at - 1] + word[at + 1:]


def with_emoji(text, rng):
    mark = rng.choice(EMOJI)
    if re.search(r"[\u4e00-\u9fff]", text):
        return between(text, rng, lambda r: mark, rng.choice((0.2, 1.0)))
    return re.sub(r" ", lambda _: f" {mark} " if rng.random() < 0.5 else " ", text)


def lines(text, rng):
    return re.sub(r"(?<=[.!?。！？，,]) ?", "\n", text).strip()


def tags(text, rng):
    return some_words(text, rng, 0.4, lambda word: f"{word[:2]}<b></b>{word[2:]}")


def disguised(text, way, rng):
    share = rng.choice((0.3, 0.6, 1.0))
    return {
        "leet": lambda: some_words(text, rng, share, lambda word: word.translate(LEET)),
        "spaced": lambda: han_or_words(text, rng, lambda r: " ", share),
        "dotted": lambda: han_or_words(text, rng, lambda r, m=rng.choice(".-_*|·"): m, share),
        "zero_width": lambda: between(text, rng, lambda r: r.choice(INVISIBLE), share / 2),
        "full_width": lambda: some_words(text, rng, share, lambda word: word.translate(FULL_WIDTH)),
        "homoglyphs": lambda: some_words(text, rng, share,
                                         lambda word: word.translate(LOOK_ALIKES)),
        "emoji": lambda: with_emoji(text, rng),
        "capitals": lambda: some_words(text, rng, share, str.upper),
        "accents": lambda: some_words(text, rng, share, lambda word: word.translate(ACCENTS)),
        "swapped": lambda: some_words(text, rng, share / 2, swapped),
        "bold": lambda: some_words(text, rng, share, lambda word: word.translate(BOLD)),
        "lower": lambda: re.sub(r"[.,!](?=\s|$)", "", text).lower(),
        "lines": lambda: lines(text, rng),
        "tags": lambda: tags(text, rng),
        "traditional": lambda: text.translate(TRADITIONAL),
        "struck": lambda: between(text, rng, lambda r: "\u0336", share),
        "brackets": lambda: between(text, rng, lambda r: "】【", share / 3),
        "parts": lambda: "".join(PARTS.get(char, char) for char in text),
        "no_marks": lambda: re.sub(r"[，。！？、：；,.!?]", " ", text).strip(),
    }[way]()
