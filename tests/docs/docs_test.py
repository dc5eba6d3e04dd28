"""Planted faults that the checks of docs/ must see, and look-alikes that they must not."""
import pathlib
import tempfile
import unittest

import markdown
import references
import sources
import statements
import translations

STATUS = "case ErrorKind::forbidden: return 403;\ncase ErrorKind::too_large: return 413;\n"
SOURCES = {
    "core/error.cpp": STATUS,
    "proxy/a.cpp": 'return core::client_error(core::ErrorKind::forbidden, "no_entry", "No.");\n',
    "proxy/cli/serve.cpp": 'app.add_subcommand("serve", "Runs.");\nlog_.info("ready");\n'
                           'command->add_option("--config", *path, "File.");\n'
                           'add_shared(\n    *serve, "twice", "Runs.", options);\n',
    "proxy/cli/serve_more.cpp": 'serve.add_subcommand("thrice", "Runs.");\n'
                                'command->add_flag("--often", *often, "More.");\n',
    "proxy/admin/metrics.cpp": 'out.begin(counter("seen_total", "Seen.", {"kind"}));\n',
    "proxy/pipeline/headers.cpp": 'headers.emplace_back("x-menshen-decision", decision);\n',
    "proxy/protocol/a/a_adapter.cpp": 'Endpoint{a_adapter, "POST", "/v1/chat", "chat", true},\n',
}
PAGE = """# Page
| code | status | means |
|---|---|---|
| `no_entry` | 403 | nobody enters |

| event | level |
|---|---|
| `ready` | info |

| metric | labels |
|---|---|
| `seen_total` | `kind` |

| label | values |
|---|---|
| `kind` | any |

| header | value |
|---|---|
| `x-menshen-decision` | `allow` |

| endpoint | |
|---|---|
| `POST /v1/chat` | |

| command | |
|---|---|
| `serve` | runs |
| `serve twice` | runs again |
| `serve thrice` | and again |

## `serve`

| option | meaning |
|---|---|
| `--config` | a file |
| `--often` | more |
"""


def check_references(page=PAGE, **changed):
    files = dict(SOURCES)
    for name, text in changed.items():
        files["proxy/" + name + ".cpp"] = text
    return list(references.check(files, {"PAGE.md": page}))


class References(unittest.TestCase):
    def test_what_agrees(self):
        self.assertEqual(check_references(), [])

    def test_what_no_page_names(self):
        for kind, row in (("code", "| `no_entry` | 403 | nobody enters |"),
                          ("event", "| `ready` | info |"), ("label", "| `kind` | any |"),
                          ("metric", "| `seen_total` | `kind` |"),
                          ("header", "| `x-menshen-decision` | `allow` |"),
                          ("endpoint", "| `POST /v1/chat` | |"), ("command", "| `serve` | runs |"),
                          ("option", "| `--config` | a file |")):
            found = check_references(PAGE.replace(row + "\n", ""))
            self.assertEqual(len(found), 1, found)
            self.assertIn(f"the {kind} ", found[0])

    def test_what_no_source_has(self):
        found = check_references(PAGE.replace("`no_entry`", "`no_entry`, `no_exit`"))
        self.assertEqual(found, ["docs/PAGE.md:4: no source has the code no_exit"])
        found = check_references(PAGE.replace("`--config`", "`--config`, `--colour`"))
        self.assertIn("no source has the option serve --colour", found[0])

    def test_a_wrong_status_and_a_name_twice(self):
        self.assertIn("has the status 403", check_references(PAGE.replace("| 403 |", "| 404 |"))[0])
        self.assertIn("twice", check_references(PAGE.replace("`ready`", "`ready`, `ready`"))[0])

    def test_a_source_without_names(self):
        found = check_references(**{"cli/serve": ""})
        self.assertTrue(any("extraction is broken" in each for each in found), found)


def codes(text):
    found = sources.error_codes({"a.cpp": sources.without_comments(text)})
    return found.kinds, found.problems


