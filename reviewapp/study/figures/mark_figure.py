"""Where readers marked images, laid over the mean image of the data set."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil
from typing import TYPE_CHECKING, Any

from reviewapp.study.analysis.mark_maps import ALL_REASONS, MarkMap, MeanImage
from reviewapp.study.figures.theme import FigureTheme, add_axes, label_axes, new_figure

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure
    from numpy.typing import NDArray

_COLUMNS = 4
_DIM = 0.75


def draw_marks(theme: FigureTheme, maps: Sequence[MarkMap], mean: MeanImage | None) -> Figure:
    """One panel a reason, all on one scale of colour."""
    import numpy as np
    from matplotlib.ticker import MaxNLocator

    columns = min(_COLUMNS, len(maps))
    rows = ceil(len(maps) / columns)
    figure = new_figure(theme, 1.75 * columns + 0.9, 1.95 * rows + 0.2)
    counts = [found.density * found.n_marks for found in maps]
    highest = max(1.0, *(float(count.max()) for count in counts))
    shown: Any = None
    panels = []
    for number, (found, count) in enumerate(zip(maps, counts, strict=True), 1):
        axes = add_axes(figure, theme, (rows, columns, number))
        panels.append(axes)
        if mean is not None:
            axes.imshow(_ground(mean), cmap="gray", vmin=0, vmax=255, extent=(0, 1, 1, 0))
        else:
            axes.set_facecolor("#202020")
        strength = np.where(count > 0, 0.25 + 0.65 * count / highest, 0)
        shown = axes.imshow(
            count, cmap=theme.heat, vmin=0, vmax=highest, extent=(0, 1, 1, 0), alpha=strength
        )
        axes.set_xlim(0, 1)
        axes.set_ylim(1, 0)
        axes.set_xticks(())
        axes.set_yticks(())
        for spine in axes.spines.values():
            spine.set_visible(False)
        name = "all reasons" if found.reason == ALL_REASONS else found.reason
        label_axes(axes, theme)
        axes.set_title(f"{name} ({found.n_marks:,})", color=theme.text, fontsize=9)
    bar = figure.colorbar(shown, ax=panels, shrink=0.75, pad=0.02)
    bar.solids.set_alpha(1)  # type: ignore[union-attr]
    bar.set_label("Marks that cover the place", color=theme.text, fontsize=8.5)
    bar.ax.tick_params(colors=theme.text_secondary, labelcolor=theme.text, labelsize=8)
    bar.ax.yaxis.set_major_locator(MaxNLocator(integer=True))
    bar.outline.set_visible(False)
    return figure


def _ground(mean: MeanImage) -> NDArray[np.uint8]:
    """The mean image in dim grey, so that the colours of the map stand out."""
    import numpy as np

    grey = mean.pixels if mean.pixels.ndim == 2 else mean.pixels.mean(axis=2)
    dimmed: NDArray[np.uint8] = (grey * _DIM).astype(np.uint8)
    return dimmed
