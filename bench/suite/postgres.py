"""PostgreSQL on the same work: a throw-away cluster with full durability, driven by pgbench."""

from __future__ import annotations

import os
import pwd
import re
import shutil
import signal
import subprocess
import time
from pathlib import Path

from .product import Failed

SETTINGS = {
    "fsync": "on", "synchronous_commit": "on", "shared_buffers": "2GB", "max_wal_size": "8GB",
    "listen_addresses": "", "max_connections": "100",
}


def find_programs() -> Path | None:
    """The folder of the newest installed release; 15 is what the goals were set against."""
    wanted = [Path("/usr/lib/postgresql/15/bin"), *sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)]
    found = shutil.which("initdb")
    if found:
        wanted.append(Path(found).parent)
    return next((path for path in wanted if (path / "initdb").exists() and (path / "pgbench").exists()), None)


def unprivileged() -> dict:
    """Who the server runs as: it refuses to be root."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        try:
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        except KeyError:
            continue
    return {}


class Postgres:
    """A running cluster with the shop of schema.sql in it."""

    def __init__(self, programs: Path, folder: Path, scripts: Path):
        self.programs = programs
        self.folder = folder
        self.scripts = scripts
        self.process: subprocess.Popen | None = None

    @staticmethod
    def start(folder: Path, scripts: Path) -> "Postgres | None":
        programs = find_programs()
        if programs is None:
            return None
        self = Postgres(programs, folder / "postgres", scripts)
        try:
            self._make()
        except BaseException:
            self.stop()
            raise
        return self

    def _make(self) -> None:
        self.folder.mkdir(mode=0o700)
        who = unprivileged()
        if who:
            os.chown(self.folder, who["user"], who["group"])
        data = self.folder / "data"
        self._call([self.programs / "initdb", "-D", data, "-U", "bench", "-A", "trust", "--no-locale", "-E", "UTF8",
                    "--no-instructions"], **who)
        settings = [part for name, value in SETTINGS.items() for part in ("-c", f"{name}={value}")]
        self.process = subprocess.Popen(
            [self.programs / "postgres", "-D", data, "-k", self.folder, *settings], stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL, cwd="/", **who)
        for _ in range(300):
            ready = subprocess.run([self.programs / "pg_isready", "-h", self.folder], stdout=subprocess.DEVNULL,
                                   check=False)
            if ready.returncode == 0:
                break
            time.sleep(0.1)
        else:
            raise Failed("PostgreSQL did not start")
        self._call([*self._psql(), "-f", self.scripts / "schema.sql"])
        self._call([*self._psql(), "-c", "VACUUM ANALYZE", "-c", "CHECKPOINT"])

    def _psql(self) -> list:
        return [self.programs / "psql", "-h", self.folder, "-U", "bench", "-d", "postgres", "-v", "ON_ERROR_STOP=1",
                "-qAt"]

    @staticmethod
    def _call(command: list, **options) -> str:
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/", **options)
        if done.returncode != 0:
            raise Failed(f"{Path(command[0]).name}: {done.stderr.strip()[-500:]}")
        return done.stdout

    def _pgbench(self, script: str, clients: int, seconds: int) -> float:
        threads = min(clients, os.cpu_count() or 1)
        out = self._call([self.programs / "pgbench", "-h", self.folder, "-U", "bench", "-n", "-M", "prepared",
                          "-f", self.scripts / script, "-c", str(clients), "-j", str(threads), "-T", str(seconds),
                          "postgres"])
        found = re.search(r"^tps = ([0-9.]+)", out, re.MULTILINE)
        if found is None or re.search(r"number of failed transactions: [1-9]", out):
            raise Failed(f"pgbench: {out.strip()[-500:]}")
        return float(found.group(1))

    def new_database(self, name: str) -> str:
        """An empty database beside the shop, for Stardrop itself; where it is."""
        self._call([*self._psql(), "-c", f"DROP DATABASE IF EXISTS {name}", "-c", f"CREATE DATABASE {name}"])
        return f"postgresql:///{name}?host={self.folder}&user=bench"

    def buy_tuned(self, clients: int, seconds: int) -> float:
        """Purchases a second by the tuned function."""
        return self._pgbench("buy_tuned.pgbench", clients, seconds)

    def buy_batch(self, clients: int, seconds: int) -> float:
        """Purchases a second by the set-based function, 1000 in a call."""
        return self._pgbench("buy_batch.pgbench", clients, seconds) * 1000

    def check(self) -> None:
        """A peer that cheats is no peer."""
        if self._call([*self._psql(), "-c", "SELECT yes FROM adds_up"]).strip() != "t":
            raise Failed("the purchases of PostgreSQL do not add up")

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(60)
            self.process = None
