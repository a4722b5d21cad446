"""Goes through the slices of a volume and plays the frames of a cine."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSlider, QSpinBox, QWidget

from reviewapp.study.image_stack import ImageStack
from reviewapp.study.model import ImageRow
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.translation import translate

#: frames a second
DEFAULT_RATE, _RATES = 30, (1, 60)


class StackBar(QWidget):
    """Hidden where an image stands alone; ``slice_chosen`` and ``frame_chosen`` carry positions."""

    slice_chosen = Signal(int)
    frame_chosen = Signal(int)
    play_toggled = Signal(bool)
    rate_changed = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._slice_words, self.slices = self._slider("Slice", "Page Up, Page Down or the wheel")
        self._frame_words, self.frames = self._slider("Frame", "comma and full stop")
        self.slices.valueChanged.connect(self.slice_chosen)
        self.frames.valueChanged.connect(self.frame_chosen)
        self.play_button = QPushButton(icon("play"), "")
        self.play_button.setCheckable(True)
        self.play_button.setAccessibleName(translate("Browse", "Play"))
        self.play_button.setToolTip(translate("Browse", "Play the frames as a film (P)"))
        self.play_button.toggled.connect(self._toggle)
        self.rate_box = QSpinBox()
        self.rate_box.setRange(*_RATES)
        self.rate_box.setValue(DEFAULT_RATE)
        self.rate_box.setSuffix(" frames/s")
        self.rate_box.setAccessibleName(translate("Browse", "Frames a second"))
        self.rate_box.setToolTip(translate("Browse", "How fast the frames are played"))
        self.rate_box.valueChanged.connect(self.rate_changed)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self._slice_words)
        layout.addWidget(self.slices, 1)
        layout.addSpacing(SPACE_M)
        layout.addWidget(self.play_button)
        layout.addWidget(self._frame_words)
        layout.addWidget(self.frames, 1)
        layout.addWidget(self.rate_box)
        self.show_stack(ImageStack(), None)

    @property
    def rate(self) -> int:
        """Frames a second."""
        return self.rate_box.value()

    def show_stack(self, stack: ImageStack, image: ImageRow | None) -> None:
        """Offer what the stack holds, at the place of this image."""
        n_slices, n_frames = len(stack.slices), len(stack.frames)
        at_slice = stack.slice_of(image) if image is not None else None
        at_frame = stack.frame_of(image) if image is not None else None
        self._place(self.slices, n_slices, at_slice or 0)
        self._place(self.frames, n_frames, at_frame or 0)
        self._slice_words.setText(_words("Slice", at_slice, n_slices))
        self._frame_words.setText(_words("Frame", at_frame, n_frames))
        for widget in (self._slice_words, self.slices):
            widget.setVisible(n_slices > 1)
        for part in (self.play_button, self._frame_words, self.frames, self.rate_box):
            part.setVisible(n_frames > 1)
        self.setVisible(n_slices > 1 or n_frames > 1)

    def show_frame(self, position: int) -> None:
        """Follow the film."""
        n_frames = self.frames.maximum() + 1
        self._place(self.frames, n_frames, position)
        self._frame_words.setText(_words("Frame", position, n_frames))

    def show_playing(self, playing: bool) -> None:
        """Show whether a film runs, without asking for it."""
        with QSignalBlocker(self.play_button):
            self.play_button.setChecked(playing)
        self.play_button.setIcon(icon("pause" if playing else "play"))
        self.play_button.setAccessibleName("Pause" if playing else "Play")

    def _toggle(self, playing: bool) -> None:
        self.show_playing(playing)
        self.play_toggled.emit(playing)

    def _slider(self, name: str, keys: str) -> tuple[QLabel, QSlider]:
        words = QLabel()
        slider = QSlider(Qt.Orientation.Horizontal)
        slider.setPageStep(1)
        slider.setMinimumWidth(60)
        slider.setAccessibleName(name)
        slider.setToolTip(f"{name} ({keys})")
        # As wide as the largest number, so that nothing moves while frames pass.
        words.setMinimumWidth(words.fontMetrics().horizontalAdvance(f"{name} 88 / 88"))
        return words, slider

    def _place(self, slider: QSlider, n: int, position: int) -> None:
        with QSignalBlocker(slider):
            slider.setRange(0, max(0, n - 1))
            slider.setValue(position)


def _words(name: str, position: int | None, n: int) -> str:
    return f"{name} {'–' if position is None else position + 1} / {n}"
