"""What every scenario has: a cluster, nodes, a drop with a witness, and the proof at the end."""

import datetime
import os
import random
import secrets
import sys
import tempfile
import time
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "support"))
from client import Client  # noqa: E402
from drop import Drop  # noqa: E402
from node import PATIENCE_SECONDS, Node, make_keys  # noqa: E402
from postgres import Cluster, programs  # noqa: E402
from proof import prove  # noqa: E402
from shop import PRICE, Shop  # noqa: E402
from witness import Witness  # noqa: E402

SKIPPED = 77
# Taken out: to the program every variable of this beginning is a setting.
LONG = bool(os.environ.pop("STARDROP_LONG", ""))
SEED = os.environ.pop("STARDROP_SEED", "")
POLL_SECONDS = 0.02
LOOK_SECONDS = 2
RECOVERY_SECONDS = 20
AHEAD = 100  # sales
RESERVATIONS = 20
HOLD_STARS = 2 * PRICE  # what nobody needs for a purchase
STARDROP = ""


class Scenario(unittest.TestCase):
    """Three nodes, an edition that sells out, reservations and holds that were open before the fault."""

    SUPPLY = 20_000 if LONG else 800
    CAP = 8
    KEPT_SECONDS = 3  # how long reservations and holds last

    def setUp(self):
        programs()
        self.seed = int(SEED or secrets.randbelow(1_000_000))
        self.chance = random.Random(self.seed)
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory(prefix="stardrop-nodes-")))
        self.addCleanup(lambda: self.report())
        self.cluster = self.make_cluster()
        self.url = self.database_url()
        self.master_key, self.operator_key = make_keys(STARDROP, self.folder / "keys", self.url)
        self.nodes: list[Node] = []
        for _ in range(3):
            self.add_node()
        self.keeper: Node | None = None  # the node that puts stock and Stars aside; any, if it is None
        self.witness = Witness()
        self.client = Client(self.nodes, self.operator_key, self.seed, answer_seconds=30)
        self.addCleanup(self.client.close)

    def make_cluster(self) -> Cluster:
        return self.enterContext(Cluster(self.folder / "cluster"))

    def database_url(self) -> str:
        return self.cluster.url()

    def add_node(self, url: str = "", **options) -> Node:
        node = Node(STARDROP, self.folder / f"node-{len(self.nodes) + 1}", url or self.url,
                    "--master-key-file", str(self.master_key), **options)
        self.addCleanup(lambda: node.kill() if node.is_running() else None)
        node.start()
        self.nodes.append(node)
        return node

    def report(self) -> None:
        """How to have this again, and what the nodes had to say."""
        outcome = self._outcome.result
        if any(test is self for test, _ in outcome.failures + outcome.errors):
            print(f"seed {self.seed}: STARDROP_SEED={self.seed} has the same faults at the same moments", file=sys.stderr)
            for node in self.nodes:
                print(f"--- {node.name}\n{node.last_words()}", file=sys.stderr)

    def wait_until(self, holds, otherwise=lambda: "it never came true", seconds: float = PATIENCE_SECONDS,
                   look_seconds: float = POLL_SECONDS) -> None:
        deadline = time.monotonic() + seconds
        while not holds():
            if time.monotonic() > deadline:
                self.fail(otherwise())
            time.sleep(look_seconds)

    # --- the drop ---------------------------------------------------------------------------------

    def open_shop(self) -> Shop:
        """With stock that is reserved and Stars that are held, for a while."""
        shop = Shop.open(self.client, self.SUPPLY, self.CAP, self.SUPPLY // self.CAP + 20)
        keepers = self.chance.sample(shop.accounts, RESERVATIONS)
        self.reservations = [shop.reserve(self.client, account, self.KEPT_SECONDS, self.keeper) for account in keepers]
        expires_at = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=self.KEPT_SECONDS)
        self.holds = [shop.hold(self.client, account, HOLD_STARS, expires_at.isoformat().replace("+00:00", "Z"), self.keeper) for account in keepers]
        return shop

    def moments(self, count: int):
        """Comes back so often in the middle of the drop. Sales go on a little until the fault is over, but not past the next."""
        for moment in sorted(self.chance.sample(range(self.SUPPLY // 10, self.SUPPLY * 8 // 10), count)):
            self.witness.hold_up(moment + AHEAD)
            if not self.witness.wait_for(moment):
                self.drop.finish()
                self.fail(f"the drop was over before {moment} were sold: {self.witness.refusals}")
            yield moment
        self.witness.hold_up(None)

    def sell_out(self, faults) -> None:
        """Opens a shop, lets `faults` happen while it sells, and holds everybody to what they said."""
        shop = self.shop = self.open_shop()
        self.drop = drop = Drop(shop, self.witness, self.nodes, self.operator_key, self.seed)
        drop.start()
        faults()
        drop.finish()
        self.nodes_recover(shop)
        self.kept_things_return()
        # What came back is sold as well; what was acknowledged is asked for once more and answered the same.
        drop.start()
        drop.finish()
        self.prove(shop)

    def nodes_recover(self, shop: Shop) -> None:
        """Every node gets over it by itself: it says so, and can be read, though nobody sends it anything to write."""
        for node in self.nodes:
            for path in ("/readyz", f"/v1/accounts/{shop.accounts[0]}"):
                self.wait_until(lambda node=node, path=path: self.answers(node, path) == 200,
                                lambda node=node, path=path: f"{node.name}: {path}: {self.answers(node, path)}", RECOVERY_SECONDS)

    def says_so(self, node: Node, seconds: float) -> None:
        """A node without its database, asked for something new, for something old and whether it is ready: no answer is late,
        all are 503. Once it says that it is not ready, all come at once."""
        self.refuses(node, seconds)
        self.wait_until(lambda: self.answers(node, "/readyz") == 503, lambda: f"{node.name} calls itself ready")
        self.refuses(node, LOOK_SECONDS)

    def refuses(self, node: Node, seconds: float) -> None:
        client = Client([node], self.operator_key, self.seed, answer_seconds=seconds)
        try:
            account = self.shop.accounts[0]
            for method, path, body, key in (("POST", "/v1/gifts", self.shop.purchase(account), self.shop.key_of(account, 0)),
                                            ("GET", f"/v1/accounts/{account}", None, "")):
                answer = client.ask(node, method, path, body, key)
                self.assertIsNotNone(answer, f"{node.name}: {method} {path}: no answer in {seconds} seconds")
                self.assertEqual(answer.status, 503, f"{node.name}: {method} {path}: {answer}")
        finally:
            client.close()

    def answers(self, node: Node, path: str) -> int | None:
        """The status of a short look at a node; None if it does not answer."""
        client = Client([node], self.operator_key, 0, answer_seconds=LOOK_SECONDS)
        try:
            answer = client.ask(node, "GET", path)
            return None if answer is None else answer.status
        finally:
            client.close()

    def kept_things_return(self) -> None:
        """What was reserved or held before the fault ends at its time, though nobody asks for it."""
        for path in self.kept_paths():
            self.wait_until(lambda path=path: self.client.done("GET", path)["state"] == "expired",
                            lambda path=path: f"{path} is {self.client.done('GET', path)}")

    def kept_paths(self) -> list[str]:
        return [f"/v1/reservations/{each}" for each in self.reservations] + [f"/v1/holds/{each}" for each in self.holds]

    def prove(self, shop: Shop) -> None:
        self.witness.compare(self, self.client, shop)
        self.witness.compare_edition(self, self.client, shop)
        self.prove_all()

    def prove_all(self) -> None:
        """The nodes have stopped, and the books are right."""
        for node in self.nodes:
            node.stop()
        prove(self, STARDROP, self.url)


def main() -> None:
    """NAME_test.py STARDROP [argument of unittest…]"""
    global STARDROP
    STARDROP = str(Path(sys.argv.pop(1)).resolve())
    # A test's own module holds the scenarios; this one holds the name of the program.
    result = unittest.main(module="__main__", exit=False).result
    if result.wasSuccessful() and len(result.skipped) == result.testsRun:
        sys.exit(SKIPPED)
    sys.exit(not result.wasSuccessful())
