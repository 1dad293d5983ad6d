"""A development server: its clock, its faucet, and a drop that is watched while the server goes away and comes back.

Usage: dev_test.py STARDROP ROOT
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from program import NOT_FOUND, OK, RUNNING, UNAVAILABLE, Server, call, end_with, run  # noqa: E402


def post(server: Server, key: str, path: str, body: dict, idempotency_key: str) -> dict:
    status, answer, _ = call(server.url, key, "POST", path, body, idempotency_key)
    assert status in (200, 201), (path, status, answer)
    return json.loads(answer)


def clock_and_faucet(server: Server, key: str) -> str:
    moved = post(server, key, "/v1/dev/clock", {"advance_seconds": 30 * 86400}, "month")
    assert moved["ahead_seconds"] == 30 * 86400, moved
    account = post(server, key, "/v1/accounts", {"kind": "user"}, "buyer")
    assert account["created"] >= moved["now"], (account, moved)
    post(server, key, "/v1/dev/faucet", {"account": account["id"], "stars": 5000}, "stars")
    edition = post(server, key, "/v1/editions", {"title": "Opens Later", "stars": 5, "supply": 1,
                                                 "sale_opens_at": "2089-01-01T00:00:00Z"}, "later")
    gift = {"edition": edition["id"], "from": account["id"], "to": account["id"], "max_price": 5}
    status, answer, _ = call(server.url, key, "POST", "/v1/gifts", gift, "early")
    assert status == 423 and json.loads(answer)["code"] == "sale_not_open", answer
    return account["id"]


def the_clock_survives(server: Server, key: str) -> None:
    """What was written is of the future: a restarted server must not stand still."""
    _, answer, _ = call(server.url, key, "GET", "/v1/dev/clock")
    assert json.loads(answer)["ahead_seconds"] >= 30 * 86400 - 60, answer


def without_dev(stardrop: str, folder: Path, key: str) -> None:
    server = Server(stardrop, folder)
    for method, path in (("GET", "/v1/dev/clock"), ("POST", "/v1/dev/clock"), ("POST", "/v1/dev/faucet")):
        status, answer, _ = call(server.url, key, method, path, {} if method == "POST" else None, "none")
        assert status == 404, (path, answer)
    _, document, _ = call(server.url, key, "GET", "/openapi.json")
    assert b"/v1/dev" not in document
    server.stop()
    assert "clock.behind_ledger" in (folder / "serve.log").read_text()


def watch(stardrop: str, url: str, *arguments: str) -> subprocess.Popen:
    process = subprocess.Popen([stardrop, "drop", "watch", *arguments, "--url", url], stdout=subprocess.PIPE,
                               stderr=subprocess.PIPE, text=True)
    RUNNING.append(process)
    return process


def buy(server: Server, key: str, edition: str, account: str, name: str) -> None:
    post(server, key, "/v1/gifts", {"edition": edition, "from": account, "to": account, "max_price": 5}, name)


def watched_drop(stardrop: str, folder: Path, server: Server, key: str, account: str) -> Server:
    """Returns the server that took the first one's place."""
    edition = post(server, key, "/v1/editions", {"title": "Watched", "stars": 5, "supply": 3}, "watched")["id"]
    run(stardrop, "drop", "watch", "nothing-of-this-name", "--url", server.url, expect=NOT_FOUND)
    run(stardrop, "drop", "watch", "watched", "--url", "http://127.0.0.1:9", expect=UNAVAILABLE)
    events = watch(stardrop, server.url, edition, "--json")
    people = watch(stardrop, server.url, "watched")
    seen = []
    while not seen or seen[-1]["type"] != "ready":
        seen.append(json.loads(events.stdout.readline()))
    assert seen[0]["type"] == "edition.snapshot" and seen[0]["data"]["left"] == 3, seen
    assert people.stdout.readline().startswith("0 sold, 3 left"), "the snapshot is the first line"
    buy(server, key, edition, account, "one")
    assert people.stdout.readline().startswith("1 sold, 2 left")
    port = int(server.url.rsplit(":", 1)[1])
    server.stop()
    server = Server(stardrop, folder, "--dev", port=port)
    buy(server, key, edition, account, "two")
    buy(server, key, edition, account, "three")
    out, error = events.communicate(timeout=60)
    assert events.returncode == OK, error
    seen += [json.loads(line) for line in out.splitlines()]
    assert sum(event["type"] == "edition.sold_out" or event["data"].get("sold_out") is True for event in seen) == 1, seen
    assert [event["type"] for event in seen].count("ready") >= 1
    out, error = people.communicate(timeout=60)
    assert people.returncode == OK and "sold_out" in out and "true" in out, (out, error)
    # What is over already is printed, and that is all.
    assert "sold_out" in run(stardrop, "drop", "watch", "watched", "--url", server.url).stdout
    return server


def main() -> int:
    stardrop = sys.argv[1]
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(stardrop, folder, "--dev")
        key = server.value("operator_key")
        account = clock_and_faucet(server, key)
        server.stop()
        without_dev(stardrop, folder, key)
        server = Server(stardrop, folder, "--dev")
        the_clock_survives(server, key)
        server = watched_drop(stardrop, folder, server, key, account)
        server.stop()
        run(stardrop, "audit", "--db", f"sqlite:{folder}/stardrop.db")
    return 0


if __name__ == "__main__":
    end_with(main)
