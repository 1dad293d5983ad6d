"""growth: what a purchase costs, what memory and disk it takes, and how fast a server is back, by size."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from .product import Failed, Server
from .table import Row

MB = 1 << 20
SIZES = [10_000, 1_000_000, 10_000_000]
QUICK_SIZES = SIZES[:2]
WINDOW = 200_000
ACCOUNTS = 1_000_000
# Tables of the journal: they grow with every operation, whatever it does.
JOURNAL = "journal"


class Growing:
    """`stardrop_bench growth`, line by line."""

    def __init__(self, run, path: Path, gifts: list[int], *arguments: str):
        self.process = subprocess.Popen(
            [run.product.bench, "growth", "--path", str(path), "--gifts", ",".join(map(str, gifts)),
             "--accounts", str(ACCOUNTS), *arguments],
            stdout=subprocess.PIPE, text=True)

    def next(self) -> dict | None:
        line = self.process.stdout.readline()
        return json.loads(line) if line else None

    def rest(self) -> list[dict]:
        return [json.loads(line) for line in self.process.stdout]

    def finish(self) -> None:
        if self.process.wait(600) != 0:
            raise Failed("growth failed")
        self.process.stdout.close()

    def kill(self) -> list[dict]:
        """kill -9; what it had still said before."""
        self.process.kill()
        rest = []
        for line in self.process.stdout:
            if line.endswith("}\n"):
                rest.append(json.loads(line))
        self.process.wait()
        self.process.stdout.close()
        return rest


def seconds_to_first_answer(run, path: Path, edition: str, sold: int, *, at_least: bool) -> float:
    """From starting a server to its first right answer."""
    path.with_name(path.name + ".key").unlink(missing_ok=True)
    key = path.with_name("growth.key")
    key.write_text("00" * 32 + "\n", encoding="ascii")
    key.chmod(0o600)
    server = Server(run.product.stardrop, path, "--master-key-file", str(key), dev=False)
    run.product.servers.append(server)
    try:
        while True:
            try:
                with urllib.request.urlopen(f"{server.url}/v1/editions/{edition}", timeout=60) as answer:
                    told = json.load(answer)["sold"]
                break
            except (urllib.error.URLError, ConnectionError):
                time.sleep(0.005)
        passed = time.monotonic() - server.began
        if told < sold or (told != sold and not at_least):
            raise Failed(f"after the start {told} gifts are sold; {sold} were acknowledged")
    finally:
        server.stop()
        run.product.servers.remove(server)
    return passed


def audit(run, path: Path) -> tuple[dict, float]:
    """What the audit counted, and how long the whole command took."""
    key = path.with_name(path.name + ".key")
    key.write_text("00" * 32 + "\n", encoding="ascii")
    key.chmod(0o600)
    began = time.monotonic()
    done = subprocess.run([run.product.stardrop, "audit", "--db", f"sqlite:{path}", "--json"], capture_output=True,
                          text=True, check=False)
    passed = time.monotonic() - began
    try:
        report = json.loads(done.stdout)
    except ValueError:
        raise Failed(f"audit: {done.stderr.strip()[-500:]}") from None
    if done.returncode != 0 or not report["ok"]:
        raise Failed(f"the audit found: {report.get('violations')}")
    return report["checked"], passed


def bytes_by_table(path: Path) -> dict[str, int]:
    """The file's pages by table; nothing where this Python's SQLite can't tell."""
    database = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        tables: dict[str, int] = {}
        for name, size in database.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
            tables[name] = size
        return tables
    except sqlite3.Error:
        return {}
    finally:
        database.close()


def growth(run) -> None:
    sizes = QUICK_SIZES if run.quick else SIZES
    path = run.folder / "growth.db"
    with run.machine.watched():
        growing = Growing(run, path, sizes, "--window", str(WINDOW))
        empty = growing.next()
        if empty is None:
            raise Failed("growth did not start")
        lines = growing.rest()
        growing.finish()
    steps, end = lines[:-1], lines[-1]
    first, last = steps[0], steps[-1]
    millions = (last["sold"] - first["sold"]) / 1e6
    name = f"{last['gifts']:,} gifts"
    run.add(Row("growth", f"processor time per purchase at {name}", "us", [last["cpu_us"]],
                peer=f"at {first['gifts']:,}", ratios=[last["cpu_us"] / first["cpu_us"]], ratio_goal=1.3,
                ratio_at_most=True, others=run.machine.others, details={"steps": steps, "end": end}))
    run.add(Row("growth", "memory per million gifts", "MB",
                [(last["resident_bytes"] - first["resident_bytes"]) / MB / millions], 64, True,
                others=run.machine.others, details={"resident_bytes": last["resident_bytes"]}))
    run.add(Row("growth", "longest commit", "ms", [max(step["longest_us"] for step in steps) / 1000], 60, True,
                others=run.machine.others))
    disk(run, path, empty, end, steps)
    start_times(run, path, empty["edition"], end["sold"], name, sizes[-1])
    checked, passed = audit(run, path)
    entries = checked["rows"] + checked["journal_entries"]
    run.add(Row("audit", "rows and journal entries", "/s", [entries / passed], 1_000_000, others=run.machine.others,
                details={"checked": checked, "seconds": passed}))
    run.product.remove("growth")


def disk(run, path: Path, empty: dict, end: dict, steps: list[dict]) -> None:
    tables = bytes_by_table(path) if end["sold"] <= 2_000_000 else {}
    kept = (end["file_bytes"] - empty["file_bytes"]) / end["sold"]
    journal = sum(size for table, size in tables.items() if table.startswith(JOURNAL))
    if journal:
        # What the journal holds of opening the accounts is not the purchases'.
        operations = end["sold"] + 2 * ACCOUNTS
        each = journal / operations
        run.add(Row("disk", "kept per purchase, journal left out", "bytes", [kept - each], 160, True,
                    others=run.machine.others, details={"by table": tables}))
        run.add(Row("disk", "kept per purchase in the journal", "bytes", [each], others=run.machine.others))
    else:
        run.add(Row("disk", "kept per purchase with its journal", "bytes", [kept], others=run.machine.others))
    run.add(Row("disk", "written per purchase, batches of 1000", "bytes", [steps[-1]["written"]], 400, True,
                others=run.machine.others))


def start_times(run, path: Path, edition: str, sold: int, name: str, size: int) -> None:
    with run.machine.watched():
        clean = [seconds_to_first_answer(run, path, edition, sold, at_least=False) for _ in range(run.pairs)]
    run.add(Row("growth", f"first right answer after a clean stop at {name}", "s", clean, 1.5, True,
                others=run.machine.others))
    killed_path = run.folder / "killed.db"
    with run.machine.watched():
        growing = Growing(run, killed_path, [size], "--window", "10000", "--until-killed")
        began = growing.next()
        said: list[dict] = []
        while len(said) < 30:
            line = growing.next()
            if line is None:
                raise Failed("growth stopped before it was killed")
            said.append(line)
        said += growing.kill()
        again = run.folder / "killed-copy.db"
        killed = []
        for _ in range(run.pairs):
            for end in ("", "-wal"):
                shutil.copyfile(f"{killed_path}{end}", f"{again}{end}")
            killed.append(seconds_to_first_answer(run, again, began["edition"], said[-1]["sold"], at_least=True))
            run.product.remove("killed-copy")
    run.add(Row("growth", f"first right answer after kill -9 at {name}", "s", killed, 4, True,
                others=run.machine.others))
    run.product.remove("killed")
