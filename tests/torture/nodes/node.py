"""Nodes: `stardrop serve` processes that share one database, each in a folder of its own."""

import os
import shutil
import signal
import subprocess
import threading
from pathlib import Path

PATIENCE_SECONDS = 60
# Even of a test that is killed nothing is left.
MORTAL = ["setpriv", "--pdeathsig", "KILL", "--"] if shutil.which("setpriv") else []


class Node:
    """One process, which may be killed and come back. It keeps its port, so clients need not be told."""

    def __init__(self, stardrop: str, folder: Path, url: str, *arguments: str, prefix=(), environment=None,
                 host: str = "127.0.0.1"):
        folder.mkdir()
        self.name = folder.name
        self.folder = folder
        self.host, self.port = host, 0
        self.process = None
        self._command = [*MORTAL, *prefix, stardrop, "serve", "--db", url, *arguments]
        self._environment = {**os.environ, **(environment or {})}

    def start(self) -> None:
        """Returns once it serves. One that does not get so far is an error with its own words."""
        with open(self.folder / "log", "ab") as log:
            self.process = subprocess.Popen([*self._command, "--listen", f"{self.host}:{self.port}"], cwd=self.folder,
                                            env=self._environment, stdout=subprocess.PIPE, stderr=log, text=True)
        # A start that hangs must not hang the test.
        giving_up = threading.Timer(PATIENCE_SECONDS, self.process.kill)
        giving_up.start()
        try:
            for line in self.process.stdout:
                if line.startswith("url="):
                    self.port = int(line.strip().rpartition(":")[2])
                    return
        finally:
            giving_up.cancel()
        raise RuntimeError(f"{self.name} ended with {self.process.wait()} at its start: {self.last_words()}")

    def is_running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def kill(self) -> None:
        """SIGKILL: it says nothing to anybody."""
        self.process.kill()
        self.process.wait()
        self.process.stdout.close()

    def stop(self) -> None:
        """SIGTERM: it answers what it took, and gives its lane back."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(PATIENCE_SECONDS)
        self.process.stdout.close()
        if code != 0:
            raise RuntimeError(f"{self.name} stopped with {code}: {self.last_words()}")

    def last_words(self) -> str:
        log = self.folder / "log"
        return log.read_text(errors="replace")[-2000:] if log.exists() else ""


def make_keys(stardrop: str, folder: Path, url: str) -> tuple[Path, str]:
    """Makes the schema and the keys that all nodes share: the master key's file and the operator's key."""
    folder.mkdir()
    made = subprocess.run([stardrop, "init", "--db", url], cwd=folder, capture_output=True, text=True, check=False,
                          timeout=PATIENCE_SECONDS)
    if made.returncode != 0:
        raise RuntimeError(f"init ended with {made.returncode}: {made.stderr}")
    operator_key = (folder / "var" / "stardrop.operator-key").read_text().strip()
    return Path(shutil.move(folder / "var" / "stardrop.key", folder / "master.key")), operator_key
