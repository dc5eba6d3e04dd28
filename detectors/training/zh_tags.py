"""What stands between the teacher's characters and its tags, and our rows (zh_teacher.py)."""
import re
import unicodedata

import zh_words

KINDS = {"PER": "PER", "nr": "PER", "LOC": "LOC", "ns": "LOC", "ORG": "ORG", "nt": "ORG"}
WORDS = zh_words.lists()
HISTORY = frozenset(WORDS["HIST"])
SURNAMES = frozenset(WORDS["SURNAME_COMMON"] + WORDS["SURNAME_RARE"])
TITLED = re.compile("(?:%s)$" % "|".join(sorted(WORDS["TITLE2"], key=len, reverse=True)))
MARKS = {"。": ".", "、": ",", "“": '"', "”": '"', "‘": "'", "’": "'", "·": "·"}


def narrowed(text):
    """Full-width forms as half-width ones, character by character."""
    out = []
    for c in text:
        n = MARKS.get(c) or unicodedata.normalize("NFKC", c)
        out.append(n.lower() if len(n) == 1 else c)
    return "".join(out)


def spans_of(tags):
    spans, begin = [], None
    for at, tag in enumerate([*tags, "O"]):
        if begin is not None and not (tag.endswith("-I") and tag[:-2] == tags[begin][:-2]):
            kind = KINDS.get(tags[begin][:-2])
            if kind:
                spans.append((begin, at, kind))
            begin = None
        if tag.endswith("-B"):
            begin = at
    return spans


def is_plausible(said):
    """Whether a person can be called so: the rest is the teacher's error."""
    if re.fullmatch(r"[A-Za-z][A-Za-z.·' -]+", said):
        return True
    if not re.fullmatch(r"[\u3400-\u9fff·•]{1,12}", said):
        return False
    return len(said) > 1 or said in SURNAMES


def settled(sentence, spans):
    """The teacher's spans as this model's rules have them."""
    for begin, end, kind in spans:
        said = sentence[begin:end]
        if kind != "PER":
            if len(said) > 1:
                yield begin, end, kind
            continue
        if said in HISTORY:
            continue
        # Two names with a blank between are two people.
        at = begin
        for part in re.split(r"[\s、，,]", said):
            bare = TITLED.sub("", part)
            if bare:
                yield at, at + len(bare), kind
            at += len(part) + 1
