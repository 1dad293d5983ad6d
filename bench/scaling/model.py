"""The arithmetic: from what one sale costs to rows, bytes, writes and machines of a shop of any size.

Everything that was measured comes in as `Measured`, everything that is only supposed as `Assumptions`; nothing else has a
number. Megabytes and terabytes are powers of ten.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass, field, fields
from pathlib import Path

PAGE = 8192
DAY = 86_400
MB, GB, TB = 10**6, 10**9, 10**12
LANES = 128  # nodes of one database: ledger/ids.h


def supposed(default: float, help_: str):
    """An assumption: its value, and what it says."""
    return field(default=default, metadata={"help": help_})


@dataclass(frozen=True)
class Assumptions:
    """What nobody measured. Each is a flag, and printed with the result."""

    sales_per_account_day: float = supposed(0.02, "gifts bought a day, by account")
    top_ups_per_account_day: float = supposed(0.005, "Stars bought a day, by account; one costs as much as a sale")
    peak_factor: float = supposed(20, "busiest minute, in averages")
    drop_share: float = supposed(0.001, "accounts that buy in one hot drop, of all")
    drop_seconds: float = supposed(60, "how long they take, if nothing holds them up")
    gifts_per_account: float = supposed(20, "gifts that are kept, by account")
    limited_share: float = supposed(0.5, "sales of editions with a cap per account, which write a tally")
    text_share: float = supposed(0.3, "gifts with words")
    reversible_share: float = supposed(0.5, "sales paid with Stars that may be taken back; accounts that have such")
    batch: int = supposed(100, "sales in a commit at the peak: 1, 100 or 1000")
    bloat: float = supposed(1.3, "files over what rows take when they are new")
    checkpoint_s: float = supposed(900, "between checkpoints: then each page is logged whole once more")
    headroom: float = supposed(0.5, "what is used of a machine at the peak, the rest is for failures and growth")
    copies: int = supposed(2, "machines with the same data: a primary and its synchronous standbys")
    shard_gb: float = supposed(20, "a shard, all tables of its group together")
    machine_cores: float = supposed(16, "processors of a machine")
    machine_tb: float = supposed(4, "disk of a database's machine")
    machine_wal_mb_s: float = supposed(200, "write-ahead log a machine takes")
    machine_syncs_s: float = supposed(2000, "syncs a machine takes, one behind the other")
    cluster_factor: float = supposed(2, "processor time on a cluster over that on one server")
    round_trip_ms: float = supposed(0.5, "coordinator to worker and back, one statement")
    other_statements: int = supposed(12, "statements of a batch on a cluster besides row locks")
    hot_statements: int = supposed(10, "of those, the ones behind the lock of its edition")


@dataclass(frozen=True)
class Measured:
    """Costs of a sale in batches of one size, from measured.json."""

    row_bytes: dict[str, float]        # a row with its index, by table
    sale_bytes: dict[str, float]       # what a sale adds, by table
    wal_bytes: float                   # records of a sale, without page images
    image_bytes: float                 # one page image, compressed by lz4
    database_us: float                 # processor time of a sale at the database
    node_us: float                     # and at the node, over HTTP
    syncs_per_batch: float
    cluster_syncs_per_batch: float     # of one participant, in two phases

    @staticmethod
    def read(path: Path, batch: int) -> Measured:
        told = json.loads(path.read_text(encoding="utf-8"))
        database, node = told["database"], told["node"]
        runs = [run for run in database["runs"]
                if run["batch"] == batch and not run["two_phases"] and run["wal_compression"] == "off"]
        if not runs:
            sizes = sorted({run["batch"] for run in database["runs"]})
            raise ValueError(f"no batches of {batch} were measured, only of {', '.join(map(str, sizes))}")
        run = runs[0]
        pair = next(each for each in database["runs"] if each["two_phases"])
        small = next(each for each in database["runs"] if each["wal_compression"] == "lz4")
        return Measured(database["row_bytes"], run["bytes_per_sale_by_table"], run["wal_bytes_per_sale"],
                        small["page_image_bytes_per_sale"] / small["page_images_per_sale"], run["database_us_per_sale"],
                        node["us_per_request"], run["syncs_per_batch"], pair["syncs_per_batch"])


# Which tables move together: storage/postgres/distribution/citus.sql.
GROUPS = {
    "account": ("accounts", "personal_keys", "profiles", "lots", "tallies"),
    "object": ("gifts", "gift_texts", "transfers", "fundings", "top_ups"),
    "key": ("payments", "used_keys"),
    "other": ("journal",),
}


@dataclass(frozen=True)
class Size:
    """A shop with so many accounts."""

    accounts: float
    rows: dict[str, float]
    bytes_by_table: dict[str, float]
    total_bytes: float
    sales_s: float            # on an average day
    peak_ops_s: float         # sales and top-ups together
    drop_sales_s: float       # of those, of one edition
    rows_written_s: float
    batches_s: float
    wal_mb_s: float
    image_share: float        # of it, pages logged whole
    syncs_s: float            # of each database machine
    database_cores: float
    node_cores: float
    mode: str
    shards: dict[str, int]
    database_machines: int    # copies included
    nodes: int
    statements: float         # of a batch, one behind the other
    node_s: float             # most operations a second of one node
    hot_edition_s: float      # most sales a second of one edition
    limits: list[str]         # what does not fit, whatever the number of machines


def rows_of(accounts: float, a: Assumptions) -> dict[str, float]:
    """Rows that are kept."""
    gifts = accounts * a.gifts_per_account
    top_ups = gifts * a.top_ups_per_account_day / a.sales_per_account_day
    return {"accounts": accounts, "personal_keys": accounts, "profiles": accounts,
            "lots": accounts * a.reversible_share, "tallies": gifts * a.limited_share,
            "gifts": gifts, "gift_texts": gifts * a.text_share, "transfers": gifts + top_ups,
            "fundings": gifts * a.reversible_share, "top_ups": top_ups, "payments": top_ups,
            "used_keys": gifts + top_ups, "journal": (gifts + top_ups) / a.batch}


def bytes_of(rows: dict[str, float], measured: Measured, a: Assumptions) -> dict[str, float]:
    """Bytes by table, with indexes and bloat. The journal is appended to: a sale's part of it, and no bloat."""
    out = {}
    for table, count in rows.items():
        if table == "journal":
            out[table] = rows["used_keys"] * measured.sale_bytes["journal"]
        else:
            out[table] = count * measured.sale_bytes.get(table, measured.row_bytes.get(table, 0)) * a.bloat
    return out


