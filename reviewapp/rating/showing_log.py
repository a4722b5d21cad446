"""Logs each showing of a timed image beside the UI thread, so that no exposure waits for a disk."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor

from reviewapp.study.errors import StudyError
from reviewapp.study.session import RatingSession


class ShowingLog:
    """Notes that the current image is on the screen; ``count`` tells how often it has been."""

    def __init__(self, session: RatingSession) -> None:
        self._session = session
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="showings")
        self._noted: Future[int] | None = None

    def note(self, trial_index: int) -> None:
        """The image of a trial is on the screen."""
        self._noted = self._pool.submit(self._session.note_showing, trial_index)

    def count(self) -> int | None:
        """How often the image noted last has been shown; None where that could not be logged.

        Waits for the log, which is long done when a reader answers.
        """
        if self._noted is None:
            return None
        try:
            return self._noted.result()
        except StudyError:
            # A disk that refuses the log refuses the answer too, and that is told.
            return None

    def close(self) -> None:
        """End the thread."""
        self._pool.shutdown(wait=True)
