"""The outside witness: it knows nothing but what nodes have answered, and holds them to it."""

import math
import threading
import time
from collections import Counter, defaultdict
from typing import NamedTuple

from client import Answer, Client
from shop import PRICE, Shop

PAGE = 100


class Sale(NamedTuple):
    """An acknowledged purchase: the answer word by word, and when it was first heard."""

    text: bytes
    gift: str
    serial: int
    buyer: str
    created: str
    heard: float


class Witness:
    """Collects from any number of threads; `wait_for` lets faults come at a moment of the drop, not of the clock."""

    def __init__(self):
        self.sales: dict[str, Sale] = {}
        self.refusals = Counter()
        self.told = defaultdict(set)  # the codes under which each key was refused
        self.late: set[str] = set()  # what was sold though somebody had been told that nothing is left
        self._sold_out_since = math.inf
        self.contradictions: list[str] = []
        self._changed = threading.Condition()
        self._over = False
        self._limit: int | None = None

    def heard(self, key: str, answer: Answer) -> None:
        with self._changed:
            if answer.status == 201:
                gift = answer.body
                known = self.sales.setdefault(key, Sale(answer.text, gift["id"], gift["serial"], gift["from"], gift["created"],
                                                        time.monotonic()))
                if known.text != answer.text:
                    self.contradictions.append(f"{key}: {known.text} and {answer.text}")
                if not answer.replayed and answer.asked > known.heard:
                    self.contradictions.append(f"{key}: sold once more, as {answer.text}")
                # A replay tells nothing of when it was sold.
                if not answer.replayed and answer.asked > self._sold_out_since:
                    self.late.add(key)
            else:
                self.refusals[answer.code] += 1
                self.told[key].add(answer.code)
                if key in self.sales and answer.asked > self.sales[key].heard:
                    self.contradictions.append(f"{key}: sold, and refused as {answer.code}")
                if answer.code == "sold_out":
                    self._sold_out_since = min(self._sold_out_since, time.monotonic())
            self._changed.notify_all()

    def over(self) -> None:
        """Nothing more will be heard."""
        with self._changed:
            self._over = True
            self._changed.notify_all()

    def wait_for(self, sales: int) -> bool:
        """Until so many are acknowledged; false if the drop was over before."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or len(self.sales) >= sales)
            return len(self.sales) >= sales

    def hold_up(self, limit: int | None) -> None:
        """Nobody begins to buy when so many are acknowledged; None lets everybody go on."""
        with self._changed:
            self._limit = limit
            self._changed.notify_all()

    def may_buy(self) -> None:
        """Waits while the drop is held up."""
        with self._changed:
            self._changed.wait_for(lambda: self._over or self._limit is None or len(self.sales) < self._limit)

    def bought_by(self) -> dict[str, list[Sale]]:
        out = defaultdict(list)
        for sale in self.sales.values():
            out[sale.buyer].append(sale)
        return out

    # --- what it holds the nodes to ---------------------------------------------------------------

    def compare(self, test, client: Client, shop: Shop) -> None:
        """What is there is what was acknowledged: neither more nor less, for everybody and in all."""
        test.assertEqual(self.contradictions, [])
        self._compare_refusals(test, shop)
        serials = sorted(sale.serial for sale in self.sales.values())
        test.assertEqual(serials, list(range(1, shop.supply + 1)), "each number was sold once, and none is missing")
        bought = self.bought_by()
        for account in shop.accounts:
            told = {sale.gift: sale.serial for sale in bought[account]}
            page = client.done("GET", f"/v1/accounts/{account}/gifts?limit={PAGE}")
            there = [(gift["id"], gift["serial"]) for gift in page["data"]]
            test.assertEqual(dict(there), told, account)
            test.assertEqual(len(there), len(told), account)
            test.assertLessEqual(len(told), shop.cap, account)
            stars = client.done("GET", f"/v1/accounts/{account}")["balances"]["XTR"]
            left = str(shop.stars - PRICE * len(told))
            test.assertEqual((stars["posted"], stars["held"], stars["available"]), (left, "0", left), account)

    def _compare_refusals(self, test, shop: Shop) -> None:
        """Nobody was sent away who could have been served, but for stock that was reserved at the time."""
        late = self.late | {key for key, codes in self.told.items() if "sold_out" in codes and key in self.sales}
        test.assertLessEqual(len(late), len(shop.reserved_by), f"sold after the end: {sorted(late)}")
        bought = self.bought_by()
        for key, codes in self.told.items():
            account = shop.account_of(key)
            if "account_limit_reached" in codes and account not in shop.reserved_by:
                test.assertEqual(len(bought[account]), shop.cap, f"{key} was refused for the limit")
                test.assertNotIn(key, self.sales)

    def compare_edition(self, test, client: Client, shop: Shop) -> None:
        """Every node tells the same of the edition, sooner or later."""
        for node in client.nodes:
            test.wait_until(lambda node=node: self._seen(client, node, shop) == (shop.supply, 0, 0),
                            lambda node=node: f"{node.name} sees sold, reserved, left: {self._seen(client, node, shop)}")

    @staticmethod
    def _seen(client: Client, node, shop: Shop):
        answer = client.ask(node, "GET", f"/v1/editions/{shop.edition}")
        if answer is None or answer.status != 200:
            return answer
        return answer.body["sold"], answer.body["reserved"], answer.body["left"]
