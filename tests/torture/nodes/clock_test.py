"""Clocks of nodes are put an hour forward and an hour back while they sell: everything goes by the database's."""

import datetime
import os
import time
import unittest
from pathlib import Path

from scenario import POLL_SECONDS, Scenario, main

HOUR = 3600
# What a clock that was compared over a busy connection may be off by.
TOLERANCE_SECONDS = 1
LIBRARIES = Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")


def seconds(time_of_answer: str) -> float:
    return datetime.datetime.fromisoformat(time_of_answer.replace("Z", "+00:00")).timestamp()


class Clock(Scenario):
    KEPT_SECONDS = 8

    def setUp(self):
        self.library = next(LIBRARIES, None)
        if self.library is None:
            raise unittest.SkipTest("needs libfaketime (Debian: apt-get install libfaketime)")
        super().setUp()

    def add_node(self, **options):
        clock = self.folder / f"clock-{len(self.nodes) + 1}"
        clock.write_text("+0")
        # The steady clock is nobody's to put, and the sanitizers like to be loaded first.
        environment = {"LD_PRELOAD": str(self.library), "FAKETIME_TIMESTAMP_FILE": str(clock), "FAKETIME_CACHE_DURATION": "1",
                       "FAKETIME_DONT_FAKE_MONOTONIC": "1", "DONT_FAKE_MONOTONIC": "1",
                       "ASAN_OPTIONS": os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0"}
        return super().add_node(environment=environment, **options)

    def put(self, node, ahead: int) -> None:
        (self.folder / node.name.replace("node", "clock")).write_text(f"{ahead:+}")

    def test_nothing_happens_at_a_wrong_time(self):
        forward, backward, right = self.chance.sample(self.nodes, 3)
        self.right = right

        def faults():
            moments = self.moments(3)
            next(moments)
            self.put(forward, HOUR)
            next(moments)
            self.put(backward, -HOUR)
            self.still_kept()
            next(moments)
            # From now on nobody knows what time it is.
            right.kill()
            for _ in moments:
                pass

        begun = time.time()
        self.sell_out(faults)
        sales = sorted((sale.created, sale.gift) for sale in self.witness.sales.values())
        self.assertGreater(seconds(sales[0][0]), begun - TOLERANCE_SECONDS)
        self.assertLess(seconds(sales[-1][0]), time.time() + TOLERANCE_SECONDS)
        self.ids_rise(sales)
        # The tool did what it was asked for: the words of parting are stamped by the machine's clock.
        for node, ahead in (forward, HOUR), (backward, -HOUR):
            parting = node.last_words().splitlines()[-1].partition(" ")[0]
            self.assertAlmostEqual(seconds(parting), time.time() + ahead, delta=HOUR // 2, msg=node.name)

    def ids_rise(self, sales):
        """With time, but for what nodes did at once."""
        highest, waiting = "", list(sales)
        for created, gift in sales:
            while seconds(waiting[0][0]) < seconds(created) - TOLERANCE_SECONDS:
                highest = max(highest, waiting.pop(0)[1])
            self.assertGreater(gift, highest, created)

    def nodes_recover(self, shop):
        self.kept_things_return()
        self.right.start()
        super().nodes_recover(shop)

    def kept_things_return(self):
        """Not before their time, and not an hour after it."""
        while self.still_kept():
            time.sleep(POLL_SECONDS)
        super().kept_things_return()
        self.assertLess(time.time(), self.due + HOUR // 2)

    def still_kept(self) -> bool:
        """Whether the first of them is not due yet; then all of them are as they were."""
        there = [self.client.done("GET", path) for path in self.kept_paths()]
        self.due = min(seconds(each["expires_at"]) for each in there)
        if time.time() > self.due - TOLERANCE_SECONDS:
            return False
        self.assertEqual({each["state"] for each in there}, {"open"})
        return True


if __name__ == "__main__":
    main()
