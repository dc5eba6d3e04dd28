"""Spans that a command finds in rows, against those that stand there."""
import json
import subprocess
import sys
import zlib


def half_of(row_id):
    return "report" if zlib.crc32(row_id.encode()) % 2 else "choice"


def scan(command, rows, least):
    """The findings of each row, of this confidence or more."""
    asked = "".join(json.dumps({"id": n, "text": row["text"]}, ensure_ascii=False) + "\n"
                    for n, row in enumerate(rows))
    done = subprocess.run(command, input=asked, capture_output=True, text=True, encoding="utf-8")
    if done.returncode != 0:
        sys.exit(done.stderr)
    found = [[] for _ in rows]
    for line in done.stdout.splitlines():
        answer = json.loads(line)
        found[answer["id"]] = [f for f in answer["findings"] if f["confidence"] >= least]
    return found


def overlap(a, b):
    shared = min(a[1], b[1]) - max(a[0], b[0])
    return shared / (max(a[1], b[1]) - min(a[0], b[0])) if shared > 0 else 0


def matched(gold, said, least):
    return sum(any(overlap(g, s) >= least for s in said) for g in gold)


def rates(gold, said, least):
    """Precision and recall over all rows."""
    pairs = list(zip(gold, said))
    recall = sum(matched(g, s, least) for g, s in pairs) / max(sum(map(len, gold)), 1)
    precision = sum(matched(s, g, least) for g, s in pairs) / max(sum(map(len, said)), 1)
    return precision, recall


def f_beta(precision, recall, beta=1):
    b = beta * beta
    return (1 + b) * precision * recall / max(b * precision + recall, 1e-9)


def leaked(gold, said):
    """The share of the bytes of what stands there that nothing covers."""
    total = covered = 0
    for g, s in zip(gold, said):
        for begin, end in g:
            total += end - begin
            hidden = set()
            for b, e in s:
                hidden.update(range(max(b, begin), min(e, end)))
            covered += len(hidden)
    return 1 - covered / max(total, 1)


def dump(file, name, rows, gold, said):
    """Writes the rows where the two differ."""
    for row, g, s in zip(rows, gold, said):
        if set(g) == set(s):
            continue
        raw = row["text"].encode()

        def shown(spans):
            return [raw[b:e].decode("utf-8", "replace") for b, e in sorted(spans)]
        text = row["text"] if len(row["text"]) < 400 else None
        around = [raw[max(0, b - 60):e + 40].decode("utf-8", "replace") for b, e in s]
        file.write(json.dumps({"set": name, "text": text, "missed": shown(set(g) - set(s)),
                               "false": shown(set(s) - set(g)), "around": around},
                              ensure_ascii=False) + "\n")
