"""The readers: their agreement, their times, and their course through the session."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reviewapp.study.analysis.learning_course import Learning
from reviewapp.study.figures.theme import (
    FigureTheme,
    add_axes,
    add_grid,
    label_axes,
    new_figure,
    percent_axis,
)
from reviewapp.study.statistics.estimate import Estimate
from reviewapp.study.statistics.kappa import AgreementMatrix
from reviewapp.study.statistics.response_times import TimeByCorrectness, TimeSummary

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: with more readers the cells are too small for numbers
_NUMBERED = 14
#: κ below this is drawn like it
_LOWEST = -0.2


def draw_agreement(theme: FigureTheme, matrix: AgreementMatrix) -> Figure:
    """Cohen's κ of every pair of readers."""
    import numpy as np
    from matplotlib import colormaps

    n = len(matrix.readers)
    side = min(7.0, 2.2 + 0.42 * n)
    figure = new_figure(theme, side + 0.8, side)
    axes = add_axes(figure, theme)
    values = np.full((n, n), np.nan)
    for i in range(n):
        for j in range(n):
            result = matrix.values[i][j]
            if i != j and isinstance(result, Estimate):
                values[i, j] = result.value
    colours = colormaps[theme.ramp].with_extremes(bad=theme.grid)
    image = axes.imshow(
        np.ma.masked_invalid(values), cmap=colours, vmin=_LOWEST, vmax=1, aspect="equal"
    )
    if n <= _NUMBERED:
        for i in range(n):
            for j in range(n):
                if i != j:
                    known = np.isfinite(values[i, j])
                    axes.text(
                        j, i, f"{values[i, j]:.2f}" if known else "–", ha="center", va="center",
                        fontsize=8,
                        color="#111111" if known and values[i, j] > 0.4 else "#ffffff",
                    )  # fmt: skip
    axes.set_xticks(range(n), matrix.readers, rotation=0 if n <= 6 else 90)
    axes.set_yticks(range(n), matrix.readers)
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)
    bar = figure.colorbar(image, ax=axes, shrink=0.8)
    bar.set_label("Agreement (κ): 0 as by chance, 1 complete", color=theme.text, fontsize=8.5)
    bar.ax.tick_params(colors=theme.text_secondary, labelcolor=theme.text, labelsize=8)
    bar.outline.set_visible(False)
    return figure


def draw_times(
    theme: FigureTheme,
    times: TimeByCorrectness,
    readers: Sequence[tuple[str, float, float]],
) -> Figure:
    """Quartiles of right and wrong answers; beside it each reader's median time and accuracy.

    ``readers`` are (id, median in ms, share of right answers).
    """
    figure = new_figure(theme, 7.2, 3.2)
    axes = add_axes(figure, theme, (1, 2, 1))
    for position, (summary, colour) in enumerate(
        ((times.right, theme.real), (times.wrong, theme.generated))
    ):
        if not isinstance(summary, TimeSummary):
            axes.text(0.02, position, "none", color=theme.text_secondary, fontsize=8.5, va="center")
            continue
        low, middle, high = (
            ms / 1000
            for ms in (summary.lower_quartile_ms, summary.median_ms, summary.upper_quartile_ms)
        )
        axes.barh(position, high - low, left=low, height=0.45, color=colour)
        axes.plot((middle, middle), (position - 0.3, position + 0.3), color=theme.text, linewidth=2)
        axes.annotate(
            f"median {middle:.1f} s, {summary.n:,} answers", (0.02, position - 0.28),
            xycoords=("axes fraction", "data"), fontsize=8,
            color=theme.text, va="bottom",
        )  # fmt: skip
    axes.set_yticks((0, 1), ("right", "wrong"))
    axes.set_ylim(1.6, -0.75)
    axes.set_xlim(left=0)
    axes.margins(x=0.15)
    axes.tick_params(axis="y", length=0)
    add_grid(axes, theme, "x")
    label_axes(axes, theme, "Time to the answer (s), middle half", title="Right and wrong answers")
    beside = add_axes(figure, theme, (1, 2, 2))
    beside.axhline(0.5, color=theme.text_secondary, linewidth=1, linestyle=(0, (4, 3)))
    beside.scatter(
        [ms / 1000 for _, ms, _ in readers], [share for _, _, share in readers],
        color=theme.accent, s=26,
    )  # fmt: skip
    if len(readers) <= 10:
        for name, ms, share in readers:
            beside.annotate(
                name, (ms / 1000, share), xytext=(5, 3), textcoords="offset points", fontsize=8,
                color=theme.text,
            )  # fmt: skip
    beside.set_ylim(0, 1)
    beside.margins(x=0.3)
    percent_axis(beside, "y")
    add_grid(beside, theme, "both")
    label_axes(beside, theme, "Median time of the reader (s)", "Right answers", "Each reader")
    return figure


def draw_learning(theme: FigureTheme, learning: Learning) -> Figure:
    """Accuracy along the session with intervals."""
    figure = new_figure(theme, 6.4, 3.2)
    axes = add_axes(figure, theme)
    axes.axhline(0.5, color=theme.text_secondary, linewidth=1, linestyle=(0, (4, 3)))
    known = [
        ((part.first_trial + part.last_trial) / 2, part.accuracy)
        for part in learning.bins
        if isinstance(part.accuracy, Estimate)
    ]
    for middle, accuracy in known:
        if accuracy.interval is not None:
            axes.plot(
                (middle, middle), accuracy.interval, color=theme.accent, linewidth=1.6,
                solid_capstyle="butt",
            )  # fmt: skip
    axes.plot(
        [middle for middle, _ in known], [accuracy.value for _, accuracy in known],
        color=theme.accent, marker="o", markersize=5.5, linewidth=1,
    )  # fmt: skip
    last = learning.bins[-1].last_trial if learning.bins else 1
    axes.set_xlim(0, last + 1)
    axes.set_ylim(0, 1)
    axes.annotate(
        "guessing", (last + 1, 0.5), xytext=(-4, -4), textcoords="offset points",
        ha="right", va="top",
        color=theme.text_secondary, fontsize=8.5,
    )  # fmt: skip
    percent_axis(axes, "y")
    add_grid(axes, theme, "y")
    label_axes(axes, theme, "Image number in the reader's session", "Right answers")
    return figure
