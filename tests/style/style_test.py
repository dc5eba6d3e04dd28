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
        self.assertEqual(len(check("a/x.py", "\tx = 1\n")), 1)
        self.assertEqual(len(check("a/x.py", "# TO" + "DO: later\n")), 1)
        self.assertEqual(check("a/x.py", "todos = []\n"), [])

    def test_headers(self):
        self.assertEqual(len(check("core/x.h", "#pragma once\nint f();\n")), 1)
        unguarded = "// A contract that says something.\nint f();\n"
        self.assertEqual(len(check("core/x.h", unguarded)), 1)

    def test_long_functions(self):
        fits = "void f() {\n" + body(68) + "}\n"
        self.assertEqual(check("a/x.cpp", fits), [])
        long = "\n\nvoid f(int a,\n       int b) const noexcept {\n" + body(70) + "}\n"
        self.assertIn("a/x.cpp:3: a function of 73 lines", check("a/x.cpp", long)[0])

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
