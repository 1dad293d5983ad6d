"""People with Stars and a limited edition: what a drop needs."""

from dataclasses import dataclass, field

from client import Client

PRICE = 7
LINES_MAX = 500


@dataclass
class Shop:
    """Everybody may buy `cap`, and has the Stars for it; together they want more than there is."""

    edition: str
    supply: int
    cap: int
    accounts: list[str]
    stars: int
    reserved_by: set[str] = field(default_factory=set)  # accounts that had stock put aside

    @classmethod
    def open(cls, client: Client, supply: int, cap: int, people: int) -> "Shop":
        assert people * cap > supply, "somebody must come late"
        stars = PRICE * (cap + 2)
        opened = batch(client, [{"command": "create_account", "idempotency_key": f"account-{number}",
                                 "params": {"kind": "user", "name": f"Person {number}"}} for number in range(people)])
        accounts = [line["id"] for line in opened]
        batch(client, [{"command": "top_up", "idempotency_key": f"stars-{account}",
                        "params": {"account": account, "stars": stars, "provider": "test", "reference": account}} for account in accounts])
        terms = {"title": "Torture Lily", "stars": PRICE, "supply": supply, "per_account": cap}
        edition = client.done("POST", "/v1/editions", terms, "edition")
        return cls(edition["id"], supply, cap, accounts, stars)

    def purchase(self, account: str) -> dict:
        return {"edition": self.edition, "from": account, "to": account, "max_price": PRICE}

    @staticmethod
    def key_of(account: str, number: int) -> str:
        """The idempotency key of somebody's purchase."""
        return f"buy-{account}-{number}"

    @staticmethod
    def account_of(key: str) -> str:
        return key.removeprefix("buy-").rpartition("-")[0]

    def reserve(self, client: Client, account: str, seconds: int, first=None) -> str:
        self.reserved_by.add(account)
        return client.done("POST", f"/v1/editions/{self.edition}/reservations", {"account": account, "seconds": seconds},
                           f"reserve-{account}", first=first)["reservation"]

    @staticmethod
    def hold(client: Client, account: str, stars: int, expires_at: str, first=None) -> str:
        return client.done("POST", "/v1/holds", {"account": account, "stars": stars, "expires_at": expires_at}, f"hold-{account}",
                           first=first)["hold"]


def batch(client: Client, lines: list[dict]) -> list[dict]:
    """Carries the lines out, all of which must succeed, and gives their bodies."""
    out = []
    for begin in range(0, len(lines), LINES_MAX):
        answered = client.done("POST", "/v1/batch", {"commands": lines[begin:begin + LINES_MAX]})["data"]
        for line in answered:
            assert line["status"] < 300, line
            out.append(line["body"])
    return out
