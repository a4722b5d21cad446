"""A metric against the readers' fool rate, a point for each checkpoint."""

from __future__ import annotations

from typing import TYPE_CHECKING

from reviewapp.study.analysis.metric_agreement import MetricAgreement
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
from reviewapp.study.statistics.estimate import Estimate

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def draw_agreement_scatter(theme: FigureTheme, agreement: MetricAgreement) -> Figure:
    """Fool rates with their 95 % intervals; colours tell the variants."""
    figure = new_figure(theme, 6.4, 4.0)
    axes = add_axes(figure, theme)
    variants = sorted({point.variant for point in agreement.points})
    for number, variant in enumerate(variants):
        own = [point for point in agreement.points if point.variant == variant]
        rates = [rate for p in own if isinstance(rate := p.fool_rate.rate, Estimate)]
        intervals = [rate.interval or (rate.value, rate.value) for rate in rates]
        below = [r.value - low for r, (low, _) in zip(rates, intervals, strict=True)]
        above = [high - r.value for r, (_, high) in zip(rates, intervals, strict=True)]
        axes.errorbar(
            [point.value for point in own],
            [rate.value for rate in rates],
            yerr=(below, above),
            fmt="o",
            color=theme.series[number % len(theme.series)],
            elinewidth=1.2,
            capsize=2.5,
            label=variant,
        )
    if not agreement.points:
        axes.text(
            0.5, 0.5, "No checkpoint has been both evaluated and rated.",
            transform=axes.transAxes, ha="center", color=theme.text_secondary, fontsize=LABEL_SIZE,
        )  # fmt: skip
        axes.set_xticks([])
    axes.set_ylim(-0.02, 1.02)
    percent_axis(axes, "y")
    add_grid(axes, theme, "both")
    way = f" ({agreement.better} is better)" if agreement.better else ""
    label_axes(axes, theme, f"{agreement.label}{way}", "Generated images taken for real")
    if len(variants) > 1:
        add_legend(axes, theme)
    return figure
