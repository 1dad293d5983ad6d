"""Nodes are killed in the middle of the drop: some come back at once, one when others may have taken its number."""

from scenario import LONG, PATIENCE_SECONDS, Scenario, main

KILLS = 40 if LONG else 2
LANES = "SELECT count(*) FROM lanes"
FREE = "SELECT count(*) FROM lanes WHERE lease_until < clock_timestamp()"


class Kill(Scenario):
    def test_a_killed_node_takes_nothing_with_it(self):
        *others, last = self.chance.sample(self.nodes, len(self.nodes))
        # What this one puts aside, others have to give back.
        self.keeper = last

        def faults():
            for number, _ in enumerate(self.moments(KILLS), 1):
                victim = last if number == KILLS else self.chance.choice(others)
                victim.kill()
                if victim is not last:
                    victim.start()

        self.sell_out(faults)

    def nodes_recover(self, shop):
        """The last one that was killed is still away: what it put aside comes back without it."""
        away = self.keeper
        self.assertFalse(away.is_running())
        self.kept_things_return()
        lanes = int(self.cluster.psql(LANES))
        self.wait_until(lambda: int(self.cluster.psql(FREE)) > 0, lambda: "no lease ends", PATIENCE_SECONDS)
        away.start()
        self.assertEqual(int(self.cluster.psql(LANES)), lanes, "it took a number that was free again")
        super().nodes_recover(shop)


if __name__ == "__main__":
    main()
