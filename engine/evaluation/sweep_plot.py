"""A metric over training-set sizes: every draw as a point, their median and middle half."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from engine.evaluation.sweep import Spread

#: Okabe & Ito 2008, told apart by colour-blind readers too
_COLOURS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b4fa0", "#4d4d4d")


def sweep_plot(spreads: Sequence[Spread], points: Sequence[tuple[str, float, float]]) -> bytes:
    """The SVG of one metric; ``points`` are (variant, fraction, value) of the single draws."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure
    from matplotlib.ticker import NullLocator, PercentFormatter

    # Names from elsewhere may hold dollar signs, which are no formulas.
    rcParams["text.parse_math"] = False
    figure = Figure(figsize=(6.4, 4.0), layout="constrained")
    axes = figure.add_subplot()
    variants = sorted({spread.variant for spread in spreads})
    for number, variant in enumerate(variants):
        colour = _COLOURS[number % len(_COLOURS)]
        own = sorted((s for s in spreads if s.variant == variant), key=lambda s: s.fraction)
        budgets = [s.fraction for s in own]
        axes.fill_between(
            budgets,
            [s.lower_quartile for s in own],
            [s.upper_quartile for s in own],
            color=colour,
            alpha=0.18,
            linewidth=0,
        )
        axes.plot(budgets, [s.median for s in own], color=colour, marker="o", label=variant)
        drawn = [(fraction, value) for name, fraction, value in points if name == variant]
        x, y = zip(*drawn, strict=True)
        axes.scatter(x, y, color=colour, s=12, alpha=0.6, linewidths=0)
    fractions = sorted({spread.fraction for spread in spreads})
    axes.set_xscale("log")
    axes.set_xticks(fractions)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.xaxis.set_major_formatter(PercentFormatter(1.0, decimals=None, symbol=" %"))
    axes.set_xlabel("Patients that were trained on")
    axes.set_ylabel(spreads[0].label)
    draws = max(spread.n for spread in spreads)
    axes.set_title(f"Median and middle half of up to {draws} draws", loc="left", fontsize=10)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    axes.grid(visible=True, color="#e0e0e0", linewidth=0.6)
    axes.set_axisbelow(True)
    axes.legend(frameon=False)
    buffer = io.BytesIO()
    figure.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()
