"""What the Chinese rows must keep: places and forms of names, the same bytes from one seed."""
import json
import pathlib
import random
import re
import tempfile
import unittest
import zlib

import names_zh
import zh_labelled
import zh_names
import zh_tags
import zh_templates
import zh_traditional
import zh_words

LEXICON = [(word, tag, 30) for word, tag in (
    ("张伟国", "nr"), ("张伟", "nr"), ("李国伟", "nr"), ("王伟伟", "nr"), ("刘国国", "nr"), ("安德烈", "nrt"),
    ("青岛", "ns"), ("外交部", "nt"), ("高兴", "a"), ("方便", "a"))]
PLACES = ["杭州市", "西湖区"]
SIMPLIFIED = [{"id": "set-gsdsimp-train-1", "text": "张伟负责东门"}]
TRADITIONAL = [{"id": "set-gsd-train-1", "text": "張偉負責東門"}]


def generator(seed=1):
    return names_zh.Chinese(random.Random(seed), LEXICON, PLACES, SIMPLIFIED, TRADITIONAL)


class Templates(unittest.TestCase):
    def test_every_slot_is_known(self):
        chinese = generator()
        special = {"PER", "SHORT", "SURT", "ADDR", *chinese.filler.marked,
                   *chinese.filler.plain, *names_zh.WORDS}
        for kind in zh_words.KINDS:
            for template in zh_words.templates(kind):
                # JSON that stands in a template has braces of its own.
                for slot in re.findall(r"\{([A-Z]\w*)(?::\d)?\}", template):
                    self.assertIn(slot, special, template)

    def test_negatives_name_nobody(self):
        slots = re.compile(r"\{(PER|SHORT|SURT|EPER|NICK|SURNAMED)\b")
        for template in zh_words.templates("negatives"):
            self.assertIsNone(slots.search(template), template)

    def test_spans_are_what_the_slots_put_in(self):
        filler = generator().filler
        text, spans = filler.fill("请{PER:1}联系{ORG}，{PER:1}在{LOC}")
        self.assertEqual([kind for _, _, kind in spans], ["PER", "ORG", "PER", "LOC"])
        first, _, again, _ = (text[begin:end] for begin, end, _ in spans)
        self.assertEqual(first, again)
        self.assertTrue(text.startswith("请" + first + "联系"))

    def test_a_title_of_two_characters_is_no_part_of_the_name(self):
        filler = generator().filler
        text, spans = filler.fill("{SURT}")
        self.assertEqual(spans, [(0, spans[0][1], "PER")])
        self.assertIn(text[spans[0][1]:], names_zh.WORDS["TITLE2"])

    def test_half_width_keeps_places(self):
        text = "甲，乙：（丙）？"
        self.assertEqual(zh_templates.half_width(text), "甲,乙:(丙)?")

    def test_one_seed_makes_the_same_rows(self):
        made = [json.dumps(list(generator(7).rows(400)), ensure_ascii=False) for _ in range(2)]
        self.assertEqual(made[0], made[1])
        self.assertNotEqual(made[0], json.dumps(list(generator(8).rows(400)), ensure_ascii=False))

    def test_spans_lie_in_the_text_and_in_order(self):
        for text, spans in generator(3).rows(600):
            at = 0
            for begin, end, _ in spans:
                self.assertLessEqual(at, begin)
                self.assertLess(begin, end)
                at = end
            self.assertLessEqual(at, len(text))


class Names(unittest.TestCase):
    def test_each_surname_of_the_lists_can_come(self):
        names = generator().names
        self.assertTrue(set(names_zh.WORDS["SURNAME_RARE"]) <= names.surnames.known)

    def test_frequent_surnames_come_more_often(self):
        names = generator().names
        drawn = [names.surname() for _ in range(4000)]
        self.assertGreater(drawn.count("王"), 5 * max(1, drawn.count("单")))

    def test_everyday_words_are_no_names(self):
        self.assertEqual(generator().names.everyday, ["方便", "高兴"])

    def test_a_short_form_keeps_the_surname(self):
        names = generator().names
        for _ in range(50):
            self.assertIn("欧阳", names.short("欧阳明"))
            self.assertIn("张", names.short("张明"))

    def test_counts_take_names_of_two_or_three_characters(self):
        surnames, first, second = zh_names.counted(LEXICON)
        self.assertEqual(surnames["张"], 2)
        self.assertEqual(first["伟"], 3)
        self.assertEqual(second["国"], 2)
        self.assertNotIn("安", surnames)


