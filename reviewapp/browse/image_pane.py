"""One image of the viewer: heading, canvas, map beside it, and the value under the cursor."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from engine.data.content_store import UncertaintyMap
from engine.data.records import edge_letters
from engine.workspace import Workspace
from reviewapp.browse.histogram import image_histogram, map_histogram
from reviewapp.browse.histogram_view import HistogramView
from reviewapp.browse.image_loader import ImageLoader, LoadedImage, Preview
from reviewapp.browse.image_words import class_title, image_heading, map_title
from reviewapp.browse.map_look import MapLook, map_pixels, outlined
from reviewapp.browse.pixel_words import map_words, pixel_words
from reviewapp.browse.ruler import Ruler
from reviewapp.browse.segmentation import segmentation_contours
from reviewapp.browse.viewer_canvas import Contour, ViewerCanvas
from reviewapp.study.model import ImageRow
from reviewapp.theme.icons import icon
from reviewapp.theme.plots import SERIES
from reviewapp.theme.tokens import SPACE_S, SPACE_XS
from reviewapp.translation import translate
from reviewapp.widgets.image_canvas import ImageCanvas
from reviewapp.widgets.prepared_image import PreparedImage
from reviewapp.widgets.region_outline import region_outline

MAP_COLOURS = "inferno"
_OUTLINE_COLOUR = SERIES[4]
_FULL_RANGE = (0.0, 255.0)


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
        self._shows_detail = False
        self._outlines_wanted = False
        self._histogram_wanted = False
        self._map: UncertaintyMap | None = None
        self._map_high = 0.0
        self._look = MapLook()
        self._loader = ImageLoader(workspace, self)
        self._loader.previewed.connect(self._show_preview)
        self._loader.loaded.connect(self._show)
        self._loader.failed.connect(self._fail)
        self._heading = QLabel(hint)
        self._heading.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.lock_button = QPushButton(icon("lock"), translate("Browse", " Keep"))
        self.lock_button.setCheckable(True)
        self.lock_button.setToolTip(translate("Browse", "Keep this image while others are chosen"))
        self.lock_button.toggled.connect(self.lock_toggled)
        self.lock_button.hide()
        self.canvas = ViewerCanvas()
        self.map_canvas = self._make_map_canvas()
        self.histogram = HistogramView()
        self.map_histogram = HistogramView()
        for view in (self.histogram, self.map_histogram):
            view.hide()
        self._probe = QLabel()
        # A long value is cut at the edge instead of widening the window.
        self._probe.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._state = QLabel()
        self._state.setToolTip(
            translate("Browse", "Grey levels shown as black and white, and the enlargement")
        )
        for label in (self._probe, self._state):
            label.setProperty("role", "secondary")
        self.canvas.probed.connect(self._show_probe)
        self.canvas.measured.connect(self._show_measured)
        self.canvas.zoom_changed.connect(self._show_state)
        self.canvas.window_changed.connect(self._show_state)
        self._lay_out()

    @property
    def row(self) -> ImageRow | None:
        """The image that is there."""
        return None if self.image is None else self.image.row

    @property
    def probe_text(self) -> str:
        """What is told of the pixel under the cursor."""
        return self._probe.text()

    @property
    def heading(self) -> str:
        """What the image is."""
        return self._heading.text()

    def view_px(self) -> QSize:
        """The canvas in device pixels."""
        ratio = self.canvas.devicePixelRatioF()
        size = self.canvas.size()
        return QSize(round(size.width() * ratio), round(size.height() * ratio))

    def load(self, row: ImageRow) -> None:
        """Show an image as soon as it is read; the one before stays until then."""
        self._loader.load(row, self.view_px())

    def show_frame(self, prepared: PreparedImage) -> None:
        """Show a frame of the film that this image is part of."""
        self._loader.forget()
        if self.canvas.contours:
            self.canvas.set_contours(())
        self.canvas.show_prepared(prepared, keep_view=True)

    def clear(self) -> None:
        """Show nothing."""
        self._loader.forget()
        self.image = None
        self._shows_detail = False
        self.canvas.set_image(None)
        self.canvas.set_geometry(None, None)
        self.show_map(None, 0.0, self._look)
        self.histogram.show_histogram(None)
        self._heading.setText(self._hint)
        self._probe.clear()
        self._state.clear()
        self.shown.emit()

    def close_pane(self) -> None:
        """Wait until nothing is being read."""
        self._loader.close()

    def show_map(self, found: UncertaintyMap | None, high: float, look: MapLook) -> None:
        """Show a map, ``high`` with its last colour, in this way; None shows none."""
        self._map, self._map_high, self._look = found, high, look
        if found is not None and look.mode == "overlay":
            self.canvas.set_overlay(
                found.values, 0.0, high, colour_map=MAP_COLOURS, opacity=look.opacity
            )
        else:
            self.canvas.set_overlay(None)
        beside = found is not None and look.mode == "beside"
        self.map_canvas.setVisible(beside)
        if beside and found is not None:
            self.map_canvas.set_image(map_pixels(found, high), keep_view=True)
            self.map_canvas.set_view(self.canvas.view)
            self.map_canvas.setAccessibleName(map_title(found.kind))
        self._draw_contours()
        self._show_histograms()

    def set_outlines(self, wanted: bool) -> None:
        """Draw the contours of the ground truth where there is one."""
        self._outlines_wanted = wanted
        self._draw_contours()

    def set_histograms(self, wanted: bool) -> None:
        """Show how often each level of the image, and value of the map, occurs."""
        self._histogram_wanted = wanted
        self._show_histograms()

    # What is shown ---------------------------------------------------------------------------

    def _show_preview(self, preview: Preview) -> None:
        self._shows_detail = False
        self.canvas.show_prepared(preview.prepared, keep_view=self._same_kind(preview.row))
        self.canvas.set_contours(())
        self.canvas.set_geometry(None, None)
        self._name(preview.row)
        self._probe.clear()
        self._state.setText(translate("Browse", "Preview – detail follows"))

    def _show(self, image: LoadedImage) -> None:
        # Zoom and window stay from image to image of one kind, so that these can be compared.
        keep = self._same_kind(image.row) or self._heading_is_of(image.row)
        self.image = image
        self._shows_detail = True
        self.canvas.show_prepared(image.prepared, keep_view=keep)
        self.canvas.set_geometry(edge_letters(image.row.attributes), image.row.spacing_mm)
        self.canvas.set_measuring(self.canvas.measuring)
        self._draw_contours()
        self._name(image.row)
        self._show_state()
        self.shown.emit()

    def _same_kind(self, row: ImageRow) -> bool:
        before = self.row
        return before is not None and (
            (before.width, before.height, before.channels, before.dataset)
            == (row.width, row.height, row.channels, row.dataset)
        )

    def _heading_is_of(self, row: ImageRow) -> bool:
        """Whether a preview of this image is on show."""
        return not self._shows_detail and self._heading.text() == _heading(row)

    def _name(self, row: ImageRow) -> None:
        heading = _heading(row)
        self._heading.setText(heading)
        self._heading.setToolTip(heading)
        self.canvas.setAccessibleName(heading)

    def _fail(self, problem: str) -> None:
        self.clear()
        self.failed.emit(problem)

    def _draw_contours(self) -> None:
        contours: list[Contour] = []
        if self.image is not None and self.image.mask is not None and self._outlines_wanted:
            contours += segmentation_contours(self.image.mask)
        if self._map is not None and self._look.mode == "outline":
            height, width = self._map.values.shape
            pieces = region_outline(outlined(self._map, self._look.top))
            name = f"{self._map.kind}, top {self._look.top:.0%}"
            contours.append(Contour(pieces, (width, height), _OUTLINE_COLOUR, name))
        self.canvas.set_contours(contours)

    def _show_histograms(self) -> None:
        wanted = self._histogram_wanted
        self.histogram.setVisible(wanted)
        self.map_histogram.setVisible(wanted and self._map is not None)
        if wanted and self.image is not None:
            self.histogram.show_histogram(image_histogram(self.image.pixels))
        if wanted and self._map is not None:
            self.map_histogram.show_histogram(map_histogram(self._map, self._map_high))

    def _show_probe(self, x: int, y: int, value: int | list[int] | None) -> None:
        if value is None or self.image is None or not self._shows_detail:
            self._show_measured(self.canvas.ruler)
            return
        parts = [f"x {x}, y {y}:  {pixel_words(value, self.image.row)}"]
        if self._map is not None:
            size = (self.image.row.width, self.image.row.height)
            parts.append(map_words(self._map, x, y, size))
        self._tell("  ·  ".join(parts))

    def _probe_map(self, x: int, y: int, value: object) -> None:
        """The same pixel of the image, where the cursor is on the map beside it."""
        if value is None or self.image is None or self._map is None:
            self._show_probe(-1, -1, None)
            return
        height, width = self._map.values.shape
        row = self.image.row
        image_x = int((x + 0.5) * row.width / width)
        image_y = int((y + 0.5) * row.height / height)
        self._show_probe(image_x, image_y, self.image.pixels[image_y, image_x].tolist())

    def _show_measured(self, ruler: Ruler | None) -> None:
        spacing_mm = None if self.row is None else self.row.spacing_mm
        self._tell("" if ruler is None else f"Distance {ruler.words(spacing_mm)}")

    def _tell(self, words: str) -> None:
        self._probe.setText(words)
        self._probe.setToolTip(words)

    def _show_state(self) -> None:
        black = self.canvas.window_center - self.canvas.window_width / 2
        white = self.canvas.window_center + self.canvas.window_width / 2
        self.histogram.show_window(black, white)
        if self.image is not None:
            self._state.setText(f"Window {black:.0f} – {white:.0f}   ·   {self.canvas.zoom:.0%}")

    # Layout ----------------------------------------------------------------------------------

    def _make_map_canvas(self) -> ImageCanvas:
        canvas = ImageCanvas()
        canvas.window_enabled = False
        canvas.set_colour_map(MAP_COLOURS)
        canvas.hide()
        canvas.probed.connect(self._probe_map)
        canvas.view_changed.connect(self.canvas.set_view)
        self.canvas.view_changed.connect(canvas.set_view)
        return canvas

    def _lay_out(self) -> None:
        top = QHBoxLayout()
        top.setSpacing(SPACE_S)
        top.addWidget(self._heading, 1)
        top.addWidget(self.lock_button)
        canvases = QHBoxLayout()
        canvases.setSpacing(SPACE_S)
        canvases.addWidget(self.canvas, 1)
        canvases.addWidget(self.map_canvas, 1)
        histograms = QHBoxLayout()
        histograms.setSpacing(SPACE_S)
        histograms.addWidget(self.histogram, 1)
        histograms.addWidget(self.map_histogram, 1)
        bottom = QHBoxLayout()
        bottom.setSpacing(SPACE_S)
        bottom.addWidget(self._probe, 1)
        bottom.addWidget(self._state, alignment=Qt.AlignmentFlag.AlignRight)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_XS)
        layout.addLayout(top)
        layout.addLayout(canvases, 1)
        layout.addLayout(histograms)
        layout.addLayout(bottom)


def _heading(row: ImageRow) -> str:
    parts = (image_heading(row), class_title(row.class_label, row.dataset))
    return " · ".join(part for part in parts if part)
