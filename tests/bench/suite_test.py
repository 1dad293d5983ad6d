"""The bench suite's own arithmetic: medians, ratios, goals, and the table."""

import sys
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent.parent))

from bench.suite import __main__ as suite  # noqa: E402
from bench.suite.core import best_of  # noqa: E402
from bench.suite.machine import busy_seconds, own_seconds  # noqa: E402
from bench.suite.over_http import client_us, ratios  # noqa: E402
from bench.suite.table import Row, as_text, number  # noqa: E402


class Rows(unittest.TestCase):
    def test_the_median_counts(self):
        row = Row("b", "w", "/s", [1, 100, 3], goal=3, ratios=[9, 1, 2], ratio_goal=2)
        self.assertEqual(row.reached, 3)
        self.assertEqual(row.ratio, 2)
        self.assertEqual(row.met(), "yes")

    def test_one_missed_goal_is_a_miss(self):
        self.assertEqual(Row("b", "w", "/s", [2], goal=3).met(), "no")
        self.assertEqual(Row("b", "w", "/s", [3], goal=3, ratios=[1], ratio_goal=2).met(), "no")
        self.assertEqual(Row("b", "w", "ms", [4], goal=3, at_most=True).met(), "no")
        self.assertEqual(Row("b", "w", "ms", [3], goal=3, at_most=True).met(), "yes")
        self.assertEqual(Row("b", "w", "us", [9], ratios=[1.4], ratio_goal=1.3, ratio_at_most=True).met(), "no")

    def test_without_a_goal_or_a_peer_nothing_is_claimed(self):
        self.assertEqual(Row("b", "w", "/s", [2]).met(), "")
        # The peer was left out: its goal can't be met or missed.
        row = Row("b", "w", "/s", [3], goal=3, peer="PostgreSQL", ratios=[], ratio_goal=12)
        self.assertEqual(row.met(), "yes")
        self.assertNotIn("PostgreSQL", as_text([row]))

    def test_the_table_names_goal_and_ratio(self):
        text = as_text([Row("buy", "x", "/s", [45678.4], goal=45_000, peer="PG", ratios=[12.345], ratio_goal=12)])
        for part in ("45,678", ">= 45,000", "12.3", ">= 12", "yes"):
            self.assertIn(part, text)

    def test_numbers_keep_what_counts(self):
        self.assertEqual(number(1234567.8), "1,234,568")
        self.assertEqual(number(0.8512), "0.851")
        self.assertEqual(number(None), "")


class Pairs(unittest.TestCase):
    def test_a_peer_may_choose_its_clients_in_each_pair(self):
        self.assertEqual(best_of({1: [10, 40], 4: [30, 20], 16: []}), [30, 40])
        self.assertEqual(best_of({1: []}), [])

    def test_ratios_are_of_the_same_pair(self):
        self.assertEqual(ratios([10, 30], [5, 10]), [2, 3])

    def test_the_clients_time_is_per_request(self):
        report = {"attempts": 2000, "client_cpu_ms": 20, "options": {"batch": 100}}
        self.assertEqual(client_us(report), 1000)


class TheMachine(unittest.TestCase):
    def test_own_time_counts_what_was_started(self):
        before, busy = own_seconds(), busy_seconds()
        sum(i * i for i in range(2_000_000))
        self.assertGreater(own_seconds(), before)
        self.assertGreaterEqual(busy_seconds(), busy)


class Benchmarks(unittest.TestCase):
    def test_each_is_documented(self):
        readme = (Path(suite.__file__).parent.parent / "README.md").read_text(encoding="utf-8")
        for name in suite.BENCHMARKS:
            self.assertIn(f"`{name}`", readme)


if __name__ == "__main__":
    unittest.main()
