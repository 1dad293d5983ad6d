"""How busy the machine was with other things, and what it is."""

from __future__ import annotations

import os
import platform
import time
from contextlib import contextmanager
from pathlib import Path
from typing import Iterator

TICKS = os.sysconf("SC_CLK_TCK")


def busy_seconds() -> float:
    """Processor time that anybody used, what was stolen by other machines included."""
    fields = [int(field) for field in Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:]]
    idle = fields[3] + fields[4]
    return (sum(fields[:8]) - idle) / TICKS


def stat_of(pid: int) -> tuple[int, float] | None:
    """The parent of a process, and the processor time of it and of its ended children."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return None
    return int(fields[1]), sum(int(field) for field in fields[11:15]) / TICKS


def own_seconds() -> float:
    """Processor time of this process and everything it started."""
    found = {int(path.name): stat_of(int(path.name)) for path in Path("/proc").iterdir() if path.name.isdigit()}
    known = {pid: stat for pid, stat in found.items() if stat is not None}
    ours = {os.getpid()}
    grown = True
    while grown:
        more = {pid for pid, (parent, _) in known.items() if parent in ours} - ours
        grown = bool(more)
        ours |= more
    return sum(known[pid][1] for pid in ours if pid in known)


class Machine:
    """Measures what others used during a benchmark."""

    def __init__(self) -> None:
        self.others = 0.0

    @contextmanager
    def watched(self) -> Iterator[None]:
        began, busy, own = time.monotonic(), busy_seconds(), own_seconds()
        try:
            yield
        finally:
            passed = max(time.monotonic() - began, 0.001)
            self.others = max(0.0, (busy_seconds() - busy) - (own_seconds() - own)) / passed


def describe() -> dict[str, str]:
    processor = next((line.split(":", 1)[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
                      if line.startswith("model name")), platform.machine())
    memory_kib = int(Path("/proc/meminfo").read_text().split()[1])
    return {"processors": f"{os.cpu_count()} x {processor}", "memory": f"{memory_kib // (1 << 20)} GiB",
            "kernel": platform.release(), "load": " ".join(f"{load:.1f}" for load in os.getloadavg())}
