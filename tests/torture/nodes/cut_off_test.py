"""One node is cut off from the database in the middle of the drop, in two ways, and comes back."""

import socket

from network import Namespace
from scenario import AHEAD, Cluster, Scenario, main

# What is under way when the silence begins is waited for and looked for (docs/operations.md).
ANSWER_SECONDS = 30
# The database lets go of the rows of a node that it can't reach when the node's lease has ended.
OTHERS_SECONDS = 30
NODES = 3


class CutOff(Scenario):
    def make_cluster(self):
        self.network = self.enterContext(Namespace())
        with socket.create_server(("", 0)) as probe:
            self.port = probe.getsockname()[1]
        cluster = self.enterContext(Cluster(self.folder / "cluster", port=self.port,
                                            listen_addresses=f"127.0.0.1,{self.network.database_host}"))
        with open(cluster.folder / "data" / "pg_hba.conf", "a", encoding="utf-8") as rules:
            rules.write(f"host all all {self.network.database_host}/30 trust\n")
        cluster.psql("SELECT pg_reload_conf()")
        return cluster

    def add_node(self, **options):
        if len(self.nodes) < NODES - 1:
            return super().add_node(**options)
        return super().add_node(url=f"postgresql://stardrop@{self.network.database_host}:{self.port}/postgres",
                                prefix=self.network.prefix, host=self.network.host, **options)

    def test_it_says_so_and_comes_back(self):
        ways = [self.network.refuse, self.network.pull_cable]
        self.chance.shuffle(ways)

        def faults():
            for way, moment in zip(ways, self.moments(len(ways))):
                way(True)
                self.says_so(self.nodes[-1], ANSWER_SECONDS)
                self.wait_until(lambda moment=moment: len(self.witness.sales) > moment + AHEAD // 2,
                                lambda: f"others stopped selling: {self.witness.refusals}", OTHERS_SECONDS)
                way(False)
                self.nodes_recover(self.shop)
            self.witness.hold_up(None)

        self.sell_out(faults)


if __name__ == "__main__":
    main()
