"""Checkpoints of the real program: an old file copied back and a cut-off tail are noticed.

Usage: checkpoints_test.py STARDROP ROOT
"""

import json
import shutil
import sqlite3
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from program import FAILED, UNAVAILABLE, Server, call, end_with, run  # noqa: E402


def sell(server: Server, name: str) -> None:
    status, body, _ = call(server.url, server.value("operator_key"), "POST", "/v1/accounts", {"kind": "user"}, name)
    assert status == 201, body


def public_key_of(log: Path) -> str:
    line = next(line for line in log.read_text().splitlines() if "checkpoints.on" in line)
    return json.loads(line)["public_key"]


def verify(stardrop: str, folder: Path, expect: int = 0) -> dict:
    done = run(stardrop, "verify", "--db", f"sqlite:{folder}/stardrop.db", "--json", "--checkpoints", folder / "elsewhere",
               "--public-key", public_key_of(folder / "serve.log"), expect=expect)
    return json.loads(done.stdout)


def refused_start(stardrop: str, folder: Path, *arguments: str) -> str:
    done = run(stardrop, "serve", "--db", f"sqlite:{folder}/stardrop.db", "--listen", "127.0.0.1:0", *arguments, expect=FAILED)
    return done.stderr


def main() -> int:
    stardrop = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        options = ["--dev", "--log-format", "json", "--checkpoints-file", str(folder / "elsewhere")]
        database = folder / "stardrop.db"
        server = Server(stardrop, folder, *options)
        sell(server, "a")
        server.stop()
        assert (folder / "stardrop.db.signing-key").stat().st_mode & 0o077 == 0
        lines = (folder / "elsewhere").read_text().splitlines()
        assert len(lines) >= 1, "at least the one of the end"
        shutil.copy(database, folder / "old.db")

        server = Server(stardrop, folder, *options)
        sell(server, "b")
        server.stop()
        more = (folder / "elsewhere").read_text().splitlines()
        assert len(more) > len(lines) and more[:len(lines)] == lines
        report = verify(stardrop, folder)
        assert report["ok"] and report["checkpoints"] == len(more), report

        # The old file copied back: whole in itself, but not what the checkpoints tell of.
        shutil.copy(database, folder / "true.db")
        shutil.copy(folder / "old.db", database)
        assert "old copy" in refused_start(stardrop, folder, *options)
        report = verify(stardrop, folder, expect=FAILED)
        assert any(fault["kind"] == "cut_off" for fault in report["faults"]), report
        assert (folder / "elsewhere").read_text().splitlines() == more, "a refused start leaves no trace"

        # Gone on from the old copy, with another file of checkpoints: the first one still tells.
        server = Server(stardrop, folder, "--dev", "--checkpoints-file", str(folder / "new"))
        sell(server, "mallory")
        server.stop()
        assert "another way" in refused_start(stardrop, folder, *options)
        report = verify(stardrop, folder, expect=FAILED)
        assert report["faults"][0]["kind"] == "forked", report

        # A checkpoint that somebody else signed is none.
        shutil.copy(folder / "true.db", database)
        shutil.copy(folder / "stardrop.db.signing-key", folder / "kept")
        (folder / "stardrop.db.signing-key").unlink()
        assert "is not there" in refused_start(stardrop, folder, *options), "no new key for old checkpoints"
        server = Server(stardrop, folder, "--dev", "--checkpoints-file", str(folder / "third"))
        server.stop()
        assert "another key" in refused_start(stardrop, folder, *options)
        shutil.copy(folder / "kept", folder / "stardrop.db.signing-key")
        Server(stardrop, folder, *options).stop()

        # A tail cut off with another program: by the checkpoints, or by the pages' checksums.
        cut_tail(database)
        for command in (["serve", "--listen", "127.0.0.1:0", *options],
                        ["verify", "--checkpoints", folder / "elsewhere", "--public-key", public_key_of(folder / "serve.log")]):
            done = subprocess.run([stardrop, *map(str, command), "--db", f"sqlite:{database}"], capture_output=True, text=True, timeout=100)
            assert done.returncode in (FAILED, UNAVAILABLE), (command, done.returncode, done.stdout, done.stderr)
    return 0


def cut_tail(database: Path) -> None:
    file = sqlite3.connect(database)
    last = file.execute("SELECT max(first_op) FROM journal").fetchone()[0]
    assert file.execute("DELETE FROM journal WHERE first_op >= ?", (last,)).rowcount == 1
    file.commit()
    file.close()


if __name__ == "__main__":
    end_with(main)
