"""Planted violations that the layering check must see."""
import pathlib
import tempfile
import unittest

import layering

EDGES = layering.read_edges(
    'set(MENSHEN_EDGES_core "")\n'
    "set(MENSHEN_EDGES_detectors core)\n"
    "set(MENSHEN_EDGES_pipeline core detectors)\n")


def check(path, *lines):
    return layering.check_file(path, "\n".join(lines) + "\n", EDGES)


class Layering(unittest.TestCase):
    def test_the_table_is_read(self):
        self.assertEqual(EDGES["core"], set())
        self.assertEqual(EDGES["pipeline"], {"core", "detectors"})

    def test_allowed(self):
        includes = ('#include "core/error.h"', "#include <vector>",
                    '#include "proxy/pipeline/y.h"', '#include "detectors/scanner.h"')
        self.assertEqual(check("proxy/pipeline/x.cpp", *includes), [])
        self.assertEqual(check("proxy/cli/x.cpp", '#include "audit/verify.h"'), [])

    def test_a_sibling(self):
        self.assertIn("detectors/x.h:2: detectors may not include policies",
                      check("detectors/x.h", "", '#include "policies/policy_set.h"')[0])

    def test_upwards(self):
        self.assertEqual(len(check("core/x.h", '#include "proxy/pipeline/client.h"')), 1)

    def test_indented_and_spaced(self):
        self.assertEqual(len(check("core/x.h", '  #  include   "audit/journal.h"')), 1)

    def test_sockets(self):
        self.assertEqual(len(check("proxy/protocol/x.h", "#include <boost/asio.hpp>")), 1)
        self.assertEqual(len(check("proxy/pipeline/x.h", "#include <boost/beast/http.hpp>")), 1)
        self.assertEqual(check("proxy/pipeline/x.h", "#include <boost/asio/awaitable.hpp>"), [])

    def test_the_database(self):
        self.assertEqual(len(check("audit/x.cpp", "#include <sqlite3.h>")), 1)
        self.assertEqual(check("store/x.cpp", "#include <sqlite3.h>"), [])

    def test_a_relative_path(self):
        self.assertEqual(len(check("core/x.cpp", '#include "error.h"')), 1)

    def test_the_longest_prefix(self):
        self.assertEqual(layering.library_of("proxy/cli/scan.cpp"), "main")
        self.assertEqual(layering.library_of("detectors/email/email.cpp"), "detectors")

    def test_a_whole_tree(self):
        with tempfile.TemporaryDirectory() as folder:
            root = pathlib.Path(folder)
            for name in ("cmake", "core", "build"):
                (root / name).mkdir()
            (root / "cmake/menshen.cmake").write_text(
                'set(MENSHEN_EDGES_core "")\nset(MENSHEN_EDGES_pipeline core)\n')
            (root / "core/bad.cpp").write_text('#include "audit/journal.h"\n')
            (root / "build/generated.cpp").write_text('#include "anything"\n')
            self.assertEqual(len(layering.check_tree(root)), 1)
            (root / "cmake/menshen.cmake").write_text("")
            self.assertIn("not found", layering.check_tree(root)[0])


if __name__ == "__main__":
    unittest.main()
