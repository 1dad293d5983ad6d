"""What was measured, and how it compares: with its goal, and with its peer in the same run."""

from __future__ import annotations

from dataclasses import dataclass, field
from statistics import median


@dataclass
class Row:
    """One figure. `values` are those of all runs; the median counts."""

    benchmark: str
    what: str
    unit: str
    values: list[float]
    goal: float | None = None
    at_most: bool = False  # the goal is an upper bound
    peer: str = ""
    ratios: list[float] = field(default_factory=list)  # one per pair: this divided by the peer
    ratio_goal: float | None = None
    ratio_at_most: bool = False
    others: float = 0.0  # processors that other programs used meanwhile
    details: dict = field(default_factory=dict)

    @property
    def reached(self) -> float:
        return median(self.values)

    @property
    def ratio(self) -> float | None:
        return median(self.ratios) if self.ratios else None

    @staticmethod
    def _holds(value: float | None, goal: float | None, at_most: bool) -> bool | None:
        if value is None or goal is None:
            return None
        return value <= goal if at_most else value >= goal

    def met(self) -> str:
        held = [self._holds(self.reached, self.goal, self.at_most),
                self._holds(self.ratio, self.ratio_goal, self.ratio_at_most)]
        told = [each for each in held if each is not None]
        return "" if not told else "yes" if all(told) else "no"

    def line(self) -> str:
        ratio = f", {self.ratio:.3g} x {self.peer}" if self.ratio is not None else ""
        goal = f" (goal {bound(self.goal, self.at_most)})" if self.goal is not None else ""
        return f"{self.benchmark}: {self.what}: {number(self.reached)} {self.unit}{goal}{ratio}"

    def as_dict(self) -> dict:
        return {"benchmark": self.benchmark, "what": self.what, "unit": self.unit, "reached": self.reached,
                "values": self.values, "goal": self.goal, "goal_is_upper_bound": self.at_most,
                "peer": self.peer or None, "ratio": self.ratio, "ratios": self.ratios,
                "ratio_goal": self.ratio_goal, "met": self.met() or None,
                "processors_used_by_others": round(self.others, 2), "details": self.details}


def number(value: float | None) -> str:
    if value is None:
        return ""
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def bound(goal: float | None, at_most: bool) -> str:
    return "" if goal is None else f"{'<=' if at_most else '>='} {number(goal)}"


def as_text(rows: list[Row]) -> str:
    titles = ["benchmark", "", "reached", "unit", "goal", "ratio", "to", "goal", "met", "others"]
    lines = [titles]
    for row in rows:
        lines.append([row.benchmark, row.what, number(row.reached), row.unit, bound(row.goal, row.at_most),
                      number(row.ratio), row.peer if row.ratios else "",
                      bound(row.ratio_goal, row.ratio_at_most), row.met(), f"{row.others:.1f}"])
    right = {2, 4, 5, 7, 9}
    widths = [max(len(line[i]) for line in lines) for i in range(len(titles))]
    text = []
    for line in lines:
        cells = [cell.rjust(width) if i in right else cell.ljust(width)
                 for i, (cell, width) in enumerate(zip(line, widths))]
        text.append("  ".join(cells).rstrip())
    text.insert(1, "-" * max(len(line) for line in text))
    text.append("\n`others`: processors that other programs used meanwhile. Above 0.25 a figure is only a floor.")
    return "\n".join(text)
