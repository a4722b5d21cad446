"""Where readers marked images, laid over the mean image of the data set."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING

from reviewapp.study.analysis.mark_maps import ALL_REASONS, MarkMap, MeanImage
from reviewapp.study.figures.theme import FigureTheme, add_axes, new_figure

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_COLUMNS = 4
_DIM = 0.75
#: how opaque the densest place is, and how fast the colour fades away from it
_OPAQUE, _FADE = 0.85, 1.7


def draw_marks(theme: FigureTheme, maps: Sequence[MarkMap], mean: MeanImage | None) -> Figure:
    """One panel a reason, each from its own densest place down, whose number its title tells."""
    from matplotlib import colormaps
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    columns = min(_COLUMNS, len(maps))
    rows = ceil(len(maps) / columns)
    figure = new_figure(theme, max(3.6, 1.75 * columns + 0.9), 2.05 * rows + 0.2)
    colours = colormaps[theme.heat]
    panels = []
    for number, found in enumerate(maps, 1):
        axes = add_axes(figure, theme, (rows, columns, number))
        panels.append(axes)
        axes.set_facecolor("#202020")
        if mean is not None:
            axes.imshow(_ground(mean), cmap="gray", vmin=0, vmax=255, extent=(0, 1, 1, 0))
        highest = float(found.density.max())
        share = found.density / highest
        heat = colours(share)
        heat[..., 3] = (_FADE * share).clip(0, _OPAQUE)
        axes.imshow(heat, extent=(0, 1, 1, 0), interpolation="bilinear")
        axes.set_xlim(0, 1)
        axes.set_ylim(1, 0)
        axes.set_xticks(())
        axes.set_yticks(())
        for spine in axes.spines.values():
            spine.set_visible(False)
        name = "all reasons" if found.reason == ALL_REASONS else found.reason
        densest = round(highest * found.n_marks)
        axes.set_title(
            f"{name}: {found.n_marks:,}\ndensest {densest:,}", color=theme.text, fontsize=8.5
        )
    scale = ScalarMappable(Normalize(0, 1), colours)
    bar = figure.colorbar(scale, ax=panels, shrink=0.75, pad=0.02, ticks=(0, 0.5, 1))
    bar.set_ticklabels(("none", "half", "densest"))
    bar.set_label("Marks that cover the place", color=theme.text, fontsize=8.5)
    bar.ax.tick_params(colors=theme.text_secondary, labelcolor=theme.text, labelsize=8)
    bar.outline.set_visible(False)
    return figure


def _ground(mean: MeanImage) -> NDArray[np.uint8]:
    """The mean image in dim grey, so that the colours of the map stand out."""
    import numpy as np

    grey = mean.pixels if mean.pixels.ndim == 2 else mean.pixels.mean(axis=2)
    dimmed: NDArray[np.uint8] = (grey * _DIM).astype(np.uint8)
    return dimmed
