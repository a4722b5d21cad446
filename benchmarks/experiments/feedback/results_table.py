"""Results of all seeds as a Markdown table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from benchmarks.experiments.feedback.paired_interval import paired_interval

PLAIN = "no feedback"
_HEAD = (
    "| Arm | Seeds | Fool rate | Points above no feedback (95 %) | Recall | Points (95 %) | "
    "Precision | Fréchet distance | Right class | Points (95 %) | Critic before → after | "
    "Judge before → after | Warnings |"
)


def results_table(rows: Sequence[dict[str, Any]]) -> str:
    """One line for each arm: means over seeds, paired differences from plain training.

    ``rows`` hold ``seed``, ``arm`` and what was measured, or why the arm was ``refused``. Only
    seeds that have both an arm and its plain counterpart are compared.
    """
    arms = list(dict.fromkeys(row["arm"] for row in rows))
    plain = {row["seed"]: row for row in rows if row["arm"] == PLAIN}
    lines = [_HEAD, "|" + " --- |" * 13]
    for arm in arms:
        measured = [r for r in rows if r["arm"] == arm and "refused" not in r]
        refused = [r for r in rows if r["arm"] == arm and "refused" in r]
        if measured:
            lines.append(_line(arm, measured, plain, len(refused)))
        elif refused:
            lines.append(f"| {arm} | {len(refused)} refused: {refused[0]['refused']} |" + " |" * 11)
    return "\n".join(lines) + "\n"


def _line(
    arm: str, measured: list[dict[str, Any]], plain: dict[int, dict[str, Any]], n_refused: int
) -> str:
    pairs = [(row, plain[row["seed"]]) for row in measured if row["seed"] in plain]

    def gained(name: str) -> str:
        if not pairs or arm == PLAIN:
            return ""
        interval = paired_interval([a[name] for a, _ in pairs], [b[name] for _, b in pairs])
        return interval.in_points()

    def mean(name: str) -> float:
        return float(sum(row[name] for row in measured) / len(measured))

    seeds = f"{len(measured)}" + (f" ({n_refused} refused)" if n_refused else "")
    cells = [
        arm,
        seeds,
        f"{100 * mean('fool_rate'):.1f} %",
        gained("fool_rate"),
        f"{100 * mean('recall'):.1f} %",
        gained("recall"),
        f"{100 * mean('precision'):.1f} %",
        f"{mean('distance'):.2f}",
        f"{100 * mean('right_class'):.1f} %" if measured[0].get("right_class") is not None else "",
        gained("right_class") if measured[0].get("right_class") is not None else "",
        _course(measured, "critic"),
        _course(measured, "judge"),
        _warned(measured),
    ]
    return "| " + " | ".join(cells) + " |"


def _course(measured: list[dict[str, Any]], name: str) -> str:
    """Mean first and last score of the critic or the judge, where there are any."""
    courses = [row["feedback"]["scores"] for row in measured if row.get("feedback")]
    ends = [(c[0][name], c[-1][name]) for c in courses if c and c[0][name] is not None]
    if not ends:
        return ""
    before, after = (sum(end[i] for end in ends) / len(ends) for i in (0, 1))
    return f"{before:.2f} → {after:.2f}"


def _warned(measured: list[dict[str, Any]]) -> str:
    """The guard's warnings, each with the number of seeds that it came up in."""
    seeds = Counter(name for row in measured for name in {w[0] for w in row.get("warnings", ())})
    return ", ".join(f"{name} {n}" for name, n in sorted(seeds.items()))
