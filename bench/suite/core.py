"""buy-core: durable purchases in process, batch by batch in turn with the peers."""

from __future__ import annotations

import json
import os
import re
import subprocess
from contextlib import contextmanager
from typing import Iterator

from .product import Failed
from .table import Row

GOALS = {1: 8_000, 10: 50_000, 100: 180_000, 1000: 250_000}
TUNED_CLIENTS = (1, 4, 16)
BATCH_CLIENTS = (1, 4)
# Transfers TigerBeetle takes in one request; a purchase is two of them.
TIGERBEETLE_BATCH = 8190


class Core:
    """`stardrop bench`, which waits to be told the size of the next batches."""

    def __init__(self, run, seconds: int, accounts: int, where: list[str]):
        self.process = subprocess.Popen(
            [run.product.stardrop, "bench", "--ask", "--json", "--seconds", str(seconds), "--accounts", str(accounts),
             *where],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise Failed("buy-core did not start")

    def buy(self, batch: int) -> dict:
        self.process.stdin.write(f"{batch}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            raise Failed("buy-core stopped")
        return json.loads(line)

    def close(self) -> None:
        self.process.stdin.close()
        if self.process.wait(300) != 0:
            raise Failed("buy-core failed at its end")
        self.process.stdout.close()


@contextmanager
def started(run, seconds: int, accounts: int = 1_000_000, where: list[str] | None = None) -> Iterator[Core]:
    core = Core(run, seconds, accounts, where or ["--path", str(run.folder / "buy-core.db")])
    try:
        yield core
        core.close()
    finally:
        if core.process.poll() is None:
            core.process.kill()
            core.process.wait()


def tigerbeetle(run) -> "Tigerbeetle | None":
    path = os.environ.get("TIGERBEETLE", "")
    if not run.peers:
        return None
    if not path:
        run.say("skipped: no TigerBeetle (TIGERBEETLE=path of its server program)")
        return None
    return Tigerbeetle(path, run.folder)


class Tigerbeetle:
    """Its own benchmark, on one replica."""

    def __init__(self, path: str, folder):
        self.path = path
        self.folder = folder

    def purchases_per_second(self, quick: bool) -> float:
        transfers = 1_000_000 if quick else 4_000_000
        done = subprocess.run(
            [self.path, "benchmark", f"--transfer-count={transfers}", f"--transfer-batch-size={TIGERBEETLE_BATCH}"],
            capture_output=True, text=True, check=False, cwd=self.folder)
        found = re.search(r"load accepted = (\d+) tx/s", done.stdout + done.stderr)
        if done.returncode != 0 or found is None:
            raise Failed(f"TigerBeetle: {(done.stderr or done.stdout).strip()[-500:]}")
        return int(found.group(1)) / 2


def buy_core(run) -> None:
    seconds = 2 if run.quick else 5
    postgres = run.postgres()
    beetle = tigerbeetle(run)
    measured: dict[int, list[dict]] = {batch: [] for batch in GOALS}
    tuned: dict[int, list[float]] = {clients: [] for clients in TUNED_CLIENTS}
    by_sets: dict[int, list[float]] = {clients: [] for clients in BATCH_CLIENTS}
    beetles: list[float] = []
    with run.machine.watched(), started(run, seconds) as core:
        for _ in range(run.pairs):
            for batch in GOALS:
                measured[batch].append(core.buy(batch))
            if postgres:
                for clients in TUNED_CLIENTS:
                    tuned[clients].append(postgres.buy_tuned(clients, seconds))
                for clients in BATCH_CLIENTS:
                    by_sets[clients].append(postgres.buy_batch(clients, seconds))
            if beetle:
                beetles.append(beetle.purchases_per_second(run.quick))
    if postgres:
        postgres.check()
    for batch, goal in GOALS.items():
        row = Row("buy-core", f"batches of {batch}", "/s", [each["per_second"] for each in measured[batch]], goal,
                  others=run.machine.others, details={"runs": measured[batch]})
        run.add(row)
    best = [each["per_second"] for each in measured[1000]]
    compare(run, best, best_of(tuned), "PostgreSQL tuned", 60, {"tuned by clients": tuned})
    compare(run, best, best_of(by_sets), "PostgreSQL by sets", 10, {"by sets, by clients": by_sets})
    if beetles:
        compare(run, best, beetles, "TigerBeetle / 2", 2.5, {"purchases": beetles})


def best_of(by_clients: dict[int, list[float]]) -> list[float]:
    """Of each pair, the peer's best: it may choose its number of clients."""
    runs = [values for values in by_clients.values() if values]
    return [max(each) for each in zip(*runs)] if runs else []


def compare(run, ours: list[float], theirs: list[float], peer: str, goal: float, details: dict) -> None:
    if not theirs:
        return
    run.add(Row("buy-core", f"{peer} itself", "/s", theirs, peer=f"{peer}: batches of 1000",
                ratios=[mine / other for mine, other in zip(ours, theirs)], ratio_goal=goal,
                others=run.machine.others, details=details))
