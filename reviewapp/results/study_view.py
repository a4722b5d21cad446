"""A study's analysis turned into what the page shows; made beside the window's thread."""

from __future__ import annotations

from dataclasses import dataclass

from engine.progress import CancelCheck, ProgressReport
from reviewapp.results.answer_sections import confidence_section, curves_section
from reviewapp.results.course_sections import marks_section, time_section
from reviewapp.results.gallery_section import gallery_section
from reviewapp.results.generator_section import generator_section
from reviewapp.results.overview_section import overview_section
from reviewapp.results.progress_section import blinded_section, progress_section
from reviewapp.results.reader_section import reader_section
from reviewapp.results.section import Section
from reviewapp.results.study_outputs import StudyOutputs
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.analysis.study_analysis import StudyAnalysis, analyse_study
from reviewapp.study.analysis.tables import tables
from reviewapp.study.figures.catalogue import figures
from reviewapp.study.store import StudyStore


@dataclass(frozen=True, slots=True)
class StudyView:
    """One study as it is shown; ``outputs`` are its tables and figures by name."""

    analysis: StudyAnalysis
    outputs: StudyOutputs
    sections: tuple[Section, ...]


def view_study(
    store: StudyStore,
    study_id: str,
    margin: float,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> StudyView:
    """Analyse and put into words; raises as `analyse_study` does."""
    analysis = analyse_study(store, study_id, margin=margin, progress=progress, cancelled=cancelled)
    outputs = StudyOutputs.of(tables(analysis), figures(analysis))
    of_pack = store.opened_pack() is not None
    return StudyView(analysis, outputs, sections(analysis, outputs, of_pack=of_pack))


def sections(
    analysis: StudyAnalysis, outputs: StudyOutputs, *, of_pack: bool = False
) -> tuple[Section, ...]:
    """The tabs of the page: only progress while the study is blinded or nobody has finished."""
    results = analysis.results
    if results is None:
        return (blinded_section(analysis, outputs, of_pack=of_pack),)
    if results.n_ratings == 0:
        return (progress_section(analysis, outputs),)
    return _result_sections(analysis, results, outputs)


def _result_sections(
    analysis: StudyAnalysis, results: StudyResults, outputs: StudyOutputs
) -> tuple[Section, ...]:
    return (
        overview_section(analysis.study, results, outputs),
        generator_section(results, outputs),
        curves_section(results, outputs),
        confidence_section(results, outputs),
        reader_section(analysis.progress, results, outputs),
        time_section(results, outputs),
        marks_section(results, outputs),
        gallery_section(results, outputs),
    )
