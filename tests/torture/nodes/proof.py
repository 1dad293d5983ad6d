"""What the program itself says of the database when all is over."""

import json
import subprocess

PATIENCE_SECONDS = 1800  # for the largest drop, on a small machine
PROOFS = ("audit", "verify", "replay")


def prove(test, stardrop: str, url: str) -> None:
    """Every invariant recounted, the journal's chains walked, all rows made again from the journal and compared."""
    for what in PROOFS:
        done = subprocess.run([stardrop, what, "--db", url, "--json"], capture_output=True, text=True, check=False, timeout=PATIENCE_SECONDS)
        test.assertEqual(done.returncode, 0, f"{what}: {done.stdout[-3000:]}{done.stderr[-3000:]}")
        test.assertTrue(json.loads(done.stdout)["ok"], f"{what}: {done.stdout[-3000:]}")
