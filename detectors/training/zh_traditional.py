"""Simplified characters as traditional ones, as far as parallel sentences show them.

    table = pairs(simplified_texts, traditional_texts)
    "张伟负责".translate(table)

A character that is written in several ways has its most frequent one. Texts keep their length.
"""
import collections


def pairs(simplified, traditional):
    """A table for str.translate, of texts by their number; those of unequal length say nothing."""
    seen = collections.defaultdict(collections.Counter)
    for number, text in simplified.items():
        other = traditional.get(number, "")
        if len(other) == len(text):
            for a, b in zip(text, other):
                seen[a][b] += 1
    table = {}
    for a in sorted(seen):
        b = max(sorted(seen[a]), key=lambda c: seen[a][c])
        if a != b:
            table[ord(a)] = b
    return table


def by_number(rows):
    """Texts of rows by how their ids end, alike in both sets: -gsd-train-7, -gsdsimp-train-7."""
    return {row["id"].split("-", 2)[2]: row["text"] for row in rows}
