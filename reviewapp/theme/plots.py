"""pyqtgraph's plots in the colours of the theme."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtGui import QColor

from reviewapp.theme.palette import colours

if TYPE_CHECKING:
    import pyqtgraph

#: Okabe and Ito's colours (2008), told apart by colour-blind readers too; the yellow one is
#: darkened so that it shows on a light ground
SERIES = ("#56b4e9", "#e69f00", "#009e73", "#cc79a7", "#c8b900", "#d55e00", "#0072b2")
_LEGEND_OPACITY = 200


def dress_plot(plot: pyqtgraph.PlotWidget) -> None:
    """Give ground, axes and legend the colours in use; call again after a change of theme."""
    palette = colours()
    plot.setBackground(palette.background)
    for side in ("left", "bottom"):
        axis = plot.getAxis(side)
        axis.setPen(palette.border)
        axis.setTextPen(palette.text_secondary)
    legend = plot.getPlotItem().legend
    if legend is not None:
        ground = QColor(palette.background)
        ground.setAlpha(_LEGEND_OPACITY)
        legend.setBrush(ground)
        legend.setLabelTextColor(palette.text)
