"""Images of a study as thumbnails with how they were rated; one opens large."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QIcon, QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QListView, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from reviewapp.context import AppContext
from reviewapp.results.block_heading import BlockHeading, secondary_label
from reviewapp.results.large_image import LargeImage
from reviewapp.results.section import ImageStrip
from reviewapp.study.errors import StudyError
from reviewapp.study.presented_files import read_presented
from reviewapp.theme.tokens import SPACE_S
from reviewapp.translation import translate
from reviewapp.widgets.prepared_image import to_qimage

PICTURE_PX = 148
_CELL = QSize(PICTURE_PX + 44, PICTURE_PX + 52)


class ImageStripView(QWidget):
    """Thumbnails are read in the background; Enter or a double click opens an image."""

    save_requested = Signal(object)

    def __init__(
        self, strip: ImageStrip, context: AppContext, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._strip = strip
        self._context = context
        self._paths = [context.workspace.image_path(i.presented_key) for i in strip.images]
        heading = BlockHeading(
            strip.title, translate("Results", "Save CSV…"), f"Save the table: {strip.title}"
        )
        heading.button.setVisible(strip.data is not None)
        heading.button.clicked.connect(lambda: self.save_requested.emit(self._strip.data))
        self.list = QListWidget()
        self.list.setAccessibleName(strip.title)
        self.list.setViewMode(QListView.ViewMode.IconMode)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setUniformItemSizes(True)
        self.list.setIconSize(QSize(PICTURE_PX, PICTURE_PX))
        self.list.setGridSize(_CELL)
        self.list.setWordWrap(True)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        for image, caption in zip(strip.images, strip.captions, strict=True):
            item = QListWidgetItem(caption)
            item.setToolTip(image.image_id)
            self.list.addItem(item)
        self.list.itemActivated.connect(self._open_item)
        self.list.itemClicked.connect(self._open_item)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_S)
        layout.addWidget(heading)
        if strip.images:
            layout.addWidget(secondary_label(strip.note))
            layout.addWidget(self.list)
            self._load()
        else:
            layout.addWidget(secondary_label(strip.empty))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """High enough for all images: the page scrolls, not the strip."""
        super().resizeEvent(event)
        per_row = max(1, (self.width() - 4) // _CELL.width())
        n_rows = -(-len(self._strip.images) // per_row)
        self.list.setFixedHeight(n_rows * _CELL.height() + 6)

    def open_image(self, number: int) -> LargeImage:
        """Show one image large; the arrow keys go to its neighbours."""
        large = LargeImage(self._strip, self._paths, number, self)
        large.open()
        return large

    def _open_item(self, item: QListWidgetItem) -> None:
        # From the event loop: a click may also activate, which must not open two windows.
        number = self.list.row(item)
        QTimer.singleShot(0, self, lambda: self._open_once(number))

    def _open_once(self, number: int) -> None:
        if not any(large.isVisible() for large in self.findChildren(LargeImage)):
            self.open_image(number)

    def _load(self) -> None:
        paths = list(self._paths)
        side = round(PICTURE_PX * self.devicePixelRatioF())

        def work(progress: ProgressReport, cancelled: CancelCheck) -> list[QImage | None]:
            thumbnails = []
            for done, path in enumerate(paths):
                raise_if_cancelled(cancelled)
                progress(done, len(paths), path.name)
                thumbnails.append(_thumbnail(path, side))
            return thumbnails

        task = self._context.tasks.prepare("Reading images", work)
        task.succeeded.connect(self._show)
        self._context.tasks.launch(task)

    def _show(self, thumbnails: list[QImage | None]) -> None:
        for number, thumbnail in enumerate(thumbnails):
            item = self.list.item(number)
            if thumbnail is None:
                item.setText(f"file missing or damaged\n{item.text()}")
                continue
            thumbnail.setDevicePixelRatio(self.devicePixelRatioF())
            item.setIcon(QIcon(QPixmap.fromImage(thumbnail)))


def _thumbnail(path: Path, side: int) -> QImage | None:
    try:
        pixels = read_presented(path)
    except StudyError:
        return None
    return to_qimage(pixels).scaled(
        side,
        side,
        Qt.AspectRatioMode.KeepAspectRatio,
        Qt.TransformationMode.SmoothTransformation,
    )
