"""What scripts/convert_telegram_catalog.py makes of lists of gifts, `catalog import` takes without a mistake.

Usage: convert_catalog_test.py STARDROP ROOT
Tries small lists of its own, and the real ones where they are at hand; they are not part of the project.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

SKIPPED = 77


def convert(root: Path, arguments: list[str], into: Path) -> dict:
    text = subprocess.run([root / "scripts/convert_telegram_catalog.py", *arguments], check=True, capture_output=True, text=True).stdout
    into.write_text(text, encoding="utf-8")
    return json.loads(text)


def check(stardrop: str, catalog: Path) -> None:
    done = subprocess.run([stardrop, "catalog", "import", catalog, "--dry-run"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def main() -> int:
    stardrop, root = sys.argv[1], Path(sys.argv[2])
    with tempfile.TemporaryDirectory() as folder:
        here = Path(folder)
        out = here / "catalog.json"
        (here / "gifts.json").write_text(json.dumps({"gifts": [
            {"id": "5895544372761461960", "price": 300, "upgrade_price": None, "remaining_count": 1, "total_count": 100000},
            {"id": "5170145012310081615", "price": 15, "upgrade_price": None, "remaining_count": None, "total_count": None}]}))
        (here / "collections.json").write_text(json.dumps({"collections": {"Santa Hat": {"Rave": 2}, "Santa-Hat": {}}}))
        catalog = convert(root, ["--gifts", here / "gifts.json", "--collections", here / "collections.json"], out)
        check(stardrop, out)
        limited, unlimited, first, second = catalog["editions"]
        assert limited["supply"] == 100000 and "supply" not in unlimited, catalog
        assert (first["slug"], second["slug"]) == ("santa-hat", "santa-hat-2"), catalog

        real = root.parent / "shared" / "telegram-gifts"
        if not real.is_dir():
            print(f"{real} is not at hand: only the small lists were tried")
            return SKIPPED
        catalog = convert(root, ["--gifts", real / "regular-gifts-bot-catalogue.json",
                                 "--collections", real / "models-109-collections-2026-03.json"], out)
        check(stardrop, out)
        assert len(catalog["editions"]) == 15 + 109, len(catalog["editions"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
