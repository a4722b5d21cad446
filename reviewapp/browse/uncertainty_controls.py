"""What the network is unsure of: which map is shown with the images, how, and its legend."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QSlider,
    QVBoxLayout,
    QWidget,
)

from engine.data.content_store import UncertaintyMap
from reviewapp.browse.image_pane import MAP_COLOURS
from reviewapp.browse.image_words import map_legend, map_title
from reviewapp.browse.map_look import MODES, MapLook, MapMode, outline_threshold
from reviewapp.theme.plots import SERIES
from reviewapp.theme.tokens import SPACE_M, SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.colour_bar import ColourBar

_MODE_TITLES: dict[MapMode, str] = {
    "overlay": "Overlay",
    "beside": "Side by side",
    "outline": "Outline",
}
_DEFAULT_OPACITY = 60
#: per cent of the map's pixels within the outline
_DEFAULT_TOP, _TOP_RANGE = 10, (1, 50)
_SLIDER_WIDTH = 90


class UncertaintyControls(QWidget):
    """Toggle, kind, way of showing and legend; ``changed`` when the maps must be drawn anew."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.toggle = QCheckBox(translate("Browse", "Show uncertainty"))
        self.toggle.setToolTip(
            translate("Browse", "Show with the image where the network is unsure (U)")
        )
        self.toggle.toggled.connect(self._change)
        self.kind_box = _box("Kind of uncertainty")
        self.kind_box.activated.connect(self._change)
        self.mode_box = _box("How the map is shown")
        for mode in MODES:
            self.mode_box.addItem(_MODE_TITLES[mode], mode)
        self.mode_box.setToolTip(
            translate("Browse", "Over the image, beside it, or as an outline (V)")
        )
        self.mode_box.currentIndexChanged.connect(self._change)
        self.opacity = _slider("Opacity of the map", (0, 100), _DEFAULT_OPACITY)
        self.opacity.setToolTip(translate("Browse", "How strongly the map covers the image"))
        self.top = _slider("Share within the outline", _TOP_RANGE, _DEFAULT_TOP)
        self.top.setToolTip(
            translate("Browse", "How large a share of the map the outline encloses")
        )
        for slider in (self.opacity, self.top):
            slider.valueChanged.connect(self.changed)
        self.bar = ColourBar()
        self.outline_words = QLabel()
        self.outline_words.setWordWrap(True)
        self.outline_words.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._none = QLabel()
        self._none.setProperty("role", "secondary")
        row = QHBoxLayout()
        row.setSpacing(SPACE_M)
        row.addWidget(self.toggle)
        row.addWidget(self.kind_box, 1)
        row.addWidget(self.mode_box, 1)
        row.addWidget(self.opacity)
        row.addWidget(self.top)
        row.addWidget(self._none, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addLayout(row)
        layout.addWidget(self.bar)
        layout.addWidget(self.outline_words)
        self.offer({})

    @property
    def kind(self) -> str | None:
        """The kind to show with the images; None while it is off or there is no map."""
        return self.kind_box.currentData() if self.toggle.isChecked() else None

    @property
    def look(self) -> MapLook:
        """How the map is to be shown."""
        return MapLook(self._mode, self.opacity.value() / 100, self.top.value() / 100)

    @property
    def legends(self) -> tuple[QWidget, QWidget]:
        """Colour bar and words of the outline, of which at most one is in sight."""
        return self.bar, self.outline_words

    def next_mode(self) -> None:
        """Show the map in the next way."""
        self.mode_box.setCurrentIndex((self.mode_box.currentIndex() + 1) % len(MODES))

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

    def show_scale(self, found: UncertaintyMap, high: float) -> None:
        """Label the colours from 0 to ``high``, which stands for itself and everything above."""
        legend = map_legend(found.kind, found.unit)
        self.bar.set_scale(MAP_COLOURS, "0", f"≥ {high:.3g}", legend)
        share = self.top.value()
        words = f"Top {share} % (≥ {outline_threshold(found, share / 100):.3g}): {legend}"
        self.outline_words.setText(f'<span style="color:{SERIES[4]}">■</span> {words}')
        self.outline_words.setToolTip(words)
        self.kind_box.setToolTip(self.kind_box.currentText())

    @property
    def _mode(self) -> MapMode:
        mode: MapMode = self.mode_box.currentData()
        return mode

    def _change(self) -> None:
        self._show_details()
        self.changed.emit()

    def _show_details(self) -> None:
        shown = self.kind is not None
        mode = self._mode
        for part in (self.kind_box, self.mode_box):
            part.setVisible(shown)
        self.opacity.setVisible(shown and mode == "overlay")
        self.top.setVisible(shown and mode == "outline")
        self.bar.setVisible(shown and mode != "outline")
        self.outline_words.setVisible(shown and mode == "outline")
        self._none.setVisible(not shown)


def _box(name: str) -> QComboBox:
    box = QComboBox()
    box.setAccessibleName(name)
    box.setMinimumContentsLength(8)
    box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    return box


def _slider(name: str, limits: tuple[int, int], value: int) -> QSlider:
    slider = QSlider(Qt.Orientation.Horizontal)
    slider.setRange(*limits)
    slider.setValue(value)
    slider.setFixedWidth(_SLIDER_WIDTH)
    slider.setAccessibleName(name)
    return slider
