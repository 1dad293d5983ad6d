"""The real program as tests drive it: servers, requests, commands."""

import json
import os
import signal
import subprocess
import sys
import urllib.error
import urllib.request
from pathlib import Path

# To the program every variable of this beginning is a setting; these are for tests.
for name in ("STARDROP_LONG", "STARDROP_SEED"):
    os.environ.pop(name, None)

OK, FAILED, USAGE, NOT_FOUND, REFUSED, UNAVAILABLE = range(6)


RUNNING: list[subprocess.Popen] = []


class Server:
    """`stardrop serve` on a port, or a free one; reads the lines it prints until its address."""

    def __init__(self, stardrop: str, folder: Path, *arguments: str, port: int = 0):
        self.log = open(folder / "serve.log", "ab")
        self.process = subprocess.Popen(
            [stardrop, "serve", "--db", f"sqlite:{folder}/stardrop.db", "--listen", f"127.0.0.1:{port}", *arguments],
            stdout=subprocess.PIPE, stderr=self.log, text=True)
        RUNNING.append(self.process)
        self.printed = []
        for line in self.process.stdout:
            self.printed.append(line.rstrip("\n"))
            if line.startswith("url="):
                break
        assert self.printed and self.printed[-1].startswith("url="), self.printed
        self.url = self.printed[-1][4:]

    def value(self, name: str) -> str:
        return next(line[len(name) + 1:] for line in self.printed if line.startswith(name + "="))

    def stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)
        assert self.process.wait(60) == OK
        self.process.stdout.close()
        self.log.close()


def call(url: str, key: str, method: str, path: str, body=None, idempotency_key: str = ""):
    request = urllib.request.Request(url + path, method=method)
    request.add_header("Authorization", "Bearer " + key)
    if body is not None:
        request.data = json.dumps(body).encode()
        request.add_header("Content-Type", "application/json")
    if idempotency_key:
        request.add_header("Idempotency-Key", idempotency_key)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return answer.status, answer.read(), answer.headers
    except urllib.error.HTTPError as error:
        return error.code, error.read(), error.headers


def run(stardrop: str, *arguments, key: str = "", expect: int = OK, **variables) -> subprocess.CompletedProcess:
    environment = {**os.environ, **variables}
    if key:
        environment["STARDROP_KEY"] = key
    done = subprocess.run([stardrop, *map(str, arguments)], capture_output=True, text=True, env=environment, timeout=200)
    assert done.returncode == expect, (arguments, done.returncode, done.stdout, done.stderr)
    return done


def end_with(test) -> None:
    """Ends the process with what the test returns; no server outlives it."""
    try:
        sys.exit(test())
    finally:
        for process in RUNNING:
            process.kill()
