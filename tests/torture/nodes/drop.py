"""A drop: more people than there are gifts, all at once, at any of the nodes, until everybody knows."""

import queue
import random
import threading

from client import Client
from shop import Shop
from witness import Witness

THREADS = 12
LATE = ("sold_out", "account_limit_reached")


class Drop:
    """One wave of purchases. Whoever gets no answer asks again under the same key, here or there."""

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
        client = Client(self._nodes, self._operator_key, f"{self._seed}/{self._waves}/{number}")
        try:
            while not self._failures:
                self.witness.may_buy()
                account, count = waiting.get_nowait()
                key, request = f"buy-{account}-{count}", self.shop.purchase(account)
                answer = client.settle("POST", "/v1/gifts", request, key)
                assert answer.status == 201 or answer.code in LATE, answer
                self.witness.heard("/v1/gifts", request, key, answer)
        except queue.Empty:
            pass
        except BaseException as error:  # the test's thread raises it
            self._failures.append(error)
        finally:
            self.unknown += client.unknown
            client.close()
            if self._failures or not any(other.is_alive() for other in self._threads if other is not threading.current_thread()):
                self.witness.over()
