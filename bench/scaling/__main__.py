"""Says what a shop of 10, 100, 1000 million accounts needs: rows, bytes, writes, shards, machines.

Usage: python3 -m bench.scaling [--accounts 10,100,1000] [--json] [--assumption VALUE]…

Costs of a sale come from bench/scaling/measured.json, which says how each was measured. Everything else is an
assumption: printed with the result, and a flag of its name, such as --peak-factor 50.
"""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, fields
from pathlib import Path

from .model import GB, MB, TB, Assumptions, Measured, Size, described, size_of

WHOLE = ("batch", "copies", "other_statements", "hot_statements")
MEASURED = Path(__file__).resolve().parent / "measured.json"


def parse(words: list[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python3 -m bench.scaling", formatter_class=argparse.RawDescriptionHelpFormatter,
        description="Says what a shop of so many accounts needs: rows, bytes, writes, shards, machines.")
    parser.add_argument("--accounts", default="10,100,1000", metavar="N,…", help="millions of accounts (10,100,1000)")
    parser.add_argument("--json", action="store_true", help="everything, as JSON")
    parser.add_argument("--markdown", action="store_true", help="the table of docs/scaling.md")
    parser.add_argument("--measured", type=Path, default=MEASURED, metavar="FILE", help="other measurements")
    group = parser.add_argument_group("assumptions")
    for each in fields(Assumptions):
        kind = int if each.name in WHOLE else float
        group.add_argument("--" + each.name.replace("_", "-"), type=kind, default=each.default, metavar="N",
                           help=f"{each.metadata['help']} ({each.default:g})")
    arguments = parser.parse_args(words)
    try:
        arguments.millions = [float(number) for number in arguments.accounts.split(",")]
    except ValueError:
        parser.error(f"--accounts wants numbers of millions, not {arguments.accounts}")
    if any(getattr(arguments, each.name) <= 0 for each in fields(Assumptions)) or min(arguments.millions) <= 0:
        parser.error("every number is above 0")
    return arguments


def short(value: float) -> str:
    """With a suffix, three digits."""
    for limit, suffix in ((1e12, " T"), (1e9, " G"), (1e6, " M"), (1e3, " k")):
        if value >= limit:
            return f"{value / limit:.3g}{suffix}"
    return f"{value:.3g}"


def lines(size: Size) -> list[tuple[str, str]]:
    """What is told of one size: the same for all, so that they can stand side by side."""
    largest = sorted(size.bytes_by_table, key=size.bytes_by_table.get, reverse=True)[:3]
    return [
        ("accounts", short(size.accounts)),
        ("rows kept", short(sum(size.rows.values()))),
        ("bytes, one copy", f"{size.total_bytes / TB:.2f} TB" if size.total_bytes >= TB
         else f"{size.total_bytes / GB:.0f} GB"),
        ("largest tables", ", ".join(f"{name} {size.bytes_by_table[name] / size.total_bytes:.0%}" for name in largest)),
        ("sales/s, average", f"{size.sales_s:,.1f}"),
        ("operations/s at the peak", f"{size.peak_ops_s:,.0f}"),
        ("of them one edition's", f"{size.drop_sales_s:,.0f}"),
        ("rows written/s at the peak", short(size.rows_written_s)),
        ("write-ahead log at the peak", f"{size.wal_mb_s:,.1f} MB/s, {size.image_share:.0%} of it page images"),
        ("commits/s at the peak", f"{size.batches_s:,.1f}"),
        ("syncs/s of a database machine", f"{size.syncs_s:,.1f}"),
        ("database, processors busy", f"{size.database_cores:.1f}"),
        ("nodes, processors busy", f"{size.node_cores:.1f}"),
        ("most operations/s of one node", f"{size.node_s:,.0f}"),
        ("most sales/s of one edition", f"{size.hot_edition_s:,.0f}"),
        ("database", size.mode),
        ("shards by group", ", ".join(f"{group} {count}" for group, count in size.shards.items()) or "none"),
        ("database machines, copies included", str(size.database_machines)),
        ("nodes", str(size.nodes)),
        ("limits met", "; ".join(size.limits) or "none"),
    ]


def as_table(sizes: list[Size], markdown: bool) -> str:
    columns = [lines(size) for size in sizes]
    rows = [[columns[0][i][0], *(column[i][1] for column in columns)] for i in range(len(columns[0]))]
    if markdown:
        head, *rest = rows
        return "\n".join("| " + " | ".join(row) + " |" for row in [head, ["---"] * len(head), *rest])
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows)


def assumptions_text(a: Assumptions) -> str:
    told = described(a)
    names = max(len(name) for name, _, _ in told)
    return "\n".join(f"  --{name.replace('_', '-'):<{names}}  {value:>8g}  {help_}" for name, value, help_ in told)


def main(words: list[str] | None = None) -> int:
    arguments = parse(words)
    a = Assumptions(**{each.name: getattr(arguments, each.name) for each in fields(Assumptions)})
    try:
        measured = Measured.read(arguments.measured, a.batch)
    except (OSError, ValueError) as error:
        print(f"bench.scaling: {error}", file=sys.stderr)
        return 2
    sizes = [size_of(millions * 1e6, measured, a) for millions in arguments.millions]
    if arguments.json:
        print(json.dumps({"assumptions": {name: {"value": value, "meaning": help_} for name, value, help_ in described(a)},
                          "measured": asdict(measured), "units": {"MB": MB, "TB": TB, "accounts": "each"},
                          "sizes": [asdict(size) for size in sizes]}, indent=2))
        return 0
    print(as_table(sizes, arguments.markdown))
    if not arguments.markdown:
        print(f"\nAssumptions, none of them measured:\n{assumptions_text(a)}")
        print(f"\nCosts of a sale: {arguments.measured.name}. Reads are not in it, and nothing was run on a cluster.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
