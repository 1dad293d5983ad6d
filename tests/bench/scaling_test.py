"""The scaling model's own arithmetic: sums, units, what grows with what, and that nothing is assumed in silence."""

import contextlib
import io
import json
import math
import re
import sys
import tempfile
import unittest
from dataclasses import asdict, fields, replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from bench.scaling import __main__ as program  # noqa: E402
from bench.scaling import model, shop  # noqa: E402
from bench.scaling.model import Assumptions, Measured, size_of  # noqa: E402

# Round numbers, so that results can be worked out by hand.
COSTS = Measured(row_bytes={"accounts": 200, "personal_keys": 100, "profiles": 100, "lots": 100, "gift_texts": 100,
                            "fundings": 100, "top_ups": 100, "payments": 100},
                 sale_bytes={"gifts": 100, "transfers": 100, "tallies": 100, "used_keys": 100, "journal": 200},
                 wal_bytes=1000, image_bytes=4000, database_us=50, node_us=40, syncs_per_batch=1,
                 cluster_syncs_per_batch=2)
PLAIN = Assumptions()


def run(*words):
    """Exit code, what was printed, what was complained of."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = program.main(list(words))
        except SystemExit as end:
            code = end.code
    return code, out.getvalue(), err.getvalue()


class Arithmetic(unittest.TestCase):
    def test_rows_and_bytes_add_up(self):
        size = size_of(1e6, COSTS, PLAIN)
        self.assertEqual(size.rows["gifts"], 20e6)
        self.assertEqual(size.rows["top_ups"], 5e6)
        self.assertEqual(size.rows["transfers"], size.rows["gifts"] + size.rows["top_ups"])
        self.assertEqual(size.rows["used_keys"], size.rows["gifts"] + size.rows["top_ups"])
        self.assertEqual(size.bytes_by_table["accounts"], 1e6 * 200 * 1.3)
        self.assertEqual(size.bytes_by_table["journal"], 25e6 * 200)
        self.assertAlmostEqual(size.total_bytes, math.fsum(size.bytes_by_table.values()), delta=1)
        self.assertEqual(set(size.rows), set(size.bytes_by_table))

    def test_rates_are_per_second(self):
        size = size_of(86.4e6, COSTS, PLAIN)
        self.assertAlmostEqual(size.sales_s, 20)
        self.assertAlmostEqual(size.drop_sales_s, 1440)
        self.assertAlmostEqual(size.peak_ops_s, 25 * 20 + 1440)
        self.assertAlmostEqual(size.batches_s, size.peak_ops_s / 100)
        self.assertAlmostEqual(size.database_cores * 1e6, size.peak_ops_s * 50)
        self.assertGreater(size.rows_written_s, 5 * size.peak_ops_s)

    def test_the_log_has_its_records_at_least(self):
        size = size_of(1e6, COSTS, PLAIN)
        records = size.peak_ops_s * 1000 / 1e6
        self.assertAlmostEqual(size.wal_mb_s * (1 - size.image_share), records)
        # No more images than pages are touched: two accounts, a key, and a tally for some.
        self.assertLessEqual(size.wal_mb_s, records + size.peak_ops_s * 3.5 * 4000 / 1e6)

    def test_pages_are_logged_once(self):
        self.assertAlmostEqual(model.distinct_pages(8192 * 1000, 1e9), 1000)
        self.assertAlmostEqual(model.distinct_pages(8192 * 1e9, 1000), 1000, places=2)

    def test_the_measured_page_images_are_what_the_formula_says(self):
        """Only accounts were touched at random in the runs: a million of them, two a sale."""
        told = json.loads(program.MEASURED.read_text(encoding="utf-8"))["database"]
        heap = told["accounts"] * (told["row_bytes"]["accounts"] - 22)  # without the index
        for each in told["runs"]:
            if each["batch"] < 1000 and not each["two_phases"] and each["wal_compression"] == "off":
                expected = model.distinct_pages(heap, 2 * each["sales"]) / each["sales"]
                self.assertAlmostEqual(each["page_images_per_sale"] / expected, 1, delta=0.05)

    def test_one_edition_sells_a_batch_at_a_time(self):
        size = size_of(1e6, COSTS, PLAIN)
        self.assertEqual(size.mode, "one PostgreSQL")
        self.assertAlmostEqual(size.hot_edition_s, 100 / (100 * 50e-6 + 1 / 2000))
        cluster = size_of(1e9, COSTS, PLAIN)
        tallies = model.touched(cluster.shards["account"], 50)
        self.assertAlmostEqual(cluster.hot_edition_s, 100 / (100 * 50e-6 + 2 / 2000 + (10 + tallies) * 0.5e-3))
        # Each row lock is a statement, so more account shards make a batch longer.
        more = size_of(1e9, COSTS, replace(PLAIN, shard_gb=1))
        self.assertGreater(more.statements, cluster.statements)
        self.assertLess(more.node_s, cluster.node_s)

    def test_powers_of_two(self):
        self.assertEqual([model.power_of_two(n) for n in (0.1, 1, 2, 3, 1024, 1025)], [1, 1, 2, 4, 1024, 2048])


class Growth(unittest.TestCase):
    def test_more_accounts_need_no_less_of_anything(self):
        sizes = [asdict(size_of(millions * 1e6, COSTS, PLAIN)) for millions in (1, 10, 30, 100, 300, 1000, 3000)]
        for smaller, larger in zip(sizes, sizes[1:]):
            for name in ("total_bytes", "peak_ops_s", "rows_written_s", "wal_mb_s", "database_cores", "node_cores",
                         "database_machines", "nodes", "syncs_s"):
                self.assertGreaterEqual(larger[name], smaller[name], name)
            for group, count in smaller["shards"].items():
                self.assertGreaterEqual(larger["shards"][group], count)

    def test_assumptions_push_where_they_should(self):
        plain = size_of(300e6, COSTS, PLAIN)
        for name, factor, grows in (("gifts_per_account", 2, "total_bytes"), ("peak_factor", 2, "peak_ops_s"),
                                    ("drop_share", 2, "drop_sales_s"), ("bloat", 2, "total_bytes"),
                                    ("checkpoint_s", 0.01, "wal_mb_s"), ("headroom", 0.5, "database_machines"),
                                    ("copies", 2, "database_machines"), ("machine_tb", 0.5, "database_machines"),
                                    ("cluster_factor", 2, "database_cores"), ("round_trip_ms", 0.5, "hot_edition_s"),
                                    ("text_share", 2, "rows_written_s"), ("limited_share", 2, "rows_written_s"),
                                    ("reversible_share", 2, "total_bytes"), ("machine_syncs_s", 2, "hot_edition_s")):
            with self.subTest(name):
                other = size_of(300e6, COSTS, replace(PLAIN, **{name: getattr(PLAIN, name) * factor}))
                self.assertGreater(getattr(other, grows), getattr(plain, grows))
        self.assertGreater(size_of(300e6, COSTS, replace(PLAIN, shard_gb=1)).shards["object"], plain.shards["object"])
        self.assertGreater(size_of(1e9, COSTS, replace(PLAIN, machine_cores=0.01)).nodes, size_of(1e9, COSTS, PLAIN).nodes)

    def test_limits_are_told(self):
        drop = size_of(1e9, COSTS, replace(PLAIN, drop_share=0.01))
        self.assertTrue(any("of one edition" in limit for limit in drop.limits))
        syncs = size_of(1e9, COSTS, replace(PLAIN, batch=1))
        self.assertTrue(any("larger batches" in limit for limit in syncs.limits))
        self.assertTrue(any("lanes" in limit for limit in size_of(1e9, COSTS, replace(PLAIN, machine_cores=0.001)).limits))
        self.assertEqual(size_of(1e6, COSTS, PLAIN).limits, [])


class Program(unittest.TestCase):
    def test_every_assumption_is_shown_and_is_a_flag(self):
        code, out, _ = run("--accounts", "10")
        self.assertEqual(code, 0)
        for each in fields(Assumptions):
            flag = "--" + each.name.replace("_", "-")
            self.assertRegex(out, rf"{re.escape(flag)} +{re.escape(f'{each.default:g}')} ")
            self.assertEqual(run("--accounts", "10", flag, f"{each.default:g}")[1], out)

    def test_a_flag_changes_the_result(self):
        told = json.loads(run("--accounts", "10", "--json", "--peak-factor", "40")[1])
        self.assertEqual(told["assumptions"]["peak_factor"]["value"], 40)
        plain = json.loads(run("--accounts", "10", "--json")[1])
        self.assertGreater(told["sizes"][0]["peak_ops_s"], plain["sizes"][0]["peak_ops_s"])
        self.assertEqual(set(plain["assumptions"]), {each.name for each in fields(Assumptions)})

    def test_accounts_are_millions(self):
        told = json.loads(run("--accounts", "10,0.5", "--json")[1])
        self.assertEqual([size["accounts"] for size in told["sizes"]], [10e6, 0.5e6])

    def test_tables(self):
        out = run("--accounts", "10,1000", "--markdown")[1]
        self.assertTrue(out.startswith("| accounts | 10 M | 1 G |\n| --- | --- | --- |\n"))
        self.assertEqual(len({line.count("|") for line in out.strip().split("\n")}), 1)

    def test_the_document_shows_what_the_model_says(self):
        document = (ROOT / "docs/scaling.md").read_text(encoding="utf-8")
        self.assertIn(run("--markdown")[1].strip(), document)
        for each in fields(Assumptions):
            self.assertIn(f"`{each.name.replace('_', '-')}` {each.default:g}", " ".join(document.split()))

    def test_wrong_usage(self):
        for words in (["--accounts", "x"], ["--accounts", "0"], ["--headroom", "0"], ["--batch", "7"],
                      ["--measured", "nowhere.json"], ["--batch", "1.5"]):
            with self.subTest(words):
                code, out, err = run(*words)
                self.assertEqual(code, 2)
                self.assertEqual(out, "")
                self.assertIn("bench.scaling", err)

    def test_batches_that_were_not_measured_are_refused(self):
        with tempfile.TemporaryDirectory() as folder:
            other = Path(folder, "other.json")
            other.write_text(program.MEASURED.read_text(encoding="utf-8"), encoding="utf-8")
            self.assertIn("only of 1, 100, 1000", run("--measured", str(other), "--batch", "10")[2])


class TheMeasurement(unittest.TestCase):
    MIGRATION = (ROOT / "storage/postgres/migrations/0001_initial/up.sql").read_text(encoding="utf-8")

    def test_it_says_how_and_on_what(self):
        told = json.loads(program.MEASURED.read_text(encoding="utf-8"))
        for part in ("database", "node"):
            self.assertTrue(told[part]["how"])
            self.assertTrue(told[part]["on"])

    def test_tables_of_the_model_are_in_the_schema_and_were_measured(self):
        measured = Measured.read(program.MEASURED, 100)
        rows = model.rows_of(1, PLAIN)
        grouped = [table for tables in model.GROUPS.values() for table in tables]
        self.assertEqual(sorted(grouped), sorted(rows))
        for table in rows:
            self.assertTrue(shop.columns(self.MIGRATION, table), table)
            self.assertGreater(measured.sale_bytes.get(table, measured.row_bytes.get(table, 0)), 40, table)

    def test_statements_are_those_of_the_store(self):
        text = shop.prepared(self.MIGRATION)
        self.assertIn('SELECT t."edition", t."account", t."bought", t."reserved" FROM tallies t, '
                      'unnest($1::bigint[], $2::bigint[]) AS u("edition", "account") WHERE t."edition" = u."edition" AND '
                      't."account" = u."account" ORDER BY t."edition", t."account" FOR UPDATE OF t', text)
        self.assertIn('"kind" = u."kind"::smallint', text)

    def test_a_batch_has_each_buyer_once(self):
        one = shop.Shop(shop.random.Random(1), 1000)
        statements = one.batch(10)
        self.assertEqual(one.sold, 10)
        self.assertEqual(len(one.tallies), 10)
        self.assertTrue(statements.startswith("BEGIN;"))
        self.assertIn("COMMIT;", statements)
        self.assertIn("COMMIT PREPARED", one.batch(1, two_phases=True))


if __name__ == "__main__":
    unittest.main()
