"""The SQL of the PostgreSQL store runs on Citus and YugabyteDB too, and means the same with several nodes.

Usage: sql_portable.py [ROOT]

Each rule says why and where that is written. What the store still sends against a rule is in NOT_YET: a line there whose
violation is gone is a violation itself, so the list can only become shorter. docs/scaling.md has the reasons at length.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Iterator

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parents[1] / "scripts")]

from sql_texts import Text, texts  # noqa: E402
from tidy import Violation  # noqa: E402

CITUS = "docs.citusdata.com, SQL Support and Workarounds"
YSQL = "docs.yugabyte.com, PostgreSQL compatibility"
CITUS_SQL = "storage/postgres/distribution/citus.sql"
MIGRATIONS = "storage/postgres/migrations/"
# Each batch adds one row to it, and nobody else writes that lane's.
EVERY_BATCH = "journal"
# Made by the program, not by a migration.
MADE_ELSEWHERE = {"schema_migrations"}

# name, what is refused, why, where it is written, paths (prefixes) that may
WORDS = [
    ("advisory_lock", r"\bpg_(?:try_)?advisory_\w+", "it locks on one server, and YSQL has it only since 2025.1",
     "yugabyte-db issue 3642", ()),
    ("temp_table", r"\bCREATE (?:LOCAL |GLOBAL )?TEMP(?:ORARY)?\b", "it lives in one session of one server", CITUS, ()),
    ("sequence", r"\b(?:(?:BIG|SMALL)?SERIAL\b|CREATE SEQUENCE\b|GENERATED (?:ALWAYS|BY DEFAULT) AS IDENTITY\b|nextval\()",
     "numbers of several nodes have no order, ours come from ledger/ids.h", CITUS, ()),
    ("trigger", r"\bCREATE (?:OR REPLACE )?(?:CONSTRAINT )?TRIGGER\b", "Citus distributes no table that has one",
     "Citus, create_distributed_table.c: EnsureRelationHasNoTriggers", ()),
    ("rule", r"\bCREATE (?:OR REPLACE )?RULE\b", "Citus doesn't know rules", CITUS, ()),
    ("exclusion", r"\bEXCLUDE (?:USING\b|\()", "YSQL has no exclusion constraints", f"{YSQL}, issue 3944", ()),
    ("deferrable", r"(?<!NOT )\bDEFERRABLE\b", "YSQL has no deferrable constraints", f"{YSQL}, issue 1709", ()),
    ("lock_table", r"\bLOCK TABLE\b", "YSQL locks rows only, but for its latest releases", f"{YSQL}, issue 5384",
     ("storage/postgres/migrations.cpp",)),
    ("system_column", r"\b(?:ctid|xmin|xmax|cmin|cmax|tableoid)\b", "YSQL has none, and on Citus it is a shard's",
     "yugabyte-db issue 24843", ()),
    ("serializable", r"\bSERIALIZABLE\b", "Citus has it within one worker only, and YSQL skips no locked rows then",
     "docs.yugabyte.com, Concurrency control", ()),
    # It only wakes: nodes look at the lanes anyway, all the time where the bell doesn't hear itself.
    ("listen", r"\b(?:LISTEN|UNLISTEN|NOTIFY|pg_notify)\b", "YSQL has it only since 2025.2.3: nodes look at the lanes",
     f"{YSQL}, issue 1872", ("storage/postgres/bell.cpp",)),
    ("two_phases", r"\bPREPARE TRANSACTION\b", "Citus needs it for itself, YSQL doesn't have it",
     "Citus, transaction_management.c: EnsurePrepareTransactionIsAllowed; yugabyte-db issue 11084", ()),
    ("inheritance", r"\bINHERITS \(", "YSQL has no table inheritance", f"{YSQL}, issue 5956", ()),
    # Within a block that goes on without it.
    ("set_storage", r"^(?!DO .*EXCEPTION WHEN feature_not_supported).*\bSET STORAGE\b", "YSQL refuses it until 2025.2",
     "yugabyte-db issue 29547", ()),
    # The session asks for it only where there is no Citus.
    ("plan_mode", r"^(?!.*to_regclass\('pg_dist_shard'\) IS NULL THEN).*\bforce_generic_plan\b",
     "Citus can't plan a statement of many shards without its parameters",
     "Citus, distributed_planner.c: REPLAN_WITH_BOUND_PARAMETERS", ()),
    ("cursor", r"\bDECLARE \w+ (?:\w+ )*CURSOR\b", "Citus brings all its rows to the coordinator first",
     "Citus, test cursors.sql", ()),
]

# The store's own statements that are still to be changed: path, rule.
NOT_YET: set[tuple[str, str]] = set()

# Of a statement that is only sent where the tables are on one server, next to another text for Citus.
ONE_SERVER = "/* one server */"
# Of one that is sent once a shard: its keys are split by ShardMap::groups.
ONE_SHARD = "/* one shard */"

VOLATILE = r"\b(?:clock_timestamp|timeofday|random|gen_random_uuid|nextval|statement_timestamp)\s*\("


@dataclass
class Table:
    """What a migration says of a table, and citus.sql of where it goes."""

    text: Text
    types: dict[str, str] = field(default_factory=dict)
    unique: list[tuple[Text, list[str]]] = field(default_factory=list)
    column: str = ""  # the distribution column; none on the coordinator
    group: str = ""   # the table that it is colocated with


def names(of: str) -> list[str]:
    return [name.strip().strip('"') for name in of.split(",")]


def read_tables(found: list[Text]) -> dict[str, Table]:
    """The tables that the migrations make, in their order."""
    tables: dict[str, Table] = {}
    for text in found:
        if not text.path.startswith(MIGRATIONS):
            continue
        made = re.match(r"CREATE TABLE (?:IF NOT EXISTS )?(\w+) \((.*)\)", text.sql)
        if made:
            table = tables.setdefault(made[1], Table(text))
            for column in re.finditer(r'(?:^|, )\s*("?\w+"?) ((?:bigint|smallint|integer|bytea|text|uuid|timestamptz)\b)'
                                      r'((?:(?! ?, ).)*)', made[2]):
                name = column[1].strip('"')
                table.types[name] = column[2]
                if re.search(r"\b(?:PRIMARY KEY|UNIQUE)\b", column[3]):
                    table.unique.append((text, [name]))
            for key in re.finditer(r"\b(?:PRIMARY KEY|UNIQUE) ?\(([^)]*)\)", made[2]):
                table.unique.append((text, names(key[1])))
        indexed = re.match(r"CREATE UNIQUE INDEX (?:\w+ )?ON (\w+)(?: USING \w+)? ?\(([^)]*)\)", text.sql)
        if indexed and indexed[1] in tables:
            columns = [name.split()[0] for name in names(indexed[2])]
            tables[indexed[1]].unique.append((text, columns))
    return tables


def placed(tables: dict[str, Table], found: list[Text]) -> Iterator[Violation]:
    """Notes where citus.sql puts each table. Each is there once, and a group's columns are of one type."""
    if not any(text.path == CITUS_SQL for text in found):
        yield Violation(CITUS_SQL, 1, "placed", "the file is missing")
        return
    seen: dict[str, int] = {}
    for text in found:
        if text.path != CITUS_SQL:
            continue
        for call in re.finditer(r"create_distributed_table\('(\w+)', '(\w+)'(?:, colocate_with => '(\w+)')?", text.sql):
            name, column, group = call[1], call[2], call[3] or "default"
            seen[name] = seen.get(name, 0) + 1
            if name not in tables:
                yield Violation(text.path, text.line, "placed", f"no migration makes {name}")
                continue
            tables[name].column = column
            tables[name].group = name if group in ("none", "default") else group
            first = tables.get(tables[name].group)
            if column not in tables[name].types:
                yield Violation(text.path, text.line, "placed", f"{name} has no column {column}")
            elif first is None or not first.column:
                yield Violation(text.path, text.line, "placed", f"{group} is not distributed before {name}")
            elif tables[name].types[column] != first.types[first.column]:
                yield Violation(text.path, text.line, "placed", f"{name}.{column} is of another type than {group}'s")
        stay = re.search(r"\bstay CONSTANT text\[\] := ARRAY\[(.*?)\]", text.sql)
        for name in re.findall(r"'(\w+)'", stay[1]) if stay else []:
            seen[name] = seen.get(name, 0) + 1
            if name not in tables and name not in MADE_ELSEWHERE:
                yield Violation(text.path, text.line, "placed", f"no migration makes {name}")
    for name, table in tables.items():
        if seen.get(name, 0) != 1:
            yield Violation(CITUS_SQL, 1, "placed", f"{name} stands here {seen.get(name, 0)} times, not once")


