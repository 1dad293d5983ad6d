"""Plants one violation after the other in a small clean tree and expects scripts/tidy.py to name it."""

import importlib.util
import sys
import tempfile
import unittest
from pathlib import Path

SCRIPT = Path(__file__).resolve().parents[2] / "scripts" / "tidy.py"
specification = importlib.util.spec_from_file_location("tidy", SCRIPT)
tidy = importlib.util.module_from_spec(specification)
sys.modules["tidy"] = tidy
specification.loader.exec_module(tidy)

CLEAN = {
    "base/CMakeLists.txt": "# Vocabulary.\nstardrop_module(base LIBS x::y)\n",
    "ledger/CMakeLists.txt": "# Money.\nstardrop_module(ledger DEPENDS base)\n",
    "market/CMakeLists.txt": "# Gifts.\nstardrop_module(market\n  DEPENDS base ledger\n  LIBS z)\n",
    "storage/CMakeLists.txt": "# Rows.\nstardrop_module(storage DEPENDS base)\n",
    "tests/CMakeLists.txt": "# Tests.\n",
    "base/stars.h": '// Stars.\n#pragma once\n\n#include <cstdint>\n\nnamespace stardrop {\n\nclass Later;\n\n'
                    '/// An amount.\nstruct Stars {\n  std::int64_t micro = 0;\n  void undocumented_member();\n};\n\n'
                    '/// Adds.\nStars add(Stars a, Stars b);\nStars add(Stars a, int b);\n\n'
                    'inline constexpr int kMost = int(3);\n\n'
                    'namespace detail {\nint hidden();\n}  // namespace detail\n\n}  // namespace stardrop\n\n'
                    'template <class T>\nstruct std::hash<stardrop::Id<T>> {\n  int operator()(int a);\n};\n',
    "ledger/book.h": '// The book.\n#pragma once\n\n#include "base/stars.h"\n',
    "ledger/book.cpp": '// Posts.\n#include "ledger/book.h"\n\n// double is only a word here\n'
                       'const char* text() { return "rand() throw double"; }\n',
    "README.md": "# Title\n\nSee [the book](ledger/book.h) and [below](#the-end).\n\n```\n# not a title\n```\n\n## The end\n",
    "storage/migrations/0001_initial/up.sql": "-- Tables.\n",
    "storage/migrations/0001_initial/notes.md": "# Notes\n",
}


