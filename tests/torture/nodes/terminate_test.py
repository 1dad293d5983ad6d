"""Every session of the database is cut, again and again, at any moment of the drop: before a commit, in it, behind it."""

from scenario import LONG, Scenario, main

CUTS = 200 if LONG else 12


class Terminate(Scenario):
    def test_nothing_acknowledged_is_lost(self):
        cut = 0

        def faults():
            nonlocal cut
            for _ in self.moments(CUTS):
                cut += self.cluster.terminate_backends()

        self.sell_out(faults)
        self.assertGreaterEqual(cut, CUTS, "sessions were cut")


if __name__ == "__main__":
    main()
