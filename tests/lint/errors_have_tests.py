"""Every code of base/errors.def is produced by a test: a scenario line, or a test over HTTP or of the engine.

Usage: errors_have_tests.py [ROOT]

A scenario produces the code behind `->`. Other tests name it as `ErrorCode::code` or as a text. Tests that only
make refusals up (the simulation's model, the fake shop of `drop bench`) don't count.
"""

import re
import sys
from pathlib import Path

MAKE_THEM_UP = ("tests/simulation/", "tests/support/", "tests/fuzz/", "tests/lint/", "tests/app/drop_bench/")


def codes(root: Path) -> list[str]:
    table = (root / "base/errors.def").read_text(encoding="utf-8")
    return re.findall(r"^STARDROP_ERROR\((\w+),", table, re.MULTILINE)


def told(root: Path) -> set[str]:
    """The codes that scenarios tell of."""
    found = set()
    for path in (root / "tests/scenarios").glob("*.scenario"):
        for line in path.read_text(encoding="utf-8").splitlines():
            if not line.startswith("#"):
                found.update(re.findall(r"\s->\s+(\w+)(?=\s|$)", line))
    return found


def named(root: Path) -> set[str]:
    """The words that tests in C++ and Python compare answers with."""
    found = set()
    for path in (root / "tests").rglob("*"):
        if path.suffix not in (".cpp", ".py") or path.relative_to(root).as_posix().startswith(MAKE_THEM_UP):
            continue
        text = path.read_text(encoding="utf-8")
        found.update(re.findall(r"ErrorCode::(\w+)", text))
        found.update(re.findall(r'"(\w+)\\?"', text))
        found.update(re.findall(r'\\"(\w+)\\"', text))
    return found


def main() -> int:
    root = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]
    table = codes(root)
    missing = [code for code in table if code not in told(root) | named(root)]
    for code in missing:
        print(f"base/errors.def: {code}: no scenario and no test produces it")
    return 1 if missing or not table else 0


if __name__ == "__main__":
    sys.exit(main())
