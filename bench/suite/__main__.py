"""Runs the benchmarks of docs and design side by side with their peers, and prints one table.

Usage: scripts/bench [--quick] [--json FILE] [--no-peers] [--folder FOLDER] [name…]
"""

from __future__ import annotations

import argparse
import json
import shutil
import signal
import sys
import tempfile
from pathlib import Path

from . import core, growth, nodes, over_http
from .machine import Machine, describe
from .postgres import Postgres
from .product import Failed, Product
from .table import Row, as_text

BENCHMARKS = {
    "buy-core": (core.buy_core, "durable purchases in process, against PostgreSQL and TigerBeetle"),
    "buy-http": (over_http.buy_http, "one purchase per request, against PostgreSQL and synchronous=OFF"),
    "buy-pipe": (over_http.buy_pipe, "16 requests in flight on each connection"),
    "buy-batch": (over_http.buy_batch, "bodies of 100 and 1000 purchases, against PostgreSQL by sets"),
    "drop-storm": (over_http.drop_storm, "Telegram's first drop, and one of a million"),
    "read-mix": (over_http.read_mix, "nine reads to one purchase"),
    "watchers": (over_http.watchers, "sales beside ten thousand live watchers"),
    "slow-fsync": (over_http.slow_fsync, "sales on a disk that takes 2 ms longer to sync"),
    "buy-postgres": (nodes.buy_postgres, "the same commands on PostgreSQL, against a function per sale there"),
    "nodes": (nodes.nodes, "a drop through three nodes of one PostgreSQL database, and through one"),
    "growth": (growth.growth, "cost, memory, disk, start and audit as the shop grows"),
}


class Run:
    """What a benchmark works with, and where its rows go."""

    def __init__(self, arguments: argparse.Namespace, root: Path, folder: Path):
        self.quick: bool = arguments.quick
        self.pairs = arguments.pairs or (3 if arguments.quick else 5)
        self.folder = folder
        self.product = Product(root, folder)
        self.machine = Machine()
        self.peers: bool = not arguments.no_peers
        self.rows: list[Row] = []
        self._postgres: Postgres | None = None
        self._asked_postgres = False

    def postgres(self) -> Postgres | None:
        """The peer, started at the first call; nothing if it is not installed."""
        if self.peers and not self._asked_postgres:
            self._asked_postgres = True
            self.say("PostgreSQL: making a throw-away cluster")
            self._postgres = Postgres.start(self.folder, self.product.root / "bench" / "peers")
            if self._postgres is None:
                self.say("skipped: no PostgreSQL (Debian package postgresql-15)")
        return self._postgres

    def say(self, text: str) -> None:
        print(f"==> {text}", file=sys.stderr, flush=True)

    def add(self, row: Row) -> None:
        self.rows.append(row)
        self.say(row.line())

    def close(self) -> None:
        if self._postgres is not None:
            self._postgres.stop()
        self.product.stop_all()


def parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="scripts/bench", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Runs the benchmarks side by side with their peers, and prints one table.",
        epilog="\n".join(f"  {name:<12} {what}" for name, (_, what) in BENCHMARKS.items()))
    parser.add_argument("names", nargs="*", metavar="name", help="which; all if none is given")
    parser.add_argument("--quick", action="store_true", help="fewer pairs, and none of the long ones")
    parser.add_argument("--pairs", type=int, default=0, help="product and peer this often in turn (5; --quick: 3)")
    parser.add_argument("--json", metavar="FILE", help="also write everything that was measured")
    parser.add_argument("--no-peers", action="store_true", help="only the product")
    parser.add_argument("--folder", default="/var/tmp", help="where the databases go (/var/tmp); removed afterwards")
    arguments = parser.parse_args()
    unknown = [name for name in arguments.names if name not in BENCHMARKS]
    if unknown:
        parser.error(f"no such benchmark: {', '.join(unknown)}; there are {', '.join(BENCHMARKS)}")
    return arguments


def stop(*_) -> None:
    """Being told to end is like Ctrl-C: servers are stopped and databases removed."""
    raise KeyboardInterrupt


def main() -> int:
    arguments = parse()
    signal.signal(signal.SIGTERM, stop)
    root = Path(__file__).resolve().parent.parent.parent
    folder = Path(tempfile.mkdtemp(prefix="stardrop-bench-", dir=arguments.folder))
    folder.chmod(0o755)
    run = Run(arguments, root, folder)
    failed: dict[str, str] = {}
    try:
        for name in arguments.names or BENCHMARKS:
            run.say(f"{name}: {BENCHMARKS[name][1]}")
            try:
                BENCHMARKS[name][0](run)
            except Failed as error:
                failed[name] = str(error)
                run.say(f"{name} FAILED: {error}")
            except KeyboardInterrupt:
                failed[name] = "stopped"
                run.say("stopped")
                break
    finally:
        run.close()
        shutil.rmtree(folder, ignore_errors=True)
    print(as_text(run.rows))
    for name, error in failed.items():
        print(f"FAILED {name}: {error}")
    about = describe()
    print("\n" + ", ".join(f"{key} {value}" for key, value in about.items()))
    if arguments.json:
        result = {"machine": about, "quick": run.quick, "pairs": run.pairs,
                  "rows": [row.as_dict() for row in run.rows], "failed": failed}
        Path(arguments.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
