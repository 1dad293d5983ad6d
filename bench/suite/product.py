"""Stardrop as the benchmarks drive it: servers on throw-away databases, and the load client."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import time
from pathlib import Path

START_SECONDS = 120


class Failed(Exception):
    """A benchmark has no result; the text says why."""


class Server:
    """`stardrop serve` on a free port of the loopback."""

    # The load comes from one address, and from nobody who could be asked for a key.
    LIMITS = ("--limits-connections-per-address", "30000", "--limits-connections", "30000",
              "--limits-anonymous-per-second", "0", "--log-level", "warning")

    def __init__(self, stardrop: Path, database: Path, *arguments: str, preload: Path | None = None,
                 dev: bool = True, db: str = ""):
        """On a database in a file, or on the one at `db`; then what belongs to it stands beside the file."""
        environment = dict(os.environ)
        if preload is not None:
            environment["LD_PRELOAD"] = str(preload)
        self.database = database
        self.began = time.monotonic()
        self.log = open(database.with_suffix(".log"), "ab")
        self.process = subprocess.Popen(
            [stardrop, "serve", "--db", db or f"sqlite:{database}", "--listen", "127.0.0.1:0", *self.LIMITS,
             *(["--dev"] if dev else []), *arguments],
            stdout=subprocess.PIPE, stderr=self.log, text=True, env=environment, cwd=database.parent,
            preexec_fn=raise_descriptor_limit)
        self.values: dict[str, str] = {}
        for line in self.process.stdout:
            name, _, value = line.strip().partition("=")
            self.values[name] = value
            if name == "url":
                break
        if "url" not in self.values:
            self.process.wait()
            raise Failed(f"the server did not start: {database.with_suffix('.log').read_text().strip()[-500:]}")

    @property
    def url(self) -> str:
        return self.values["url"]

    @property
    def key(self) -> str:
        return self.values["operator_key"]

    def stop(self) -> None:
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(START_SECONDS)
        self.process.stdout.close()
        self.log.close()


def raise_descriptor_limit() -> None:
    import resource
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    for wanted in (32_768, hard):
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (max(wanted, soft), max(wanted, hard)))
            return
        except (ValueError, OSError):
            continue


class Product:
    """The programs of the release build."""

    def __init__(self, root: Path, folder: Path):
        self.root = root
        self.folder = folder
        release = root / "build" / "release"
        self.stardrop = release / "app" / "stardrop"
        self.bench = release / "bench" / "stardrop_bench"
        self.slow_fsync = release / "bench" / "libstardrop_slow_fsync.so"
        self.servers: list[Server] = []

    def serve(self, name: str, *arguments: str, preload: Path | None = None, db: str = "") -> Server:
        """A server on a new database, or one more node of the database at `db`."""
        self.remove(name)
        server = Server(self.stardrop, self.folder / f"{name}.db", *arguments, preload=preload, db=db)
        self.servers.append(server)
        return server

    def remove(self, name: str) -> None:
        for path in self.folder.glob(f"{name}.db*"):
            path.unlink()

    def stop(self, *servers: Server) -> None:
        for server in servers:
            server.stop()
            self.servers.remove(server)
            self.remove(server.database.stem)

    def stop_all(self) -> None:
        for server in list(self.servers):
            server.process.kill()
            server.stop()
        self.servers.clear()

    def drop(self, *servers: Server, gifts: str, connections: int, buyers: int = 0, batch: int = 1,
             pipeline: int = 1, storm: bool = False) -> dict:
        """A drop by `drop bench`, which also checks that everything adds up. Without `storm`, purchases only."""
        urls = [part for server in servers for part in ("--url", server.url)]
        total = sum(int(each) for each in gifts.split(","))
        command = [self.stardrop, "drop", "bench", *urls, "--key", servers[0].key, "--json",
                   "--editions", gifts, "--buyers", str(buyers or min(100_000, max(1000, total // 4))),
                   "--connections", str(connections), "--batch", str(batch), "--pipeline", str(pipeline)]
        if not storm:
            command += ["--attempts", "1", "--replays", "0%", "--over-cap", "0%", "--poor", "0%",
                        "--refusal-seconds", "0"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        try:
            report = json.loads(done.stdout)
        except ValueError:
            raise Failed(f"drop bench: {done.stderr.strip()[-500:]}") from None
        if not report["ok"]:
            wrong = [check for check in report["checks"] if not check["ok"]]
            raise Failed(f"the drop does not add up: {wrong} {report['wrong'][:3]}")
        return report

    def bench_json(self, *arguments: str) -> list[dict]:
        """The lines that a benchmark of the other program printed."""
        done = subprocess.run([self.bench, *arguments], capture_output=True, text=True, check=False)
        if done.returncode != 0:
            raise Failed(f"{arguments[0]}: {(done.stderr or done.stdout).strip()[-500:]}")
        return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