class Codes(unittest.TestCase):
    def test_helpers_hand_a_code_on(self):
        text = ("core::Error refused(std::string code, std::string message) {\n"
                "  return provider_error(ErrorKind::bad_upstream, std::move(code), message);\n"
                "}\n"
                "bool fail_at(NodeId id, std::string code) { return fail(refused(code, text)); }\n"
                'void f() { co_return refused("upstream_gone", "It (the core), is gone."); }\n'
                'void g() { return fail_at(id, "too_deep"); }\n')
        self.assertEqual(codes(text), ({"upstream_gone": {"bad_upstream"},
                                        "too_deep": {"bad_upstream"}}, []))

    def test_constants_rows_and_lists(self):
        text = ('constexpr const char* code = "unreadable";\n'
                "Error a() { return core::gateway_error(core::ErrorKind::unavailable, code); }\n"
                'Row{Fault::none, ErrorKind::internal, "none", "No."},\n'
                'Row{Fault::x, ErrorKind::invalid_request, "bad_host", "The Host."},\n'
                'Error b() { return {core::ErrorKind::forbidden, source, "refused", t, {}}; }\n'
                'open(path, {.mode = m, .code = "locked"});\n')
        kinds, problems = codes(text)
        self.assertEqual(problems, [])
        self.assertEqual(set(kinds), {"unreadable", "bad_host", "refused", "locked"})

    def test_a_constant_of_a_header_is_every_files(self):
        found = sources.error_codes({
            "a.h": 'inline constexpr const char* gone = "store_gone";\n',
            "b.cpp": "Error a() { return gateway_error(core::ErrorKind::unavailable, gone); }\n"})
        self.assertEqual((set(found.kinds), found.problems), ({"store_gone"}, []))

    def test_what_cannot_be_read_is_a_problem(self):
        text = "Error a() { return core::client_error(ErrorKind::internal, pick(name), text); }"
        self.assertIn("cannot be read", codes(text)[1][0])

    def test_comments_say_nothing(self):
        text = ('// core::client_error(ErrorKind::internal, "old_code", "");\n'
                'auto url = "http://core";  // core::client_error(ErrorKind::internal, "x", "");\n')
        self.assertEqual(codes(text), ({}, []))


TESTS = {"Queue.IsBounded", "streams.test.mjs"}


def notes(text):
    return list(statements.check_notes("PAGE.md", text, TESTS))


class Statements(unittest.TestCase):
    def test_what_is_carried(self):
        text = "It waits.[^bound]\n\n[^bound]: `Queue.IsBounded`, `streams.test.mjs`\n"
        self.assertEqual(notes(text), [])

    def test_a_test_that_is_gone(self):
        found = notes("It waits.[^bound]\n\n[^bound]: `Queue.IsBounded`, `Queue.IsGone`\n")
        self.assertEqual(found, ["PAGE.md: there is no test Queue.IsGone (note [^bound])"])

    def test_marks_and_notes_belong_together(self):
        self.assertIn("has no note", notes("It waits.[^bound]\n")[0])
        self.assertIn("no statement", notes("[^bound]: `Queue.IsBounded`\n")[0])
        self.assertIn("names no test", notes("It waits.[^b]\n\n[^b]: surely\n")[0])
        twice = "It waits.[^b]\n\n" + "[^b]: `Queue.IsBounded`\n" * 2
        self.assertEqual(notes(twice), ["PAGE.md: the note [^b] stands here twice"])

    def test_a_column_of_tests(self):
        table = "| law | test |\n|---|---|\n| bounded | {} |\n"
        check = lambda cell: list(statements.check_column("P", table.format(cell), TESTS))
        self.assertEqual(check("`Queue.IsBounded`"), [])
        self.assertEqual(len(check("`Queue.IsGone`")), 1)
        self.assertEqual(len(check("all of them")), 1)
        table = table.replace("test", "测试")
        self.assertEqual(len(check("`Queue.IsGone`")), 1)

    def test_items_and_rows_without_a_mark(self):
        text = "# A\nProse is free.\n\n- carried[^a]\n- not\n\n| a |\n|---|\n| b[^c] |\n| d |\n"
        found = list(statements.unmarked("P", text))
        self.assertEqual([line.split(":")[1] for line in found], ["5", "10"])

    def test_tests_paths_and_links_of_a_tree(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            (root / "core").mkdir()
            (root / "tests/e2e").mkdir(parents=True)
            (root / "core/queue_test.cpp").write_text("TEST_F(Queue,\n       IsBounded) {}\n")
            (root / "tests/e2e/streams.test.mjs").write_text("")
            (root / "OTHER.md").write_text("# What it is\n")
            self.assertEqual(statements.tests_of(root), TESTS)
            text = ("[a](OTHER.md#what-it-is) [b](https://x.example/) `core/queue_test.cpp`\n"
                    "[c](GONE.md) [d](OTHER.md#gone) `core/gone.cpp`\n")
            found = list(statements.check_paths(root, "PAGE.md", text))
            self.assertEqual(len(found), 3, found)


ORIGINAL = """# Errors

Each has a `code`.

| code | status |
|---|---|
| `no_entry` | 403 |
| `slow` | 1,000 ms |

```yaml
mode: deny  # as usual
```

```sh
menshen scan --json --text "good day"  # as usual
```

```
docs        what it says   proxy
            and more of it
```

## `scan` and its end

- It waits for 16 KB.[^bound]
- It ends.[^end]

1. First

   ```json
   {"text": "good day", "at": 6}
   ```

[^bound]: `Queue.IsBounded`
[^end]: `Queue.Ends`
"""


def translate(*changes):
    text = ORIGINAL.replace("Errors", "错误").replace("Each has a", "每个都有").replace(" ms", " 毫秒")
    for old, new in (("as usual", "照常"), ("good day", "你好"), ("what it says   proxy", "说什么"),
                     ("and more of it", "还有"), ("and its end", "与结束"),
                     ("It waits for 16", "等待 16")):
        text = text.replace(old, new)
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new)
    return list(translations.check("ZH.md", text, ORIGINAL))


