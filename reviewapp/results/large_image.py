"""One image of a strip in a window of its own, with zoom and its facts."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QPushButton, QVBoxLayout, QWidget

from reviewapp.results.block_heading import secondary_label
from reviewapp.results.gallery_section import facts
from reviewapp.results.section import ImageStrip
from reviewapp.study.errors import StudyError
from reviewapp.study.presented_files import read_presented
from reviewapp.theme.tokens import SPACE_L, SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.image_canvas import ImageCanvas
from reviewapp.widgets.message_bar import MessageBar


class LargeImage(QDialog):
    """Shows what the readers saw; left and right go to the neighbours, Escape closes."""

    def __init__(
        self, strip: ImageStrip, paths: Sequence[Path], number: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(strip.title)
        self.resize(760, 820)
        self._strip = strip
        self._paths = paths
        self.number = number
        self.title = QLabel()
        self.title.setProperty("role", "heading")
        self.messages = MessageBar()
        self.canvas = ImageCanvas()
        self.canvas.arrow_keys_pan = False
        self.canvas.set_smooth(True)
        self.facts = secondary_label("")
        self.previous_button = QPushButton(translate("Results", "Previous"))
        self.previous_button.setToolTip(translate("Results", "← (left arrow key)"))
        self.previous_button.clicked.connect(lambda: self._show(self.number - 1))
        self.next_button = QPushButton(translate("Results", "Next"))
        self.next_button.setToolTip(translate("Results", "→ (right arrow key)"))
        self.next_button.clicked.connect(lambda: self._show(self.number + 1))
        close = QPushButton(translate("Results", "Close"))
        close.clicked.connect(self.accept)
        buttons = QHBoxLayout()
        for button in (self.previous_button, self.next_button, close):
            # Enter must not step through the images while the picture has the focus.
            button.setAutoDefault(False)
        buttons.addWidget(self.previous_button)
        buttons.addWidget(self.next_button)
        buttons.addStretch(1)
        buttons.addWidget(close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(SPACE_L, SPACE_M, SPACE_L, SPACE_M)
        layout.setSpacing(SPACE_M)
        layout.addWidget(self.title)
        layout.addWidget(self.messages)
        layout.addWidget(self.canvas, 1)
        layout.addWidget(self.facts)
        layout.addLayout(buttons)
        self._show(number)
        self.canvas.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The arrow keys go to the neighbours."""
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
        else:
            self._show(self.number + step)

    def _show(self, number: int) -> None:
        if not 0 <= number < len(self._paths):
            return
        self.number = number
        image = self._strip.images[number]
        self.title.setText(f"{self._strip.title}: {number + 1} of {len(self._paths)}")
        self.facts.setText(facts(image))
        self.previous_button.setEnabled(number > 0)
        self.next_button.setEnabled(number + 1 < len(self._paths))
        self.messages.clear()
        try:
            self.canvas.set_image(read_presented(self._paths[number]))
        except StudyError as error:
            self.canvas.set_image(None)
            self.messages.show_error(str(error))
        self.canvas.setAccessibleName(f"Image {number + 1}: {facts(image)}")
