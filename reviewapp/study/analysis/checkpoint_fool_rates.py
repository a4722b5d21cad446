"""How often the images of each checkpoint were taken for real, over all unblinded studies."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.study.ratings import Rating, study_ratings
from reviewapp.study.statistics.estimate import Result
from reviewapp.study.statistics.proportions import wilson
from reviewapp.study.store import StudyStore

#: a run and a training step
CheckpointKey = tuple[str, int]


@dataclass(frozen=True, slots=True)
class CheckpointFoolRate:
    """Of ``n`` ratings of a checkpoint's images ``fooled`` took them for real.

    Ratings of all readers and studies are pooled; the interval takes them as independent.
    """

    fooled: int
    n: int
    n_readers: int

    @property
    def rate(self) -> Result:
        """The share with its Wilson interval."""
        return wilson(self.fooled, self.n)


def checkpoint_fool_rates(store: StudyStore) -> dict[CheckpointKey, CheckpointFoolRate]:
    """Scored first showings of generated images by run and step; blinded studies tell nothing."""
    found: dict[CheckpointKey, list[Rating]] = {}
    for study in store.studies():
        if study.blinded:
            continue
        for rating in study_ratings(store, study):
            truth = rating.shown_truth
            if not rating.scored or rating.fooled is None or truth is None:
                continue
            if truth.run_id and truth.checkpoint_step is not None:
                found.setdefault((truth.run_id, truth.checkpoint_step), []).append(rating)
    return {
        key: CheckpointFoolRate(
            fooled=sum(bool(rating.fooled) for rating in ratings),
            n=len(ratings),
            n_readers=len({rating.reader.reader_id for rating in ratings}),
        )
        for key, ratings in sorted(found.items())
    }
