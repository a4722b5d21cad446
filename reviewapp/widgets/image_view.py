"""One image on the screen, painted: window, colour map, overlay, at a zoom and position."""

from __future__ import annotations

import time

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QImage,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from reviewapp.theme.palette import colours
from reviewapp.translation import translate
from reviewapp.widgets.colour_map import GREY
from reviewapp.widgets.grey_window import GreyWindow
from reviewapp.widgets.pixel_rendering import Pixels, check_pixels, render_overlay
from reviewapp.widgets.prepared_image import PreparedImage, to_qimage
from reviewapp.widgets.rendered_image import RenderedImage
from reviewapp.widgets.view_transform import FITTED, RelativeView, ViewTransform

#: values of an image that take too long to window while the mouse drags
_LARGE_VALUES = 4_000_000
_TAB_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)


class ImageView(QWidget):
    """Shows one image and takes no input; see `ImageCanvas` for that.

    ``window_changed`` (centre, width in grey levels 0–255 for any depth), ``zoom_changed`` (see
    `zoom`), ``view_changed`` (a `RelativeView`). ``painted`` carries `time.perf_counter_ns` at the
    end of the first paint that showed an image, once per `set_image`.
    """

    window_changed = Signal(float, float)
    zoom_changed = Signal(float)
    view_changed = Signal(object)
    # Signal(int) would cut nanoseconds to 32 bits.
    painted = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        #: bilinear interpolation when enlarging; shrinking is always smooth
        self._smooth = False
        #: behind the image
        self.background = colours().image_background
        #: whether the frame of the focus is drawn only when the Tab key brought the focus
        self.quiet_focus = False
        self._focus_by_tab = False
        self._pixels: Pixels | None = None
        self._window = GreyWindow()
        self._view = FITTED
        self._colour_map = GREY
        self._inverted = False
        self._overlay: QImage | None = None
        self._rendered = RenderedImage()
        self._paint_pending = False
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(translate("Widgets", "Image"))

    # What is shown ---------------------------------------------------------------------------

    @property
    def pixels(self) -> Pixels | None:
        """The image as it was set."""
        return self._pixels

    def set_image(self, pixels: Pixels | None, *, keep_view: bool = False) -> None:
        """Show an image (uint8/uint16 (H, W) or uint8 (H, W, 3)) or nothing, without overlay.

        Zoom, pan and window start anew unless ``keep_view``. Raises `ValueError` for other arrays.
        """
        if pixels is not None:
            check_pixels(pixels)
        self._pixels = pixels
        self._overlay = None
        self._paint_pending = pixels is not None
        self._rendered.forget()
        self.update()
        if not keep_view:
            self.reset()

    def show_prepared(self, prepared: PreparedImage, *, keep_view: bool = False) -> None:
        """`set_image` for an image whose rendering has been done ahead."""
        self.set_image(prepared.pixels, keep_view=keep_view)
        plain = self._colour_map == GREY and not self._inverted
        if plain and self._window == GreyWindow():
            self._rendered.take(prepared)

    def reset(self) -> None:
        """Fit the image and show its full grey range."""
        self.reset_window()
        self.fit()

    def set_overlay(
        self,
        values: NDArray[np.floating] | None,
        low: float = 0.0,
        high: float = 1.0,
        *,
        colour_map: str = "magma",
        opacity: float = 0.6,
    ) -> None:
        """Lay a map of values (H, W), stretched over the image, above it; None removes it.

        ``low`` and ``high`` get the first and last colour; ``opacity`` is 0 to 1.
        """
        self._overlay = None
        if values is not None:
            self._overlay = to_qimage(
                render_overlay(values, low, high, colour_map=colour_map, opacity=opacity)
            )
        self.update()

    @property
    def has_overlay(self) -> bool:
        """Whether a map lies above the image."""
        return self._overlay is not None

    @property
    def colour_map(self) -> str:
        """The colour map of grey images, one of `colour_map.COLOUR_MAPS`."""
        return self._colour_map

    def set_colour_map(self, name: str) -> None:
        """Colour grey images; colour images stay as they are."""
        self._colour_map = name
        self._render_again()

    @property
    def inverted(self) -> bool:
        """Whether black and white of grey images are exchanged."""
        return self._inverted

    def set_inverted(self, inverted: bool) -> None:
        """Exchange black and white of grey images."""
        self._inverted = inverted
        self._render_again()

    @property
    def smooth(self) -> bool:
        """Whether enlarged images are interpolated instead of shown pixel by pixel."""
        return self._smooth

    def set_smooth(self, smooth: bool) -> None:
        """Interpolate enlarged images or show every pixel as a square."""
        self._smooth = smooth
        self.update()

    # Window ----------------------------------------------------------------------------------

    @property
    def window_center(self) -> float:
        """Level shown as mid grey, in grey levels 0–255 (a 16-bit level counts 1/257)."""
        return self._window.center

    @property
    def window_width(self) -> float:
        """Levels from black to white, in grey levels 0–255."""
        return self._window.width

    def set_window(self, center: float, width: float) -> None:
        """Choose the window, in grey levels 0–255; it is limited to what shows something."""
        window = GreyWindow(center, width).limited()
        if window != self._window:
            self._window = window
            self._render_again()
            self.window_changed.emit(window.center, window.width)

    def reset_window(self) -> None:
        """Show the full grey range."""
        self.set_window(GreyWindow().center, GreyWindow().width)

    # Zoom and pan ----------------------------------------------------------------------------

    @property
    def zoom(self) -> float:
        """Device-independent screen pixels per image pixel; 0 without an image."""
        transform = self.transform()
        return 0.0 if transform is None else transform.scale

    @property
    def view(self) -> RelativeView:
        """Zoom and pan relative to the fitted image, to be given to another canvas."""
        return self._view

    def set_view(self, view: RelativeView) -> None:
        """Zoom and pan as another canvas does."""
        if view != self._view:
            self._view = view
            self.update()
            self.view_changed.emit(view)
            self.zoom_changed.emit(self.zoom)

    def fit(self) -> None:
        """Show the whole image as large as it goes."""
        self.set_view(FITTED)

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point of the widget, or about its middle."""
        transform = self.transform()
        if transform is not None:
            at = at or QPointF(self.width() / 2, self.height() / 2)
            self.set_view(transform.zoomed(factor, at.x(), at.y()))

    def set_zoom(self, scale: float) -> None:
        """Show ``scale`` device-independent pixels per image pixel, about the middle."""
        transform = self.transform()
        if transform is not None:
            self.set_view(transform.at_scale(scale))

    def image_position(self, point: QPointF) -> QPointF | None:
        """The point of the image (in its pixels) under a point of the widget; may lie outside."""
        transform = self.transform()
        return None if transform is None else QPointF(*transform.to_image(point.x(), point.y()))

    def view_position(self, point: QPointF) -> QPointF | None:
        """The point of the widget at which a point of the image is shown."""
        transform = self.transform()
        return None if transform is None else QPointF(*transform.to_view(point.x(), point.y()))

    def transform(self) -> ViewTransform | None:
        """How image and widget positions belong together now; None without an image."""
        if self._pixels is None:
            return None
        height, width = self._pixels.shape[:2]
        return ViewTransform(width, height, max(1, self.width()), max(1, self.height()), self._view)

    # Painting --------------------------------------------------------------------------------

    def paint_annotations(self, painter: QPainter) -> None:
        """Drawn above image and overlay, in widget coordinates; for subclasses."""

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw background, image, overlay, annotations and the focus frame."""
        with QPainter(self) as painter:
            painter.fillRect(event.rect(), QColor(self.background))
            transform = self.transform()
            if transform is not None:
                self._paint_image(painter, transform)
                self.paint_annotations(painter)
            if self.hasFocus() and (self._focus_by_tab or not self.quiet_focus):
                painter.setPen(QPen(QColor(colours().accent), 2))
                painter.drawRect(self.rect().adjusted(1, 1, -1, -1))
        if self._paint_pending:
            self._paint_pending = False
            self.painted.emit(time.perf_counter_ns())

    def _paint_image(self, painter: QPainter, transform: ViewTransform) -> None:
        corner = QPointF(*transform.to_view(0, 0))
        end = QPointF(*transform.to_view(transform.image_width, transform.image_height))
        target = QRectF(corner, end)
        ratio = self.devicePixelRatioF()
        device_scale = transform.scale * ratio
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, self._smooth)
        if device_scale < 1 or (self._smooth and self._view == FITTED):
            scaled = self._scaled_image(device_scale)
            # On whole device pixels the painter copies instead of interpolating once more.
            whole = QPointF(round(corner.x() * ratio) / ratio, round(corner.y() * ratio) / ratio)
            painter.drawImage(QRectF(whole, scaled.size().toSizeF() / ratio), scaled)
        else:
            painter.drawImage(target, self._rendered_image())
        if self._overlay is not None:
            painter.drawImage(target, self._overlay)

    def _scaled_image(self, device_scale: float) -> QImage:
        assert self._pixels is not None, "nothing is rendered without an image"
        if (
            device_scale < 1
            and self._pixels.dtype == np.uint8
            and self._pixels.size >= _LARGE_VALUES
            and self._window != GreyWindow()
        ):
            return self._rendered.shrunk(
                self._pixels,
                self._window,
                device_scale,
                colour_map=self._colour_map,
                inverted=self._inverted,
            )
        return self._rendered.scaled(self._rendered_image(), device_scale)

    def _rendered_image(self) -> QImage:
        assert self._pixels is not None, "nothing is rendered without an image"
        return self._rendered.full(
            self._pixels, self._window, colour_map=self._colour_map, inverted=self._inverted
        )

    def _render_again(self) -> None:
        self._rendered.forget_look()
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Remember whether the Tab key brought the focus."""
        self._focus_by_tab = event.reason() in _TAB_REASONS
        super().focusInEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The relative view stays, so the scale changes."""
        super().resizeEvent(event)
        self.zoom_changed.emit(self.zoom)

    def sizeHint(self) -> QSize:
        """A square that shows detail."""
        return QSize(512, 512)

    def minimumSizeHint(self) -> QSize:
        """Small enough for two of them side by side."""
        return QSize(160, 160)
