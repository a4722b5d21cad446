"""The viewer: one image, or two to four linked ones side by side, with its controls."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication, QImage, QKeySequence, QShortcut
from PySide6.QtWidgets import QFileDialog, QGridLayout, QVBoxLayout, QWidget

from engine.data.content_store import UncertaintyMap
from engine.workspace import Workspace
from reviewapp.browse.compare_slots import MOST, CompareSlots
from reviewapp.browse.display_controls import DisplayControls
from reviewapp.browse.facts_view import FactsView
from reviewapp.browse.image_pane import ImagePane
from reviewapp.browse.map_look import scale_top
from reviewapp.browse.stack_control import FindImages, StackControl
from reviewapp.browse.uncertainty_controls import UncertaintyControls
from reviewapp.browse.view_picture import view_picture
from reviewapp.browse.viewer_tools import ViewerTools
from reviewapp.browse.window_presets import WINDOW_PRESETS
from reviewapp.study.model import ImageRow
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.widgets.colour_map import GREY

#: of the sides of a pair; further slots are never shown empty
_HINTS = ("Choose a real image", "Choose a generated image", "", "")
_COLUMNS = 2
_NO_MAP = "No map yet – use “Map uncertainty…”"


class Viewer(QWidget):
    """Four linked panes, of which those are hidden that are not needed."""

    failed = Signal(str)
    #: something was done that cannot be seen
    told = Signal(str)
    comparing_changed = Signal(bool)

    def __init__(
        self, workspace: Workspace, find_images: FindImages, parent: QWidget | None = None
    ) -> None:
        """``find_images`` looks for the slices and frames that belong with an image."""
        super().__init__(parent)
        self._comparing = False
        self._slots = CompareSlots()
        self.panes = tuple(ImagePane(workspace, _HINTS[slot]) for slot in range(MOST))
        self.display = DisplayControls()
        self.uncertainty = UncertaintyControls()
        self.facts = FactsView()
        self.tools = ViewerTools()
        self.stack = StackControl(workspace, find_images, self)
        self.stack.failed.connect(self.failed)
        self._link_canvases()
        for slot, pane in enumerate(self.panes):
            pane.shown.connect(self._refresh)
            pane.failed.connect(self.failed)
            pane.canvas.scrolled.connect(self.stack.step_slice)
            pane.lock_toggled.connect(lambda on, slot=slot: self._slots.lock(slot, on))
        self.display.preset_chosen.connect(self.apply_preset)
        self.display.reset_requested.connect(self.reset)
        self.display.colour_map_chosen.connect(self._set_colour_map)
        self.display.inverted.connect(self._set_inverted)
        self.display.smoothed.connect(self._set_smooth)
        self.uncertainty.changed.connect(self._draw_maps)
        self.tools.measuring.connect(self._set_measuring)
        self.tools.outlining.connect(self._set_outlines)
        self.tools.counting.connect(self._set_histograms)
        self.tools.copy_requested.connect(self.copy_view)
        self.tools.save_requested.connect(self.ask_where_to_save)

        panes = QGridLayout()
        panes.setSpacing(SPACE_M)
        for slot, pane in enumerate(self.panes):
            panes.addWidget(pane, *divmod(slot, _COLUMNS))
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_M, SPACE_S, SPACE_M, SPACE_S)
        layout.setSpacing(SPACE_S)
        layout.addLayout(panes, 1)
        layout.addWidget(self.stack.bar)
        layout.addWidget(self.tools)
        layout.addWidget(self.display)
        layout.addWidget(self.uncertainty)
        layout.addWidget(self.facts)
        for key, by in (("PgUp", -1), ("PgDown", 1)):
            shortcut = QShortcut(QKeySequence(key), self)
            shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
            shortcut.activated.connect(lambda by=by: self.stack.step_slice(by))
        self._show_panes()
        self._refresh()

    @property
    def comparing(self) -> bool:
        """Whether both sides of a pair are shown."""
        return self._comparing

    @property
    def front_pane(self) -> ImagePane:
        """The pane of the image chosen last."""
        return self.panes[self._slots.front]

    def shown_panes(self) -> list[ImagePane]:
        """The panes in sight."""
        return [self.panes[slot] for slot in self._slots.shown(self._comparing)]

    def commands(self) -> tuple[tuple[str, Callable[[], object]], ...]:
        """Keys of the page and what they do in the viewer."""
        presets = (
            (str(number), lambda title=title: self.apply_preset(title))
            for number, title in enumerate(WINDOW_PRESETS, start=1)
        )
        return (
            ("U", self.uncertainty.toggle.click),
            ("V", self.uncertainty.next_mode),
            ("I", self.display.invert_box.click),
            ("M", self.display.next_colour_map),
            ("S", self.display.smooth_box.click),
            ("R", self.reset),
            *presets,
            ("P", self.stack.toggle_film),
            (",", lambda: self.stack.step_frame(-1)),
            (".", lambda: self.stack.step_frame(1)),
            ("D", self.tools.ruler_button.click),
            ("G", self.tools.outline_button.click),
            ("H", self.tools.histogram_button.click),
            ("Ctrl+Shift+C", self.tools.copy_button.click),
            ("Ctrl+S", self.tools.save_button.click),
        )

    @staticmethod
    def keys() -> tuple[tuple[str, str], ...]:
        """The keys and what they mean, for the list of keys."""
        return (
            ("+, -, 0, arrows", "in the viewer: zoom, fit, move"),
            ("Page Up, Page Down", "in the viewer: previous, next slice"),
            (", and .", "previous, next frame"),
            ("P", "play the frames as a film, or stop"),
            ("1 – 4", "window presets"),
            ("I, M, S", "invert, next colour map, smooth"),
            ("D", "ruler"),
            ("G", "contours of the ground truth"),
            ("H", "histogram"),
            ("U, V", "show uncertainty, and the next way to show it"),
            ("R", "whole image, full grey range"),
            ("Ctrl+Shift+C, Ctrl+S", "copy, save the view"),
        )

    def show_image(self, row: ImageRow) -> None:
        """Show an image on the side of its source, unless that side is kept."""
        several = self._slots.several
        slot = self._slots.place(row)
        if slot is None:
            return
        self._show_panes()
        if several:
            self._load_all()
        else:
            self.panes[slot].load(row)

    def show_images(self, rows: Sequence[ImageRow]) -> None:
        """Compare these two to four images, of any kind, until one is shown by itself."""
        for pane in self.panes:
            pane.lock_button.setChecked(False)
        self._slots.choose(rows)
        self._show_panes()
        self._load_all()

    def reload(self) -> None:
        """Read the shown images again: their maps may have come."""
        self.stack.forget()
        for slot, pane in enumerate(self.panes):
            row = self._slots.image(slot)
            if row is not None:
                pane.load(row)

    def clear(self) -> None:
        """Show nothing."""
        self._slots.clear()
        for pane in self.panes:
            pane.lock_button.setChecked(False)
            pane.clear()
        self._show_panes()

    def set_comparing(self, comparing: bool) -> None:
        """Show both sides of a pair, or only that of the image chosen last."""
        if comparing == self._comparing:
            return
        self._comparing = comparing
        for pane in self.panes:
            pane.lock_button.setChecked(False)
        self._show_panes()
        self._refresh()
        self.comparing_changed.emit(comparing)

    def reset(self) -> None:
        """Whole image, full grey range, no inversion."""
        self.display.invert_box.setChecked(False)
        for pane in self.panes:
            pane.canvas.reset()

    def apply_preset(self, title: str) -> None:
        """Set the window that a preset computes from the image chosen last."""
        pixels = self.front_pane.canvas.pixels
        if pixels is not None:
            window = WINDOW_PRESETS[title](pixels)
            self.front_pane.canvas.set_window(window.center, window.width)

    def picture(self) -> QImage:
        """The images as they are shown, with their legends."""
        return view_picture(self.shown_panes(), self.uncertainty.legends)

    def copy_view(self) -> None:
        """Put the view on the clipboard."""
        QGuiApplication.clipboard().setImage(self.picture())
        self.told.emit("The view was copied; paste it where you need it.")

    def ask_where_to_save(self) -> None:
        """Ask for a file and save the view."""
        path, _ = QFileDialog.getSaveFileName(
            self, "Save the view", "view.png", "PNG pictures (*.png)"
        )
        if path:
            self.save_view(Path(path))

    def save_view(self, path: Path) -> None:
        """Save the view as PNG; tells where, or that it could not be saved."""
        path = path if path.suffix.lower() == ".png" else path.with_name(f"{path.name}.png")
        if self.picture().save(str(path), "PNG"):  # type: ignore[call-overload]
            self.told.emit(f"The view was saved as {path}.")
        else:
            self.failed.emit(f"The view could not be saved as {path}. Choose another folder.")

    def close_viewer(self) -> None:
        """Wait until nothing is being read."""
        self.stack.close()
        for pane in self.panes:
            pane.close_pane()

    def _link_canvases(self) -> None:
        for pane in self.panes:
            for other in self.panes:
                if other is not pane:
                    pane.canvas.view_changed.connect(other.canvas.set_view)
                    pane.canvas.window_changed.connect(other.canvas.set_window)

    def _load_all(self) -> None:
        for slot, pane in enumerate(self.panes):
            row = self._slots.image(slot)
            if row is None:
                pane.clear()
            elif pane.image is None or pane.image.row != row:
                pane.load(row)

    def _show_panes(self) -> None:
        shown = self.shown_panes()
        for pane in self.panes:
            pane.setVisible(pane in shown)
            pane.lock_button.setVisible(self._comparing and not self._slots.several)

    def _refresh(self) -> None:
        """Facts, offered maps, overlays and controls follow what is shown."""
        front = self.front_pane.image
        self.facts.show_facts(None if front is None else front.row)
        self.stack.follow(self.front_pane)
        shown = [pane for pane in self.shown_panes() if pane.image is not None]
        masks = any(pane.image is not None and pane.image.mask is not None for pane in shown)
        self.tools.offer(images=bool(shown), outlines=masks)
        kinds = {
            kind: found.unit
            for pane in shown
            if pane.image is not None
            for kind, found in pane.image.maps.items()
        }
        self.uncertainty.offer(kinds, _NO_MAP if shown else "")
        self._draw_maps()
        colour = any(
            pane.canvas.pixels is not None and pane.canvas.pixels.ndim == 3 for pane in shown
        )
        self.display.set_grey(not colour)

    def _draw_maps(self) -> None:
        kind = self.uncertainty.kind
        maps: dict[ImagePane, UncertaintyMap] = {
            pane: pane.image.maps[kind]
            for pane in self.shown_panes()
            if pane.image is not None and kind is not None and kind in pane.image.maps
        }
        # All share one scale, so that the same colour means the same everywhere.
        high = max((scale_top(found) for found in maps.values()), default=0.0)
        for pane in self.panes:
            pane.show_map(maps.get(pane), high, self.uncertainty.look)
        for found in maps.values():
            self.uncertainty.show_scale(found, high)

    def _set_measuring(self, measuring: bool) -> None:
        for pane in self.panes:
            pane.canvas.set_measuring(measuring)
        if measuring:
            self.front_pane.canvas.setFocus()

    def _set_outlines(self, wanted: bool) -> None:
        for pane in self.panes:
            pane.set_outlines(wanted)

    def _set_histograms(self, wanted: bool) -> None:
        for pane in self.panes:
            pane.set_histograms(wanted)

    def _set_colour_map(self, name: str) -> None:
        for pane in self.panes:
            pane.canvas.set_colour_map(name or GREY)

    def _set_inverted(self, inverted: bool) -> None:
        for pane in self.panes:
            pane.canvas.set_inverted(inverted)

    def _set_smooth(self, smooth: bool) -> None:
        for pane in self.panes:
            pane.canvas.set_smooth(smooth)
