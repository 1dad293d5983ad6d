#!/usr/bin/env python3
"""Checks what compilers don't: layers, third-party fences, banned calls, sizes, docs, links.

Usage: scripts/tidy.py [--root FOLDER]

Prints `path:line: rule: message` for each violation and exits with 1 if there is any. Each rule is a
function that yields violations; RULES at the end lists them all. tests/lint plants one violation of each.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Iterator
from urllib.parse import unquote

LINES_MAX = 500
SKIPPED_FOLDERS = {".git", ".cache", "build", "var", "node_modules", "dist", "__pycache__"}
CPP_SUFFIXES = {".h", ".cpp", ".def"}
SOURCE_SUFFIXES = CPP_SUFFIXES | {".py", ".sh", ".cmake", ".sql", ".ts", ".tsx", ".js", ".css", ".md"}
DOCUMENTED_MODULES = {"base", "ledger", "market", "engine"}
COMMENT_STARTS = {
    ".h": "//", ".cpp": "//", ".def": "//", ".ts": "//", ".tsx": "//", ".js": "//", ".css": "/*",
    ".sql": "--", ".cmake": "#", ".sh": "#",
}

# Who may include what others wrote: header pattern, its name, the paths (prefixes) that may.
FENCES = [
    (r"boost/unordered", "Boost.Unordered", ["base/", "api/", "app/", "bench/"]),
    (r"boost/(?!unordered)", "Boost", ["api/", "app/", "bench/"]),
    (r"sqlite3(ext)?\.h", "SQLite", ["storage/sqlite/", "bench/"]),
    (r"(postgresql/)?libpq", "libpq", ["storage/postgres/", "bench/"]),
    (r"openssl/", "OpenSSL", ["base/hash", "base/seal", "base/signing", "api/"]),
    (r"nlohmann/", "nlohmann", ["base/json", "api/openapi", "app/"]),
    (r"spdlog/", "spdlog", ["base/log", "app/"]),
    (r"CLI/", "CLI11", ["app/"]),
    (r"toml\+\+/", "toml++", ["app/"]),
    (r"benchmark/", "benchmark", ["bench/"]),
    (r"(gtest|gmock|rapidcheck)(/|\.h)", "the test libraries", []),
]

STEADY_CLOCK_PATHS = ["api/", "app/", "bench/", "storage/postgres/", "tests/api/", "tests/app/", "tests/support/", "tests/torture/"]

# What code may not say: pattern, where the ban holds (prefixes), who is excepted, what to do instead.
BANS = [
    (r"\bsystem_clock\s*::\s*now\b", [""], ["base/time.cpp"], "take the time from base/time.h Clock"),
    (r"(?<![\w.>:])(?:std::)?(?:time\s*\(\s*(?:nullptr|NULL|0|&)|gettimeofday\s*\(|clock_gettime\s*\()",
     [""], ["base/time.cpp"], "take the time from base/time.h Clock"),
    (r"\bsteady_clock\b", [""], STEADY_CLOCK_PATHS, "only time-outs and benchmarks read the steady clock"),
    (r"\bhigh_resolution_clock\b", [""], [], "its meaning differs between libraries"),
    (r"(?<![\w.>])s?rand(?:om)?_?r?\s*\(\s*\)|(?<![\w.>:])(?:std::)?srand\s*\(|\bdrand48\b", [""], [],
     "draw from base/random.h"),
    (r"\brandom_device\b", [""], [], "draw from base/random.h"),
    (r"\b(?:uniform_(?:int|real)|normal|bernoulli|discrete|poisson)_distribution\b", [""], [],
     "its output differs between libraries; draw from base/random.h"),
    (r"\b(?:mt19937(?:_64)?|default_random_engine|std::(?:ranges::)?shuffle|std::sample)\b", [""], [],
     "its output is not ours to define; draw from base/random.h"),
    (r"\bRAND_(?:priv_)?bytes\b", [""], ["base/hash", "base/seal"], "draw from base/random.h"),
    (r"\b(?:float|double)\b", ["ledger/", "market/"], [], "money is counted in integers"),
    (r"\b(?:sleep_for|sleep_until|usleep|nanosleep)\b|(?<![\w.>])sleep\s*\(", ["tests/"],
     ["tests/torture/"], "wait for what must happen, not for time to pass"),
    (r"\bthrow\b", ["base/", "ledger/", "market/", "engine/", "storage/", "api/", "app/"], [],
     "return a Result; assert what only we can get wrong"),
    (r"\busing\s+namespace\s+std\s*;", [""], [], "name what is used"),
]

WORK_MARKS = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK)\b")
MACHINE_PATHS = re.compile(r"(?<![\w.\-}*])/(?:home|root|Users|work|tmp/wt)/[\w.]")


@dataclass(frozen=True)
class Violation:
    path: str
    line: int
    rule: str
    message: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.rule}: {self.message}"


@dataclass
class File:
    """A text file with its lines, and for C++ a copy without comments and the insides of strings."""

    path: str
    text: str
    executable: bool = False

    @property
    def suffix(self) -> str:
        return ".cmake" if self.path.endswith("CMakeLists.txt") else Path(self.path).suffix

    @property
    def module(self) -> str:
        return self.path.split("/")[0] if "/" in self.path else ""

    @cached_property
    def lines(self) -> list[str]:
        return self.text.splitlines()

    @cached_property
    def code(self) -> list[str]:
        return strip_cpp(self.text).splitlines()

    @cached_property
    def includes(self) -> list[tuple[int, str, str]]:
        """Each include: its line, `"` or `<`, the header."""
        found = []
        for number, line in enumerate(self.lines, 1):
            match = re.match(r'\s*#\s*include\s*(["<])([^">]+)[">]', line)
            if match:
                found.append((number, match[1], match[2]))
        return found

    def violation(self, line: int, rule: str, message: str) -> Violation:
        return Violation(self.path, line, rule, message)


@dataclass
class Tree:
    """The repository: its text files, and each module with the modules it names in DEPENDS."""

    root: Path
    files: dict[str, File] = field(default_factory=dict)

    @staticmethod
    def read(root: Path) -> Tree:
        tree = Tree(root)
        for folder, subfolders, names in os.walk(root):
            subfolders[:] = sorted(name for name in subfolders if name not in SKIPPED_FOLDERS)
            for name in sorted(names):
                full = Path(folder, name)
                if name in SKIPPED_FOLDERS or full.is_symlink() or not full.is_file():
                    continue
                data = full.read_bytes()
                if b"\0" in data[:8192]:
                    continue
                path = full.relative_to(root).as_posix()
                tree.files[path] = File(path, data.decode("utf-8", "replace"), os.access(full, os.X_OK))
        return tree

    def of(self, suffixes: set[str]) -> Iterator[File]:
        return (file for file in self.files.values() if file.suffix in suffixes)

    @cached_property
    def modules(self) -> dict[str, list[str]]:
        found = {}
        for path, file in self.files.items():
            if not re.fullmatch(r"[^/]+/CMakeLists\.txt", path):
                continue
            text = re.sub(r"#.*", "", file.text)
            match = re.search(r"stardrop_module\s*\(\s*(\w+)([^)]*)\)", text)
            if match:
                depends = re.search(r"\bDEPENDS\b((?:\s+[a-z]\w*)*)", match[2])
                found[match[1]] = depends[1].split() if depends else []
        return found


def strip_cpp(text: str) -> str:
    """C++ without comments and without what stands in quotes; line breaks stay."""
    pattern = re.compile(
        r'//[^\n]*|/\*.*?\*/|R"(?P<mark>[^(\s]*)\(.*?\)(?P=mark)"|"(?:\\.|[^"\\\n])*"'
        r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)

    def blank(match: re.Match[str]) -> str:
        found = match[0]
        breaks = "\n" * found.count("\n")
        if found.startswith("/"):
            return " " + breaks
        return '""' + breaks if found[0] in 'R"' else "''"

    return pattern.sub(blank, text)


def starts_with_any(path: str, prefixes: list[str]) -> bool:
    return any(path.startswith(prefix) for prefix in prefixes)


def layers(tree: Tree) -> Iterator[Violation]:
    """A module includes only itself and what its CMakeLists.txt names; includes start at the root."""
    modules = tree.modules
    for file in tree.of(CPP_SUFFIXES):
        for line, quote, header in file.includes:
            if quote == "<":
                continue
            if header not in tree.files:
                yield file.violation(line, "layers", f'"{header}" is not a path from the repository root')
                continue
            target = header.split("/")[0]
            if file.module not in modules or target == file.module:
                continue
            if target not in modules:
                yield file.violation(line, "layers", f"a module may not include {target}/")
            elif target not in modules[file.module]:
                yield file.violation(
                    line, "layers", f"{file.module}/CMakeLists.txt does not name {target} in DEPENDS")


def module_cycles(tree: Tree) -> Iterator[Violation]:
    """DEPENDS name modules that exist and form no cycle."""
    for module, depends in tree.modules.items():
        for other in depends:
            if other not in tree.modules:
                yield Violation(f"{module}/CMakeLists.txt", 1, "layers", f"there is no module {other}")
    for cycle in find_cycles(tree.modules):
        yield Violation(f"{cycle[0]}/CMakeLists.txt", 1, "layers", "cycle: " + " → ".join(cycle))


def include_cycles(tree: Tree) -> Iterator[Violation]:
    """No header includes itself by way of others."""
    graph = {
        file.path: [header for _, quote, header in file.includes if quote == '"']
        for file in tree.of(CPP_SUFFIXES)
    }
    for cycle in find_cycles(graph):
        yield Violation(cycle[0], 1, "layers", "include cycle: " + " → ".join(cycle))


def find_cycles(graph: dict[str, list[str]]) -> Iterator[list[str]]:
    """One cycle through each back edge of a depth-first walk."""
    finished: set[str] = set()

    def walk(node: str, trail: list[str]) -> Iterator[list[str]]:
        if node in trail:
            yield trail[trail.index(node):] + [node]
        elif node not in finished and node in graph:
            for following in graph[node]:
                yield from walk(following, trail + [node])
            finished.add(node)

    for start in sorted(graph):
        yield from walk(start, [])


def fences(tree: Tree) -> Iterator[Violation]:
    """Third-party headers stay where they belong. Tests may use anything."""
    for file in tree.of(CPP_SUFFIXES):
        if file.module == "tests":
            continue
        for line, _, header in file.includes:
            for pattern, name, allowed in FENCES:
                if re.match(pattern, header) and not starts_with_any(file.path, allowed):
                    where = ", ".join(allowed) or "tests/"
                    yield file.violation(line, "fences", f"{name} may be included only in {where}")


def banned_calls(tree: Tree) -> Iterator[Violation]:
    """Clocks, randomness, floating point, sleeping and throwing only where they are meant to be."""
    for file in tree.of(CPP_SUFFIXES):
        bans = [
            (re.compile(pattern), reason) for pattern, where, excepted, reason in BANS
            if starts_with_any(file.path, where) and not starts_with_any(file.path, excepted)
        ]
        for line, text in enumerate(file.code, 1):
            for pattern, reason in bans:
                match = pattern.search(text)
                if match:
                    yield file.violation(line, "banned", f"`{match[0].strip()}`: {reason}")


def file_sizes(tree: Tree) -> Iterator[Violation]:
    """One idea fits in 500 lines."""
    for file in tree.files.values():
        if file.suffix in SOURCE_SUFFIXES or file.text.startswith("#!"):
            if len(file.lines) > LINES_MAX:
                yield file.violation(LINES_MAX + 1, "size", f"{len(file.lines)} lines, at most {LINES_MAX}")


def first_lines(tree: Tree) -> Iterator[Violation]:
    """A file begins by saying what it is; a script that says how to run it can be run."""
    for file in tree.files.values():
        lines = file.lines
        if lines and lines[0].startswith("#!"):
            lines = lines[1:]
            if not file.executable:
                yield file.violation(1, "first_line", "a script must be executable")
            starts = ("#", '"""')
        elif file.suffix == ".py":
            starts = ("#", '"""')
        elif file.suffix in COMMENT_STARTS:
            starts = (COMMENT_STARTS[file.suffix],)
        else:
            continue
        if not lines or not lines[0].startswith(starts):
            yield file.violation(1, "first_line", "the first line must say what this file is")


