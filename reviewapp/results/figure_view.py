"""One figure on the page: title, picture, caption, and saving it."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPaintEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from reviewapp.results.block_heading import BlockHeading, secondary_label
from reviewapp.results.figure_renderer import MAX_DPI, FigureRenderer
from reviewapp.study.figures.catalogue import FigureSpec
from reviewapp.theme.palette import colours
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate

#: a window that is being resized draws once it rests
_REST_MS = 150
_MIN_WIDTH = 320
_MAX_WIDTH = round(8 * MAX_DPI)
#: height over width until the figure itself is known
_USUAL_ASPECT = 0.56


class FigureView(QWidget):
    """Draws its figure once it is seen, and again when its width or the screen changes."""

    save_requested = Signal(object)

    def __init__(
        self, spec: FigureSpec, renderer: FigureRenderer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.spec = spec
        self.heading = BlockHeading(
            spec.title, translate("Results", "Save…"), f"Save the figure: {spec.title}"
        )
        self.heading.button.setToolTip(translate("Results", "Save as SVG (scalable) or PNG"))
        self.heading.button.clicked.connect(lambda: self.save_requested.emit(self.spec))
        self.picture = FigurePicture(spec, renderer)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(self.heading)
        layout.addWidget(self.picture)
        layout.addWidget(secondary_label(spec.caption))


class FigurePicture(QWidget):
    """The drawn figure; an older drawing is stretched until the new one is there."""

    def __init__(
        self, spec: FigureSpec, renderer: FigureRenderer, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.image: QImage | None = None
        self._spec = spec
        self._renderer = renderer
        self._asker = renderer.new_asker()
        self._text = "Drawing…"
        self._asked: tuple[int, float] | None = None
        self._rest = QTimer(self)
        self._rest.setSingleShot(True)
        self._rest.setInterval(_REST_MS)
        self._rest.timeout.connect(self._ask)
        renderer.drawn.connect(self._take)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setMinimumWidth(_MIN_WIDTH)
        self.setAccessibleName(spec.title)
        self.setAccessibleDescription(spec.caption)

    def show_image(self, image: QImage | None) -> None:
        """Show a drawing of this figure."""
        self.image = image
        self._fit_height()
        self.update()

    def sizeHint(self) -> QSize:
        """As wide as it may be, as high as the figure then is."""
        return QSize(_MAX_WIDTH, self._height())

    def showEvent(self, event: QShowEvent) -> None:
        """Draw when first seen."""
        super().showEvent(event)
        self._ask()

    def changeEvent(self, event: QEvent) -> None:
        """Draw anew in the colours of another theme."""
        if event.type() == QEvent.Type.PaletteChange:
            self._asked = None
            if self.isVisible():
                self._rest.start()
        super().changeEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the proportions; draw anew once the size rests."""
        super().resizeEvent(event)
        self._fit_height()
        if self.isVisible():
            self._rest.start()

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: ARG002 - Qt's signature
        """Draw the picture, or say why there is none."""
        with QPainter(self) as painter:
            if self.image is None:
                painter.setPen(QColor(colours().text_secondary))
                flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
                painter.drawText(self.rect(), flags, self._text)
                return
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self.image.deviceIndependentSize()
            scale = min(1.0, self.width() / size.width())
            painter.drawImage(QRectF(0, 0, size.width() * scale, size.height() * scale), self.image)

    def _ask(self) -> None:
        wanted = (self.width(), self.devicePixelRatioF())
        if wanted != self._asked:
            self._asked = wanted
            self._renderer.request(self._asker, self._spec, *wanted)

    def _take(self, asker: int, image: QImage | None, problem: str) -> None:
        if asker != self._asker:
            return
        if image is None:
            self._text = f"This figure could not be drawn ({problem})."
        self.show_image(image)

    def _fit_height(self) -> None:
        self.setFixedHeight(self._height())

    def _height(self) -> int:
        if self.image is None:
            return round(_USUAL_ASPECT * min(self.width(), _MAX_WIDTH))
        size = self.image.deviceIndependentSize()
        return max(1, round(size.height() * min(1.0, self.width() / size.width())))
