"""What can be done with the image in view: measure, outline, count, copy and save."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_S

_NO_OUTLINES = "No ground truth came with this image (ACDC has it as …_gt.nii.gz)"
_OUTLINES = "Outline the ventricles and the myocardium by the ground truth (G)"
_BUTTON_WIDTH = 40


class ViewerTools(QWidget):
    """One row of buttons."""

    measuring = Signal(bool)
    outlining = Signal(bool)
    counting = Signal(bool)
    copy_requested = Signal()
    save_requested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ruler_button = self._button(
            "ruler", "Ruler", "Measure a distance: drag, or move its end by the arrow keys (D)"
        )
        self.ruler_button.toggled.connect(self.measuring)
        self.outline_button = self._button("spline", "Contours", _OUTLINES)
        self.outline_button.toggled.connect(self.outlining)
        self.histogram_button = self._button(
            "chart-column", "Histogram", "How often each grey level or value occurs (H)"
        )
        self.histogram_button.toggled.connect(self.counting)
        self.copy_button = self._button(
            "copy", "Copy", "Copy the view with its scale bar and legend (Ctrl+Shift+C)"
        )
        self.save_button = self._button(
            "image-down", "Save", "Save the view with its scale bar and legend as PNG (Ctrl+S)"
        )
        for button, signal in (
            (self.copy_button, self.copy_requested),
            (self.save_button, self.save_requested),
        ):
            button.setCheckable(False)
            button.clicked.connect(signal)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        for button in (self.ruler_button, self.outline_button, self.histogram_button):
            layout.addWidget(button)
        layout.addStretch()
        layout.addWidget(self.copy_button)
        layout.addWidget(self.save_button)
        self.offer(images=False, outlines=False)

    def offer(self, *, images: bool, outlines: bool) -> None:
        """What there is to be handled."""
        for button in (
            self.ruler_button,
            self.histogram_button,
            self.copy_button,
            self.save_button,
        ):
            button.setEnabled(images)
        self.outline_button.setEnabled(outlines)
        self.outline_button.setToolTip(_OUTLINES if outlines else _NO_OUTLINES)

    @staticmethod
    def _button(icon_name: str, name: str, explanation: str) -> QPushButton:
        button = QPushButton(icon(icon_name), "")
        button.setCheckable(True)
        button.setFixedWidth(_BUTTON_WIDTH)
        button.setAccessibleName(name)
        button.setToolTip(explanation)
        return button