class Translations(unittest.TestCase):
    def test_what_agrees(self):
        self.assertEqual(translate(), [])
        self.assertEqual(translate(("1,000", "1000")), [])

    def test_what_differs(self):
        for old, new, said in (
                ("| `slow` | 1,000 毫秒 |\n", "", "the original has 3: slow"),
                ("`slow`", "`fast`", "lacks slow; has beside it fast"),
                ("403", "404", "lacks 403"), ("`code`", "代码", "the prose lacks code"),
                ("mode: deny", "mode: deny\nas: tag", "other keys"),
                ("```yaml", "```json", "other keys"),
                ("menshen scan", "menshen dp", "other keys or commands"),
                ("--json", "", "other keys or commands"),
                ("docs   ", "core   ", "other keys or commands"), ('"at"', '"to"', "other keys"),
                ("6}", "7}", "other keys"), ("## `scan`", "## 扫描", "other names"),
                ("| `no_entry` | 403 |", "| 403 | `no_entry` |", "lacks no_entry"),
                ("KB.[^bound]", "KB", "lacks [^bound]"),
                ("等待 16", "等待 24", "the prose lacks 16"),
                ("- 等待", "等待", "another number of items"),
                ("# 错误", "## 错误", "another level"), ("# 错误", "# 错误\n## 格式", "sections")):
            found = translate((old, new))
            self.assertEqual(len(found), 1, found)
            self.assertIn(said, found[0])

    def test_a_mark_names_the_same_tests(self):
        found = translate(("[^bound]: `", "[^x]: `"), ("[^end]: `", "[^bound]: `"),
                          ("[^x]: `", "[^end]: `"))
        self.assertEqual(len(found), 2, found)
        self.assertIn("the note [^bound] lacks Queue.IsBounded", found[0])


class Twins(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory()
        self.root = pathlib.Path(self.folder.name)
        (self.root / "docs/zh-CN").mkdir(parents=True)
        (self.root / "docs/A.md").write_text("# A\n[中文](zh-CN/A.md)\n")
        (self.root / "docs/zh-CN/A.md").write_text("# A\n[English](../A.md)\n")
        (self.root / "FORMAT.md").write_text("# A\n")

    def tearDown(self):
        self.folder.cleanup()

    def test_a_page_has_its_twin(self):
        docs = self.root / "docs"
        self.assertEqual(list(translations.lacking(docs)), [])
        (docs / "B.md").write_text("# B\n")
        (docs / "zh-CN/C.md").write_text("# C\n")
        said = " ".join(translations.lacking(docs))
        self.assertIn("no docs/zh-CN/B.md", said)
        self.assertIn("no docs/C.md", said)

    def test_twins_lead_to_each_other(self):
        docs = self.root / "docs"
        for page, link in (("A.md", "[中文](zh-CN/A.md)"), ("zh-CN/A.md", "[English](../A.md)")):
            (docs / page).write_text("# A\n")
            said = list(translations.lacking(docs))
            self.assertIn(f"docs/{page}: there is no {link}", said)

    def test_links_go_to_chinese_pages_or_say_so(self):
        good = ("[甲](zh-CN/A.md) [格式（英文）](../FORMAT.md#a) [English](A.md) [网](https://a.b/c.md)")
        self.assertEqual(list(translations.check_links(self.root, "docs/p.md", good)), [])
        for link, said in (("[甲](A.md)", "has a page in Chinese"),
                           ("[格式](../FORMAT.md)", "does not say that the page is in English")):
            found = list(translations.check_links(self.root, "docs/p.md", link))
            self.assertEqual(len(found), 1, found)
            self.assertIn(said, found[0])


class Markdown(unittest.TestCase):
    def test_cells(self):
        self.assertEqual(markdown.cells("| `a|b` | c |"), ["`a|b`", "c"])

    def test_fences_hide_headings_and_tables(self):
        page = "# A\n```\n# no\n| x |\n```\n## B\ntext\ngoes on\n\n- item\n"
        found = markdown.sections(page)
        self.assertEqual([s.title for s in found], ["", "A", "B"])
        self.assertEqual(found[2].prose, [(7, "text goes on"), (10, "- item")])
        self.assertEqual(found[1].blocks, [("", "# no\n| x |")])


if __name__ == "__main__":
    unittest.main()