def unique_keys(tables: dict[str, Table]) -> Iterator[Violation]:
    """A key can be unique only within a shard, so it has the distribution column."""
    for name, table in tables.items():
        for text, columns in table.unique:
            if table.column and table.column not in columns:
                yield Violation(text.path, text.line, "unique_key",
                                f"{name} is distributed by {table.column}, which ({', '.join(columns)}) lacks ({CITUS})")


def foreign_keys(tables: dict[str, Table], found: list[Text]) -> Iterator[Violation]:
    """One group, or both on the coordinator; and by the distribution columns."""
    for text in found:
        made = re.match(r"(?:CREATE|ALTER) TABLE (?:IF NOT EXISTS |ONLY )?(\w+)", text.sql)
        if not made or made[1] not in tables:
            continue
        own = tables[made[1]]
        for key in re.finditer(r'(?:FOREIGN KEY \(([^)]*)\)|("?\w+"?) \w+(?: NOT NULL)?) REFERENCES (\w+) ?(?:\(([^)]*)\))?',
                               text.sql):
            columns, other = names(key[1] or key[2]), tables.get(key[3])
            theirs = names(key[4]) if key[4] else other.unique[0][1] if other and other.unique else []
            pairs = list(zip(columns, theirs))
            together = other is not None and own.group == other.group
            if not together or (own.column and (own.column, other.column) not in pairs):
                yield Violation(text.path, text.line, "foreign_key",
                                f"{made[1]} and {key[3]} are not in one group, joined by its column ({CITUS})")


