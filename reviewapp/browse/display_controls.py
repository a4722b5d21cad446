"""How images are displayed: window, colour map, inversion, interpolation."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QPushButton,
    QWidget,
)

from reviewapp.browse.window_presets import WINDOW_PRESETS
from reviewapp.theme.icons import icon
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.colour_map import COLOUR_MAPS

_HELP = (
    "Window presets (1 to 4). Or drag with the right button: sideways for contrast, up and down "
    "for brightness"
)

#: the box shows its own title only; the list that it opens is wider
_PRESET_CHARACTERS = 12
_PRESET_LIST_WIDTH = 230


class DisplayControls(QWidget):
    """One row of controls; what they mean for which canvas is the viewer's matter."""

    preset_chosen = Signal(str)
    reset_requested = Signal()
    colour_map_chosen = Signal(str)
    inverted = Signal(bool)
    smoothed = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.preset_box = QComboBox()
        self.preset_box.setAccessibleName(translate("Browse", "Window preset"))
        self.preset_box.setToolTip(_HELP)
        self.preset_box.addItem(translate("Browse", "Window preset…"))
        self.preset_box.addItems(list(WINDOW_PRESETS))
        self.preset_box.setMinimumContentsLength(_PRESET_CHARACTERS)
        self.preset_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.preset_box.view().setMinimumWidth(_PRESET_LIST_WIDTH)
        self.preset_box.activated.connect(self._choose_preset)
        self.colour_box = QComboBox()
        self.colour_box.setAccessibleName(translate("Browse", "Colour map"))
        self.colour_box.setToolTip(translate("Browse", "Colour map of grey images (M)"))
        for name in COLOUR_MAPS:
            self.colour_box.addItem(f"{name[0].upper()}{name[1:]}", name)
        self.colour_box.activated.connect(
            lambda _: self.colour_map_chosen.emit(self.colour_box.currentData())
        )
        self.invert_box = QCheckBox(translate("Browse", "Invert"))
        self.invert_box.setToolTip(translate("Browse", "Exchange black and white (I)"))
        self.invert_box.toggled.connect(self.inverted)
        self.smooth_box = QCheckBox(translate("Browse", "Smooth"))
        self.smooth_box.setToolTip(
            translate("Browse", "Interpolate enlarged images, not single pixels (S)")
        )
        self.smooth_box.toggled.connect(self.smoothed)
        reset = QPushButton(icon("rotate-ccw"), translate("Browse", " Reset"))
        reset.setToolTip(translate("Browse", "Whole image, full grey range (R)"))
        reset.clicked.connect(self.reset_requested)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        for widget in (self.preset_box, self.colour_box):
            layout.addWidget(widget)
        layout.addSpacing(SPACE_M - SPACE_S)
        layout.addWidget(self.invert_box)
        layout.addWidget(self.smooth_box)
        layout.addStretch(1)
        layout.addWidget(reset)

    def next_colour_map(self) -> None:
        """Choose the next colour map, where images are grey."""
        if self.colour_box.isEnabled():
            position = (self.colour_box.currentIndex() + 1) % self.colour_box.count()
            self.colour_box.setCurrentIndex(position)
            self.colour_map_chosen.emit(self.colour_box.currentData())

    def set_grey(self, grey: bool) -> None:
        """Offer colour maps and inversion for grey images only."""
        self.colour_box.setEnabled(grey)
        self.invert_box.setEnabled(grey)

    def _choose_preset(self, position: int) -> None:
        if position > 0:
            self.preset_chosen.emit(self.preset_box.itemText(position))
            # The box offers actions: after one, a drag may have changed the window again.
            self.preset_box.setCurrentIndex(0)
