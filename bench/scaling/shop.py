"""A shop as rows: the statements of storage/postgres for sales, with rows as the engine makes them."""

from __future__ import annotations

import random
import re
import uuid

# Measured in decision 0010 for a sale without words; random bytes here, so nothing is compressed.
JOURNAL_BYTES = 109
JOURNAL_BYTES_PER_BATCH = 24
# market/events.h in its binary form: a kind, three ids of nine bytes, a serial, a time; and the batch's edition.
NEWS_BYTES = 41
NEWS_BYTES_PER_BATCH = 12

STAR = 1_000_000
PRICE = 25 * STAR
EPOCH_MS = 60_000_000_000  # two years behind the first of 2024, the epoch of ids
TIME_US = 1_767_225_600_000_000
HOUSE = 2
# As in storage/postgres/session.cpp.
PLANS = "SET enable_seqscan = off; SET enable_hashjoin = off; SET enable_mergejoin = off; SET jit = off;\n"

# One row of each table that a sale does not always write; `i` counts them. A sealed text is 28 bytes longer than its
# words (base/seal.h); a lot is an id, an amount and a time.
ROWS = {
    "personal_keys": "i, decode(repeat('ab', 60), 'hex')",
    "profiles": "i, decode(repeat('ab', 28 + 10), 'hex')",
    "gift_texts": "i, i, decode(repeat('ab', 28 + 40), 'hex')",
    "lots": "i, decode(repeat('ab', 24), 'hex')",
    "fundings": "i, decode(repeat('ab', 24), 'hex')",
    "top_ups": "i, i, 100, 'app_store', '20000001' || lpad(i::text, 12, '0'), i, 0, 0",
    "payments": "hashint8extended(i, 1), hashint8extended(i, 2), i, 0, 0",
    "holds": "i, i, 0, 1, 0, 0, i",
    "reservations": "i, i, i, 0, 0, i, 0",
    "open_reservations": "i, i",
    "timers": "i, i, 0",
    "waitlist_places": "i, i, i, i",
    "waitlist_members": "i, i, i",
    "free_serials": "i, i",
}


def columns(migration: str, table: str) -> list[tuple[str, str]]:
    """Names and types of a table's columns."""
    body = re.search(rf"CREATE TABLE {table} \((.*?)\n\)", migration, re.S)[1]
    found = re.findall(r'^  ("?[a-z_0-9]+"?) (bigint|smallint|bytea|text|uuid)\b', body, re.M)
    return [(name.strip('"'), kind) for name, kind in found]


def sent(kind: str) -> str:
    """Small numbers travel as large ones."""
    return "bigint" if kind == "smallint" else kind


class Texts:
    """The statements that RowTable makes for one table."""

    def __init__(self, migration: str, table: str, keys: int = 1):
        self.table, self.keys = table, keys
        self.columns = columns(migration, table)

    def _unnest(self, most: int) -> str:
        some = self.columns[:most]
        arrays = ", ".join(f"${at}::{sent(kind)}[]" for at, (_, kind) in enumerate(some, 1))
        return f"unnest({arrays}) AS u({', '.join(quoted(name) for name, _ in some)})"

    def _same_key(self) -> str:
        return " AND ".join(f"t.{quoted(name)} = u.{quoted(name)}" for name, _ in self.columns[:self.keys])

    def _prepare(self, name: str, most: int, text: str) -> str:
        kinds = ", ".join(f"{sent(kind)}[]" for _, kind in self.columns[:most])
        return f"PREPARE {name}_{self.table}({kinds}) AS {text};\n"

    def select(self) -> str:
        names = ", ".join(f"t.{quoted(name)}" for name, _ in self.columns)
        order = ", ".join(f"t.{quoted(name)}" for name, _ in self.columns[:self.keys])
        if self.keys == 2:
            text = f"SELECT {names} FROM {self.table} t, {self._unnest(2)} WHERE {self._same_key()}"
        else:
            text = f"SELECT {names} FROM {self.table} t WHERE t.{quoted(self.columns[0][0])} = ANY($1)"
        return self._prepare("lock", self.keys, f"{text} ORDER BY {order} FOR UPDATE OF t")

    def update(self) -> str:
        sets = ", ".join(f"{quoted(name)} = u.{quoted(name)}" + ("::smallint" if kind == "smallint" else "")
                         for name, kind in self.columns[self.keys:])
        text = (f"WITH written AS (UPDATE {self.table} t SET {sets} FROM {self._unnest(len(self.columns))} "
                f"WHERE {self._same_key()} RETURNING 1) "
                "SELECT 1 / (CASE WHEN count(*) = cardinality($1::bigint[]) THEN 1 ELSE 0 END) FROM written")
        return self._prepare("change", len(self.columns), text)

    def insert(self) -> str:
        names = ", ".join(quoted(name) for name, _ in self.columns)
        values = ", ".join(f"u.{quoted(name)}" + ("::smallint" if kind == "smallint" else "")
                           for name, kind in self.columns)
        text = f"INSERT INTO {self.table}({names}) SELECT {values} FROM {self._unnest(len(self.columns))}"
        return self._prepare("add", len(self.columns), text)


