"""The viewer: one image, or a real and a generated one side by side, with its controls."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from engine.data.content_store import UncertaintyMap
from engine.data.records import Source
from engine.workspace import Workspace
from reviewapp.browse.compare_pair import SIDES, ComparePair
from reviewapp.browse.display_controls import DisplayControls
from reviewapp.browse.facts_view import FactsView
from reviewapp.browse.image_pane import ImagePane
from reviewapp.browse.uncertainty_controls import COLOUR_MAP, UncertaintyControls
from reviewapp.browse.window_presets import WINDOW_PRESETS
from reviewapp.study.model import ImageRow
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.widgets.colour_map import GREY

_HINTS: dict[Source, str] = {
    "real": "Choose a real image",
    "generated": "Choose a generated image",
}
#: the few largest values do not stretch the colours over everything else
_SCALE_PERCENTILE = 99.5
_NO_MAP = "No map yet – use “Map uncertainty…”"


class Viewer(QWidget):
    """Two linked panes, of which one is hidden unless images are compared."""

    failed = Signal(str)
    comparing_changed = Signal(bool)

    def __init__(self, workspace: Workspace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._comparing = False
        self._pair = ComparePair()
        self._front: Source = "real"
        self.panes = {side: ImagePane(workspace, _HINTS[side]) for side in SIDES}
        self.display = DisplayControls()
        self.uncertainty = UncertaintyControls()
        self.facts = FactsView()
        self._link_canvases()
        for side, pane in self.panes.items():
            pane.shown.connect(self._refresh)
            pane.failed.connect(self.failed)
            pane.lock_toggled.connect(lambda on, side=side: self._pair.lock(side, on))
        self.display.preset_chosen.connect(self.apply_preset)
        self.display.reset_requested.connect(self.reset)
        self.display.colour_map_chosen.connect(self._set_colour_map)
        self.display.inverted.connect(self._set_inverted)
        self.display.smoothed.connect(self._set_smooth)
        self.uncertainty.changed.connect(self._refresh)

        panes = QHBoxLayout()
        panes.setSpacing(SPACE_M)
        for side in SIDES:
            panes.addWidget(self.panes[side], 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        layout.setSpacing(SPACE_S)
        layout.addLayout(panes, 1)
        layout.addWidget(self.display)
        layout.addWidget(self.uncertainty)
        layout.addWidget(self.facts)
        self._show_sides()
        self._refresh()

    @property
    def comparing(self) -> bool:
        """Whether both sides are shown."""
        return self._comparing

    @property
    def front_pane(self) -> ImagePane:
        """The pane of the image chosen last."""
        return self.panes[self._front]

    def show_image(self, row: ImageRow) -> None:
        """Show an image on the side of its source, unless that side is kept."""
        side = self._pair.place(row)
        if side is not None:
            self._front = side
            self._show_sides()
            self.panes[side].load(row)

    def reload(self) -> None:
        """Read the shown images again: their maps may have come."""
        for side, pane in self.panes.items():
            row = self._pair.image(side)
            if row is not None:
                pane.load(row)

    def clear(self) -> None:
        """Show nothing."""
        self._pair.clear()
        for pane in self.panes.values():
            pane.lock_button.setChecked(False)
            pane.clear()

    def set_comparing(self, comparing: bool) -> None:
        """Show both sides, or only that of the image chosen last."""
        if comparing == self._comparing:
            return
        self._comparing = comparing
        for pane in self.panes.values():
            pane.lock_button.setChecked(False)
        self._show_sides()
        self._refresh()
        self.comparing_changed.emit(comparing)

    def reset(self) -> None:
        """Whole image, full grey range, no inversion."""
        self.display.invert_box.setChecked(False)
        for pane in self.panes.values():
            pane.canvas.reset()

    def apply_preset(self, title: str) -> None:
        """Set the window that a preset computes from the image chosen last."""
        pixels = self.front_pane.canvas.pixels
        if pixels is not None:
            window = WINDOW_PRESETS[title](pixels)
            self.front_pane.canvas.set_window(window.center, window.width)

    def close_viewer(self) -> None:
        """Wait until nothing is being read."""
        for pane in self.panes.values():
            pane.close_pane()

    def _link_canvases(self) -> None:
        left, right = (self.panes[side].canvas for side in SIDES)
        for canvas, other in ((left, right), (right, left)):
            canvas.view_changed.connect(other.set_view)
            canvas.window_changed.connect(other.set_window)

    def _show_sides(self) -> None:
        for side, pane in self.panes.items():
            pane.setVisible(self._comparing or side == self._front)
            pane.lock_button.setVisible(self._comparing)

    def _refresh(self) -> None:
        """Facts, offered maps, overlays and controls follow what is shown."""
        front = self.front_pane.image
        self.facts.show_facts(None if front is None else front.row)
        shown = [
            pane
            for side, pane in self.panes.items()
            if pane.image is not None and (self._comparing or side == self._front)
        ]
        kinds = {
            kind: found.unit
            for pane in shown
            if pane.image is not None
            for kind, found in pane.image.maps.items()
        }
        self.uncertainty.offer(kinds, _NO_MAP if shown else "")
        self._draw_overlays(shown)
        colour = any(
            pane.canvas.pixels is not None and pane.canvas.pixels.ndim == 3 for pane in shown
        )
        self.display.set_grey(not colour)

    def _draw_overlays(self, shown: list[ImagePane]) -> None:
        kind = self.uncertainty.kind
        maps: dict[ImagePane, UncertaintyMap] = {
            pane: pane.image.maps[kind]
            for pane in shown
            if pane.image is not None and kind is not None and kind in pane.image.maps
        }
        # Both sides share one scale, so that the same colour means the same on both.
        high = max((_top(found) for found in maps.values()), default=0.0)
        for pane in self.panes.values():
            if pane in maps:
                pane.canvas.set_overlay(
                    maps[pane].values,
                    0.0,
                    high,
                    colour_map=COLOUR_MAP,
                    opacity=self.uncertainty.opacity_fraction,
                )
            else:
                pane.canvas.set_overlay(None)
        for found in maps.values():
            self.uncertainty.show_scale(found.kind, high, found.unit)

    def _set_colour_map(self, name: str) -> None:
        for pane in self.panes.values():
            pane.canvas.set_colour_map(name or GREY)

    def _set_inverted(self, inverted: bool) -> None:
        for pane in self.panes.values():
            pane.canvas.set_inverted(inverted)

    def _set_smooth(self, smooth: bool) -> None:
        for pane in self.panes.values():
            pane.canvas.set_smooth(smooth)


def _top(found: UncertaintyMap) -> float:
    return float(np.percentile(found.values, _SCALE_PERCENTILE))
