"""Goes through the stack of the image in view: its slices and the frames of its cine."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal

from engine.workspace import Workspace
from reviewapp.browse.cine_player import CinePlayer
from reviewapp.browse.image_pane import ImagePane
from reviewapp.browse.stack_bar import StackBar
from reviewapp.study.image_stack import ImageStack, relatives, stack_of
from reviewapp.study.model import ImageFilter, ImageRow
from reviewapp.widgets.prepared_image import PreparedImage

FindImages = Callable[[ImageFilter], list[ImageRow]]


class StackControl(QObject):
    """Connects a pane, the bar and the film; ``failed`` tells of a frame that cannot be read."""

    failed = Signal(str)

    def __init__(
        self, workspace: Workspace, find_images: FindImages, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.bar = StackBar()
        self.stack = ImageStack()
        self.player = CinePlayer(workspace, self)
        self._find = find_images
        self._pane: ImagePane | None = None
        self._image: ImageRow | None = None
        self._found: tuple[ImageFilter | None, list[ImageRow]] = (None, [])
        self.player.frame.connect(self._show_frame)
        self.player.failed.connect(self._fail)
        self.bar.slice_chosen.connect(self.show_slice)
        self.bar.frame_chosen.connect(self.show_frame)
        self.bar.play_toggled.connect(self._play)
        self.bar.rate_changed.connect(self.player.set_rate)
        self.player.set_rate(self.bar.rate)

    def follow(self, pane: ImagePane) -> None:
        """Another image is in view in this pane."""
        before, film = self._pane, self.player.playing
        self.player.stop()
        self.bar.show_playing(False)
        if before is not None and before is not pane:
            before.canvas.wheel_scrolls = False
        if film and before is not None and before.row is not None and before.row == self._image:
            # The film was left at some frame; its pane shows the image that it stands for.
            before.load(before.row)
        self._pane, self._image = pane, pane.row
        self.stack = ImageStack() if self._image is None else self._stack_of(self._image)
        self.bar.show_stack(self.stack, self._image)
        pane.canvas.wheel_scrolls = len(self.stack.slices) > 1

    def forget(self) -> None:
        """The library has changed: look the stack up again."""
        self._found = (None, [])

    def step_slice(self, by: int) -> None:
        """Go on by so many slices; the first and the last one are ends."""
        if self._image is not None:
            position = self.stack.slice_of(self._image)
            if position is not None:
                self.show_slice(position + by)

    def show_slice(self, position: int) -> None:
        """Show the slice at a position, held within the volume."""
        self._load(self.stack.slices, min(max(position, 0), len(self.stack.slices) - 1))

    def step_frame(self, by: int) -> None:
        """Go on by so many frames, around the end."""
        n_frames = len(self.stack.frames)
        if n_frames:
            self.show_frame((self.bar.frames.value() + by) % n_frames)

    def show_frame(self, position: int) -> None:
        """Show one frame and stop the film there."""
        self._load(self.stack.frames, position)

    def toggle_film(self) -> None:
        """Play, or stop at the frame on show."""
        if len(self.stack.frames) > 1:
            self.bar.play_button.toggle()

    def pause(self) -> None:
        """Stop the film; the frame on show becomes the image in view."""
        was_playing = self.player.playing
        self.player.stop()
        self.bar.show_playing(False)
        if was_playing:
            self._load(self.stack.frames, self.bar.frames.value())

    def close(self) -> None:
        """Wait until nothing is being read."""
        self.player.close()

    def _play(self, wanted: bool) -> None:
        if not wanted:
            self.pause()
        elif self._pane is not None:
            first = self.bar.frames.value()
            self.player.play(self.stack.frames, first, self._pane.view_px())

    def _load(self, rows: tuple[ImageRow, ...], position: int) -> None:
        self.player.stop()
        self.bar.show_playing(False)
        if self._pane is not None and 0 <= position < len(rows):
            self._pane.load(rows[position])

    def _show_frame(self, position: int, prepared: PreparedImage) -> None:
        if self._pane is not None:
            self._pane.show_frame(prepared)
            self.bar.show_frame(position)

    def _fail(self, problem: str) -> None:
        self.bar.show_playing(False)
        self.failed.emit(problem)

    def _stack_of(self, image: ImageRow) -> ImageStack:
        wanted = relatives(image)
        if wanted is None:
            return ImageStack()
        if self._found[0] != wanted:
            self._found = (wanted, self._find(wanted))
        return stack_of(image, self._found[1])
