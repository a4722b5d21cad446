"""Makes the next images ready beside the UI thread, so that the time to show one tells nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QSize

from reviewapp.study.errors import StudyError
from reviewapp.widgets.pixel_rendering import Pixels
from reviewapp.widgets.prepared_image import PreparedImage, prepare_image


class ImagePreloader:
    """Keeps the images asked for last, decoded and fitted to the view, and nothing else."""

    def __init__(self, view_px: QSize) -> None:
        """``view_px`` is the size of the view in device pixels."""
        self._view_px = view_px
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="preload")
        self._loaded: dict[Path, Future[PreparedImage]] = {}

    def set_view(self, view_px: QSize) -> None:
        """Fit what is asked for from now on to another size."""
        self._view_px = view_px

    def expect(self, paths: Iterable[Path]) -> None:
        """Make these ready in the background and forget all others."""
        self._loaded = {path: self._loaded.get(path) or self._submit(path) for path in paths}

    def prepared(self, path: Path) -> PreparedImage:
        """The image at ``path``; waits if it is still being made ready.

        Raises `StudyError` when the file is missing or damaged.
        """
        return (self._loaded.get(path) or self._submit(path)).result()

    def prepare_later(self, make: Callable[[], Pixels]) -> Future[PreparedImage]:
        """Make a picture that is no file ready in the same thread."""
        view_px = self._view_px
        return self._pool.submit(lambda: prepare_image(make(), view_px))

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _submit(self, path: Path) -> Future[PreparedImage]:
        return self.prepare_later(lambda: read_presented(path))


def read_presented(path: Path) -> NDArray[np.uint8]:
    """Pixels of a presented image; raises `StudyError` when it cannot be read."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(path, formats=("PNG",)) as image:
            return np.array(image, dtype=np.uint8)
    except (OSError, UnidentifiedImageError, ValueError) as error:
        raise StudyError(
            f"The image {path.name} of this study cannot be shown: it is missing or damaged. "
            "Restore the workspace from a copy. All answers given so far are kept."
        ) from error
