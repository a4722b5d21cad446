"""One look for all figures: a dark one for the screen and a light one for paper.

Colours after Okabe & Ito 2008 (Color Universal Design), told apart by colour-blind readers too;
on the dark ground their lighter ones. matplotlib's global settings are neither read nor changed, so
that figures can be drawn in any thread.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TITLE_SIZE = 11
LABEL_SIZE = 9.5
TICK_SIZE = 8.5


@dataclass(frozen=True, slots=True)
class FigureTheme:
    """Colours as ``#rrggbb``; ``series`` are used in their order; ``ramp`` is matplotlib's name."""

    background: str
    text: str
    text_secondary: str
    grid: str
    real: str
    generated: str
    accent: str
    series: tuple[str, ...]
    ramp: str
    heat: str


SCREEN = FigureTheme(
    background="#1a1a1a",
    text="#ececec",
    text_secondary="#ababab",
    grid="#3d3d3d",
    real="#56b4e9",
    generated="#e69f00",
    accent="#56b4e9",
    series=("#56b4e9", "#e69f00", "#2fc49a", "#e08fb9", "#f0e442", "#ff8a50", "#9db2ff", "#c9c9c9"),
    ramp="cividis",
    heat="plasma",
)
PAPER = FigureTheme(
    background="#ffffff",
    text="#1a1a1a",
    text_secondary="#5a5a5a",
    grid="#d9d9d9",
    real="#0072b2",
    generated="#d55e00",
    accent="#0072b2",
    series=("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#6b4fa0", "#4d4d4d"),
    ramp="cividis",
    heat="plasma",
)

#: lines of one kind differ by dash too, where there are more of them than colours
DASHES = ("-", "--", ":", "-.")


def new_figure(theme: FigureTheme, width_in: float, height_in: float) -> Figure:
    """An empty figure of this size in inches."""
    from matplotlib import rcParams
    from matplotlib.figure import Figure

    # Names of readers, classes and generators may hold dollar signs, which are no formulas.
    rcParams["text.parse_math"] = False
    return Figure(figsize=(width_in, height_in), facecolor=theme.background, layout="constrained")


def add_axes(
    figure: Figure, theme: FigureTheme, position: tuple[int, int, int] = (1, 1, 1)
) -> Axes:
    """Axes in the theme's colours, without the upper and right line."""
    axes = figure.add_subplot(*position, facecolor=theme.background)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    for side in ("bottom", "left"):
        axes.spines[side].set_color(theme.text_secondary)
    axes.tick_params(colors=theme.text_secondary, labelcolor=theme.text, labelsize=TICK_SIZE)
    axes.set_axisbelow(True)
    return axes


def label_axes(axes: Axes, theme: FigureTheme, x: str = "", y: str = "", title: str = "") -> None:
    """Names of the axes and of the panel."""
    axes.set_xlabel(x, color=theme.text, fontsize=LABEL_SIZE)
    axes.set_ylabel(y, color=theme.text, fontsize=LABEL_SIZE)
    if title:
        axes.set_title(title, color=theme.text, fontsize=TITLE_SIZE, loc="left")


def add_grid(axes: Axes, theme: FigureTheme, axis: str) -> None:
    """Thin lines behind the data."""
    axes.grid(visible=True, axis=axis, color=theme.grid, linewidth=0.6)  # type: ignore[arg-type]


def add_legend(where: Axes | Figure, theme: FigureTheme, **placing: Any) -> None:
    """A legend without a frame."""
    where.legend(frameon=False, labelcolor=theme.text, fontsize=TICK_SIZE, **placing)


def percent_axis(axes: Axes, axis: str) -> None:
    """Shares 0 to 1 are written as percent."""
    from matplotlib.ticker import PercentFormatter

    chosen = axes.xaxis if axis == "x" else axes.yaxis
    chosen.set_major_formatter(PercentFormatter(1.0, decimals=0, symbol=" %"))
