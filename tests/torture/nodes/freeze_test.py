"""The database takes whatever is sent and never answers, in the middle of the drop; then it goes on."""

from concurrent.futures import ThreadPoolExecutor

from scenario import Scenario, main

# What clients usually wait. A batch that was on its way is waited for, looked for, and the next one finds nobody.
ANSWER_SECONDS = 30


class Freeze(Scenario):
    KEPT_SECONDS = 2

    def test_nobody_waits_without_end(self):
        def faults():
            for _ in self.moments(1):
                with self.cluster.frozen(), ThreadPoolExecutor() as everybody:
                    list(everybody.map(lambda node: self.says_so(node, ANSWER_SECONDS), self.nodes))
                self.nodes_recover(self.shop)

        self.sell_out(faults)


if __name__ == "__main__":
    main()
