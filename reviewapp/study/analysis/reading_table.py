"""A study's scored ratings as a table of readers and cases, with the truth of every case."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from reviewapp.study.model import Reader, Truth
from reviewapp.study.ratings import Rating
from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.readings import CaseRating, arrange

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Case:
    """What one trial shows: an image, or a pair of which ``truth`` is the generated image's."""

    case_id: str
    truth: Truth
    presented_key: str
    #: of a pair, the real image beside the generated one
    partner: Truth | None = None
    partner_presented_key: str = ""

    @property
    def generated(self) -> bool:
        """Whether the image, or one of both, is generated."""
        return self.truth.source == "generated"


@dataclass(frozen=True, slots=True)
class ReadingTable:
    """Float64 arrays (readers, cases); NaN where a reader has not rated a case.

    ``correct`` is 1 or 0; ``confidence`` 1–6, NaN throughout where the design asks for none;
    ``position`` counts the trials of a session from 0; ``left`` is 1 where the generated image of
    a pair was on the left.
    """

    readers: tuple[Reader, ...]
    cases: tuple[Case, ...]
    paired: bool
    correct: NDArray[np.float64]
    confidence: NDArray[np.float64]
    time_ms: NDArray[np.float64]
    exposure_ms: NDArray[np.float64]
    position: NDArray[np.float64]
    left: NDArray[np.float64]

    @property
    def generated(self) -> NDArray[np.bool_]:
        """Which cases (columns) are generated images; all pairs are."""
        import numpy as np

        return np.array([case.generated for case in self.cases], dtype=bool)

    @property
    def called_generated(self) -> NDArray[np.float64]:
        """1 where the reader called the image generated, of a pair the generated one."""
        import numpy as np

        return np.where(self.generated, self.correct, 1 - self.correct)

    @property
    def n_ratings(self) -> int:
        """How many ratings there are."""
        import numpy as np

        return int(np.isfinite(self.correct).sum())

    @property
    def graded(self) -> bool:
        """Whether the readers gave degrees of confidence."""
        import numpy as np

        return bool(np.isfinite(self.confidence).any())

    def of_cases(self, chosen: Sequence[bool] | NDArray[np.bool_]) -> ReadingTable:
        """The same readers on some of the cases."""
        import numpy as np

        mask = np.asarray(chosen, dtype=bool)
        cases = tuple(case for case, wanted in zip(self.cases, mask, strict=True) if wanted)
        return self._part(self.readers, cases, (slice(None), mask))

    def of_readers(self, chosen: Sequence[bool]) -> ReadingTable:
        """Some of the readers, on the cases that at least one of them has rated."""
        import numpy as np

        mask = np.asarray(chosen, dtype=bool)
        readers = tuple(r for r, wanted in zip(self.readers, mask, strict=True) if wanted)
        rated = np.isfinite(self.correct[mask]).any(axis=0)
        return self._part(readers, self.cases, (mask, slice(None))).of_cases(rated)

    def gaps(self) -> NotEstimable | None:
        """Who misses which cases, in a sentence; None where every reader rated every case."""
        import numpy as np

        missing = np.isnan(self.correct)
        if not missing.any():
            return None
        idle = [r.reader_id for r, row in zip(self.readers, missing, strict=True) if row.all()]
        if idle:
            return NotEstimable(
                "Every reader must have rated every image for this analysis, but "
                f"{', '.join(idle)} rated none of them. Leave these readers out."
            )
        found = arrange(
            CaseRating("this study", reader.reader_id, case.case_id, case.generated, 0.0)
            for i, reader in enumerate(self.readers)
            for j, case in enumerate(self.cases)
            if not missing[i, j]
        )
        return found if isinstance(found, NotEstimable) else None

    def _part(
        self, readers: tuple[Reader, ...], cases: tuple[Case, ...], index: tuple[object, object]
    ) -> ReadingTable:
        return ReadingTable(
            readers,
            cases,
            self.paired,
            *(getattr(self, name)[index] for name in _ARRAYS),
        )


_ARRAYS = ("correct", "confidence", "time_ms", "exposure_ms", "position", "left")


def scored_table(ratings: Iterable[Rating], *, repeats: bool = False) -> ReadingTable:
    """First showings (or with ``repeats`` the second ones) of finished sessions, without training.

    Readers by id, cases by id. Ratings whose truth is not known are left out.
    """
    import numpy as np

    used = [
        rating
        for rating in ratings
        if rating.session.finished_at is not None
        and not rating.trial.is_training
        and rating.trial.is_repeat == repeats
        and rating.truth is not None
    ]
    readers = {rating.reader.reader_id: rating.reader for rating in used}
    rows = {reader_id: i for i, reader_id in enumerate(sorted(readers))}
    cases: dict[str, Case] = {}
    case_ids = [_case_id(rating) for rating in used]
    for case_id, rating in zip(case_ids, used, strict=True):
        if case_id not in cases:
            cases[case_id] = _case(case_id, rating)
    columns = {case_id: j for j, case_id in enumerate(sorted(cases))}
    arrays = np.full((len(_ARRAYS), len(rows), len(columns)), np.nan)
    for case_id, rating in zip(case_ids, used, strict=True):
        answer, truth = rating.answer, rating.truth
        arrays[:, rows[rating.reader.reader_id], columns[case_id]] = (
            float(bool(rating.correct)),
            np.nan if answer.confidence is None else answer.confidence,
            answer.response_time_ms,
            np.nan if answer.exposure_ms is None else answer.exposure_ms,
            rating.trial.trial_index,
            float(truth is not None and truth.source == "generated"),
        )
    return ReadingTable(
        tuple(readers[reader_id] for reader_id in rows),
        tuple(cases[case_id] for case_id in columns),
        any(case.partner is not None for case in cases.values()),
        *arrays,
    )


def _case_id(rating: Rating) -> str:
    trial = rating.trial
    if trial.right_image_id is None:
        return trial.image_id
    return " + ".join(sorted((trial.image_id, trial.right_image_id)))


def _case(case_id: str, rating: Rating) -> Case:
    trial, left, right = rating.trial, rating.truth, rating.right_truth
    if left is None:
        raise ValueError("A case needs its truth.")
    if right is None:
        return Case(case_id, left, trial.presented_key)
    sides = ((left, trial.presented_key), (right, trial.right_presented_key or ""))
    generated, real = sides if left.source == "generated" else reversed(sides)
    return Case(case_id, *generated, *real)
