"""Shares with their intervals, one below the other (a forest plot)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewapp.study.figures.theme import (
    FigureTheme,
    add_axes,
    add_grid,
    label_axes,
    new_figure,
    percent_axis,
)
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure


@dataclass(frozen=True, slots=True)
class ForestRow:
    """A share and its name; ``heading`` rows have none, ``minor`` ones are drawn smaller."""

    name: str
    result: Result | None = None
    minor: bool = False

    @property
    def heading(self) -> bool:
        """Whether it only names the rows below it."""
        return self.result is None


def draw_forest(
    theme: FigureTheme, rows: Sequence[ForestRow], axis: str, *, colour: str, half: str = ""
) -> Figure:
    """Points with 95 % intervals; ``half`` names the line at 50 %, blank for none."""
    figure = new_figure(theme, 6.8, 0.85 + 0.24 * len(rows))
    axes = add_axes(figure, theme)
    if half:
        axes.axvline(0.5, color=theme.text_secondary, linewidth=1, linestyle=(0, (4, 3)))
        axes.annotate(
            half, (0.5, 1.0), xycoords=("data", "axes fraction"), xytext=(4, 2),
            textcoords="offset points", color=theme.text_secondary, fontsize=8.5,
        )  # fmt: skip
    for position, row in enumerate(rows):
        if isinstance(row.result, Estimate):
            _draw_row(axes, theme, position, row, row.result, colour)
        elif isinstance(row.result, NotEstimable):
            axes.text(
                0.01, position, "not estimable", color=theme.text_secondary, fontsize=8,
                va="center",
            )  # fmt: skip
    axes.set_yticks(range(len(rows)), [_name(row) for row in rows])
    for label, row in zip(axes.get_yticklabels(), rows, strict=True):
        label.set_fontweight("bold" if row.heading else "normal")
        label.set_fontsize(8 if row.minor else 9)
        label.set_color(theme.text_secondary if row.minor else theme.text)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.set_xlim(0, 1)
    percent_axis(axes, "x")
    add_grid(axes, theme, "x")
    label_axes(axes, theme, x=axis)
    return figure


def _draw_row(
    axes: Axes, theme: FigureTheme, position: int, row: ForestRow, estimate: Estimate, colour: str
) -> None:
    if estimate.interval is not None:
        axes.plot(
            estimate.interval, (position, position), color=colour,
            linewidth=1.2 if row.minor else 2, solid_capstyle="butt",
        )  # fmt: skip
    axes.plot(
        [estimate.value], [position], marker="o", markersize=4 if row.minor else 6.5, color=colour,
        markerfacecolor=colour if estimate.interval else theme.background,
    )  # fmt: skip
    axes.annotate(
        _value(estimate), (1.0, position), xycoords=("axes fraction", "data"), xytext=(6, 0),
        textcoords="offset points", va="center", fontsize=8, color=theme.text,
        annotation_clip=False,
    )  # fmt: skip


def _name(row: ForestRow) -> str:
    return row.name if len(row.name) <= 34 else f"{row.name[:33]}…"


def _value(estimate: Estimate) -> str:
    text = f"{100 * estimate.value:.0f} %"
    if estimate.interval is None:
        return text
    lower, upper = (f"{100 * bound:.0f}" for bound in estimate.interval)
    return f"{text} ({lower}–{upper})"
