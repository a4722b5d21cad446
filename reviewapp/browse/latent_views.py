"""A walk through the latent space as a film, and latents through checkpoints as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.latent_request import frame_words
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.image_view import ImageView

if TYPE_CHECKING:
    from engine.latent_walk import CheckpointStrip, WalkFrame

_FRAME_MS = 90
_STRIP_PX = 132


class WalkView(QWidget):
    """One image, a slider over all of them, and a film there and back."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._frames: list[WalkFrame] = []
        self._seeds: Sequence[int] = ()
        self._direction = 1
        self.image = ImageView()
        self.image.set_smooth(True)
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setAccessibleName(translate("Browse", "Place on the way"))
        self.slider.valueChanged.connect(self._show)
        self.play_button = QPushButton(icon("play"), "")
        self.play_button.setCheckable(True)
        self.play_button.setToolTip(translate("Browse", "Play there and back"))
        self.play_button.setAccessibleName(translate("Browse", "Play there and back"))
        self.play_button.toggled.connect(self._play)
        self.words = QLabel()
        # As wide as it gets, so that the slider does not change its length.
        longest = self.fontMetrics().horizontalAdvance("Seed 1000000 → 1000000, 99%")
        self.words.setMinimumWidth(longest)
        self._timer = QTimer(self)
        self._timer.setInterval(_FRAME_MS)
        self._timer.timeout.connect(self._advance)
        row = QHBoxLayout()
        row.setSpacing(SPACE_S)
        row.addWidget(self.play_button)
        row.addWidget(self.slider, 1)
        row.addWidget(self.words)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.image, 1)
        layout.addLayout(row)

    def show_walk(self, frames: list[WalkFrame], seeds: Sequence[int]) -> None:
        """Show a walk from its beginning."""
        self._frames, self._seeds, self._direction = frames, seeds, 1
        self.slider.setRange(0, len(frames) - 1)
        self.slider.setValue(0)
        self._show(0)

    def _show(self, number: int) -> None:
        if number < len(self._frames):
            frame = self._frames[number]
            self.image.set_image(frame.pixels, keep_view=True)
            self.words.setText(frame_words(self._seeds, frame.leg, frame.fraction))

    def _play(self, playing: bool) -> None:
        self.play_button.setIcon(icon("pause" if playing else "play"))
        if playing:
            self._timer.start()
        else:
            self._timer.stop()

    def _advance(self) -> None:
        number = self.slider.value() + self._direction
        if not 0 <= number < len(self._frames):
            self._direction = -self._direction
            number = self.slider.value() + self._direction
        self.slider.setValue(number)


class StripView(QScrollArea):
    """One row a seed, one column a checkpoint."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.images: list[list[ImageView]] = []
        self.setWidgetResizable(True)

    def show_strip(self, strip: CheckpointStrip, seeds: Sequence[int]) -> None:
        """Show the images of these seeds."""
        content = QWidget()
        grid = QGridLayout(content)
        grid.setSpacing(SPACE_S)
        self.images = []
        for column, step in enumerate(strip.steps, start=1):
            heading = QLabel(f"Step {step:,}")
            heading.setProperty("role", "secondary")
            grid.addWidget(heading, 0, column)
        for row, seed in enumerate(seeds):
            name = QLabel(f"Seed {seed}")
            name.setProperty("role", "secondary")
            grid.addWidget(name, row + 1, 0)
            views = []
            for column, drawn in enumerate(strip.images):
                view = ImageView()
                view.setFixedSize(QSize(_STRIP_PX, _STRIP_PX))
                view.set_smooth(True)
                view.set_image(drawn[row])
                view.setAccessibleName(f"Seed {seed} at step {strip.steps[column]:,}")
                grid.addWidget(view, row + 1, column + 1)
                views.append(view)
            self.images.append(views)
        grid.setColumnStretch(len(strip.steps) + 1, 1)
        grid.setRowStretch(len(seeds) + 1, 1)
        self.setWidget(content)
