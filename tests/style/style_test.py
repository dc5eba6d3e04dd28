"""Planted violations that the style check must see, and look-alikes that it must not."""
import unittest

import style

HEADER = "// What it is and how it is used, in a sentence.\n#pragma once\n"


def check(name, text):
    return list(style.check_file(name, text))


def body(lines):
    return "".join(f"  call({i});\n" for i in range(lines))


class Style(unittest.TestCase):
    def test_clean(self):
        self.assertEqual(check("core/x.h", HEADER + "int f();\n"), [])

    def test_columns_count_characters(self):
        self.assertEqual(check("a/x.cpp", "//" + "门" * 98 + "\n"), [])
        self.assertEqual(len(check("a/x.cpp", "//" + "门" * 99 + "\n")), 1)

    def test_blanks_tabs_and_markers(self):
        self.assertEqual(len(check("a/x.py", "x = 1 \n")), 1)
        self.assertEqual(len(check("a/x.py", "x = [\n\t1]\n")), 1)
        self.assertEqual(len(check("a/x.py", "# TO" + "DO: later\n")), 1)
        self.assertEqual(check("a/x.py", "todos = []\n"), [])

    def test_headers(self):
        self.assertEqual(len(check("core/x.h", "#pragma once\nint f();\n")), 1)
        unguarded = "// A contract that says something.\nint f();\n"
        self.assertEqual(len(check("core/x.h", unguarded)), 1)

    def test_long_functions(self):
        fits = "void f() {\n" + body(58) + "}\n"
        self.assertEqual(check("a/x.cpp", fits), [])
        long = "\n\nvoid f(int a,\n       int b) const noexcept {\n" + body(58) + "}\n"
        self.assertIn("a/x.cpp:3: a function of 61 lines", check("a/x.cpp", long)[0])

    def test_long_functions_in_javascript(self):
        def one(head, count, tail="}"):
            return f"{head} {{\n{body(count)}{tail}\n"
        for head, tail in (("function f(a)", "}"), ("const f = async (a) =>", "};"),
                           ("test(`a ${b({c: 1})}`, () =>", "});"), ("  async f({ a } = {})", "}")):
            self.assertEqual(check("a/x.mjs", one(head, 58, tail)), [], head)
            problems = check("a/x.mjs", one("const g = 1;\n" + head, 59, tail))
            self.assertIn("a/x.mjs:2: a function of 61 lines", problems[0], head)
        nested = "describe('a', () => {\n" + one("  test('b', () =>", 59, "  });") + "});\n"
        self.assertIn("a/x.mjs:2: a function of 61 lines", check("a/x.mjs", nested)[0])
        for head in ("describe('a', () =>", "for (const a of b)", "if (f(a))", "const rows = "):
            tail = "});" if head.startswith("describe") else "}"
            self.assertEqual(check("a/x.mjs", one(head, 90, tail)), [], head)
        hidden = "const a = [/[{\"`]/, '{', `{ ${b ? `{${c}` : '}'} {`, 4 / 2]; // {\n"
        self.assertIn("2: a function", check("a/x.mjs", hidden + one("function f()", 59))[0])
        self.assertEqual(check("a/x.mjs", hidden + one("function f()", 58) + "{}\n"), [])

    def test_long_functions_in_python_and_shell(self):
        lines = "    f()\n"
        self.assertEqual(check("a/x.py", "def f():\n" + 59 * lines), [])
        inside = "class A:\n    def f(self):\n" + 60 * ("    " + lines)
        self.assertIn("a/x.py:2: a function of 61 lines", check("a/x.py", inside)[0])
        self.assertEqual(check("a/x.sh", "f() {\n" + 58 * lines + "}\n"), [])
        script = "#!/usr/bin/env bash\nf() {\n" + 59 * lines + "}\n"
        self.assertIn("a/run:2: a function of 61 lines", check("a/run", script)[0])

    def test_long_files(self):
        for name, line in (("a/x.cpp", "int f();\n"), ("a/x_test.cpp", "int f();\n"),
                           ("a/x.mjs", "f();\n"), ("a/x.py", "f()\n"), ("a/run", "f\n")):
            self.assertEqual(check(name, 400 * line), [])
            self.assertEqual(check(name, 401 * line), [f"{name}: 401 lines, 400 at most"])

    def test_tables_may_be_long(self):
        rows = "constexpr int table[] = {\n" + 500 * "  1,\n" + "};\n"
        self.assertEqual(len(check("a/x.cpp", rows)), 1)
        self.assertEqual(check("a/x.cpp", "// clang-format off\n" + rows), [])
        code = "// clang-format off\n" + 20 * ("void f() {\n" + body(40) + "}\n")
        self.assertEqual(len(check("a/x.cpp", code)), 1)

    def test_long_functions_in_classes_and_namespaces(self):
        opening = "namespace a {\nclass B : public C<int()> {\n  void f() {\n"
        text = opening + body(80) + "  }\n};\n}\n"
        self.assertEqual(len(check("a/x.cpp", text)), 1)
        listed = "namespace a {\nB::B() : x_(1) {\n" + body(80) + "}\n}\n"
        self.assertEqual(len(check("a/x.cpp", listed)), 1)

    def test_what_is_long_and_no_function(self):
        table = "constexpr int table[] = {\n" + "  1,\n" * 90 + "};\n"
        self.assertEqual(check("a/x.cpp", table), [])
        self.assertEqual(check("a/x.cpp", "namespace a {\n" + "int x;\n" * 90 + "}\n"), [])

    def test_braces_in_literals(self):
        text = 'void f() {\n  g("}", \'}\', R"(})");  // }\n' + body(80) + "}\n"
        self.assertEqual(len(check("a/x.cpp", text)), 1)
        self.assertEqual(check("a/x.cpp", 'auto big = 10\'000;\nauto s = "it\'s";\n'), [])

    def test_printing(self):
        printing = '#include <cstdio>\nvoid f() { std::cout << 1; }\n'
        self.assertEqual(len(check("audit/x.cpp", printing)), 1)
        self.assertEqual(check("proxy/cli/x.cpp", printing), [])
        self.assertEqual(check("audit/x_test.cpp", printing), [])
        self.assertEqual(len(check("audit/x.cpp", 'void f() { std::fprintf(stderr, "x"); }\n')), 1)
        silent = "void f() { snprintf(b, n, t); }  // std::cout\n"
        self.assertEqual(check("audit/x.cpp", silent), [])
        last = 'void f() { std::fprintf(stderr, "x");\n  std::abort(); }\n'
        self.assertEqual(check("audit/x.cpp", last), [])

    def test_apis_are_named_by_their_adapters_alone(self):
        def problems(name, text):
            return list(style.check_file(name, text, {"openai", "ollama"}))
        self.assertEqual(len(problems("proxy/pipeline/x.cpp", 'if (name == "openai") f();\n')), 1)
        self.assertEqual(len(problems("proxy/config/x.cpp", "bool speaks_OpenAI = true;\n")), 1)
        self.assertEqual(problems("proxy/pipeline/x.cpp", "// As OpenAI does.\nint x = 1;\n"), [])
        self.assertEqual(problems("proxy/protocol/ollama/x.cpp", "openai::read_chunk(x);\n"), [])
        self.assertEqual(len(problems("proxy/protocol/x.cpp", "openai::read_chunk(x);\n")), 1)
        self.assertEqual(problems("proxy/pipeline/x_test.cpp", 'f("openai_chat");\n'), [])


if __name__ == "__main__":
    unittest.main()
