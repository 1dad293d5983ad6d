"""Measures what a sale costs PostgreSQL: bytes by table, write-ahead log, syncs, processor time.

Usage: python3 -m bench.scaling.measure [--accounts N] [--sales N,N,N] [--out FILE]

Makes a throw-away cluster (scripts/dev_postgres), loads the first migration, opens accounts, and sells one edition in
batches of 1, 100 and 1000: the statements of storage/postgres in their order, over one session. It is psql that sends
them, with arrays as text, so the database's processor time is an upper bound; bytes and syncs are what they are.
"""

from __future__ import annotations

import argparse
import json
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from ..suite.machine import TICKS, describe, stat_of
from .shop import JOURNAL_BYTES, NEWS_BYTES, ROWS, Shop, prepared

ROOT = Path(__file__).resolve().parents[2]
BATCHES = (1, 100, 1000)
ROWS_OF_EACH = 100_000
ADDED_TO = ("syncs_per_batch", "database_us_per_sale", "ms_per_batch")
# Nothing may happen on the side: no checkpoint and no vacuum while something is measured.
OPTIONS = {"shared_buffers": "1GB", "max_wal_size": "20GB", "checkpoint_timeout": "1h", "autovacuum": "off",
           "max_prepared_transactions": "8"}
TABLES = "SELECT relname, pg_total_relation_size(oid) FROM pg_class WHERE relkind = 'r' AND relnamespace = " \
         "'public'::regnamespace ORDER BY relname"


