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
    held: dict[str, int] = field(default_factory=dict)  # Stars of open holds

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

    def reserve(self, client: Client, account: str, seconds: int) -> str:
        return client.done("POST", f"/v1/editions/{self.edition}/reservations", {"account": account, "seconds": seconds},
                           f"reserve-{account}")["reservation"]

    def hold(self, client: Client, account: str, stars: int, expires_at: str) -> str:
        made = client.done("POST", "/v1/holds", {"account": account, "stars": stars, "expires_at": expires_at}, f"hold-{account}")
        self.held[account] = stars
        return made["hold"]


def batch(client: Client, lines: list[dict]) -> list[dict]:
    """Carries the lines out, all of which must succeed, and gives their bodies."""
    out = []
    for begin in range(0, len(lines), LINES_MAX):
        answered = client.done("POST", "/v1/batch", {"commands": lines[begin:begin + LINES_MAX]})["data"]
        for line in answered:
            assert line["status"] < 300, line
            out.append(line["body"])
    return out
