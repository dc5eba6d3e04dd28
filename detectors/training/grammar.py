"""Sentences from a context-free grammar in a text file.

    grammar = Grammar(path)
    grammar.say("hate_claim", random.Random(1))

`[name]` begins a symbol, each line after it is one way to say it, `{name}` in it is another symbol;
`#` begins a comment before the earliest symbol. A symbol that is not there is an error that names
it and its line.
"""
import re


class Grammar:
    def __init__(self, path):
        self.ways = {}
        ways = None
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            if header := re.fullmatch(r"\[(\w+)\]", line):
                ways = self.ways.setdefault(header[1], [])
            elif line and ways is not None:
                ways.append(line)
            for name in re.findall(r"\{(\w+)\}", line) if ways is not None else ():
                self.ways.setdefault(name, [])
        for name, ways in self.ways.items():
            if not ways:
                raise ValueError(f"{path}: nothing says {{{name}}}")

    def roots(self, *prefixes):
        return [name for name in self.ways if name.startswith(prefixes)]

    def say(self, name, rng):
        return re.sub(r"\{(\w+)\}", lambda found: self.say(found[1], rng),
                      rng.choice(self.ways[name]))
