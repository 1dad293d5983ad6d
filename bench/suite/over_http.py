"""Benchmarks over HTTP: a real server, the asynchronous load client, and peers in turn."""

from __future__ import annotations

import json
import subprocess
from statistics import median

from .product import Failed
from .table import Row


def ms(report: dict, of: str, quantile: str) -> float:
    return report[of][f"{quantile}_us"] / 1000


def sales(reports: list[dict]) -> list[float]:
    return [report["sales_per_second"] for report in reports]


def ratios(ours: list[float], theirs: list[float]) -> list[float]:
    return [mine / other for mine, other in zip(ours, theirs)]


def client_us(report: dict) -> float:
    """Processor time of the client per request."""
    requests = report["attempts"] / report["options"]["batch"]
    return report["client_cpu_ms"] * 1000 / requests


def brief(reports: list[dict]) -> dict:
    """What is worth keeping of the reports."""
    return {"runs": [{name: report[name] for name in (
        "sales_per_second", "sold_out_ms", "answers_per_second", "late_refusals_per_second", "purchases",
        "late_refusals", "retries", "client_cpu_ms", "attempts")} for report in reports]}


def times(run, name: str, what: str, reports: list[dict], goal_p99: float | None) -> None:
    run.add(Row(name, f"{what}, p99", "ms", [ms(report, "purchases", "p99") for report in reports], goal_p99, True,
                others=run.machine.others,
                details={quantile: median(ms(report, "purchases", quantile) for report in reports)
                         for quantile in ("p50", "p99", "p999")}))


def buy_http(run) -> None:
    gifts = "150000" if run.quick else "400000"
    seconds = 3 if run.quick else 6
    postgres = run.postgres()
    durable = run.product.serve("durable")
    fleeting = run.product.serve("fleeting", "--storage-synchronous", "off")
    at_16, at_128, off, tuned = [], [], [], []
    with run.machine.watched():
        for _ in range(run.pairs):
            at_128.append(run.product.drop(durable, gifts=gifts, connections=128))
            off.append(run.product.drop(fleeting, gifts=gifts, connections=128))
            if postgres:
                tuned.append(max(postgres.buy_tuned(clients, seconds) for clients in (1, 4)))
            at_16.append(run.product.drop(durable, gifts=gifts, connections=16))
    run.product.stop(durable, fleeting)
    if postgres:
        postgres.check()
    run.add(Row("buy-http", "128 connections", "/s", sales(at_128), 45_000, peer="PostgreSQL tuned",
                ratios=ratios(sales(at_128), tuned), ratio_goal=12 if tuned else None, others=run.machine.others,
                details=brief(at_128) | {"PostgreSQL tuned": tuned}))
    times(run, "buy-http", "128 connections", at_128, 6)
    run.add(Row("buy-http", "16 connections", "/s", sales(at_16), 25_000, others=run.machine.others,
                details=brief(at_16)))
    times(run, "buy-http", "16 connections", at_16, 1.5)
    run.add(Row("buy-http", "synchronous=OFF itself", "/s", sales(off), peer="synchronous=OFF: durable",
                ratios=ratios(sales(at_128), sales(off)), ratio_goal=0.85, others=run.machine.others,
                details=brief(off)))
    run.add(Row("buy-http", "the client's own time", "us each", [client_us(each) for each in at_128], 5, True,
                others=run.machine.others))


def buy_pipe(run) -> None:
    gifts = "300000" if run.quick else "1000000"
    server = run.product.serve("pipe")
    piped, plain = [], []
    with run.machine.watched():
        for _ in range(run.pairs):
            plain.append(run.product.drop(server, gifts="100000", connections=64))
            piped.append(run.product.drop(server, gifts=gifts, connections=64, pipeline=16))
    run.product.stop(server)
    run.add(Row("buy-pipe", "64 connections, 16 in flight on each", "/s", sales(piped), 150_000,
                peer="one in flight", ratios=ratios(sales(piped), sales(plain)), others=run.machine.others,
                details=brief(piped)))
    run.add(Row("buy-pipe", "the client's own time", "us each", [client_us(each) for each in piped],
                others=run.machine.others))


def buy_batch(run) -> None:
    gifts = "500000" if run.quick else "2000000"
    seconds = 3 if run.quick else 6
    postgres = run.postgres()
    server = run.product.serve("batch")
    hundred, thousand, by_sets = [], [], []
    with run.machine.watched():
        for _ in range(run.pairs):
            hundred.append(run.product.drop(server, gifts=gifts, connections=16, batch=100))
            if postgres:
                by_sets.append(max(postgres.buy_batch(clients, seconds) for clients in (1, 4)))
            thousand.append(run.product.drop(server, gifts=gifts, connections=8, batch=1000))
    run.product.stop(server)
    if postgres:
        postgres.check()
    run.add(Row("buy-batch", "bodies of 100", "/s", sales(hundred), 200_000, others=run.machine.others,
                details=brief(hundred)))
    run.add(Row("buy-batch", "bodies of 1000", "/s", sales(thousand), 250_000, peer="PostgreSQL by sets",
                ratios=ratios(sales(thousand), by_sets), ratio_goal=10 if by_sets else None,
                others=run.machine.others, details=brief(thousand) | {"PostgreSQL by sets": by_sets}))


