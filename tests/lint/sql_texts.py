"""Finds the SQL in storage/postgres: statements of .sql files, and string literals of C++.

In C++ the literals of one statement are one text, in their order; code between them becomes ` ? `. So
`"SELECT " + names() + " FROM journal"` is read as `SELECT ? FROM journal`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Iterator

CODE = re.compile(
    r'(?P<comment>//[^\n]*|/\*.*?\*/)|(?P<include>^[ \t]*#[^\n]*)'
    r'|R"(?P<mark>[^(\s]*)\((?P<raw>.*?)\)(?P=mark)"|"(?P<text>(?:\\.|[^"\\\n])*)"'
    r"|(?P<character>(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+')|(?P<end>[;{}])|(?P<code>.)", re.S | re.M)
SQL = re.compile(
    r"(?P<comment>--[^\n]*|/\*.*?\*/)|(?P<meta>^[ \t]*\\[^\n]*)|(?P<mark>\$\w*\$)(?P<body>.*?)(?P=mark)"
    r"|(?P<text>'(?:[^']|'')*')|(?P<end>;)|(?P<code>.)", re.S | re.M)
# Words that no other text in these files has.
LOOKS_LIKE_SQL = re.compile(
    r"\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|CREATE|ALTER|DROP|LOCK|SET|BEGIN|COMMIT|DECLARE|FETCH|RETURNING|WHERE"
    r"|FROM|FOR|ON CONFLICT|PREPARE|LISTEN|NOTIFY|pg_\w+)\b")


@dataclass(frozen=True)
class Text:
    """A statement, or as much of one as stands in one place."""

    path: str
    line: int
    sql: str


def of_cpp(path: str, source: str) -> Iterator[Text]:
    pieces: list[str] = []
    begins, between = 0, ""
    for match in CODE.finditer(source):
        kind = match.lastgroup
        if kind == "end":
            if pieces:
                yield from sql_only(path, begins, "".join(pieces))
            pieces, between = [], ""
        elif match["text"] is not None or match["raw"] is not None:
            piece = match["raw"] if match["raw"] is not None else match["text"].replace('\\"', '"').replace("\\n", " ")
            if not pieces:
                begins = source.count("\n", 0, match.start()) + 1
            elif between.strip():
                pieces.append(" ? ")
            pieces.append(piece)
            between = ""
        elif kind in ("code", "character"):
            between += match[0]
    if pieces:
        yield from sql_only(path, begins, "".join(pieces))


def sql_only(path: str, line: int, text: str) -> Iterator[Text]:
    if LOOKS_LIKE_SQL.search(text):
        yield Text(path, line, " ".join(text.split()))


def of_sql(path: str, source: str) -> Iterator[Text]:
    statement = ""
    begins = 0
    for match in SQL.finditer(source):
        if match.lastgroup == "end":
            if statement.strip():
                yield Text(path, begins, " ".join(statement.split()))
            statement = ""
        elif match["comment"] is None and match["meta"] is None:
            if not statement.strip():
                begins = source.count("\n", 0, match.start()) + 1
            # Comments within a body are no part of it either.
            statement += re.sub(r"--[^\n]*", "", match[0]) if match["body"] is not None else match[0]
    if statement.strip():
        yield Text(path, begins, " ".join(statement.split()))


def texts(root: Path, folder: str = "storage/postgres") -> Iterator[Text]:
    """All of them, by path and line."""
    for path in sorted((root / folder).rglob("*")):
        name = path.relative_to(root).as_posix()
        if path.suffix in (".cpp", ".h"):
            yield from of_cpp(name, path.read_text(encoding="utf-8"))
        elif path.suffix == ".sql":
            yield from of_sql(name, path.read_text(encoding="utf-8"))