def public_docs(tree: Tree) -> Iterator[Violation]:
    """Types and functions of the public headers have a `///`; it covers all lines up to a blank one."""
    for file in tree.of({".h"}):
        if file.module in DOCUMENTED_MODULES:
            yield from undocumented(file)


def undocumented(file: File) -> Iterator[Violation]:
    """Follows namespaces by their braces; looks only at what begins outside of every other brace.

    A function needs its words once: overloads and forward declarations share them.
    """
    known: set[str] = set()
    missing: list[tuple[int, str, str]] = []
    scopes: list[str] = []  # what each open brace belongs to: "namespace", "detail" or "body"
    parentheses = 0
    documented = False
    statement = ""
    in_macro = False
    for number, (raw, code) in enumerate(zip(file.lines, file.code), 1):
        if in_macro or code.lstrip().startswith("#"):
            in_macro = code.rstrip().endswith("\\")
            continue
        if raw.lstrip().startswith("///"):
            documented = True
        elif not raw.strip() and not statement and "body" not in scopes:
            documented = False
        for character in code + " ":
            public = "body" not in scopes and "detail" not in scopes
            parentheses += {"(": 1, ")": -1}.get(character, 0)
            if character == "{":
                name = public and documentable(statement, "{")
                if name and documented:
                    known.add(name)
                elif name:
                    missing.append((number, name, " ".join(statement.split())))
                scopes.append(scope_of(statement))
                statement = ""
            elif character == "}":
                if scopes:
                    scopes.pop()
                statement = ""
            elif character == ";" and parentheses == 0:
                name = public and documentable(statement, ";")
                if name and documented:
                    known.add(name)
                elif name:
                    missing.append((number, name, " ".join(statement.split())))
                statement = ""
            elif public and (statement or not character.isspace()):
                statement += character
    for number, name, text in missing:
        if name not in known:
            yield file.violation(number, "docs", f"no /// before `{text[:60]}`")


