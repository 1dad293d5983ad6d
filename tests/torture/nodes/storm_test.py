"""Telegram's first drop, 600,000 gifts, over three nodes: one is killed on the way and comes back. Only in long runs.

The load client is `stardrop drop bench`, which is a witness of its own: it keeps every acknowledged answer, asks again what was
left unanswered, and compares in the end.
"""

import json
import subprocess
import unittest

import scenario
from node import MORTAL
from scenario import LONG, Scenario, main

EDITIONS = (500_000, 100_000)
BUYERS = 300_000
CONNECTIONS = 64
PROGRESS_SECONDS = 1800  # that each part of the drop may take, on a small and busy machine
SERIALS = "SELECT count(*), count(DISTINCT serial), min(serial), max(serial) FROM gifts GROUP BY edition ORDER BY 1 DESC"


class Storm(Scenario):
    def setUp(self):
        if not LONG:
            raise unittest.SkipTest("only in long runs: STARDROP_LONG=1")
        super().setUp()

    def test_a_killed_node_takes_nothing_with_it(self):
        supply = sum(EDITIONS)
        report = self.folder / "report.json"
        urls = [part for node in self.nodes for part in ("--url", f"http://{node.host}:{node.port}")]
        with open(self.folder / "bench.log", "wb") as log:
            self.bench = subprocess.Popen(
                [*MORTAL, scenario.STARDROP, "drop", "bench", *urls, "--key", self.operator_key, "--editions", ",".join(map(str, EDITIONS)),
                 "--buyers", str(BUYERS), "--connections", str(CONNECTIONS), "--patience", str(PROGRESS_SECONDS),
                 "--seed", str(self.seed), "--report-json", str(report)], stdout=log, stderr=log)
        self.addCleanup(lambda: self.bench.poll() is not None or self.bench.kill())
        victim = self.chance.choice(self.nodes)
        share = self.chance.uniform(0.1, 0.4)
        self.until_sold(supply * share)
        victim.kill()
        self.until_sold(supply * (share + 0.2))  # the others go on
        victim.start()
        self.until_sold(supply * (share + 0.4))
        code = self.bench.wait(2 * PROGRESS_SECONDS)
        said = (self.folder / "bench.log").read_text(errors="replace")[-3000:]
        self.assertEqual(code, 0, said)
        told = json.loads(report.read_text())
        self.assertEqual((told["ok"], told["sold"], told["oversold"]), (True, supply, 0), said)
        serials = [f"{each}|{each}|1|{each}" for each in EDITIONS]
        self.assertEqual(self.cluster.psql(SERIALS).splitlines(), serials, "each number was sold once, and none is missing")
        print(said)
        self.prove_all()

    def until_sold(self, gifts: float) -> None:
        def far_enough():
            self.assertIsNone(self.bench.poll(), "the drop was over before: " + (self.folder / "bench.log").read_text()[-3000:])
            return self.sold() >= gifts
        self.wait_until(far_enough, lambda: f"{self.sold()} of {gifts} are sold", PROGRESS_SECONDS, look_seconds=0.5)

    def sold(self) -> int:
        return int(self.cluster.psql("SELECT COALESCE(sum(sold), 0) FROM editions"))


if __name__ == "__main__":
    main()