class Swapped(unittest.TestCase):
    def test_names_change_and_the_rest_stays(self):
        raw = "据张伟介绍，张伟已到青岛".encode()
        spans = [{"start": 3, "end": 9, "type": "PER"}, {"start": 18, "end": 24, "type": "PER"}]
        chinese = generator()
        chinese.table = {}
        row, = chinese.swapped([{"id": "a", "text": raw.decode(), "spans": spans}])
        new = row["text"].encode()
        said = [new[s["start"]:s["end"]].decode() for s in row["spans"]]
        self.assertEqual(said[0], said[1])
        self.assertEqual(row["text"].replace(said[0], "张伟"), raw.decode())

    def test_a_row_without_people_or_with_names_in_names_is_left_out(self):
        rows = [{"id": "a", "text": "青岛", "spans": [{"start": 0, "end": 6, "type": "LOC"}]},
                {"id": "b", "text": "张伟", "spans": [{"start": 0, "end": 6, "type": "PER"},
                                                    {"start": 3, "end": 6, "type": "PER"}]}]
        self.assertEqual(list(generator().swapped(rows)), [])

    def test_the_form_of_a_name_is_kept(self):
        chinese = generator()
        for _ in range(50):
            self.assertEqual(chinese.instead_of("Tom"), "Tom")
            self.assertNotIn("·", chinese.instead_of("张伟"))
            self.assertLessEqual(len(chinese.instead_of("王总")), 3)


class Traditional(unittest.TestCase):
    def test_parallel_sentences_make_the_table(self):
        table = generator().table
        self.assertEqual("张伟 A".translate(table), "張偉 A")

    def test_sentences_of_other_lengths_say_nothing(self):
        self.assertEqual(zh_traditional.pairs({"1": "台湾"}, {"1": "台灣島"}), {})


class Teacher(unittest.TestCase):
    def test_tags_become_spans(self):
        tags = ["p-B", "PER-B", "PER-I", "nr-B", "LOC-B", "n-I", "ORG-I"]
        self.assertEqual(zh_tags.spans_of(tags), [(1, 3, "PER"), (3, 4, "PER"), (4, 5, "LOC")])

    def test_narrowed_text_keeps_its_length(self):
        text = "Ａ，。“㎏”·ﬁ½"
        self.assertEqual(zh_tags.narrowed(text), 'a,."㎏"·ﬁ½')

    def test_titles_history_and_joined_names_are_settled(self):
        text = "王强经理与周珺 孙奕谈李白"
        said = [(text[b:e], k) for b, e, k in zh_tags.settled(
            text, [(0, 4, "PER"), (5, 10, "PER"), (11, 13, "PER"), (4, 5, "ORG")])]
        self.assertEqual(said, [("王强", "PER"), ("周珺", "PER"), ("孙奕", "PER")])

    def test_what_nobody_is_called_is_not_plausible(self):
        for said in ("张伟", "阿卜杜拉·买买提", "Tom Smith", "王"):
            self.assertTrue(zh_tags.is_plausible(said), said)
        for said in ("🧐", "别", "￣", "3号", "张,伟"):
            self.assertFalse(zh_tags.is_plausible(said), said)

    def test_sentences_are_of_even_rows_and_come_once(self):
        even = next(f"r{n}" for n in range(99) if zlib.crc32(f"r{n}".encode()) % 2 == 0)
        odd = next(f"r{n}" for n in range(99) if zlib.crc32(f"r{n}".encode()) % 2)
        with tempfile.TemporaryDirectory() as folder:
            data = pathlib.Path(folder)
            for name, _, _ in zh_labelled.SOURCES:
                (data / name).parent.mkdir(exist_ok=True)
                (data / f"{name}.jsonl").write_text("")
            rows = [{"id": even, "text": "张伟来了。\n张伟来了。李娜也来了！"}, {"id": odd, "text": "谁都没来。"}]
            (data / "injection/zh_questions.jsonl").write_text("\n".join(map(json.dumps, rows)))
            found = [sentence for _, sentence in zh_labelled.sentences(data)]
        self.assertEqual(found, ["张伟来了。", "李娜也来了！"])


if __name__ == "__main__":
    unittest.main()