def touched(places: float, touches: float) -> float:
    """Of so many places, those that touches at random reach at least once."""
    return places * -math.expm1(-touches / places)


def distinct_pages(size: float, touches: float) -> float:
    """Pages of `size` bytes that so many touches of random rows reach at least once."""
    return touched(max(1.0, size / PAGE), touches)


def image_bytes_s(ops_s: float, sizes: dict[str, float], measured: Measured, a: Assumptions) -> float:
    """Pages that are logged whole, as the first change behind a checkpoint makes them be.

    An operation changes two accounts, and adds to the index of used keys and, some, of tallies at a random place. A third
    of what those two take is index.
    """
    operations = ops_s * a.checkpoint_s
    pages = (distinct_pages(sizes["accounts"], 2 * operations)
             + distinct_pages(sizes["used_keys"] / 3, operations)
             + distinct_pages(sizes["tallies"] / 3, operations * a.limited_share))
    return pages * measured.image_bytes / a.checkpoint_s


def rows_written(a: Assumptions) -> float:
    """Rows an operation changes or adds: two accounts, transfer, gift, key and what some have; and a batch's four."""
    return 5 + a.limited_share + a.text_share + 2 * a.reversible_share + 4 / a.batch


def power_of_two(least: float) -> int:
    return 1 << max(0, math.ceil(math.log2(max(1.0, least))))


