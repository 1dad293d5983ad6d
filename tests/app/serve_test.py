"""The real program from start to stop: the steps a newcomer takes, a small drop, signals, secrets.

Usage: serve_test.py STARDROP ROOT
"""

import json
import re
import signal
import stat
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from program import FAILED, NOT_FOUND, REFUSED, UNAVAILABLE, USAGE, Server, call, end_with, run  # noqa: E402


def first_steps(server: Server, key: str) -> None:
    """An account, Stars, an edition of one, a gift, a replay, a late buyer."""
    status, body, _ = call(server.url, key, "POST", "/v1/accounts", {"kind": "user", "name": "Dora"})
    assert status == 201, body
    account = json.loads(body)["id"]
    status, body, _ = call(server.url, key, "POST", "/v1/top-ups",
                           {"account": account, "stars": 100, "provider": "test", "reference": "r-" + account}, "t-" + account)
    assert status == 201, body
    status, body, _ = call(server.url, key, "POST", "/v1/editions", {"title": "Only One " + account[-6:], "stars": 25, "supply": 1}, "e-" + account)
    assert status == 201, body
    edition = json.loads(body)["id"]
    gift = {"edition": edition, "from": account, "to": account, "max_price": 25}
    status, first, _ = call(server.url, key, "POST", "/v1/gifts", gift, "g-" + account)
    assert status == 201 and json.loads(first)["serial"] == 1, first
    status, again, headers = call(server.url, key, "POST", "/v1/gifts", gift, "g-" + account)
    assert (status, again, headers["Idempotency-Replayed"]) == (201, first, "true"), again
    status, body, _ = call(server.url, key, "POST", "/v1/gifts", gift, "late-" + account)
    assert status == 409 and json.loads(body)["code"] == "sold_out", body


def commands(stardrop: str, server: Server, key: str, folder: Path) -> None:
    url = ["--url", server.url]
    made = json.loads(run(stardrop, "account", "create", "--name", "Erin", "--kind", "user", "--json", *url, key=key).stdout)
    account = made["id"]
    run(stardrop, "ledger", "top-up", "--account", account, "--stars", 50, "--provider", "test", "--reference", "erin", *url, key=key)
    shown = json.loads(run(stardrop, "account", "show", account, "--json", *url, key=key).stdout)
    assert shown["balances"]["XTR"]["available"] == "50", shown
    run(stardrop, "account", "show", "acc_0000000000zzz", *url, key=key, expect=NOT_FOUND)
    run(stardrop, "account", "show", account, *url, key="op_" + "0" * 64, expect=REFUSED)
    run(stardrop, "ledger", "transfer", "--from", account, "--to", account, "--stars", 1, *url, key=key, expect=REFUSED)
    catalog = folder / "catalog.json"
    run(stardrop, "catalog", "export", catalog, *url, key=key)
    imported = json.loads(run(stardrop, "catalog", "import", catalog, "--json", *url, key=key).stdout)
    assert imported["created"] == imported["updated"] == 0 and imported["unchanged"] >= 10, imported
    catalog.write_text('{"title":"X","stars":0}\n')
    done = run(stardrop, "catalog", "import", catalog, *url, key=key, expect=FAILED)
    assert ":1:14: stars:" in done.stderr, done.stderr
    key_file = folder / "operator.key"
    key_file.write_text(key)
    key_file.chmod(0o644)
    run(stardrop, "account", "show", account, "--key-file", key_file, *url, expect=USAGE)
    key_file.chmod(0o600)
    run(stardrop, "account", "show", account, "--key-file", key_file, *url)
    run(stardrop, "migrate", "--db", f"sqlite:{folder}/stardrop.db", expect=UNAVAILABLE)


def drop(stardrop: str, server: Server, key: str, folder: Path) -> None:
    report = json.loads(run(stardrop, "drop", "bench", "--url", server.url, "--editions", "2000,500", "--buyers", 1500,
                            "--connections", 16, "--refusal-seconds", 0, "--report", folder / "drop.html",
                            "--report-json", folder / "drop.json", "--json", key=key).stdout)
    assert report["ok"] and report["sold"] == 2500 and report["oversold"] == 0, report["checks"]
    batches = json.loads(run(stardrop, "drop", "bench", "--url", server.url, "--editions", "2000", "--buyers", 1500, "--batch", 50,
                             "--connections", 4, "--refusal-seconds", 0, "--json", key=key).stdout)
    assert batches["ok"] and batches["sold"] == 2000, batches["checks"]