def quoted(name: str) -> str:
    return f'"{name}"'


def prepared(migration: str) -> str:
    """All statements of a sale, prepared."""
    accounts, editions = Texts(migration, "accounts"), Texts(migration, "editions")
    tallies = Texts(migration, "tallies", 2)
    gifts, transfers = Texts(migration, "gifts"), Texts(migration, "transfers")
    return "SET plan_cache_mode = force_generic_plan;\n" + PLANS + "".join([
        accounts.select(), editions.select(), tallies.select(), accounts.update(), editions.update(),
        tallies.update(), tallies.insert(), gifts.insert(), transfers.insert(),
        "PREPARE keys(uuid[]) AS SELECT digest, op FROM used_keys WHERE digest = ANY($1);\n",
        "PREPARE use(uuid[], bigint[]) AS INSERT INTO used_keys(digest, op) SELECT * FROM unnest($1, $2);\n",
    ])


def array(values) -> str:
    """An array literal."""
    return "'{" + ",".join("NULL" if value is None else str(value) for value in values) + "}'"


def arrays(rows: list[tuple]) -> str:
    return ", ".join(array(column) for column in zip(*rows))


class Shop:
    """Accounts, one limited edition with a cap per account, and who has bought what."""

    def __init__(self, source: random.Random, accounts: int):
        self.source = source
        self.count = accounts
        self.first = EPOCH_MS << 22
        self.next_id = self.first + (accounts << 8)
        self.edition = self.next_id
        self.newest: dict[int, tuple[int, int, int]] = {}  # of an account: newest transfer, newest gift, gifts
        self.tallies: dict[int, int] = {}
        self.sold = 0
        self.op = 0

    def stock(self) -> str:
        """Accounts with Stars, the edition, the lane and its share of the house."""
        return (
            f"INSERT INTO accounts SELECT {self.first} + i * 128, 0, 0, 0, 0, {10**6 * STAR}, 0, 0, 0, 0, 0, 0, 0, 0 "
            f"FROM generate_series(0, {self.count - 1}) i;\n"
            f"INSERT INTO editions VALUES({self.edition}, 'lily', 'Midnight Lily', {PRICE}, 0, 1000000000, 1000000, "
            f"0, 0, 0, 0, 0, 0, 0, 0, '\\x00', 0, 0, 0, 0, 0, 0, 0, 0, 0, 0);\n"
            "INSERT INTO lanes VALUES(0, 'a node', now(), 0, 0, 0, decode(repeat('00', 32), 'hex'));\n"
            f"INSERT INTO account_shares VALUES({HOUSE}, 0, 0, 0, 0, 0)")

    def _id(self) -> int:
        self.next_id += 128
        return self.next_id

    def batch(self, size: int, two_phases: bool = False) -> str:
        """The statements of one batch of sales to distinct buyers, each for somebody else."""
        people = self.source.sample(range(self.count), 2 * size)
        buyers = [self.first + number * 128 for number in people[:size]]
        owners = [self.first + number * 128 for number in people[size:]]
        changed, gifts, transfers, tallies_new, tallies_old = [], [], [], [], []
        for buyer, owner in zip(buyers, owners):
            self._id()  # the operation's own
            transfer, gift = self._id(), self._id()
            self.sold += 1
            transfer_before, buyer_gift, buyer_gifts = self.newest.get(buyer, (0, 0, 0))
            owner_transfer, gift_before, owner_gifts = self.newest.get(owner, (0, 0, 0))
            self.newest[buyer] = (transfer, buyer_gift, buyer_gifts)
            self.newest[owner] = (owner_transfer, gift, owner_gifts + 1)
            for account in (buyer, owner):
                changed.append((account, 0, 0, 0, 0, 10**6 * STAR - PRICE, 0, 0, 0, 0, 0, *self.newest[account]))
            transfers.append((transfer, buyer, HOUSE, 0, PRICE, 5, gift, 0, 0, transfer_before, 0))
            gifts.append((gift, self.edition, owner, buyer, self.sold, 0, 0, 0, PRICE, transfer, 0, gift_before))
            bought = self.tallies.get(buyer, 0) + 1
            self.tallies[buyer] = bought
            (tallies_old if bought > 1 else tallies_new).append((self.edition, buyer, bought, 0))
        keys = [uuid.UUID(bytes=self.source.randbytes(16)) for _ in range(size)]
        first_op, self.op = self.op + 1, self.next_id
        body = self.source.randbytes(size * JOURNAL_BYTES + JOURNAL_BYTES_PER_BATCH).hex()
        news = self.source.randbytes(size * NEWS_BYTES + NEWS_BYTES_PER_BATCH).hex()
        chain = self.source.randbytes(32).hex()
        edition = (self.edition, "lily", "Midnight Lily", PRICE, 0, 10**9, 10**6, 0, 0, 0, 0, 0, 0, 0, 0, "\\\\x00",
                   self.sold, 0, self.sold, 0, TIME_US, TIME_US + self.sold, 0, 0, 0, self.sold)
        edition_values = ", ".join(array([f'"{value}"' if isinstance(value, str) else value]) for value in edition)
        return "\n".join([
            "BEGIN;",
            "SELECT lane, owner FROM lanes WHERE lane = 0 FOR UPDATE;",
            f"EXECUTE lock_accounts({array(sorted(buyers + owners))});",
            f"EXECUTE lock_editions({array([self.edition])});",
            f"EXECUTE lock_tallies({array([self.edition] * size)}, {array(sorted(buyers))});",
            "SELECT COALESCE(max(last_time), 0), COALESCE(max(last_id), 0) FROM lanes;",
            f"EXECUTE keys({array(keys)});",
            f"EXECUTE change_accounts({arrays(changed)});",
            f"EXECUTE add_transfers({arrays(transfers)});",
            f"EXECUTE change_editions({edition_values});",
            f"EXECUTE change_tallies({arrays(tallies_old)});" if tallies_old else "",
            f"EXECUTE add_tallies({arrays(tallies_new)});" if tallies_new else "",
            f"EXECUTE add_gifts({arrays(gifts)});",
            f"UPDATE account_shares SET posted = posted + {size * PRICE} WHERE account = {HOUSE} AND lane = 0;",
            f"INSERT INTO journal VALUES(0, {first_op}, {self.op}, {TIME_US + self.sold}, {size}, '\\x{chain}', "
            f"'\\x{body}', '\\x{news}');",
            f"EXECUTE use({array(keys)}, {array([self.op] * size)});",
            f"UPDATE lanes SET last_op = {self.op}, last_time = {TIME_US + self.sold}, last_id = {self.op}, "
            f"chain = '\\x{chain}', lease_until = clock_timestamp() + interval '10 seconds' WHERE lane = 0;",
            "PREPARE TRANSACTION 'a batch'; COMMIT PREPARED 'a batch';" if two_phases else "COMMIT;",
            "SELECT lane, last_op FROM lanes",
        ])
