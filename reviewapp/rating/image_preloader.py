"""Decodes the next images beside the UI thread, so that the time to show one tells nothing."""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from reviewapp.study.errors import StudyError


class ImagePreloader:
    """Keeps the decoded pixels of the images asked for last, and of nothing else."""

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="preload")
        self._loaded: dict[Path, Future[NDArray[np.uint8]]] = {}

    def expect(self, paths: Iterable[Path]) -> None:
        """Decode these in the background and forget all others."""
        wanted = list(paths)
        self._loaded = {
            path: self._loaded.get(path) or self._pool.submit(read_presented, path)
            for path in wanted
        }

    def pixels(self, path: Path) -> NDArray[np.uint8]:
        """The image at ``path``, uint8 (H, W) or (H, W, 3); waits if it is still being decoded.

        Raises `StudyError` when the file is missing or damaged.
        """
        future = self._loaded.get(path) or self._pool.submit(read_presented, path)
        return future.result()

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(wait=True, cancel_futures=True)


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
