"""Rows of Chinese texts that nobody marked, by the teacher (zh_teacher.py).

    zh_labelled.py DATA_FOLDER LAC_FOLDER OUT.jsonl

LAC_FOLDER is jieba/lac_small of jieba's source package. Needs NumPy. News, encyclopaedias,
questions and scenes whose licences allow training; of each set the rows with an even CRC-32.
"""
import json
import pathlib
import re
import sys
import zlib

from zh_tags import is_plausible, settled

# The file, the field with the text, how many characters at most.
SOURCES = (("grounding/uhgeval_half", "context", 700_000),
           ("grounding/uhgeval_half", "text", 200_000),
           ("grounding/cmrc_swaps", "context", 600_000),
           ("injection/zh_questions", "text", 100_000), ("injection/flames_zh", "text", 40_000),
           ("injection/zh_benign", "text", 60_000), ("injection/zh_role_prompts", "text", 20_000),
           ("grounding/cbbq_qa", "context", 40_000), ("grounding/halluqa", "text", 60_000),
           ("bias/cold_train", "text", 600_000), ("bias/swsr", "text", 300_000),
           ("bias/chbias_pairs", "text", 100_000))
SENTENCE = re.compile(r"[^。！？!?\n]+[。！？!?]?[”’」』]?")
LONGEST = 200


def is_seen(row_id):
    return zlib.crc32(row_id.encode()) % 2 == 0


def sentences(data):
    """Each sentence once, with an id that says where it is from."""
    known = set()
    for name, field, budget in SOURCES:
        with open(data / f"{name}.jsonl", encoding="utf-8") as lines:
            for row in map(json.loads, lines):
                if budget <= 0 or not is_seen(row["id"]):
                    continue
                value = row[field]
                for text in value if isinstance(value, list) else [value]:
                    for at, sentence in enumerate(map(str.strip, SENTENCE.findall(text))):
                        if sentence not in known and 4 <= len(sentence) <= LONGEST:
                            known.add(sentence)
                            budget -= len(sentence)
                            yield f"{name.split('/')[1]}-{row['id']}-{field}-{at}", sentence


def main(data, folder, out):
    import zh_teacher  # needs NumPy, which the tests do without
    pairs = list(sentences(pathlib.Path(data)))
    labelled = zh_teacher.Teacher(folder).label([sentence for _, sentence in pairs])
    with open(out, "w", encoding="utf-8") as file:
        for (name, sentence), raw in zip(pairs, labelled):
            spans = list(settled(sentence, raw))
            if not all(is_plausible(sentence[b:e]) for b, e, kind in spans if kind == "PER"):
                continue
            marked = [{"start": len(sentence[:b].encode()), "end": len(sentence[:e].encode()),
                       "type": kind} for b, e, kind in spans]
            row = {"id": name, "text": sentence, "spans": marked}
            file.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
