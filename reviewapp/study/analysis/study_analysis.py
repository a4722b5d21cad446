"""One study analysed: counts while it is blinded, everything afterwards."""

from __future__ import annotations

from dataclasses import dataclass

from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled
from reviewapp.study.analysis.progress import StudyProgress, study_progress
from reviewapp.study.analysis.results import StudyResults, study_results
from reviewapp.study.analysis.sentences import blinded_sentence, caveats, outcome_sentence
from reviewapp.study.model import Study
from reviewapp.study.ratings import study_ratings
from reviewapp.study.store import StudyStore

#: how far from guessing still counts as guessing, unless the caller says otherwise: ±5 points
MARGIN = 0.05


@dataclass(frozen=True, slots=True)
class StudyAnalysis:
    """``sentence`` tells the outcome in plain words, ``caveats`` what to mind.

    ``results`` is None while the study is blinded; nothing else here depends on the truth.
    """

    study: Study
    margin: float
    sentence: str
    caveats: tuple[str, ...]
    progress: StudyProgress
    results: StudyResults | None


def analyse_study(
    store: StudyStore,
    study_id: str,
    *,
    margin: float = MARGIN,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> StudyAnalysis:
    """Analyse a study; slow imports and seconds of work, so call it off the window's thread.

    ``margin`` (a share, 0 < margin < 0.5) is what the equivalence tests take for negligible: of the
    accuracy, and of the area under the ROC curve. Raises `ValueError` for another margin,
    `StoreError` for an unknown study and `engine.errors.Cancelled`.
    """
    if not 0 < margin < 0.5:
        raise ValueError("The margin must lie between 0 and 0.5.")
    study = store.study(study_id)
    ratings = study_ratings(store, study)
    counted = study_progress(store.sessions(study_id), store.readers(), ratings)
    if study.blinded:
        return StudyAnalysis(study, margin, blinded_sentence(counted), (), counted, None)
    results = study_results(
        ratings, store.workspace, study.protocol.size_px, margin, progress, cancelled
    )
    return StudyAnalysis(
        study,
        margin,
        outcome_sentence(results),
        caveats(study, counted, results),
        counted,
        results,
    )
