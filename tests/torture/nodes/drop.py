"""A drop: more people than there are gifts, all at once, at any of the nodes, until everybody knows."""

import queue
import random
import threading

from client import Answer, Client
from shop import Shop
from witness import Witness

THREADS = 12
LATE = ("sold_out", "account_limit_reached")
PURCHASES = "/v1/gifts"
AT_TWO = 0.25  # the share of purchases that are sent to two nodes at once


class Drop:
    """Waves of purchases. Whoever gets no answer asks again under the same key, here or there; some ask two nodes at once."""

    def __init__(self, shop: Shop, witness: Witness, nodes, operator_key: str, seed: int):
        self.shop = shop
        self.witness = witness
        self.unknown = 0
        self._nodes = nodes
        self._operator_key = operator_key
        self._seed = seed
        self._waves = 0
        self._threads = []
        self._failures = []

    def start(self) -> None:
        """Everybody tries to buy as many as they may, and one more."""
        self._waves += 1
        wanted = [(account, number) for account in self.shop.accounts for number in range(self.shop.cap + 1)]
        random.Random(f"{self._seed}/{self._waves}").shuffle(wanted)
        waiting = queue.SimpleQueue()
        for purchase in wanted:
            waiting.put(purchase)
        self._threads = [threading.Thread(target=self._buy, args=(waiting, number), daemon=True) for number in range(THREADS)]
        for thread in self._threads:
            thread.start()

    def finish(self) -> None:
        """Waits until everybody knows."""
        for thread in self._threads:
            thread.join()
        if self._failures:
            raise self._failures[0]

    def _buy(self, waiting: queue.SimpleQueue, number: int) -> None:
        seed = f"{self._seed}/{self._waves}/{number}"
        chance = random.Random(seed)
        client = Client(self._nodes, self._operator_key, seed)
        try:
            while not self._failures:
                self.witness.may_buy()
                account, count = waiting.get_nowait()
                key, request = self.shop.key_of(account, count), self.shop.purchase(account)
                for answer in self._answers(client, chance, request, key):
                    assert answer.status == 201 or answer.code in LATE, answer
                    self.witness.heard(key, answer)
        except queue.Empty:
            pass
        except BaseException as error:  # the test's thread raises it
            self._failures.append(error)
        finally:
            self.unknown += client.unknown
            client.close()
            if self._failures or not any(other.is_alive() for other in self._threads if other is not threading.current_thread()):
                self.witness.over()

    def _answers(self, client: Client, chance: random.Random, request: dict, key: str) -> list[Answer]:
        """What one node says, or each of two that are asked at once."""
        if chance.random() >= AT_TWO:
            return [client.settle("POST", PURCHASES, request, key)]
        two = chance.sample(self._nodes, 2)
        answers = client.ask_at_once(two, "POST", PURCHASES, request, key)
        return [answer if answer is not None and answer.is_known else client.settle("POST", PURCHASES, request, key, first=node)
                for node, answer in zip(two, answers)]