def size_of(accounts: float, measured: Measured, a: Assumptions) -> Size:
    """Everything that follows for so many accounts."""
    rows = rows_of(accounts, a)
    sizes = bytes_of(rows, measured, a)
    total = sum(sizes.values())

    sales_s = accounts * a.sales_per_account_day / DAY
    daily_peak = accounts * (a.sales_per_account_day + a.top_ups_per_account_day) / DAY * a.peak_factor
    drop = accounts * a.drop_share / a.drop_seconds
    ops = daily_peak + drop
    batches = ops / a.batch
    records = ops * measured.wal_bytes
    images = image_bytes_s(ops, sizes, measured, a)
    cores = ops * measured.database_us / 1e6

    needs = {"disk": total / (a.machine_tb * TB * a.headroom),
             "log": (records + images) / (a.machine_wal_mb_s * MB * a.headroom),
             "processors": cores / (a.machine_cores * a.headroom)}
    one_server = max(needs.values()) <= 1
    if not one_server:
        needs["processors"] *= a.cluster_factor
        cores *= a.cluster_factor
    workers = 1 if one_server else max(2, math.ceil(max(needs.values())))

    shards = {} if one_server else {
        group: max(32, power_of_two(max(workers, sum(sizes[table] for table in tables) / (a.shard_gb * GB))))
        for group, tables in GROUPS.items()}
    if shards:
        shards["other"] = min(shards["other"], LANES)

    # On a cluster nearly every worker takes part in nearly every batch, so more of them don't lower this.
    syncs = batches * (measured.syncs_per_batch if one_server else measured.cluster_syncs_per_batch)
    batch_ms = a.batch * measured.database_us / 1e3 + 1e3 / a.machine_syncs_s
    hot_ms, statements = batch_ms, 0.0  # one server takes them all in one round trip or two
    if not one_server:
        # Rows are locked a shard at a time: of accounts, of lots, and behind the edition of tallies.
        tallies = touched(shards["account"], a.batch * a.limited_share)
        statements = (a.other_statements + touched(shards["account"], 2 * a.batch)
                      + touched(shards["account"], 2 * a.batch * a.reversible_share) + tallies)
        hot_ms += (a.hot_statements + tallies) * a.round_trip_ms + 1e3 / a.machine_syncs_s
        batch_ms += statements * a.round_trip_ms + 1e3 / a.machine_syncs_s
    hot, node_s = a.batch / hot_ms * 1e3, a.batch / batch_ms * 1e3
    node_cores = ops * measured.node_us / 1e6
    nodes = max(2, math.ceil(node_cores / (a.machine_cores * a.headroom)), math.ceil(ops / (node_s * a.headroom)))

    limits = []
    if shards and sizes["journal"] / nodes > 10 * a.shard_gb * GB:
        limits.append(f"{sizes['journal'] / nodes / GB:,.0f} GB of journal a lane, which is one shard: archive, or more lanes")
    if syncs > a.machine_syncs_s * a.headroom:
        limits.append(f"{syncs:,.0f} syncs/s a machine: larger batches, or fewer at once")
    if drop > hot:
        limits.append(f"a drop wants {drop:,.0f}/s of one edition, which gives {hot:,.0f}/s: "
                      f"it takes {drop / hot:.1f} times as long")
    if nodes > LANES:
        limits.append(f"{nodes} nodes, of {LANES} lanes")
    return Size(accounts, rows, sizes, total, sales_s, ops, drop, ops * rows_written(a), batches,
                (records + images) / MB, images / (records + images), syncs, cores, node_cores,
                "one PostgreSQL" if one_server else f"Citus, {workers} workers", shards,
                (workers if one_server else workers + 1) * a.copies, nodes, statements, node_s, hot, limits)


def described(a: Assumptions) -> list[tuple[str, float, str]]:
    """Name, value and meaning of each assumption."""
    return [(each.name, getattr(a, each.name), each.metadata["help"]) for each in fields(a)]