def scope_of(statement: str) -> str:
    match = re.match(r"\s*(?:inline\s+)?namespace\b\s*([\w:]*)", statement)
    if not match:
        return "body" if not re.match(r'\s*extern\s*""\s*$', statement) else "namespace"
    return "detail" if not match[1] or re.search(r"(?:detail|internal)$", match[1]) else "namespace"


def documentable(statement: str, end: str) -> str:
    """The name of the class, enum, concept or function that this declares; nothing for the rest."""
    text = " ".join(statement.split())
    if re.match(r"template ?< ?>|extern template|friend|static_assert|using|namespace|inline namespace", text):
        return ""
    while True:  # leave out template heads, with nested brackets
        match = re.match(r"template ?<", text)
        if not match:
            break
        depth, position = 1, match.end()
        while position < len(text) and depth:
            depth += {"<": 1, ">": -1}.get(text[position], 0)
            position += 1
        text = text[position:].strip()
    match = re.match(r"(?:concept|class|struct|union|enum(?: class| struct)?) (?:\[\[.*?\]\] ?)?([\w:]+)", text)
    if match:
        declares = end == "{" or text.startswith("concept")
        return match[1] if declares and "::" not in match[1] else ""  # std::hash<…> is documented there
    match = re.search(r"([\w~:]+(?:<[^(]*>::\w+)?) ?\(", re.split(r"(?<![=!<>])=(?!=)", text)[0])
    if not match or "operator" in text or match[1].isupper():
        return ""
    return match[1] if "::" not in match[1] else ""  # a member's body apart from its declaration


