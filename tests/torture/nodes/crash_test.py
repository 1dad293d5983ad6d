"""The database crashes in the middle of a drop, and recovers."""

from scenario import LONG, Scenario, main

CRASHES = 40 if LONG else 3


class Crash(Scenario):
    def test_nothing_acknowledged_is_lost(self):
        def faults():
            for _ in self.moments(CRASHES):
                self.cluster.restart("immediate")

        self.sell_out(faults)


if __name__ == "__main__":
    main()
