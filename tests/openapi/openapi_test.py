"""The OpenAPI documents of a running server.

Usage: openapi_test.py redocly|spectral|answers STARDROP ROOT

redocly, spectral: both documents pass the tool's rules without an error or a warning. The tools are
  installed by `scripts/deps --openapi`; where they are missing the test is skipped.
answers: what the server takes and answers is what the document says.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "support"))
from program import Server, call, end_with  # noqa: E402

SKIPPED = 77
DOCUMENTS = ("openapi.json", "openapi-3.0.json")


def tool(root: Path, name: str) -> list[str]:
    """The command line of an installed tool; ends the test as skipped where it is missing."""
    script = root / ".cache/openapi/node_modules/.bin" / name
    node = shutil.which("node")
    if node is None or not script.exists():
        print(f"skipped: {name} is not installed; scripts/deps --openapi installs it")
        sys.exit(SKIPPED)
    return [node, str(script)]


def judge(command: list[str], folder: Path, document: str) -> subprocess.CompletedProcess:
    """Runs a tool on a document. It is not to call home or to look for a newer release of itself."""
    quiet = {**os.environ, "REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true"}
    return subprocess.run([*command, document], cwd=folder, env=quiet, capture_output=True, text=True, timeout=200)


def redocly(_: Server, root: Path, folder: Path) -> bool:
    config = root / "tests/openapi/redocly.yaml"
    command = [*tool(root, "redocly"), "lint", "--config", str(config), "--max-problems", "1000", "--format", "json"]
    sound = True
    for document in DOCUMENTS:
        done = judge(command, folder, document)
        # Its exit code is silent about warnings, so what it says is looked at.
        problems = json.loads(done.stdout)["problems"] if done.stdout.startswith("{") else [done.stdout + done.stderr]
        for problem in problems:
            print(document, json.dumps(problem, indent=1))
        sound = sound and done.returncode == 0 and not problems
    return sound


def spectral(_: Server, root: Path, folder: Path) -> bool:
    ruleset = root / "tests/openapi/spectral.yaml"
    sound = True
    for document in DOCUMENTS:
        done = judge([*tool(root, "spectral"), "lint", "--ruleset", str(ruleset), "--fail-severity", "hint"], folder, document)
        if done.returncode != 0:
            print(done.stdout, done.stderr)
        sound = sound and done.returncode == 0
    return sound


class Mismatch(Exception):
    pass


class Contract:
    """What a document says of requests and answers. Knows as much of JSON Schema as the documents use."""

    KNOWN = {"type", "properties", "required", "additionalProperties", "items", "maxItems", "enum", "const", "anyOf", "pattern",
             "format", "minimum", "maximum", "minLength", "maxLength", "description", "examples", "$ref"}

    def __init__(self, document: dict):
        self.document = document
        self.seen: set[str] = set()
        self.operations = {}
        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                pattern = re.compile("^" + re.sub(r"\\{\w+\\}", r"[^/]+", re.escape(path)) + "$")
                self.operations[operation["operationId"]] = (method.upper(), pattern, operation)

    def find(self, method: str, path: str) -> dict:
        """The operation of a request; the one with fewest parameters if several patterns match."""
        path = path.partition("?")[0]
        found = [operation for each, pattern, operation in self.operations.values() if each == method and pattern.match(path)]
        if not found:
            raise Mismatch(f"{method} {path} is not described")
        return min(found, key=lambda each: len([p for p in each.get("parameters", []) if p["in"] == "path"]))

    def resolve(self, node: dict) -> dict:
        while "$ref" in node:
            target = self.document
            for step in node["$ref"].removeprefix("#/").split("/"):
                target = target[step]
            node = target
        return node

    def check(self, value, schema: dict, where: str) -> None:
        schema = self.resolve(schema)
        unknown = set(schema) - self.KNOWN
        if unknown:
            raise Mismatch(f"{where}: this checker does not know {unknown}")
        if "anyOf" in schema:
            for each in schema["anyOf"]:
                try:
                    return self.check(value, each, where)
                except Mismatch:
                    continue
            raise Mismatch(f"{where}: {value!r} is none of anyOf")
        self.check_type(value, schema, where)
        if "const" in schema and value != schema["const"] or value not in schema.get("enum", [value]):
            raise Mismatch(f"{where}: {value!r} is not one of the words")
        if isinstance(value, str) and not re.search(schema.get("pattern", ""), value):
            raise Mismatch(f"{where}: {value!r} is not like {schema['pattern']}")
        if isinstance(value, int) and not schema.get("minimum", value) <= value <= schema.get("maximum", value):
            raise Mismatch(f"{where}: {value!r} is out of range")
        if isinstance(value, dict):
            self.check_members(value, schema, where)
        if isinstance(value, list):
            for i, each in enumerate(value):
                self.check(each, schema.get("items", {}), f"{where}[{i}]")

    @staticmethod
    def check_type(value, schema: dict, where: str) -> None:
        words = schema.get("type", [])
        words = [words] if isinstance(words, str) else words
        kind = {type(None): "null", bool: "boolean", int: "integer", str: "string", list: "array", dict: "object"}[type(value)]
        if words and kind not in words:
            raise Mismatch(f"{where}: {value!r} is {kind}, not {words}")

    def check_members(self, value: dict, schema: dict, where: str) -> None:
        properties = schema.get("properties", {})
        missing = set(schema.get("required", [])) - set(value)
        # An answer has nothing the document is silent about, unless it says that it may.
        unknown = set() if schema.get("additionalProperties") is True or not properties else set(value) - set(properties)
        if missing or unknown:
            raise Mismatch(f"{where}: missing {sorted(missing)}, unknown {sorted(unknown)}")
        for name, each in value.items():
            if name in properties:
                self.check(each, properties[name], f"{where}.{name}")

    def exchange(self, method: str, path: str, body, status: int, media: str, answer) -> None:
        """Checks one request and its answer."""
        operation = self.find(method, path)
        self.seen.add(operation["operationId"])
        where = f"{method} {path} {status}"
        if body is not None and status < 400:
            self.check(body, operation["requestBody"]["content"]["application/json"]["schema"], where + " request")
        responses = operation["responses"]
        response = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        if response is None:
            raise Mismatch(f"{where}: this status is not described")
        content = self.resolve(response).get("content", {})
        if media not in content:
            raise Mismatch(f"{where}: {media} is not described")
        if isinstance(answer, (dict, list)):
            self.check(answer, content[media]["schema"], where)


class Client:
    """Makes requests and holds each against the contract."""

    def __init__(self, server: Server, contract: Contract):
        self.server, self.contract, self.count = server, contract, 0

    def call(self, method: str, path: str, body=None, expect: int = 200, key: str | None = None):
        self.count += 1
        key = key or self.server.value("operator_key")
        idempotency_key = f"k{self.count}" if method == "POST" else ""
        status, content, headers = call(self.server.url, key, method, path, body, idempotency_key)
        media = headers.get_content_type()
        assert status == expect, (method, path, status, content)
        parsed = json.loads(content) if media.endswith("json") else content
        self.contract.exchange(method, path, body, status, media, parsed)
        return parsed

    def post(self, path: str, body=None, expect: int = 200, **more):
        return self.call("POST", path, body if body is not None else {}, expect, **more)

    def get(self, path: str, expect: int = 200, **more):
        return self.call("GET", path, None, expect, **more)


def money(client: Client) -> str:
    """Accounts, keys, Stars in and out. Returns an account with Stars."""
    alice = client.post("/v1/accounts", {"kind": "user", "name": "Alice"}, 201)["id"]
    bob = client.post("/v1/accounts", {"kind": "user", "name": "Bob", "premium": True}, 201)["id"]
    client.post(f"/v1/accounts/{alice}", {"name": "Alice B", "premium": True})
    client.post("/v1/top-ups", {"account": alice, "stars": 1000, "provider": "test", "reference": "r1"}, 201)
    paid = client.post("/v1/top-ups", {"account": bob, "stars": 100, "provider": "test", "reference": "r2",
                                       "reversible_until": "2099-01-01T00:00:00Z"}, 201)
    client.get(f"/v1/top-ups/{paid['id']}")
    client.post(f"/v1/top-ups/{paid['id']}/reverse", {"stars": 40})
    client.post("/v1/reversals", {"provider": "test", "reference": "not yet", "stars": 5})
    token = client.post("/v1/keys", {"kind": "user", "account": alice, "label": "phone"}, 201)
    given = client.post("/v1/transfers", {"to": bob, "stars": 30}, 201, key=token["secret"])
    client.get(f"/v1/transfers/{given['transfer']}")
    client.post(f"/v1/transfers/{given['transfer']}/refund")
    hold = client.post("/v1/holds", {"account": alice, "stars": 20}, 201)["hold"]
    client.get(f"/v1/holds/{hold}")
    client.post(f"/v1/holds/{hold}/capture", {"to": bob, "stars": 5})
    hold = client.post("/v1/holds", {"account": alice, "stars": 20}, 201)["hold"]
    client.post(f"/v1/holds/{hold}/release")
    client.get("/v1/keys?limit=2")
    client.post(f"/v1/keys/{token['id']}/revoke")
    client.get(f"/v1/accounts/{alice}")
    client.get("/v1/accounts/house")
    client.get(f"/v1/accounts/{alice}/transactions?limit=2&direction=out")
    client.post(f"/v1/accounts/{bob}/erase")
    return alice


def gifts(client: Client, alice: str) -> None:
    """A drop: sales, a late buyer, the waiting list, reservations, the catalogue."""
    client.post("/v1/settings", {"waitlist_max": 10})
    rose = client.post("/v1/editions", {"title": "Rose of the Test", "stars": 10, "supply": 2, "tags": ["flower"]}, 201)["id"]
    client.get("/v1/editions?limit=1&on_sale=true&tag=flower")
    client.get(f"/v1/editions/{rose}")
    client.post(f"/v1/editions/{rose}", {"per_account": 5})
    client.get(f"/v1/editions/{rose}/availability?account={alice}")
    buy = {"edition": rose, "from": alice, "to": alice, "max_price": 10, "text": "For you",
           "entities": [{"type": "bold", "offset": 0, "length": 3}]}
    gift = client.post("/v1/gifts", buy, 201)["id"]
    client.get(f"/v1/gifts/{gift}")
    client.get(f"/v1/accounts/{alice}/gifts?edition={rose}")
    kept = client.post(f"/v1/editions/{rose}/reservations", {"account": alice, "seconds": 60}, 201)["reservation"]
    client.post("/v1/gifts", buy, 409)
    client.get(f"/v1/reservations/{kept}")
    client.post(f"/v1/editions/{rose}/waitlist", {"account": alice}, 201)
    client.get(f"/v1/editions/{rose}/waitlist?account={alice}")
    client.post(f"/v1/editions/{rose}/waitlist/leave", {"account": alice})
    client.post(f"/v1/reservations/{kept}/use", {"from": alice, "to": alice, "max_price": 10}, 201)
    client.post(f"/v1/gifts/{gift}/refund")
    kept = client.post(f"/v1/editions/{rose}/reservations", {"account": alice}, 201)["reservation"]
    client.post(f"/v1/reservations/{kept}/release")
    client.post("/v1/catalog", {"editions": [{"title": "Tulip of the Test", "stars": 5, "supply": 3}, {"title": "Card of the Test", "stars": 1}]})
    lines = [{"command": "send_gift", "idempotency_key": "b1", "params": {**buy, "max_price": 1}},
             {"command": "transfer_stars", "idempotency_key": "b2", "params": {"from": alice, "to": alice, "stars": 1}}]
    client.post("/v1/batch", {"commands": lines})


def refusals(client: Client) -> None:
    """Each of them is a problem as described."""
    client.get("/v1/gifts/gft_0000000000zzz", 404)
    client.get("/v1/gifts/nonsense", 400)
    client.get("/v1/keys", 401, key="op_nobody")
    client.post("/v1/gifts", {"edition": 1}, 400)
    client.get("/v1/editions?limit=1000", 400)


def system(client: Client) -> None:
    for path in ("/livez", "/readyz", "/metrics", "/v1/audit", "/openapi.json", "/openapi-3.0.json", "/docs", "/docs/errors"):
        client.get(path)


def development(client: Client, alice: str) -> None:
    """The routes of `--dev`. Last: the clock only moves forward."""
    client.post("/v1/dev/faucet", {"account": alice, "stars": 10}, 201)
    client.get("/v1/dev/clock")
    client.post("/v1/dev/clock", {"advance_seconds": 60})


def answers(server: Server, root: Path, folder: Path) -> bool:
    contract = Contract(json.loads((folder / "openapi.json").read_text()))
    client = Client(server, contract)
    alice = money(client)
    gifts(client, alice)
    refusals(client)
    system(client)
    development(client, alice)
    # The live feeds have no end: tests/api holds them to what they say.
    silent = set(contract.operations) - contract.seen - {"stream", "events"}
    assert not silent, f"described and never asked for: {sorted(silent)}"
    return True


def main() -> int:
    judge_of = {"redocly": redocly, "spectral": spectral, "answers": answers}[sys.argv[1]]
    stardrop, root = sys.argv[2], Path(sys.argv[3])
    if judge_of is not answers:
        tool(root, sys.argv[1])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        server = Server(stardrop, folder, "--dev", "--demo")
        for document in DOCUMENTS:
            (folder / document).write_bytes(call(server.url, "", "GET", "/" + document)[1])
        sound = judge_of(server, root, folder)
        server.stop()
        return 0 if sound else 1


if __name__ == "__main__":
    end_with(main)
