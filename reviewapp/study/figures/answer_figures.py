"""What the readers answered: right and wrong by truth, and with which confidence."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewapp.study.analysis.confidence import DEGREES, ConfidenceHistogram
from reviewapp.study.figures.theme import (
    LABEL_SIZE,
    FigureTheme,
    add_axes,
    add_grid,
    add_legend,
    label_axes,
    new_figure,
    percent_axis,
)
from reviewapp.study.statistics.signal_detection import DecisionCounts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_WORDS = (
    "1\ndefinitely\ngenerated", "2\nprobably\ngenerated", "3\nperhaps\ngenerated",
    "4\nperhaps\nreal", "5\nprobably\nreal", "6\ndefinitely\nreal",
)  # fmt: skip


def draw_confusion(theme: FigureTheme, counts: DecisionCounts, *, paired: bool) -> Figure:
    """Two by two: rows are the truth, columns the answer, shares are of the row."""
    figure = new_figure(theme, 5.0, 3.4)
    axes = add_axes(figure, theme)
    table = (
        (counts.hits, counts.misses),
        (counts.false_alarms, counts.correct_rejections),
    )
    shares = [[n / max(1, sum(row)) for n in row] for row in table]
    axes.imshow(shares, cmap=theme.ramp, vmin=0, vmax=1, aspect="auto")
    for i, row in enumerate(table):
        for j, n in enumerate(row):
            share = shares[i][j]
            text = f"{100 * share:.0f} %\n{n:,} ratings" if sum(row) else "none shown"
            # Cividis is light from the middle on.
            axes.text(
                j, i, text, ha="center", va="center", fontsize=11,
                color="#ffffff" if share < 0.5 else "#111111",
            )  # fmt: skip
    truth = ("generated\non the left", "generated\non the right") if paired else (
        "generated", "real"
    )  # fmt: skip
    answer = ("left called\ngenerated", "right called\ngenerated") if paired else (
        "called generated", "called real"
    )  # fmt: skip
    axes.set_xticks((0, 1), answer)
    axes.set_yticks((0, 1), truth)
    axes.tick_params(length=0, labelsize=LABEL_SIZE)
    axes.xaxis.tick_top()
    for spine in axes.spines.values():
        spine.set_visible(False)
    label_axes(axes, theme, y="The image was" if not paired else "")
    return figure


def draw_confidence(theme: FigureTheme, histogram: ConfidenceHistogram) -> Figure:
    """Share of the ratings of real and of generated images that got each degree."""
    figure = new_figure(theme, 6.4, 3.6)
    axes = add_axes(figure, theme)
    for counts, name, colour, shift, hatch in (
        (histogram.generated, "generated images", theme.generated, -0.2, None),
        (histogram.real, "real images", theme.real, 0.2, "///"),
    ):
        total = sum(counts)
        axes.bar(
            [degree + shift for degree in DEGREES],
            [n / max(1, total) for n in counts],
            width=0.38,
            color=colour,
            edgecolor=theme.background,
            hatch=hatch,
            linewidth=0,
            label=f"{name} ({total:,} ratings)",
        )
    axes.set_xticks(DEGREES, _WORDS)
    percent_axis(axes, "y")
    add_grid(axes, theme, "y")
    label_axes(axes, theme, y="Share of the ratings")
    axes.set_ylim(0, axes.get_ylim()[1] * 1.18)
    add_legend(axes, theme, loc="upper center", ncols=2)
    return figure
