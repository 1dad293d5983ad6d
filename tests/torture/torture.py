#!/usr/bin/env python3
# Kills the server with SIGKILL at random moments of a drop, with an outside witness of every answer.
"""The witness is `stardrop drop bench`: it keeps every acknowledged answer, sends what was left
unanswered again under the same key, and compares at the end what it was told with what the server
has. After the last restart the database itself is proven: audit, verify, replay.

Nothing acknowledged may be lost, nothing may happen twice, nothing by half.
"""

import argparse
import os
import pathlib
import random
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """The server under torture; it may die and come back."""

    def __init__(self, binary, folder):
        self.binary = binary
        self.database = f"sqlite:{folder}/stardrop.db"
        self.folder = folder
        self.port = free_port()
        self.process = None
        self.key = None

    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        out = open(f"{self.folder}/out.log", "a+", encoding="utf-8")
        err = open(f"{self.folder}/err.log", "a", encoding="utf-8")
        begin = out.tell()
        self.process = subprocess.Popen(
            [self.binary, "serve", "--db", self.database, "--listen", f"127.0.0.1:{self.port}", "--dev"],
            stdout=out, stderr=err)
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                raise SystemExit(f"the server ended with {self.process.returncode} at its start")
            try:
                with urllib.request.urlopen(self.url() + "/readyz", timeout=1) as answer:
                    if answer.status == 200:
                        break
            except OSError:
                time.sleep(0.02)
        else:
            raise SystemExit("the server did not become ready")
        with open(f"{self.folder}/out.log", encoding="utf-8") as text:
            text.seek(begin)
            for line in text:
                if line.startswith("operator_key="):
                    self.key = line.split("=", 1)[1].strip()

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        if self.process.wait(timeout=120) != 0:
            raise SystemExit("the server did not stop cleanly")


def prove(binary, database):
    for what in ("audit", "verify", "replay"):
        done = subprocess.run([binary, what, "--db", database, "--json"], capture_output=True,
                              text=True, check=False)
        if done.returncode != 0:
            raise SystemExit(f"{what} failed: {done.stdout[-2000:]}{done.stderr[-2000:]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--kills", type=int, default=4)
    parser.add_argument("--gifts", type=int, default=6000)
    parser.add_argument("--seed", type=int, default=int(os.environ.pop("STARDROP_SEED", "1")))
    options = parser.parse_args()
    # Taken out: to the program every variable of this beginning is a setting.
    if os.environ.pop("STARDROP_LONG", ""):
        options.kills, options.gifts = 100, 300_000
    chance = random.Random(options.seed)
    print(f"seed {options.seed}, {options.kills} kills, {options.gifts} gifts")
    with tempfile.TemporaryDirectory(prefix="stardrop-torture-") as folder:
        server = Server(options.binary, folder)
        server.start()
        report = pathlib.Path(folder) / "report.json"
        witness = subprocess.Popen(
            [options.binary, "drop", "bench", "--url", server.url(), "--key", server.key,
             "--editions", f"{options.gifts},{options.gifts // 5}",
             "--buyers", str(max(options.gifts // 2, 100)), "--connections", "32",
             "--report-json", str(report)],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        kills = 0
        while kills < options.kills and witness.poll() is None:
            time.sleep(chance.uniform(0.1, 1.5))
            if witness.poll() is not None:
                break
            server.kill()
            kills += 1
            server.start()
        said, _ = witness.communicate(timeout=1800)
        server.stop()
        print(said[-3000:])
        if witness.returncode != 0:
            raise SystemExit(f"the witness found something after {kills} kills")
        if kills == 0:
            raise SystemExit("the drop was over before the first kill: nothing was shown")
        prove(options.binary, server.database)
        print(f"{kills} kills survived: nothing lost, nothing twice; audit, verify and replay clean")


if __name__ == "__main__":
    sys.exit(main())
