"""Hands a session's images over, and has those of the next trials ready before they are asked."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

import numpy as np
from PySide6.QtCore import QSize

from reviewapp.rating.image_preloader import ImagePreloader
from reviewapp.study.exposure_mask import exposure_mask
from reviewapp.study.session import RatingSession, TrialView
from reviewapp.theme.neutral_grey import SESSION_LUMINANCE, neutral_grey
from reviewapp.widgets.pixel_rendering import Pixels
from reviewapp.widgets.prepared_image import PreparedImage

_TRIALS_AHEAD = 3


class ImageFeed:
    """The images of the current trial and, in a timed design, what covers them afterwards."""

    def __init__(self, session: RatingSession) -> None:
        self._session = session
        self._preloader = ImagePreloader(QSize(session.study.protocol.size_px, 1))
        self._covers: dict[int, Future[PreparedImage]] = {}

    def images(self, trial: TrialView) -> list[PreparedImage]:
        """The image of a trial, or its pair; raises `StudyError` where one cannot be read."""
        return [self._preloader.prepared(path) for path in _images_of(trial)]

    def cine(self, trial: TrialView) -> list[Pixels]:
        """The frames around a trial's image; empty without cine."""
        return [self._preloader.prepared(path).pixels for path in trial.cine_paths]

    def cover(self, trial: TrialView) -> PreparedImage:
        """What takes the place of a trial's image when its time is over."""
        return self._cover_of(trial.trial_index).result()

    def expect(self, view_px: QSize) -> None:
        """Make the current and the next trials ready for a view of this size in device pixels."""
        trial = self._session.current
        if trial is None:
            return
        self._preloader.set_view(view_px)
        now = [*_images_of(trial), *trial.cine_paths]
        self._preloader.expect([*now, *self._session.upcoming(_TRIALS_AHEAD)])
        if self._session.study.protocol.design == "timed":
            wanted = (trial.trial_index, trial.trial_index + 1)
            self._covers = {index: self._cover_of(index) for index in wanted}

    def close(self) -> None:
        """End the thread that makes images ready."""
        self._preloader.close()

    def _cover_of(self, trial_index: int) -> Future[PreparedImage]:
        protocol = self._session.study.protocol

        def make() -> Pixels:
            if protocol.after_exposure == "blank":
                level = int(neutral_grey(SESSION_LUMINANCE)[1:3], 16)
                return np.full((protocol.size_px, protocol.size_px), level, np.uint8)
            return exposure_mask(protocol.size_px, protocol.seed or 0, trial_index)

        return self._covers.get(trial_index) or self._preloader.prepare_later(make)


def _images_of(trial: TrialView) -> list[Path]:
    return [trial.path, *([trial.right_path] if trial.right_path else [])]