def markdown(tree: Tree) -> Iterator[Violation]:
    """One `# Title`, on the first line; relative links lead somewhere, their anchors too."""
    for file in tree.of({".md"}):
        lines = without_code(file.lines)
        titles = [number for number, line in enumerate(lines, 1) if re.match(r"# \S", line)]
        if titles != [1]:
            yield file.violation(titles[-1] if titles else 1, "markdown", "exactly one `# Title`, on line 1")
        for number, line in enumerate(lines, 1):
            for target in re.findall(r"\]\(<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\)", re.sub(r"`[^`]*`", "", line)):
                if not re.match(r"[a-z][a-z0-9+.-]*:|//", target) and not resolves(tree, file, target):
                    yield file.violation(number, "markdown", f"the link {target} leads nowhere")


def without_code(lines: list[str]) -> list[str]:
    """The lines with those of fenced code blocks made empty."""
    result, fence = [], ""
    for line in lines:
        mark = re.match(r"\s*(```+|~~~+)", line)
        if mark and not fence:
            fence = mark[1]
        elif mark and mark[1].startswith(fence):
            fence, line = "", ""
        result.append("" if fence else line)
    return result


def resolves(tree: Tree, file: File, target: str) -> bool:
    path, _, anchor = unquote(target).partition("#")
    base = "" if path.startswith("/") else os.path.dirname(file.path)
    full = os.path.normpath(os.path.join(base, path.lstrip("/"))) if path else file.path
    if full.startswith("..") or not (tree.root / full).exists():
        return False
    if not anchor or not full.endswith(".md") or full not in tree.files:
        return True
    headings = re.findall(r"^#+ +(.+?) *#*$", "\n".join(without_code(tree.files[full].lines)), re.M)
    return anchor in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


