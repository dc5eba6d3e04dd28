"""Rows for train_scores, from a folder of open data and from generators.

    prepare_scores.py DATA_FOLDER OUT_FOLDER

A row: {"id", "text", "role", "direction", "injection", "toxicity", "bias"}; a score that is not
there is not known. One file for each set, with the rows that may be learned from: of sets that
bench/quality/run splits, its `choice`; of the others, the rows whose CRC-32 of the id is even.
The same input makes the same bytes.
"""
import json
import pathlib
import re
import sys
import zlib

import injection_pairs
import made_hate
import made_injection

DATA = pathlib.Path(sys.argv[1])
OUT = pathlib.Path(sys.argv[2])


def even(row, family=r"$^"):
    return zlib.crc32(re.sub(family, "", row["id"]).encode()) % 2 == 0


def read(name):
    with open(DATA / f"{name}.jsonl", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def write(name, rows):
    seen = set()
    with open(OUT / f"{name}.jsonl", "w", encoding="utf-8") as out:
        for row in rows:
            if row["text"] in seen or not row["text"].strip():
                continue
            seen.add(row["text"])
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(f"{name}: {len(seen)}", file=sys.stderr)


def row(identity, text, role="user", **scores):
    return {"id": identity, "text": text, "role": role, **scores}


def injections():
    """Attacks and requests; what they say of people is not known."""
    sets = {
        "deepset": lambda r: r["split"] == "train",
        "goodwiins": even,
        "jailbreak_in_the_wild": even,
        "jailbench_zh": even,
        "bipia_train": lambda r: even(r, "-(clean|inj)$"),
        "garak_probes": even,
        "agent_security_bench": even,
        "latent_jailbreak": even,
        "gptfuzz_templates": even,
        "flames_zh": even,
    }
    tools = ("bipia_train", "agent_security_bench")
    for name, kept in sets.items():
        role = "tool" if name in tools else "user"
        write(name, (row(r["id"], r["text"], role, injection=r["label"])
                     for r in read(f"injection/{name}") if kept(r)))
    for name in ("zh_benign", "zh_questions", "zh_role_prompts", "self_instruct"):
        write(name, (row(r["id"], r["text"], injection=0, toxicity=0, bias=0)
                     for r in read(f"injection/{name}") if even(r)))


def hatred():
    """Talk about people, none of it an injection."""
    for name, kept in (("cold_train", None),
                       ("toxigen_demonstrations_human", even), ("forum_hate", even)):
        write(name, (row(r["id"], r["text"], injection=0, toxicity=r["label"], bias=r["label"])
                     for r in read(f"bias/{name}") if kept is None or kept(r)))
    write("swsr", (row(r["id"], r["text"], injection=0, bias=r["label"])
                   for r in read("bias/swsr") if even(r)))
    # Labels: 0 hate, 1 offensive, 2 neither.
    write("davidson", (row(r["id"], r["text"], injection=0, toxicity=int(r["label"] != 2),
                           **({} if r["label"] == 1 else {"bias": int(r["label"] == 0)}))
                       for r in read("bias/davidson") if even(r)))
    write("group_mentions_neutral", (row(r["id"], r["text"], injection=0, toxicity=0, bias=0)
                                     for r in read("bias/group_mentions_neutral") if even(r)))


PAIRS = 3600  # of each language
EACH = 900    # of each root of the grammar of injections and each language
EACH_OF_HATE = 1500


def benign_as_a_whole(r):
    return r | {"toxicity": 0, "bias": 0} if r["injection"] == 0 else r


def made():
    write("injection_pairs", (benign_as_a_whole(row(r["id"], r["text"], r["role"],
                                                    injection=r["label"]))
                              for r in injection_pairs.rows(PAIRS)))
    write("made_injection", map(benign_as_a_whole, made_injection.rows(EACH)))
    write("made_hate", (r | {"injection": 0} for r in made_hate.rows(EACH_OF_HATE)))


def plain():
    """Texts in which there is nothing to find."""
    for name in ("code", "manual_pages", "zh_docs"):
        write(f"clean_{name}", (row(r["id"], r["text"], role, injection=0, toxicity=0, bias=0)
                                for n, r in enumerate(read(f"clean/{name}")) if even(r)
                                for role in ("user", "tool")[n % 2:n % 2 + 1]))
    for name in ("uner_en_ewt", "gum_names", "uner_zh_gsd", "uner_zh_gsd_traditional"):
        write(name, (row(r["id"], r["text"], injection=0, toxicity=0, bias=0)
                     for r in read(f"pii/{name}") if even(r)))
    write("questions", (row(r["id"], r["query"], injection=0, toxicity=0, bias=0)
                        for r in read("grounding/halueval_qa") + read("grounding/cmrc_swaps")
                        if even(r) and r.get("query")))
    for name in ("cmrc_swaps", "wice", "fool_me_twice", "uhgeval_half", "summedits_fifth"):
        texts = []
        for r in read(f"grounding/{name}"):
            if even(r):
                texts += [row(f"{r['id']}-{n}", text, "tool", injection=0, toxicity=0, bias=0)
                          for n, text in enumerate(r["context"][:2])]
                texts.append(row(r["id"], r["text"], injection=0, toxicity=0, bias=0))
        write(f"prose_{name}", texts)


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    injections()
    hatred()
    made()
    plain()


if __name__ == "__main__":
    main()
