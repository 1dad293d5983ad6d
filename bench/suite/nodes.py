"""Stardrop on PostgreSQL: what batching gains over a function per sale, and what several nodes cost."""

from __future__ import annotations

from .core import started
from .over_http import brief, ratios
from .product import Failed
from .table import Row

GOALS = {1: 3_000, 10: None, 100: None, 1000: 20_000}
ACCOUNTS = 100_000
CLIENTS = 64
NODES = 3


def needed(run):
    """The cluster that both sides use, in turn."""
    postgres = run.postgres()
    if postgres is None:
        run.say("skipped: needs PostgreSQL")
    return postgres


def buy_postgres(run) -> None:
    """The same commands in the same cluster as the function that is called for each sale."""
    postgres = needed(run)
    if postgres is None:
        return
    seconds = 2 if run.quick else 5
    measured: dict[int, list[dict]] = {batch: [] for batch in GOALS}
    tuned: dict[int, list[float]] = {1: [], CLIENTS: []}
    by_sets: list[float] = []
    where = ["--db", postgres.new_database("core")]
    with run.machine.watched(), started(run, seconds, ACCOUNTS, where) as core:
        for _ in range(run.pairs):
            for batch in GOALS:
                measured[batch].append(core.buy(batch))
            for clients, found in tuned.items():
                found.append(postgres.buy_tuned(clients, seconds))
            by_sets.append(postgres.buy_batch(1, seconds))
    postgres.check()
    for batch, goal in GOALS.items():
        run.add(Row("buy-postgres", f"batches of {batch}", "/s", [each["per_second"] for each in measured[batch]], goal,
                    others=run.machine.others, details={"runs": measured[batch]}))
    single = [each["per_second"] for each in measured[1]]
    best = [each["per_second"] for each in measured[1000]]
    run.add(Row("buy-postgres", "a function per sale, one client", "/s", tuned[1],
                peer="the function: batches of 1", ratios=ratios(single, tuned[1]), others=run.machine.others))
    run.add(Row("buy-postgres", f"a function per sale, {CLIENTS} clients", "/s", tuned[CLIENTS],
                peer="the function: batches of 1000", ratios=ratios(best, tuned[CLIENTS]), ratio_goal=5,
                others=run.machine.others))
    run.add(Row("buy-postgres", "the ceiling: plain tables by sets", "/s", by_sets, peer="by sets: batches of 1000",
                ratios=ratios(best, by_sets), others=run.machine.others))


def nodes(run) -> None:
    """One hot drop over HTTP through one node, and through three on the same machine."""
    postgres = needed(run)
    if postgres is None:
        return
    gifts = "30000" if run.quick else "100000"
    rates: dict[int, list[float]] = {1: [], NODES: []}
    reports = []
    for _ in range(run.pairs):
        for count, found in rates.items():
            db = postgres.new_database("nodes")
            servers = [run.product.serve(f"node{i}", db=db) for i in range(count)]
            try:
                with run.machine.watched():
                    report = run.product.drop(*servers, gifts=gifts, connections=256)
            finally:
                run.product.stop(*servers)
            if report["oversold"] != 0:
                raise Failed("more were sold than there are")
            reports.append(report)
            found.append(report["sales_per_second"])
    run.add(Row("nodes", "one node, 256 connections", "/s", rates[1], others=run.machine.others,
                details=brief(reports)))
    run.add(Row("nodes", f"{NODES} nodes, the same connections", "/s", rates[NODES], peer="one node",
                ratios=ratios(rates[NODES], rates[1]), ratio_goal=0.9, others=run.machine.others))
