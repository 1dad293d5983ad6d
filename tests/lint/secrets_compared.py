"""Secrets are compared in constant time, by construction.

Usage: secrets_compared.py [ROOT]

`equal_secrets` is the one comparison, and it ends in CRYPTO_memcmp. Keys are found by the hash of their secret, so
that no secret is ever compared. Nobody compares a MAC, a digest of a secret or a signature with `==` or memcmp.
"""

import re
import sys
from pathlib import Path

MODULES = ("api", "app", "base", "engine", "ledger", "market", "storage")
# A comparison with a word on either side that names something secret, or something made of it.
SECRET = r"(?:\w*(?:secret|hmac|mac_of|signature|token)\w*(?:\([^()]*\))?)"
COMPARED = re.compile(rf"(?:\b{SECRET}\s*(?:==|!=)\s*(?!nullptr|\"|')\w)|(?:\w\)?\s*(?:==|!=)\s*{SECRET}\b(?!::))")
MEMCMP = re.compile(r"\b(?:std::)?(?:memcmp|strcmp|strncmp)\s*\(")
# Kinds, sizes and presence are no secrets; a file's checksums aren't, either.
HARMLESS = re.compile(r"KeyKind::|_kind\b|\.size\(\)|\.empty\(\)|\.end\(\)|user_token\b")


def sources(root: Path):
    for module in MODULES:
        for path in sorted((root / module).rglob("*")):
            if path.suffix in (".cpp", ".h"):
                yield path


def code_lines(path: Path):
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        yield number, re.sub(r'"(?:\\.|[^"\\])*"', '""', line.split("//")[0])


def violations(root: Path):
    for path in sources(root):
        for number, line in code_lines(path):
            if MEMCMP.search(line) and not path.name.startswith("checksum"):
                yield f"{path.relative_to(root)}:{number}: memcmp: texts are compared with ==, secrets with equal_secrets"
            if COMPARED.search(line) and not HARMLESS.search(line):
                yield f"{path.relative_to(root)}:{number}: a secret is compared: use equal_secrets: {line.strip()}"
    for path, needed, why in (
            ("base/hash.cpp", r"bool equal_secrets\([^)]*\) noexcept \{[^}]*CRYPTO_memcmp", "equal_secrets takes constant time"),
            ("api/cursor.cpp", r"equal_secrets\(", "cursors are checked in constant time"),
            ("api/key_table.cpp", r"sha256\(secret\)", "keys are found by the hash of their secret")):
        if not re.search(needed, (root / path).read_text(encoding="utf-8"), re.DOTALL):
            yield f"{path}: {why}, but doesn't any more"


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    found = list(violations(root))
    print(*found, sep="\n" if found else "", end="\n" if found else "")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