def migrations(tree: Tree) -> Iterator[Violation]:
    """Migrations are numbered without gaps; each has up.sql and notes.md."""
    folders: dict[str, set[str]] = {}
    for path in tree.files:
        match = re.match(r"((?:.*/)?migrations)/([^/]+)/", path)
        if match:
            folders.setdefault(match[1], set()).add(match[2])
    for folder, names in folders.items():
        for position, name in enumerate(sorted(names), 1):
            here = f"{folder}/{name}"
            if not re.fullmatch(rf"{position:04d}_[a-z0-9_]+", name):
                yield Violation(here, 1, "migrations", f"expected {position:04d}_name")
            for needed in ("up.sql", "notes.md"):
                if f"{here}/{needed}" not in tree.files:
                    yield Violation(here, 1, "migrations", f"{needed} is missing")


def words(tree: Tree) -> Iterator[Violation]:
    """No marks of unfinished work, no paths of somebody's machine."""
    for file in tree.files.values():
        for number, line in enumerate(file.lines, 1):
            match = WORK_MARKS.search(line)
            if match and (file.suffix in SOURCE_SUFFIXES or file.text.startswith("#!")):
                yield file.violation(number, "words", f"`{match[0]}`: finish it, or write an issue")
            match = MACHINE_PATHS.search(line)
            if match:
                yield file.violation(number, "words", f"`{match[0]}…` is a path of one machine")


def generated(tree: Tree) -> Iterator[Violation]:
    """docs/errors.md, once it is there, has a row for each error of base/errors.def and no other."""
    table, page = tree.files.get("base/errors.def"), tree.files.get("docs/errors.md")
    if not table or not page:
        return
    defined = {(code, status) for code, status in
               re.findall(r"^STARDROP_ERROR\(\s*(\w+)\s*,\s*(\d+)", table.text, re.M)}
    shown = {(code, status) for code, status in re.findall(r"^\|\s*`(\w+)`\s*\|\s*(\d+)\s*\|", page.text, re.M)}
    for code, status in sorted(defined ^ shown):
        state = "is missing" if (code, status) in defined else "is not in base/errors.def"
        yield page.violation(1, "generated", f"{code} ({status}) {state}; generate the page again")


RULES = [
    layers, module_cycles, include_cycles, fences, banned_calls, file_sizes, first_lines, public_docs,
    markdown, migrations, words, generated,
]


def check(root: Path) -> list[Violation]:
    """All violations under `root`, by path and line."""
    tree = Tree.read(root)
    found = [violation for rule in RULES for violation in rule(tree)]
    return sorted(set(found), key=lambda found: (found.path, found.line, found.rule, found.message))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--root", type=Path, default=Path(__file__).resolve().parent.parent)
    violations = check(parser.parse_args().root.resolve())
    for violation in violations:
        print(violation)
    if violations:
        print(f"{len(violations)} violations", file=sys.stderr)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
