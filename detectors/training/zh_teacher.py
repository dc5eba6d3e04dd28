"""Labels Chinese sentences with the network that jieba 0.42.1 ships (Baidu LAC, Apache-2.0).

    teacher = Teacher(folder)       # jieba/lac_small of the unpacked source package
    for sentence, spans in zip(sentences, teacher.label(sentences)): ...

Two layers of bidirectional GRU and a CRF over characters, computed with NumPy in double precision,
so that another machine's rounding does not change a label. It knows half-width punctuation alone.
"""
import pathlib
import struct

import numpy

from zh_tags import narrowed, spans_of

HIDDEN = 128
BATCH_CHARACTERS = 6_000


def parameter(path):
    """A tensor as Paddle writes it: a version, levels, a version, a description, the values."""
    raw = path.read_bytes()
    levels, = struct.unpack_from("<Q", raw, 4)
    at = 12
    for _ in range(levels):
        at += 8 + struct.unpack_from("<Q", raw, at)[0]
    at += 4
    size, = struct.unpack_from("<i", raw, at)
    described, at = raw[at + 4:at + 4 + size], at + 4 + size
    shape, here = [], 0
    while here < len(described):
        tag, here = described[here], here + 1
        value, shift = 0, 0
        while True:
            byte, here = described[here], here + 1
            value |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        if tag == 0x10:
            shape.append(value)
    return numpy.frombuffer(raw, "<f4", offset=at).astype("f8").reshape(shape)


def table(path):
    pairs = (line.rstrip("\n").split("\t") for line in open(path, encoding="utf-8"))
    return {pair[1]: int(pair[0]) for pair in pairs if len(pair) == 2}


class Teacher:
    def __init__(self, folder):
        folder = pathlib.Path(folder)
        weights = {path.name: parameter(path) for path in (folder / "model_baseline").iterdir()}
        self.words = table(folder / "word.dic")
        tags = table(folder / "tag.dic")
        self.tags = [tag for tag, _ in sorted(tags.items(), key=lambda item: item[1])]
        self.embedding = weights["word_emb"]
        self.cells = []
        for n in range(4):
            gates = weights[f"gru_{n}.w_0"].reshape(-1)
            split = HIDDEN * 2 * HIDDEN
            bias = weights[f"fc_{n}.b_0"].reshape(-1) + weights[f"gru_{n}.b_0"].reshape(-1)
            self.cells.append((weights[f"fc_{n}.w_0"], bias,
                               gates[:split].reshape(HIDDEN, 2 * HIDDEN),
                               gates[split:].reshape(HIDDEN, HIDDEN)))
        self.out = weights["fc_4.w_0"], weights["fc_4.b_0"].reshape(-1)
        crf = weights["crfw"]
        self.start, self.end, self.moves = crf[0], crf[1], crf[2:]

    def _gru(self, cell, rows, mask, backwards):
        weight, bias, gates, candidate = cell
        given = rows @ weight + bias
        state = numpy.zeros((rows.shape[0], HIDDEN))
        out = numpy.zeros((*rows.shape[:2], HIDDEN))
        steps = range(rows.shape[1])
        for t in reversed(steps) if backwards else steps:
            both = 1 / (1 + numpy.exp(-(given[:, t, :2 * HIDDEN] + state @ gates)))
            update, reset = both[:, :HIDDEN], both[:, HIDDEN:]
            new = numpy.tanh(given[:, t, 2 * HIDDEN:] + (reset * state) @ candidate)
            state = numpy.where(mask[:, t, None], (1 - update) * state + update * new, state)
            out[:, t] = state
        return out

    def _emissions(self, ids, mask):
        rows = self.embedding[ids]
        for layer in range(2):
            forth, back = self.cells[2 * layer], self.cells[2 * layer + 1]
            rows = numpy.concatenate((self._gru(forth, rows, mask, False),
                                      self._gru(back, rows, mask, True)), axis=2)
        return rows @ self.out[0] + self.out[1]

    def _best(self, scores):
        best, froms = self.start + scores[0], []
        for row in scores[1:]:
            through = best[:, None] + self.moves
            froms.append(through.argmax(axis=0))
            best = through.max(axis=0) + row
        path = [int((best + self.end).argmax())]
        for back in reversed(froms):
            path.append(int(back[path[-1]]))
        return [self.tags[tag] for tag in reversed(path)]

    def label(self, sentences):
        """Of each sentence its names as (begin, end, kind), in characters."""
        out = [[] for _ in sentences]
        order = sorted((n for n, s in enumerate(sentences) if s), key=lambda n: len(sentences[n]))
        while order:
            longest = len(sentences[order[0]])
            count = max(1, BATCH_CHARACTERS // max(longest, 20))
            batch, order = order[:count], order[count:]
            longest = max(len(sentences[n]) for n in batch)
            ids = numpy.zeros((len(batch), longest), dtype=int)
            mask = numpy.zeros((len(batch), longest), dtype=bool)
            for row, n in enumerate(batch):
                known = [self.words.get(c, self.words["OOV"]) for c in narrowed(sentences[n])]
                ids[row, :len(known)] = known
                mask[row, :len(known)] = True
            scores = self._emissions(ids, mask)
            for row, n in enumerate(batch):
                out[n] = spans_of(self._best(scores[row, :len(sentences[n])]))
        return out