class Session:
    """One psql: statements go in, what they print comes out."""

    def __init__(self, programs: Path, url: str):
        self.process = subprocess.Popen(
            [programs / "psql", "-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", url],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.backend = int(self.ask("SELECT pg_backend_pid()")[0])

    def ask(self, sql: str) -> list[str]:
        self.process.stdin.write(f"{sql};\n\\echo end of answer\n")
        self.process.stdin.flush()
        lines = []
        for line in self.process.stdout:
            if line == "end of answer\n":
                return lines
            lines.append(line.rstrip("\n"))
        raise RuntimeError(f"psql ended in: {sql[:200]}")

    def run(self, sql: str) -> None:
        """What it prints is thrown away: nobody reads it while a long text is still being sent."""
        self.ask(f"\\o /dev/null\n{sql};\n\\o\nSELECT 1")

    def processor_seconds(self) -> float:
        found = stat_of(self.backend)
        return found[1] if found else 0.0

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


class Cluster:
    """A PostgreSQL for as long as it is measured."""

    def __init__(self, folder: Path):
        self.script = ROOT / "scripts" / "dev_postgres"
        self.folder = folder
        options = [part for name, value in OPTIONS.items() for part in ("--option", f"{name}={value}")]
        self.url = self._run("start", "--folder", folder, *options).strip()
        self.programs = Path(self._run("programs").strip())

    def _run(self, *arguments) -> str:
        return subprocess.run([self.script, *arguments], check=True, capture_output=True, text=True).stdout

    def wal(self, start: str, end: str) -> tuple[int, int]:
        """Bytes of records and of page images between two places of the log."""
        done = subprocess.run([self.programs / "pg_waldump", "--stats", "-p", self.folder / "data" / "pg_wal",
                               "-s", start, "-e", end], check=True, capture_output=True, text=True)
        total = next(line for line in done.stdout.splitlines() if line.startswith("Total")).split()
        numbers = [int(word) for word in total[1:] if word.isdigit()]
        return numbers[1], numbers[2]

    def stop(self) -> None:
        self._run("stop", "--folder", self.folder, "--remove")


def sizes(db: Session) -> dict[str, int]:
    return {name: int(size) for name, size in (line.split("|") for line in db.ask(TABLES))}


def bytes_of_rows(db: Session) -> dict[str, float]:
    """What a row takes with its index, in tables that are emptied again."""
    before = sizes(db)
    for table, values in ROWS.items():
        db.run(f"INSERT INTO {table} SELECT {values} FROM generate_series(1, {ROWS_OF_EACH}) i")
    after = sizes(db)
    for table in ROWS:
        db.run(f"TRUNCATE {table}")
    return {table: round((after[table] - before[table]) / ROWS_OF_EACH, 1) for table in ROWS}


def measure(db: Session, cluster: Cluster, shop: Shop, batch: int, sales: int, *, two_phases: bool = False,
            compression: str = "off") -> dict:
    """What `sales` sales in batches cost, from just behind a checkpoint on."""
    batches = [shop.batch(batch, two_phases) for _ in range(sales // batch)]
    db.ask(f"SET wal_compression = {compression}")
    db.ask("CHECKPOINT")
    before = sizes(db)
    start, = db.ask("SELECT pg_current_wal_insert_lsn()")
    db.ask("SELECT pg_stat_reset_shared('wal')")
    processor, began = db.processor_seconds(), time.monotonic()
    for each in batches:
        db.run(each)
    seconds, used = time.monotonic() - began, db.processor_seconds() - processor
    end, = db.ask("SELECT pg_current_wal_insert_lsn()")
    time.sleep(1.2)  # a session tells its figures at most once a second, when it is idle
    db.ask("SELECT 1")
    told = db.ask("SELECT pg_stat_force_next_flush(); SELECT wal_sync, wal_fpi FROM pg_stat_wal")[-1]
    syncs, pages = (int(number) for number in told.split("|"))
    after = sizes(db)
    records, images = cluster.wal(start, end)
    count = len(batches) * batch
    grown = {name: (after[name] - before[name]) / count for name in after if after[name] > before[name]}
    return {"batch": batch, "two_phases": two_phases, "wal_compression": compression, "sales": count,
            "wal_bytes_per_sale": round(records / count, 1),
            "page_image_bytes_per_sale": round(images / count, 1),
            "page_images_per_sale": round(pages / count, 4),
            "syncs_per_batch": round(syncs / len(batches), 2),
            "database_us_per_sale": round(used * 1e6 / count, 1),
            "ms_per_batch": round(seconds * 1e3 / len(batches), 3),
            "bytes_per_sale_by_table": {name: round(size, 1) for name, size in sorted(grown.items())}}


def least(known: list[dict], new: list[dict]) -> list[dict]:
    """Times and syncs are the least of all runs: what else the machine does only adds to them."""
    for run in new:
        for other in known:
            if all(run[name] == other[name] for name in ("batch", "two_phases", "wal_compression", "sales")):
                run.update({name: min(run[name], other[name]) for name in ADDED_TO})
    return new


def run(arguments: argparse.Namespace, folder: Path) -> dict:
    cluster = Cluster(folder)
    try:
        db = Session(cluster.programs, cluster.url)
        migration = ROOT / "storage/postgres/migrations/0001_initial/up.sql"
        db.run(migration.read_text(encoding="utf-8"))
        shop = Shop(random.Random(1), arguments.accounts)
        empty = sizes(db)["accounts"]
        db.run(shop.stock())
        per_account = (sizes(db)["accounts"] - empty) / arguments.accounts
        row_bytes = {"accounts": round(per_account, 1), **bytes_of_rows(db)}
        db.run(prepared(migration.read_text(encoding="utf-8")))
        sales = [int(number) for number in arguments.sales.split(",")]
        runs = [measure(db, cluster, shop, batch, most) for batch, most in zip(BATCHES, sales)]
        runs.append(measure(db, cluster, shop, 100, sales[1], two_phases=True))
        runs.append(measure(db, cluster, shop, 100, sales[1], compression="lz4"))
        version, = db.ask("SHOW server_version")
        db.close()
    finally:
        cluster.stop()
    return {"how": "python3 -m bench.scaling.measure: statements of storage/postgres in their order, one session, "
                   "fsync and full_page_writes on, a checkpoint before each run and none in it; "
                   "times and syncs are the least of several runs on a machine that did other things too",
            "on": {**describe(), "postgresql": version, "ticks_per_second": TICKS},
            "accounts": arguments.accounts, "row_bytes": row_bytes,
            "journal_body_bytes_per_sale": JOURNAL_BYTES, "news_bytes_per_sale": NEWS_BYTES, "runs": runs}


def main() -> int:
    parser = argparse.ArgumentParser(prog="python3 -m bench.scaling.measure", description=__doc__.splitlines()[0])
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--sales", default="3000,30000,200000", help="for batches of 1, 100 and 1000")
    parser.add_argument("--out", help="a file, whose part `database` is replaced; of times and syncs in it the least "
                                      "stays; else standard output")
    arguments = parser.parse_args()
    # Being told to end is like Ctrl-C: the cluster is stopped and removed.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with tempfile.TemporaryDirectory(prefix="pgscale", dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        result = run(arguments, Path(folder) / "cluster")
    if not arguments.out:
        print(json.dumps(result, indent=2))
        return 0
    out = Path(arguments.out)
    known = json.loads(out.read_text(encoding="utf-8")) if out.exists() else {}
    result["runs"] = least(known.get("database", {}).get("runs", []), result["runs"])
    out.write_text(json.dumps({**known, "database": result}, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
