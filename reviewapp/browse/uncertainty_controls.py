"""What the network is unsure of: which map lies over the images, how strongly, and its legend."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from reviewapp.browse.image_words import map_legend, map_title
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.widgets.colour_bar import ColourBar

COLOUR_MAP = "inferno"
_DEFAULT_OPACITY = 60
_SLIDER_WIDTH = 110


class UncertaintyControls(QWidget):
    """Toggle, kind, opacity and colour bar; ``changed`` when the overlay must be drawn anew."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QCheckBox("Show uncertainty")
        self.toggle.setToolTip("Lay over the image where the network is unsure (U)")
        self.toggle.toggled.connect(self._change)
        self.kind_box = QComboBox()
        self.kind_box.setAccessibleName("Kind of uncertainty")
        self.kind_box.setMinimumContentsLength(10)
        self.kind_box.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.kind_box.activated.connect(self._change)
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setValue(_DEFAULT_OPACITY)
        self.opacity.setFixedWidth(_SLIDER_WIDTH)
        self.opacity.setAccessibleName("Opacity of the map")
        self.opacity.setToolTip("How strongly the map covers the image")
        self.opacity.valueChanged.connect(self.changed)
        self.bar = ColourBar()
        self._none = QLabel()
        self._none.setProperty("role", "secondary")
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(self.toggle)
        row.addWidget(self.kind_box, 1)
        row.addWidget(self.opacity)
        row.addWidget(self._none, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addLayout(row)
        layout.addWidget(self.bar)
        self.offer({})

    @property
    def kind(self) -> str | None:
        """The kind to lay over the images; None while the overlay is off or there is no map."""
        return self.kind_box.currentData() if self.toggle.isChecked() else None

    @property
    def opacity_fraction(self) -> float:
        """Opacity from 0 to 1."""
        return self.opacity.value() / 100

    def offer(self, kinds: dict[str, str], absent_text: str = "") -> None:
        """Offer these kinds of map (by kind: their unit); the chosen kind stays if it can.

        Without any, ``absent_text`` says why.
        """
        chosen = self.kind_box.currentData()
        self.kind_box.clear()
        for kind in sorted(kinds):
            self.kind_box.addItem(map_title(kind), kind)
            self.kind_box.setItemData(
                self.kind_box.count() - 1, map_title(kind), Qt.ItemDataRole.ToolTipRole
            )
        self.kind_box.setCurrentIndex(max(0, self.kind_box.findData(chosen)) if kinds else -1)
        self.toggle.setEnabled(bool(kinds))
        self._none.setText("" if kinds else absent_text)
        self._show_details()

    def show_scale(self, kind: str, high: float, unit: str) -> None:
        """Label the colour bar from 0 to ``high``, which stands for itself and everything above."""
        self.bar.set_scale(COLOUR_MAP, "0", f"≥ {high:.3g}", map_legend(kind, unit))
        self.kind_box.setToolTip(self.kind_box.currentText())

    def _change(self) -> None:
        self._show_details()
        self.changed.emit()

    def _show_details(self) -> None:
        for part in (self.kind_box, self.opacity, self.bar):
            part.setVisible(self.kind is not None)
        self._none.setVisible(self.kind is None)
