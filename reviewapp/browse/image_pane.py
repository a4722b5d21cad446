"""One image of the viewer: heading, canvas, and the value under the cursor."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.workspace import Workspace
from reviewapp.browse.image_loader import ImageLoader, LoadedImage
from reviewapp.browse.image_words import class_title, image_heading
from reviewapp.study.model import ImageRow
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_S, SPACE_XS
from reviewapp.widgets.image_canvas import ImageCanvas


class ImagePane(QWidget):
    """Loads and shows one library image; ``image`` is None until it is there."""

    shown = Signal()
    failed = Signal(str)
    lock_toggled = Signal(bool)

    def __init__(self, workspace: Workspace, hint: str, parent: QWidget | None = None) -> None:
        """``hint`` tells what to do while no image is chosen."""
        super().__init__(parent)
        self.image: LoadedImage | None = None
        self._hint = hint
        self._loader = ImageLoader(workspace, self)
        self._loader.loaded.connect(self._show)
        self._loader.failed.connect(self._fail)
        self._heading = QLabel(hint)
        self._heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.lock_button = QPushButton(icon("lock"), " Keep")
        self.lock_button.setCheckable(True)
        self.lock_button.setToolTip("Keep this image while others are chosen")
        self.lock_button.toggled.connect(self.lock_toggled)
        self.lock_button.hide()
        self.canvas = ImageCanvas()
        self._probe = QLabel()
        self._state = QLabel()
        self._state.setToolTip("Grey levels shown as black and white, and the enlargement")
        for label in (self._probe, self._state):
            label.setProperty("role", "secondary")
        self.canvas.probed.connect(self._show_probe)
        self.canvas.zoom_changed.connect(self._show_state)
        self.canvas.window_changed.connect(self._show_state)
        top = QHBoxLayout()
        top.setSpacing(SPACE_S)
        top.addWidget(self._heading, 1)
        top.addWidget(self.lock_button)
        bottom = QHBoxLayout()
        bottom.addWidget(self._probe, 1)
        bottom.addWidget(self._state, alignment=Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        layout.addLayout(top)
        layout.addWidget(self.canvas, 1)
        layout.addLayout(bottom)

    def load(self, row: ImageRow) -> None:
        """Show an image as soon as it is read; the one before stays until then."""
        self._loader.load(row)

    def clear(self) -> None:
        """Show nothing."""
        self._loader.forget()
        self.image = None
        self.canvas.set_image(None)
        self._heading.setText(self._hint)
        self._probe.clear()
        self._state.clear()
        self.shown.emit()

    def close_pane(self) -> None:
        """Wait until nothing is being read."""
        self._loader.close()

    def _show(self, image: LoadedImage) -> None:
        before = self.image
        self.image = image
        # Zoom and window stay from image to image of one kind, so that these can be compared.
        same_kind = before is not None and (
            before.pixels.shape == image.pixels.shape and before.row.dataset == image.row.dataset
        )
        self.canvas.set_image(image.pixels, keep_view=same_kind)
        row = image.row
        parts = (image_heading(row), class_title(row.class_label, row.dataset))
        heading = " · ".join(part for part in parts if part)
        self._heading.setText(heading)
        self._heading.setToolTip(heading)
        self.canvas.setAccessibleName(heading)
        self._show_state()
        self.shown.emit()

    def _fail(self, problem: str) -> None:
        self.clear()
        self.failed.emit(problem)

    def _show_probe(self, x: int, y: int, value: object) -> None:
        if value is None or self.image is None:
            self._probe.clear()
            return
        text = f"x {x}, y {y}: "
        text += " / ".join(map(str, value)) if isinstance(value, list) else str(value)
        self._probe.setText(text)

    def _show_state(self) -> None:
        if self.image is None:
            return
        black = self.canvas.window_center - self.canvas.window_width / 2
        white = self.canvas.window_center + self.canvas.window_width / 2
        self._state.setText(f"Window {black:.0f} – {white:.0f}   ·   {self.canvas.zoom:.0%}")
