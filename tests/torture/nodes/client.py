"""A client of several nodes, any of which may be gone: what it does not know it asks again."""

import http.client
import json
import random
import time
from typing import NamedTuple

ANSWER_SECONDS = 8
KNOWN_SECONDS = 90
PAUSE_SECONDS = 0.02


class Answer(NamedTuple):
    status: int
    text: bytes
    replayed: bool
    asked: float  # when the request that it answers was sent

    @property
    def is_known(self) -> bool:
        """Whether it says what has happened."""
        return self.status != 503

    @property
    def body(self) -> dict:
        return json.loads(self.text)

    @property
    def code(self) -> str:
        """Why it was refused; empty if it was not."""
        return "" if self.status < 300 else self.body["code"]


class NeverKnown(Exception):
    """No node told what became of a request, for as long as anybody would wait."""


class Client:
    """Of one thread. Keeps a connection to each node."""

    def __init__(self, nodes, operator_key: str, seed: object, answer_seconds: float = ANSWER_SECONDS):
        self.nodes = nodes
        self.unknown = 0  # answers that left it open what had happened
        self._key = operator_key
        self._chance = random.Random(str(seed))
        self._answer_seconds = answer_seconds
        self._connections = {}

    def ask(self, node, method: str, path: str, body=None, key: str = "") -> Answer | None:
        """What one node answers; None if the connection broke or nothing came."""
        return self.ask_at_once([node], method, path, body, key)[0]

    def ask_at_once(self, nodes, method: str, path: str, body=None, key: str = "") -> list[Answer | None]:
        """The same request at each of them, sent before any has answered."""
        asked = time.monotonic()
        sent = [self._send(node, method, path, body, key) for node in nodes]
        return [connection and self._receive(connection, asked) for connection in sent]

    def _send(self, node, method: str, path: str, body, key: str) -> http.client.HTTPConnection | None:
        place = (node.host, node.port)
        connection = self._connections.get(place)
        if connection is None:
            connection = http.client.HTTPConnection(*place, timeout=self._answer_seconds)
            self._connections[place] = connection
        headers = {"Authorization": "Bearer " + self._key}
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            return connection
        except (OSError, http.client.HTTPException):
            connection.close()
            return None

    @staticmethod
    def _receive(connection: http.client.HTTPConnection, asked: float) -> Answer | None:
        try:
            answer = connection.getresponse()
            return Answer(answer.status, answer.read(), answer.headers.get("Idempotency-Replayed") == "true", asked)
        except (OSError, http.client.HTTPException):
            connection.close()
            return None

    def settle(self, method: str, path: str, body=None, key: str = "", first=None, seconds: float = KNOWN_SECONDS) -> Answer:
        """Asks any of the nodes, under the same key, until one says what has happened."""
        deadline = time.monotonic() + seconds
        node = first or self._chance.choice(self.nodes)
        while True:
            answer = self.ask(node, method, path, body, key)
            if answer is not None and answer.is_known:
                if answer.status >= 500:
                    raise AssertionError(f"{node.name}: {method} {path}: {answer}")
                return answer
            self.unknown += 1
            if time.monotonic() > deadline:
                raise NeverKnown(f"{method} {path} {body} under {key!r}: {answer} of {node.name}")
            time.sleep(PAUSE_SECONDS)
            node = self._chance.choice(self.nodes)

    def done(self, method: str, path: str, body=None, key: str = "", **options) -> dict:
        """The same, of a request that must succeed."""
        answer = self.settle(method, path, body, key, **options)
        assert answer.status < 300, (method, path, body, answer)
        return answer.body

    def close(self) -> None:
        for connection in self._connections.values():
            connection.close()
