"""The database takes whatever is sent and never answers, in the middle of the drop; then it goes on."""

import contextlib
import time
from concurrent.futures import ThreadPoolExecutor

from client import Client
from scenario import Scenario, main

# What clients usually wait. A batch that was on its way is waited for, looked for, and the next one finds nobody.
ANSWER_SECONDS = 30


class Freeze(Scenario):
    KEPT_SECONDS = 2

    def test_nobody_waits_without_end(self):
        def faults():
            for _ in self.moments(1):
                with self.cluster.frozen(), ThreadPoolExecutor() as everybody:
                    list(everybody.map(self.says_so, self.nodes))
                self.nodes_recover(self.shop)

        self.sell_out(faults)

    def says_so(self, node):
        """Whoever asks is told in time that nothing can be told."""
        client = self.enterContext(contextlib.closing(Client([node], self.operator_key, self.seed, answer_seconds=ANSWER_SECONDS)))
        begun = time.monotonic()
        account = self.shop.accounts[0]
        for method, path, body, key in (("POST", "/v1/gifts", self.shop.purchase(account), self.shop.key_of(account, 0)),
                                        ("GET", f"/v1/accounts/{account}", None, "")):
            answer = client.ask(node, method, path, body, key)
            self.assertIsNotNone(answer, f"{node.name}: {method} {path}: nothing in {time.monotonic() - begun:.1f} seconds")
            self.assertEqual(answer.status, 503, f"{node.name}: {method} {path}: {answer}")
        self.wait_until(lambda: self.answers(node, "/readyz") == 503, lambda: f"{node.name} calls itself ready")


if __name__ == "__main__":
    main()