def reload(server: Server, config: Path) -> None:
    """SIGHUP puts a changed rule in force; a broken file changes nothing and ends nothing."""
    config.write_text("this is not TOML\n")
    server.process.send_signal(signal.SIGHUP)
    config.write_text("[rules]\nstargifts_message_length_max = 3\n[log]\nlevel = 'debug'\n")
    server.process.send_signal(signal.SIGHUP)
    status, _, _ = call(server.url, "", "GET", "/livez")
    assert status == 200


def back_up(stardrop: str, folder: Path) -> None:
    """Beside the running server, where everything else is refused."""
    copied = json.loads(run(stardrop, "backup", "--db", f"sqlite:{folder}/stardrop.db", folder / "copy.db", "--json").stdout)
    assert copied["operations"] > 0, copied
    run(stardrop, "audit", "--db", f"sqlite:{folder}/stardrop.db", expect=UNAVAILABLE)
    run(stardrop, "restore", "--db", f"sqlite:{folder}/stardrop.db", folder / "copy.db", "--yes", expect=UNAVAILABLE)


def prove(stardrop: str, folder: Path) -> None:
    db = f"sqlite:{folder}/stardrop.db"
    checkpoints, signing_key = folder / "checkpoints", folder / "signing.key"
    done = run(stardrop, "audit", "--db", db, "--json", "--checkpoint", checkpoints, "--signing-key", signing_key)
    public_key = done.stderr.split()[-1]
    report = json.loads(done.stdout)
    assert report["ok"] and report["checked"]["gifts"] >= 4500, report
    verified = json.loads(run(stardrop, "verify", "--db", db, "--json", "--checkpoints", checkpoints, "--public-key", public_key).stdout)
    assert verified["ok"] and verified["checkpoints"] == 1, verified
    replayed = json.loads(run(stardrop, "replay", "--db", db, "--json").stdout)
    assert replayed["ok"] and replayed["state_hash"] == replayed["rebuilt_state_hash"], replayed
    # An older copy put back is whole in itself; only the checkpoint tells.
    run(stardrop, "restore", "--db", db, folder / "copy.db", "--yes")
    run(stardrop, "verify", "--db", db)
    run(stardrop, "verify", "--db", db, "--checkpoints", checkpoints, "--public-key", public_key, expect=FAILED)


def secrets_stay_secret(folder: Path, secrets: list[str]) -> None:
    for path in folder.iterdir():
        content = path.read_bytes()
        private = stat.S_IMODE(path.stat().st_mode) & 0o077 == 0
        for secret in secrets:
            allowed = path.name in ("stardrop.db.operator-key", "operator.key") and private
            assert allowed or secret.encode() not in content, f"{path.name} holds a secret"


def main() -> int:
    stardrop = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        config = folder / "stardrop.toml"
        config.write_text("[rules]\nstargifts_message_length_max = 64\n")
        run(stardrop, "serve", "--dev", "--listen", "0.0.0.0:0", "--db", f"sqlite:{folder}/no.db", expect=USAGE)
        server = Server(stardrop, folder, "--dev", "--demo", "--config", str(config))
        key = server.value("operator_key")
        tokens = [match[1] for line in server.printed if (match := re.search(r"token=(\S+)", line))]
        assert len(tokens) == 3, server.printed
        first_steps(server, key)
        commands(stardrop, server, key, folder)
        drop(stardrop, server, key, folder)
        reload(server, config)
        back_up(stardrop, folder)
        server.stop()
        master = (folder / "stardrop.db.key").read_text().strip()
        secrets_stay_secret(folder, [key, *tokens])
        for log in ("serve.log", "drop.json", "drop.html"):
            assert master not in (folder / log).read_text()

        again = Server(stardrop, folder, "--dev", "--demo")
        assert again.value("operator_key") == key, "the key survives a restart"
        first_steps(again, key)
        again.stop()
        prove(stardrop, folder)
        run(stardrop, "migrate", "--db", f"sqlite:{folder}/stardrop.db")
        run(stardrop, "doctor", "--db", f"sqlite:{folder}/stardrop.db", "--json")
        run(stardrop, "init", "--db", f"sqlite:{folder}/stardrop.db", expect=REFUSED)
        run(stardrop, "init", "--db", f"sqlite:{folder}/new.db")
        (folder / "new.db.key").chmod(0o644)
        run(stardrop, "doctor", "--db", f"sqlite:{folder}/new.db", expect=FAILED)
    return 0


if __name__ == "__main__":
    end_with(main)
