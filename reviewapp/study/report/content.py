"""What a study's report says, in its order: outcome, study, readers, results, methods, limits."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import PackageNotFoundError, version

from engine.workspace import Workspace
from reviewapp.study.analysis.gallery import GalleryImage
from reviewapp.study.analysis.performance import GroupKind, GroupPerformance
from reviewapp.study.analysis.progress import StudyProgress
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.analysis.study_analysis import StudyAnalysis
from reviewapp.study.figures.catalogue import FigureSpec, figures
from reviewapp.study.model import LeakAuditRecord
from reviewapp.study.report.blocks import (
    Block,
    Heading,
    Listing,
    Paragraph,
    Picture,
    Pictures,
    Report,
    ReportFigure,
    ReportTable,
)
from reviewapp.study.report.methods import design_text, methods_text
from reviewapp.study.report.words import (
    count_text,
    date_text,
    number_text,
    p_value_text,
    reason_text,
    share_text,
    time_text,
)
from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.mrmc import MeanTest, MrmcResult
from reviewapp.study.store import StudyStore
from reviewapp.study.timestamps import utc_now

_LIBRARIES = ("numpy", "scipy", "sqlalchemy", "matplotlib")
_GALLERY = 8
_PARTS: tuple[tuple[GroupKind, str], ...] = (
    ("dataset", "By data set"),
    ("class", "By class"),
    ("role", "Readers by role"),
    ("specialty", "Readers by specialty"),
    ("experience", "Readers by experience"),
    ("reader", "Single readers"),
)
_LIMITS = (
    "The result holds for these images, this rendering and this task; a leak of the source through "
    "nuisances such as brightness or sharpness would look like skill (see the leak audit).",
    "That a difference from guessing is not shown does not show that there is none; only the "
    "equivalence test can support “indistinguishable”, and only within its margin.",
    "Looking real to readers does not make an image medically correct or useful for training.",
    "Results by group are many and were not adjusted for their number, unless a column says so.",
)


def report_of(analysis: StudyAnalysis, store: StudyStore) -> Report:
    """The whole report; of a blinded study only counts and times."""
    study = analysis.study
    return Report(
        title=study.protocol.title if study.name == "" else study.name,
        subtitle=f"Reading study of real and generated images. Report of {date_text(utc_now())}",
        blocks=tuple(_blocks(analysis, store)),
    )


def _blocks(analysis: StudyAnalysis, store: StudyStore) -> Iterator[Block]:
    yield Paragraph(analysis.sentence, lead=True)
    if analysis.caveats:
        yield Listing(analysis.caveats)
    results = analysis.results
    specs = {spec.name: spec for spec in figures(analysis)}
    if results is not None and results.n_ratings:
        yield from _main_results(results, specs)
    yield from _study(analysis, store.last_leak_audit(analysis.study.study_id))
    yield from _readers(analysis.progress)
    if results is not None and results.n_ratings:
        yield from _details(results, specs, store.workspace)
        yield Heading("Methods")
        for sentence in methods_text(analysis):
            yield Paragraph(sentence)
        yield Heading("Limits")
        yield Listing(_LIMITS)
    yield Heading("Software")
    yield Paragraph(software_text())


def software_text() -> str:
    """The versions of what computed and drew the report."""
    try:
        own = version("medgan-review")
    except PackageNotFoundError:
        own = "source checkout"
    parts = [f"medgan-review {own}", f"Python {platform.python_version()}"]
    parts += [f"{name} {version(name)}" for name in _LIBRARIES]
    return ", ".join(parts) + "."


def _main_results(results: StudyResults, specs: dict[str, FigureSpec]) -> Iterator[Block]:
    overall = results.overall
    yield Heading("Main results")
    rows: list[tuple[str, str, str, Result]] = [
        ("Right answers", share_text(overall.accuracy.value), "50 % is guessing",
         overall.accuracy.value),
        ("Fool rate", share_text(overall.fool_rate), "generated images taken for real",
         overall.fool_rate),
    ]  # fmt: skip
    if not results.paired:
        rows += [
            ("Sensitivity", share_text(overall.sensitivity), "generated images recognised",
             overall.sensitivity),
            ("Specificity", share_text(overall.specificity), "real images called real",
             overall.specificity),
            ("Area under the ROC curve", number_text(overall.auc.value),
             "0.5 is guessing, 1 perfect", overall.auc.value),
            ("Criterion", number_text(overall.criterion, signed=True),
             "above 0: prone to say “real”", overall.criterion),
        ]  # fmt: skip
    rows.append(("d′", number_text(overall.d_prime), "0 is guessing", overall.d_prime))
    yield ReportTable(
        ("Figure", "Value (95 % CI)", "Meaning"),
        tuple((name, value, meaning) for name, value, meaning, _ in rows),
    )
    yield from _reasons((name, result) for name, _, _, result in rows)
    yield from _chosen(specs, "fool_rates", "roc_readers")


def _study(analysis: StudyAnalysis, audit: LeakAuditRecord | None) -> Iterator[Block]:
    study, protocol, progress = analysis.study, analysis.study.protocol, analysis.progress
    yield Heading("Study")
    yield Paragraph(design_text(protocol))
    yield ReportTable(
        ("Item", "Value"),
        (
            ("Protocol", f"{protocol.title} ({protocol.protocol_id})"),
            ("Protocol, SHA-256", study.protocol_sha256),
            ("Study", f"{study.name} ({study.study_id})"),
            ("Data sets", ", ".join(protocol.datasets)),
            ("Leak audit", _audit_text(audit)),
            ("Made", date_text(study.created_at)),
            ("First trial", date_text(study.frozen_at)),
            ("First and last answer",
             f"{date_text(progress.first_answer)} to {date_text(progress.last_answer)}"),
            ("Unblinded", date_text(study.unblinded_at) if study.unblinded_at else "not yet"),
        ),
    )  # fmt: skip


def _audit_text(audit: LeakAuditRecord | None) -> str:
    if audit is None:
        return "none was made"
    if audit.auc is None:
        return f"{date_text(audit.at)}: could not be judged"
    interval = (
        ""
        if audit.lower is None or audit.upper is None
        else f" ({audit.lower:.2f} to {audit.upper:.2f})"
    )
    verdict = "warns that nuisances tell the source" if audit.warns else "no warning"
    current = "" if audit.current else "; the images were rendered anew afterwards"
    return f"area {audit.auc:.2f}{interval}, {verdict}; {date_text(audit.at)}{current}"


def _readers(progress: StudyProgress) -> Iterator[Block]:
    yield Heading("Readers")
    yield Paragraph(
        f"{count_text(progress.n_sessions, 'session')}, {progress.n_finished} finished; "
        f"{count_text(progress.n_answers, 'rating')} without training, "
        f"{count_text(progress.n_marks, 'marked region')}. "
        f"Response time, median and quartiles: {time_text(progress.times)}."
    )
    if progress.readers:
        yield ReportTable(
            (
                "Reader",
                "Role",
                "Specialty",
                "Experience",
                "Answered",
                "Changed",
                "Time (quartiles)",
            ),
            tuple(
                (
                    r.reader_id,
                    r.role or "–",
                    r.specialty or "–",
                    "–" if r.experience_years is None else f"{r.experience_years:g} years",
                    f"{r.n_answered:,} of {r.n_trials:,}",
                    f"{r.n_changes:,}",
                    time_text(r.times),
                )
                for r in progress.readers
            ),
        )


def _details(
    results: StudyResults, specs: dict[str, FigureSpec], workspace: Workspace
) -> Iterator[Block]:
    yield Heading("Variants")
    yield _group_table(results.of_kind("variant"), "Variant")
    yield from _variant_tests(results)
    yield from _chosen(specs, "roc_variants", "fool_rates_checkpoints")
    yield Heading("Images and readers")
    yield from _part_tables(results)
    yield from _chosen(specs, "accuracy", "accuracy_readers", "confusion", "confidence")
    yield Heading("Agreement, times and learning")
    repeated, agreement = results.repeatability, results.agreement
    figures_: tuple[tuple[str, str, Result], ...] = (
        ("Fleiss' κ between readers", number_text(agreement.fleiss_kappa), agreement.fleiss_kappa),
        ("Krippendorff's α of the answers", number_text(agreement.alpha), agreement.alpha),
        ("Krippendorff's α of the confidence", number_text(agreement.alpha_ordinal),
         agreement.alpha_ordinal),
        ("ICC of the confidence", number_text(agreement.icc), agreement.icc),
        ("Same answer at the second showing", share_text(repeated.same_answer),
         repeated.same_answer),
        ("Weighted κ of both showings", number_text(repeated.weighted_kappa),
         repeated.weighted_kappa),
        ("Time of wrong over right answers", number_text(results.times.ratio),
         results.times.ratio),
        ("Odds of a right answer, per 100 trials later", number_text(results.learning.odds_ratio),
         results.learning.odds_ratio),
    )  # fmt: skip
    yield ReportTable(
        ("Figure", "Value (95 % CI)"), tuple((name, value) for name, value, _ in figures_)
    )
    yield from _reasons((name, result) for name, _, result in figures_)
    yield from _chosen(specs, "agreement", "response_times", "learning")
    yield from _marked(results, specs)
    yield from _galleries(results, workspace)


def _group_table(groups: Sequence[GroupPerformance], name: str) -> ReportTable:
    return ReportTable(
        (name, "Images", "Taken for real", "Area under the curve", "d′"),
        tuple(
            (
                g.name,
                f"{g.n_images:,}",
                share_text(g.performance.fool_rate),
                number_text(g.performance.auc.value),
                number_text(g.performance.d_prime),
            )
            for g in groups
        ),
    )


def _part_tables(results: StudyResults) -> Iterator[ReportTable]:
    """Every part but the variants; one that is the whole study says nothing and is left out."""
    for kind, caption in _PARTS:
        groups = results.of_kind(kind)
        if len(groups) < 2:
            continue
        yield ReportTable(
            ("Name", "Readers", "Images", "Right answers", "Taken for real", "Area"),
            tuple(
                (
                    g.name,
                    f"{g.n_readers:,}",
                    f"{g.n_images:,}",
                    share_text(g.performance.accuracy.value),
                    share_text(g.performance.fool_rate),
                    number_text(g.performance.auc.value),
                )
                for g in groups
            ),
            caption,
        )


def _variant_tests(results: StudyResults) -> Iterator[Block]:
    against = results.variants.auc_against_chance
    if against:
        yield ReportTable(
            ("Variant", "Area (95 % CI)", "p against 0.5", "p, Holm", "Equivalent to guessing?"),
            tuple(
                (
                    v.variant,
                    number_text(v.against_chance.value),
                    p_value_text(v.against_chance.p_value),
                    p_value_text(v.p_holm),
                    "not estimable"
                    if isinstance(v.against_chance.equivalence, NotEstimable)
                    else ("shown" if v.against_chance.equivalence.shown else "not shown")
                    + f" (±{v.against_chance.equivalence.margin:g})",
                )
                for v in against
            ),
            "Each variant's images against the real ones",
        )
    rows = [
        (what, f"{d.first} − {d.second}", number_text(d.estimate, signed=True),
         p_value_text(d.test.p_value if isinstance(d.test, MeanTest) else None),
         p_value_text(d.p_holm))
        for what, found in (
            ("area", results.variants.auc), ("fool rate", results.variants.fool_rate)
        )
        if isinstance(found, MrmcResult)
        for d in found.differences
    ]  # fmt: skip
    if rows:
        yield ReportTable(
            ("Figure", "Variants", "Difference (95 % CI)", "p", "p, Holm"),
            tuple(rows),
            "Variants against each other",
        )


def _marked(results: StudyResults, specs: dict[str, FigureSpec]) -> Iterator[Block]:
    if not results.marks.counts:
        return
    yield Heading("Marked regions")
    yield ReportTable(
        ("Reason", "On generated images", "On real images"),
        tuple((c.reason, f"{c.on_generated:,}", f"{c.on_real:,}") for c in results.marks.counts),
    )
    yield from _chosen(specs, *(name for name in specs if name.startswith("marks_")))


def _galleries(results: StudyResults, workspace: Workspace) -> Iterator[Block]:
    shown = (
        ("Most convincing generated images", results.gallery.convincing_fakes, "taken for real"),
        ("Most suspected real images", results.gallery.suspected_reals, "called generated"),
    )
    if not any(images for _, images, _ in shown):
        return
    yield Heading("Images that misled most")
    for title, images, verdict in shown:
        pictures = tuple(
            Picture(
                workspace.image_path(image.presented_key),
                (
                    f"{verdict} by {image.n_wrong} of {image.n_ratings}",
                    " ".join(p for p in (image.dataset, image.class_label, image.variant) if p),
                    _step(image),
                ),
            )
            for image in images[:_GALLERY]
        )
        if pictures:
            yield Pictures(title, pictures)


def _step(image: GalleryImage) -> str:
    return "" if image.checkpoint_step is None else f"step {image.checkpoint_step:,}"


def _chosen(specs: dict[str, FigureSpec], *names: str) -> Iterator[Block]:
    yield from (ReportFigure(specs[name]) for name in names if name in specs)


def _reasons(results: Iterable[tuple[str, Result]]) -> Iterator[Block]:
    """One small line for each different reason, with the figures it concerns."""
    reasons: dict[str, list[str]] = {}
    for name, result in results:
        if reason := reason_text(result):
            reasons.setdefault(reason, []).append(name)
    for reason, names in reasons.items():
        yield Paragraph(f"{', '.join(names)}: {reason}", note=True)
