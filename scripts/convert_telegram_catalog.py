#!/usr/bin/env python3
"""Turns lists of Telegram's gifts into a catalogue for `stardrop catalog import`.

Usage: scripts/convert_telegram_catalog.py [--gifts FILE] [--collections FILE] [--collection-stars N]

--gifts        {"gifts": [{"id", "price", "total_count", "upgrade_price", …}]}, as getAvailableGifts has them
--collections  {"collections": {"Title": {"Model": per mille, …}, …}}
Writes {"editions": […]} to standard output. Nothing is fetched.
"""

from __future__ import annotations

import argparse
import json
import re
import sys
from pathlib import Path

SLUG_MAX = 64


def slug_of(title: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", title.lower()).strip("-")[:SLUG_MAX].strip("-")


def edition_of_gift(gift: dict) -> dict:
    """A regular gift. It has no title there: the end of its id serves."""
    edition = {
        "slug": f"telegram-{gift['id']}",
        "title": f"Gift {str(gift['id'])[-6:]}",
        "stars": int(gift["price"]),
        # What Telegram gives back for an unlimited gift: 85 %.
        "convert_stars": int(gift["price"]) * 85 // 100,
        "tags": ["telegram", "regular"],
    }
    if gift.get("total_count") is not None:
        edition["supply"] = int(gift["total_count"])
        edition["tags"].append("limited")
    return edition


def edition_of_collection(title: str, stars: int) -> dict:
    return {"slug": slug_of(title), "title": title, "stars": stars, "tags": ["telegram", "collection"]}


def read(path: Path, member: str):
    content = json.loads(path.read_text(encoding="utf-8"))
    if not isinstance(content, dict) or member not in content:
        sys.exit(f"{path}: there is no \"{member}\"")
    return content[member]


def convert(gifts: Path | None, collections: Path | None, collection_stars: int) -> dict:
    editions = []
    if gifts:
        editions += [edition_of_gift(gift) for gift in read(gifts, "gifts")]
    if collections:
        editions += [edition_of_collection(title, collection_stars) for title in read(collections, "collections")]
    slugs: dict[str, int] = {}
    for edition in editions:  # two titles may differ in signs only
        count = slugs[edition["slug"]] = slugs.get(edition["slug"], 0) + 1
        if count > 1:
            edition["slug"] = f"{edition['slug']}-{count}"
    return {"editions": editions}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--gifts", type=Path)
    parser.add_argument("--collections", type=Path)
    parser.add_argument("--collection-stars", type=int, default=100)
    given = parser.parse_args()
    if not given.gifts and not given.collections:
        parser.error("give --gifts, --collections or both")
    catalog = convert(given.gifts, given.collections, given.collection_stars)
    json.dump(catalog, sys.stdout, ensure_ascii=False, indent=1)
    print()


if __name__ == "__main__":
    main()