class TidyTest(unittest.TestCase):
    def found(self, changes):
        """The rules and paths of the violations once `changes` are made; None removes a file."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for path, text in {**CLEAN, **changes}.items():
                if text is None:
                    continue
                (root / path).parent.mkdir(parents=True, exist_ok=True)
                (root / path).write_text(text, encoding="utf-8")
            self.messages = [str(violation) for violation in tidy.check(root)]
            return [(violation.rule, violation.path) for violation in tidy.check(root)]

    def expect(self, rule, path, text, **others):
        changes = {path: text, **others}
        self.assertEqual(self.found(changes), [(rule, path)], self.messages)

    def expect_code(self, rule, path, code):
        self.expect(rule, path, f"// A file.\n{code}\n")

    def expect_clean(self, path, text):
        self.assertEqual(self.found({path: text}), [], self.messages)

    def test_clean_tree(self):
        self.assertEqual(self.found({}), [], self.messages)

    def test_undeclared_layer(self):
        self.expect_code("layers", "base/a.h", '#pragma once\n#include "ledger/book.h"')

    def test_declared_layer(self):
        self.expect_clean("market/a.cpp", '// A file.\n#include "ledger/book.h"\n#include "base/stars.h"\n')

    def test_module_includes_tests(self):
        found = self.found({"ledger/a.cpp": '// A file.\n#include "tests/world.h"\n', "tests/world.h": "// World.\n"})
        self.assertEqual(found, [("layers", "ledger/a.cpp")])

    def test_tests_include_modules(self):
        self.expect_clean("tests/ledger/a.cpp", '// A file.\n#include "ledger/book.h"\n#include <gtest/gtest.h>\n')

    def test_include_not_from_root(self):
        self.expect_code("layers", "ledger/a.cpp", '#include "book.h"')

    def test_unknown_module_in_depends(self):
        self.expect("layers", "ledger/CMakeLists.txt", "# Money.\nstardrop_module(ledger DEPENDS base nowhere)\n")

    def test_module_cycle(self):
        found = self.found({"base/CMakeLists.txt": "# Vocabulary.\nstardrop_module(base DEPENDS market)\n"})
        self.assertEqual(set(found), {("layers", "base/CMakeLists.txt")}, self.messages)
        self.assertIn("base → market → ledger → base", " ".join(self.messages))

    def test_include_cycle(self):
        found = self.found({"base/a.h": '// A.\n#include "base/b.h"\n', "base/b.h": '// B.\n#include "base/a.h"\n'})
        self.assertEqual(found, [("layers", "base/a.h")])

    def test_fences(self):
        for header in ("boost/beast.hpp", "sqlite3.h", "libpq-fe.h", "openssl/evp.h", "nlohmann/json.hpp",
                       "spdlog/spdlog.h", "CLI/CLI.hpp", "toml++/toml.h", "benchmark/benchmark.h", "gtest/gtest.h"):
            with self.subTest(header):
                self.expect_code("fences", "ledger/a.cpp", f"#include <{header}>")

    def test_fences_have_gates(self):
        for path, header in (("api/a.cpp", "boost/asio.hpp"), ("storage/sqlite/a.cpp", "sqlite3.h"),
                             ("base/hash.cpp", "openssl/evp.h"), ("base/json_reader.cpp", "nlohmann/json.hpp"),
                             ("tests/storage/a.cpp", "sqlite3.h")):
            with self.subTest(path):
                self.expect_clean(path, f"// A file.\n#include <{header}>\n")

    def test_banned_everywhere(self):
        for code in ("auto t = std::chrono::system_clock::now();", "auto t = time(nullptr);", "auto t = std::time(0);",
                     "gettimeofday(&tv, nullptr);", "auto t = std::chrono::steady_clock::now();",
                     "int a = rand();", "int a = std::rand();", "srand(4);", "std::random_device d;",
                     "std::uniform_int_distribution<int> d;", "std::mt19937 m;", "RAND_bytes(out, 4);",
                     "using namespace std;", "throw 1;"):
            with self.subTest(code):
                self.expect_code("banned", "storage/a.cpp", code)

    def test_banned_in_money(self):
        for path in ("ledger/a.cpp", "market/rules/a.h"):
            for code in ("double a = 0;", "float b;", "auto c = static_cast<double>(d);"):
                with self.subTest(path=path, code=code):
                    self.expect_code("banned", path, code)
        self.expect_clean("storage/a.cpp", "// A file.\ndouble ratio = 0.5;\n")

    def test_banned_in_tests(self):
        for code in ("std::this_thread::sleep_for(1s);", "sleep(1);", "usleep(5);"):
            with self.subTest(code):
                self.expect_code("banned", "tests/ledger/a.cpp", code)

    def test_allowed_clocks(self):
        self.expect_clean("base/time.cpp", "// A file.\nauto t = std::chrono::system_clock::now();\n")
        self.expect_clean("api/a.cpp", "// A file.\nauto t = std::chrono::steady_clock::now();\n")

    def test_words_that_only_look_banned(self):
        self.expect_clean("storage/a.cpp", "// A file.\nauto a = row.time(0); int operand(); int x = b.rand();\n"
                                           "/* throw\n rand() */ auto s = R\"(srand(1); throw)\"; int n = 1'000'000;\n")

    def test_size(self):
        self.expect("size", "ledger/a.cpp", "// A file.\n" + "int a;\n" * tidy.LINES_MAX)
        self.expect_clean("ledger/a.cpp", "// A file.\n" + "int a;\n" * (tidy.LINES_MAX - 1))

    def test_first_line(self):
        for path, text in (("ledger/a.cpp", "int a;\n"), ("ledger/b.h", "#pragma once\n// late\n"), ("a.py", "import os\n"),
                           ("storage/CMakeLists.txt", "stardrop_module(storage DEPENDS base)\n")):
            with self.subTest(path):
                self.expect("first_line", path, text)

    def test_script_that_cannot_be_run(self):
        self.expect("first_line", "scripts/a", "#!/usr/bin/env bash\n# Does it.\n")

    def test_undocumented(self):
        for code in ("struct A {\n};", "class A final : public B {\n};", "enum class E : int { a };", "int f(int a);",
                     "template <class T>\nint f(T a) {\n  return a;\n}", "template <class T>\nconcept C = true;",
                     "inline int f(\n    int a,\n    int b) {\n  return a;\n}"):
            with self.subTest(code):
                self.expect_code("docs", "ledger/a.h", f"#pragma once\nnamespace stardrop {{\n\n{code}\n\n}}")

    def test_documentation_ends_at_a_blank_line(self):
        self.expect_code("docs", "ledger/a.h", "namespace s {\n/// Adds.\nint f(int a);\n\nint g(int a);\n}")

    def test_documented(self):
        for code in ("class A;", "/// An A.\nstruct A {\n\n  int f();\n};", "extern template class A<int>;",
                     "inline constexpr int kA = f(3);", "bool operator==(A a, A b);", "#define A(x) int f(x);",
                     "namespace {\nint f();\n}", "namespace json_detail {\nstruct A {};\n}",
                     "/// Once.\nint f(int a);\n\nint f(long a);", "static_assert(sizeof(A) == 1);",
                     "template <class T>\nint A::f(T a) {\n  return 1;\n}", "/// It.\ntemplate <class T>\nint f(T a) {\n\n  return 1;\n}"):
            with self.subTest(code):
                self.expect_clean("ledger/a.h", f"// A file.\n#pragma once\nnamespace stardrop {{\n\n{code}\n\n}}\n")

    def test_markdown_titles(self):
        for text in ("No title.\n", "# One\n\n# Two\n", "\n# Late\n"):
            with self.subTest(text):
                self.expect("markdown", "a.md", text)

    def test_markdown_links(self):
        for link in ("nowhere.md", "base/nowhere.h", "../outside.md", "#nowhere", "README.md#nowhere"):
            with self.subTest(link):
                self.expect("markdown", "a.md", f"# A\n\n[text]({link})\n")
        for link in ("README.md", "README.md#the-end", "base/", "https://example.org/x", "mailto:a@example.org"):
            with self.subTest(link):
                self.expect_clean("a.md", f"# A\n\n[text]({link})\n")

    def test_migrations(self):
        found = self.found({"storage/migrations/0001_initial/notes.md": None})
        self.assertEqual(found, [("migrations", "storage/migrations/0001_initial")])
        found = self.found({"storage/migrations/0003_gap/up.sql": "-- Gap.\n", "storage/migrations/0003_gap/notes.md": "# Gap\n"})
        self.assertEqual(found, [("migrations", "storage/migrations/0003_gap")])

    def test_words(self):
        for word in ("TO" "DO", "FIX" "ME"):
            with self.subTest(word):
                self.expect("words", "ledger/a.cpp", f"// A file.\n// {word}: later\n")
        for path in ("/ho" "me/someone/x", "/ro" "ot/.cache"):
            with self.subTest(path):
                self.expect("words", "a.md", f"# A\n\nSee {path}.\n")
        self.expect_clean("a.md", "# A\n\nGET /v1/home/x and web/src/home/y.\n")

    def test_generated_errors_page(self):
        table = {"base/errors.def": '// Errors.\nSTARDROP_ERROR(sold_out, 409, rejected, "Gone.")\n'}
        self.assertEqual(self.found(table), [])
        self.assertEqual(self.found({**table, "docs/errors.md": "# Errors\n\n| `sold_out` | 409 | Gone. |\n"}), [])
        stale = self.found({**table, "docs/errors.md": "# Errors\n\n| `sold_out` | 410 | Gone. |\n"})
        self.assertEqual(set(stale), {("generated", "docs/errors.md")})

    def test_what_git_ignores_is_left_alone(self):
        self.expect_clean("build/dev/a.cpp", "int a = rand();\n")


if __name__ == "__main__":
    unittest.main()
