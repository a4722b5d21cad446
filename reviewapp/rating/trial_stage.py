"""Where the image of a trial is shown: one picture or a pair, its exposure, mask and cine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from reviewapp.rating.drawn_mark import DrawnMark, MarkShape
from reviewapp.rating.marking_canvas import MarkingCanvas
from reviewapp.rating.session_presenter import ViewSettings
from reviewapp.study.protocol import Tools
from reviewapp.theme.neutral_grey import SESSION_LUMINANCE, neutral_grey
from reviewapp.theme.tokens import SPACE_M
from reviewapp.translation import translate
from reviewapp.widgets.frame_clock import FrameClock
from reviewapp.widgets.pixel_rendering import Pixels
from reviewapp.widgets.prepared_image import PreparedImage

Side = Literal["", "left", "right"]
_CINE_FRAME_MS = 100
#: frames are shown as slowly as this where there are only a few of them
_CINE_CYCLE_MS = 1000


class TrialStage(QWidget):
    """One canvas, or two that are zoomed and windowed together.

    ``painted`` carries `time.perf_counter_ns` of the paint that completed what was asked for by
    `show_images` or `show_cover`, once for each call.
    """

    painted = Signal(object)
    drawn = Signal(object)

    def __init__(self, tools: Tools, *, paired: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tools = tools
        sides: tuple[Side, ...] = ("left", "right") if paired else ("",)
        self.canvases: dict[Side, MarkingCanvas] = {side: self._canvas(side) for side in sides}
        self._unpainted: set[Side] = set()
        self._cine: list[Pixels] = []
        self._cine_clock = FrameClock(self)
        self._cine_clock.due.connect(self._show_frame)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(SPACE_M)
        for canvas in self.canvases.values():
            layout.addWidget(canvas, 1)
        if paired:
            self._link(self.canvases["left"], self.canvases["right"])
            self._link(self.canvases["right"], self.canvases["left"])

    @property
    def first(self) -> MarkingCanvas:
        """The single canvas, or the left one."""
        return next(iter(self.canvases.values()))

    def view_px(self) -> QSize:
        """Size of a canvas in device pixels."""
        ratio = self.devicePixelRatioF()
        size = self.first.size()
        return QSize(round(size.width() * ratio), round(size.height() * ratio))

    def show_images(self, images: Sequence[PreparedImage]) -> None:
        """Show the trial's image or pair in fresh windows."""
        self.stop_cine()
        self._cine = []
        for (side, canvas), image in zip(self.canvases.items(), images, strict=True):
            self._unpainted.add(side)
            canvas.set_drawing(None)
            canvas.set_marks(())
            canvas.set_inverted(False)
            canvas.show_prepared(image)

    def show_cover(self, cover: PreparedImage) -> None:
        """Cover every image by the same picture."""
        self.stop_cine()
        self._cine = []
        for side, canvas in self.canvases.items():
            self._unpainted.add(side)
            canvas.show_prepared(cover)

    def show_now(self) -> None:
        """Paint at once instead of when the event loop comes to it; tells ``painted``."""
        for canvas in self.canvases.values():
            canvas.repaint()

    def clear(self) -> None:
        """Show no image."""
        self.stop_cine()
        for canvas in self.canvases.values():
            canvas.set_image(None)
        self._unpainted.clear()

    def settings(self) -> ViewSettings:
        """Window, zoom and inversion as they are, of the tools that are allowed."""
        canvas, tools = self.first, self._tools
        return ViewSettings(
            canvas.window_center if tools.window else None,
            canvas.window_width if tools.window else None,
            canvas.zoom if tools.zoom else None,
            canvas.inverted if tools.invert else None,
        )

    # Tools

    def reset_view(self) -> None:
        """Whole image, full grey range, not inverted."""
        for canvas in self.canvases.values():
            canvas.reset()
            canvas.set_inverted(False)

    def invert(self) -> None:
        """Exchange black and white where that is allowed."""
        if self._tools.invert:
            inverted = not self.first.inverted
            for canvas in self.canvases.values():
                canvas.set_inverted(inverted)

    def set_drawing(self, shape: MarkShape | None) -> None:
        """Begin or end drawing regions."""
        for canvas in self.canvases.values():
            canvas.set_drawing(shape)

    def set_marks(self, side: Side, marks: Sequence[DrawnMark]) -> None:
        """Show these regions on one of the images."""
        self.canvases[side].set_marks(marks)

    # Cine

    @property
    def cine_runs(self) -> bool:
        """Whether frames are being played."""
        return self._cine_clock.running

    def play_cine(self, frames: Sequence[Pixels]) -> None:
        """Play these frames in a loop about the image on show; fewer than two play nothing."""
        if len(frames) > 1:
            self._cine = list(frames)
            interval_ms = max(_CINE_FRAME_MS, _CINE_CYCLE_MS / len(frames))
            self._cine_clock.start(len(frames), interval_ms)

    def stop_cine(self) -> None:
        """Stop at the frame on show."""
        self._cine_clock.stop()

    def _show_frame(self, position: int) -> None:
        self.first.set_image(self._cine[position], keep_view=True)

    def _canvas(self, side: Side) -> MarkingCanvas:
        canvas = MarkingCanvas(left_drag="window" if self._tools.window else "pan")
        canvas.setAccessibleName(
            {
                "left": translate("Session", "Left image"),
                "right": translate("Session", "Right image"),
            }.get(side, translate("Session", "Image to judge"))
        )
        canvas.background = neutral_grey(SESSION_LUMINANCE)
        canvas.quiet_focus = True
        canvas.window_enabled = self._tools.window
        canvas.zoom_enabled = self._tools.zoom
        canvas.arrow_keys_pan = False
        canvas.set_smooth(True)
        canvas.painted.connect(lambda painted_ns: self._note_paint(side, painted_ns))
        canvas.drawn.connect(lambda mark: self.drawn.emit(mark.on_side(side)))
        return canvas

    def _link(self, source: MarkingCanvas, target: MarkingCanvas) -> None:
        # An equal view or window changes nothing, so that the two do not call each other forever.
        source.view_changed.connect(target.set_view)
        source.window_changed.connect(target.set_window)

    def _note_paint(self, side: Side, painted_ns: int) -> None:
        if side in self._unpainted:
            self._unpainted.discard(side)
            if not self._unpainted:
                self.painted.emit(painted_ns)
