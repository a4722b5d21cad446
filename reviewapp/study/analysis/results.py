"""All results of an unblinded study."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled
from engine.workspace import Workspace
from reviewapp.study.analysis.confidence import (
    ConfidenceHistogram,
    RocCurve,
    confidence_histogram,
    roc_curves,
)
from reviewapp.study.analysis.gallery import Gallery, gallery
from reviewapp.study.analysis.learning_course import (
    Learning,
    exposure_times,
    learning_course,
    times_against_correctness,
)
from reviewapp.study.analysis.mark_maps import Marks, study_marks
from reviewapp.study.analysis.performance import (
    GroupKind,
    GroupPerformance,
    Performance,
    case_groups,
    performance,
    reader_groups,
    reader_kind_groups,
)
from reviewapp.study.analysis.reader_agreement import (
    ReaderAgreement,
    reader_agreement,
    retest_agreement,
)
from reviewapp.study.analysis.reading_table import scored_table
from reviewapp.study.analysis.variant_comparison import VariantComparison, compare_variants
from reviewapp.study.ratings import Rating
from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.repeatability import Repeatability
from reviewapp.study.statistics.response_times import TimeByCorrectness, TimeSummary

_T = TypeVar("_T")
_STEPS = 10


@dataclass(frozen=True, slots=True)
class StudyResults:
    """Results from the first showings in finished sessions, training left out.

    ``n_images`` counts the different cases (images, or pairs with ``paired``).
    """

    paired: bool
    n_readers: int
    n_images: int
    n_ratings: int
    overall: Performance
    readers: tuple[GroupPerformance, ...]
    groups: tuple[GroupPerformance, ...]
    variants: VariantComparison
    roc: tuple[RocCurve, ...]
    confidence: ConfidenceHistogram | NotEstimable
    agreement: ReaderAgreement
    repeatability: Repeatability
    times: TimeByCorrectness
    exposure: TimeSummary | NotEstimable
    learning: Learning
    marks: Marks
    gallery: Gallery

    def of_kind(self, kind: GroupKind) -> tuple[GroupPerformance, ...]:
        """The groups of one kind, in order."""
        return tuple(g for g in (*self.readers, *self.groups) if g.kind == kind)


def study_results(
    ratings: Sequence[Rating],
    workspace: Workspace,
    size_px: int,
    margin: float,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> StudyResults:
    """Compute everything, in steps that can be cancelled."""
    table = scored_table(ratings)
    second = scored_table(ratings, repeats=True)
    done = 0

    def step(name: str, work: Callable[[], _T]) -> _T:
        nonlocal done
        raise_if_cancelled(cancelled)
        progress(done, _STEPS, name)
        done += 1
        return work()

    return StudyResults(
        paired=table.paired,
        n_readers=len(table.readers),
        n_images=len(table.cases),
        n_ratings=table.n_ratings,
        overall=step("Overall performance", lambda: performance(table, margin)),
        readers=step("Each reader", lambda: reader_groups(table, margin)),
        groups=step(
            "Groups", lambda: case_groups(table, margin) + reader_kind_groups(table, margin)
        ),
        variants=step("Variants compared", lambda: compare_variants(table, margin)),
        roc=step("ROC curves", lambda: roc_curves(table)),
        confidence=confidence_histogram(table),
        agreement=step("Reader agreement", lambda: reader_agreement(table)),
        repeatability=retest_agreement(table, second),
        times=step("Response times", lambda: times_against_correctness(table)),
        exposure=exposure_times(table),
        learning=step("Learning", lambda: learning_course(table)),
        marks=step("Marks", lambda: study_marks(ratings, workspace, size_px, cancelled)),
        gallery=step("Gallery", lambda: gallery(table)),
    )