def drop_storm(run) -> None:
    storms = [("500000,100000", "600,000", 15)]
    if not run.quick:
        storms.append(("1000000", "1,000,000", 25))
    for gifts, name, goal in storms:
        server = run.product.serve("storm")
        with run.machine.watched():
            report = run.product.drop(server, gifts=gifts, connections=128, buyers=300_000, storm=True)
        run.product.stop(server)
        run.add(Row("drop-storm", f"{name} sold after", "s", [report["sold_out_ms"] / 1000], goal, True,
                    others=run.machine.others, details=brief([report])))
        run.add(Row("drop-storm", f"{name}: refusals after the end", "/s", [report["late_refusals_per_second"]],
                    70_000, others=run.machine.others))
        run.add(Row("drop-storm", f"{name}: their p99", "ms", [ms(report, "late_refusals", "p99")], 3, True,
                    others=run.machine.others))
        run.add(Row("drop-storm", f"{name}: oversold", "gifts", [report["oversold"]], 0, True,
                    others=run.machine.others))


def read_mix(run) -> None:
    seconds = 4 if run.quick else 10
    server = run.product.serve("mix")
    found = []
    with run.machine.watched():
        for _ in range(run.pairs):
            found += run.product.bench_json("read-mix", "--url", server.url, "--key", server.key, "--connections",
                                            "128", "--seconds", str(seconds))
    run.product.stop(server)
    run.add(Row("read-mix", "128 connections", "/s", [each["per_second"] for each in found], 65_000,
                others=run.machine.others, details={"runs": found}))
    run.add(Row("read-mix", "reads, p99", "ms", [each["read_p99_us"] / 1000 for each in found], 3, True,
                others=run.machine.others))


class Watching:
    """`stardrop_bench watchers`, from when all of them watch."""

    def __init__(self, run, url: str, count: int):
        self.process = subprocess.Popen(
            [run.product.bench, "watchers", "--url", url, "--count", str(count), "--patience", "900"],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if self.process.stdout.readline().strip() != "ready":
            raise Failed(f"watchers: {self.process.communicate()[1].strip()}")

    def result(self) -> dict:
        out, error = self.process.communicate()
        if not out.strip():
            raise Failed(f"watchers: {error.strip()}")
        found = json.loads(out)
        if found["saw_the_end"] == 0:
            raise Failed("none of the watchers saw the end")
        return found


def watchers(run) -> None:
    count = 10_000
    gifts = "150000" if run.quick else "400000"
    alone, watched, seen = [], [], []
    with run.machine.watched():
        for _ in range(run.pairs):
            # A new server each time: a watcher is shown every edition there is, and sees the first end.
            server = run.product.serve("watched")
            watching = Watching(run, server.url, count)
            try:
                watched.append(run.product.drop(server, gifts=gifts, connections=128))
                seen.append(watching.result())
            finally:
                if watching.process.poll() is None:
                    watching.process.kill()
                    watching.process.wait()
            alone.append(run.product.drop(server, gifts=gifts, connections=128))
            run.product.stop(server)
    run.add(Row("watchers", f"sales beside {count:,} watchers", "/s", sales(watched), peer="without watchers",
                ratios=ratios(sales(watched), sales(alone)), ratio_goal=0.7, others=run.machine.others,
                details=brief(watched) | {"alone": sales(alone), "watchers": seen}))
    run.add(Row("watchers", "the last of them sees the end after", "ms",
                [each["end_last_us"] / 1000 for each in seen], 1000, True, others=run.machine.others))
    run.add(Row("watchers", "who did not see it", "watchers",
                [each["watchers"] - each["saw_the_end"] for each in seen], 0, True, others=run.machine.others))


def slow_fsync(run) -> None:
    gifts = "150000" if run.quick else "400000"
    plain = run.product.serve("plain")
    slowed = run.product.serve("slowed", preload=run.product.slow_fsync)
    fast, slow = [], []
    with run.machine.watched():
        for _ in range(run.pairs):
            fast.append(run.product.drop(plain, gifts=gifts, connections=256))
            slow.append(run.product.drop(slowed, gifts=gifts, connections=256))
    run.product.stop(plain, slowed)
    run.add(Row("slow-fsync", "256 connections, each sync 2 ms longer", "/s", sales(slow), peer="undelayed",
                ratios=ratios(sales(slow), sales(fast)), ratio_goal=0.7, others=run.machine.others,
                details=brief(slow) | {"undelayed": sales(fast)}))