def words(text: Text) -> Iterator[Violation]:
    for rule, pattern, why, where, allowed in WORDS:
        match = re.search(pattern, text.sql)
        if match and not text.path.startswith(allowed or "\0"):
            yield Violation(text.path, text.line, rule, f"`{match[0]}`: {why} ({where})")


def statements(text: Text, tables: dict[str, Table]) -> Iterator[Violation]:
    """What depends on where the tables are. A text that names no table may be about any."""
    sql = text.sql
    if ONE_SERVER in sql:
        return
    named = [name for name in re.findall(r"\b(?:FROM|JOIN|INTO|UPDATE|USING) (\w+)", sql)
             if name in tables or name in MADE_ELSEWHERE]
    distributed = [name for name in named if name in tables and tables[name].column]
    unknown = not named

    if re.search(r"\bFOR (?:NO KEY )?(?:UPDATE|SHARE|KEY SHARE)\b", sql):
        by_column = [name for name in distributed if re.search(rf"\b{tables[name].column}\"? = \$\d", sql)]
        if ONE_SHARD not in sql and (unknown or len(by_column) < len(distributed)):
            yield Violation(text.path, text.line, "row_locks",
                            f"Citus locks rows of one shard a statement, so its column must be compared ({CITUS})")
    if distributed and len(distributed) < len(set(named)):
        yield Violation(text.path, text.line, "mixed_join",
                        f"{', '.join(sorted(set(named)))}: one is distributed, another on the coordinator ({CITUS})")
    target = re.match(r"(?:WITH \w+ AS \( ?)?(?:UPDATE|DELETE FROM|INSERT INTO) (\w+|\?)", sql)
    if not target:
        return
    anywhere = target[1] == "?" or target[1] in distributed
    changes = re.search(r"\bUPDATE\b(.*)|\bDELETE FROM\b(.*)", sql)
    if anywhere and changes and re.search(VOLATILE, changes[0]):
        yield Violation(text.path, text.line, "volatile", f"Citus evaluates no volatile function there ({CITUS})")
    by_select = re.search(r"\bINSERT INTO\b", sql) and re.search(r"\bSELECT\b", sql) and "ON CONFLICT" not in sql
    if target[1] == EVERY_BATCH and target[1] in distributed and "INSERT" in sql:
        if not by_select:
            yield Violation(text.path, text.line, "one_phase",
                            "a batch that changes one worker only is committed there before the coordinator, unless a row "
                            "comes by INSERT … SELECT (Citus, transaction_management.c, multi_copy.c)")
    elif anywhere and by_select:
        yield Violation(text.path, text.line, "insert_by_sets",
                        "Citus does it by COPY, which loses the SQLSTATE of a unique violation "
                        "(Citus, multi_copy.c: ReportCopyError)")


def violations(root: Path, not_yet: set[tuple[str, str]] | None = None) -> list[Violation]:
    """All of them but those that are known."""
    found = list(texts(root))
    tables = read_tables(found)
    all_of_them = list(placed(tables, found))
    all_of_them += unique_keys(tables)
    all_of_them += foreign_keys(tables, found)
    for text in found:
        all_of_them += words(text)
        if text.path != CITUS_SQL and not text.path.startswith(MIGRATIONS):
            all_of_them += statements(text, tables)
    known = NOT_YET if not_yet is None else not_yet
    for path, rule in sorted(known - {(each.path, each.rule) for each in all_of_them}):
        all_of_them.append(Violation(path, 1, rule, "is no longer violated: take it out of NOT_YET"))
    return sorted({each for each in all_of_them if (each.path, each.rule) not in known or "NOT_YET" in each.message},
                  key=lambda each: (each.path, each.line, each.rule, each.message))


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = violations(root)
    print(*found, sep="\n" if found else "", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
