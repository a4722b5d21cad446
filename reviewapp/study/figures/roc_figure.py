"""ROC curves of readers and of variants."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from reviewapp.study.analysis.confidence import RocCurve
from reviewapp.study.figures.theme import (
    DASHES,
    FigureTheme,
    add_axes,
    add_grid,
    add_legend,
    label_axes,
    new_figure,
    percent_axis,
)
from reviewapp.study.statistics.estimate import Estimate

if TYPE_CHECKING:
    from matplotlib.figure import Figure

#: with more curves than this the readers' names would hide the picture
_NAMED = 8


def draw_roc(theme: FigureTheme, curves: Sequence[RocCurve], pooled: RocCurve | None) -> Figure:
    """``curves`` in colour (or grey, where there are many), ``pooled`` thick on top."""
    figure = new_figure(theme, 7.0, 4.4)
    axes = add_axes(figure, theme)
    axes.plot([0, 1], [0, 1], color=theme.text_secondary, linewidth=1, linestyle=(0, (4, 3)))
    axes.annotate(
        "guessing", (0.62, 0.6), rotation=45, rotation_mode="anchor", color=theme.text_secondary,
        fontsize=8.5, va="top",
    )  # fmt: skip
    named = len(curves) <= _NAMED
    for number, curve in enumerate(curves):
        x, y = zip(*curve.points, strict=True) if curve.points else ((), ())
        label = _label(curve) if named else ("single readers" if number == 0 else None)
        axes.plot(
            x,
            y,
            color=theme.series[number % len(theme.series)] if named else theme.text_secondary,
            linestyle=DASHES[number // len(theme.series) % len(DASHES)],
            linewidth=1.4 if named else 0.8,
            alpha=1.0 if named else 0.55,
            marker="o" if named else None,
            markersize=3,
            label=label,
        )
    if pooled is not None and pooled.points:
        x, y = zip(*pooled.points, strict=True)
        axes.plot(
            x, y, color=theme.text if named else theme.accent, linewidth=2.6, marker="o",
            markersize=4.5, label=_label(pooled),
        )  # fmt: skip
    axes.set_xlim(-0.01, 1.01)
    axes.set_ylim(-0.01, 1.01)
    axes.set_aspect("equal")
    percent_axis(axes, "x")
    percent_axis(axes, "y")
    add_grid(axes, theme, "both")
    label_axes(axes, theme, "Real images called generated", "Generated images recognised")
    add_legend(figure, theme, loc="outside right center")
    return figure


def _label(curve: RocCurve) -> str:
    if not isinstance(curve.auc, Estimate):
        return curve.name
    text = f"{curve.name}: area {curve.auc.value:.2f}"
    if curve.auc.interval is None:
        return text
    lower, upper = curve.auc.interval
    return f"{text}\n(95 % CI {lower:.2f}–{upper:.2f})"
