"""Which generator fooled the readers how often, and how the groups compare."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from reviewapp.results.result_words import (
    EQUIVALENCE_NOTE,
    Notes,
    difference_text,
    equivalence_text,
    p_text,
)
from reviewapp.results.section import Block, Remark, Section, WordTable
from reviewapp.results.statistic_table import Statistic, statistic_table
from reviewapp.results.study_outputs import StudyOutputs
from reviewapp.study.analysis.performance import GroupKind, GroupPerformance
from reviewapp.study.analysis.results import StudyResults
from reviewapp.study.analysis.variant_comparison import VariantComparison
from reviewapp.study.report.words import count_text, p_value_text
from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.mrmc import MeanTest, MrmcResult

#: kinds of groups: title of the table, heading of the names
_GENERATORS: tuple[tuple[GroupKind, str, str], ...] = (
    ("variant", "By variant", "Variant"),
    ("checkpoint", "By checkpoint", "Run and step"),
)
_OTHERS: tuple[tuple[GroupKind, str, str], ...] = (
    ("dataset", "By data set", "Data set"),
    ("class", "By class", "Class"),
    ("role", "By the readers' role", "Role"),
    ("specialty", "By the readers' specialty", "Specialty"),
    ("experience", "By the readers' experience", "Experience"),
)
CHANCE_COLUMNS = ("Variant", "AUC", "p against guessing", "p, Holm",
                  "Equivalent to guessing")  # fmt: skip
DIFFERENCE_COLUMNS = ("First", "Second", "Difference", "p", "p, Holm", "In words")


def generator_section(results: StudyResults, outputs: StudyOutputs) -> Section:
    """Forest plots, tables of generators and their comparison, then the other groups."""
    return Section(
        "By generator",
        (
            *outputs.pictures("fool_rates", "fool_rates_checkpoints"),
            *_group_tables(_GENERATORS, results, outputs),
            *_comparisons(results.variants, outputs),
            *_group_tables(_OTHERS, results, outputs),
        ),
    )


def _group_tables(
    kinds: Sequence[tuple[GroupKind, str, str]], results: StudyResults, outputs: StudyOutputs
) -> Iterator[WordTable]:
    for kind, title, heading in kinds:
        groups = results.of_kind(kind)
        # One group alone repeats the overview, unless it names the generator.
        if len(groups) > 1 or (groups and kind == "variant"):
            yield _group_table(kind, title, heading, groups, outputs, paired=results.paired)


def _group_table(
    kind: GroupKind,
    title: str,
    heading: str,
    groups: Sequence[GroupPerformance],
    outputs: StudyOutputs,
    *,
    paired: bool,
) -> WordTable:
    parts = [group.performance for group in groups]
    fool_rate = Statistic("Taken for real", "percent", [p.fool_rate for p in parts])
    area = Statistic("AUC", "plain", [p.auc.value for p in parts])
    d_prime = Statistic("d′", "plain", [p.d_prime for p in parts])
    accuracy = Statistic("Right answers", "percent", [p.accuracy.value for p in parts])
    of_generator = kind in ("variant", "checkpoint")
    if paired:
        statistics = [accuracy, fool_rate, d_prime]
    else:
        # Real images belong to no generator: right answers to both kinds are no figure of one.
        statistics = [fool_rate, area, d_prime] if of_generator else [accuracy, fool_rate, area]
    return statistic_table(
        title,
        (heading, "Readers", "Pairs" if paired else "Images", "Ratings"),
        [
            (group.name, f"{group.n_readers:,}", f"{group.n_images:,}", f"{group.n_ratings:,}")
            for group in groups
        ],
        statistics,
        outputs.rows_of("groups", f"by_{kind}", title, lambda row: row[0] == kind),
        "AUC and d′ compare these images with all real ones."
        if of_generator and not paired
        else "",
    )


def _comparisons(variants: VariantComparison, outputs: StudyOutputs) -> list[Block]:
    blocks: list[Block] = []
    if variants.auc_against_chance:
        blocks.append(_against_chance(variants, outputs))
    tables = [
        _differences("fool_rate", "fool rates", variants.fool_rate, "fooled more", outputs),
        _differences(
            "auc", "areas under the ROC curve (AUC)", variants.auc, "told more easily", outputs
        ),
    ]
    return blocks + [block for block in tables if block is not None]


def _against_chance(variants: VariantComparison, outputs: StudyOutputs) -> WordTable:
    notes = Notes()
    rows = []
    for variant in variants.auc_against_chance:
        found = variant.against_chance
        equivalence = equivalence_text(found.equivalence)
        if isinstance(found.equivalence, NotEstimable):
            equivalence = f"{equivalence} {notes.mark(found.equivalence.reason)}"
        rows.append(
            (
                variant.variant,
                notes.cell(found.value, "plain"),
                p_value_text(found.p_value),
                p_value_text(variant.p_holm),
                equivalence,
            )
        )
    return WordTable(
        "Variants against guessing",
        CHANCE_COLUMNS,
        tuple(rows),
        (*notes.texts(), EQUIVALENCE_NOTE),
        outputs.tables.get("variants_auc"),
    )


def _differences(
    name: str, title: str, found: MrmcResult | NotEstimable, more: str, outputs: StudyOutputs
) -> Block | None:
    title = f"Variants against each other: {title}"
    if isinstance(found, NotEstimable):
        return Remark(title, found.reason)
    if not found.differences:
        return None
    notes = Notes()
    rows = []
    for difference in found.differences:
        p_value = difference.test.p_value if isinstance(difference.test, MeanTest) else None
        decisive = difference.p_holm if difference.p_holm is not None else p_value
        rows.append(
            (
                difference.first,
                difference.second,
                notes.cell(difference.estimate, "points" if name == "fool_rate" else "plain"),
                p_value_text(p_value),
                p_value_text(difference.p_holm),
                difference_text(
                    difference.estimate,
                    decisive,
                    f"{difference.first} {more}",
                    f"{difference.second} {more}",
                ),
            )
        )
    overall = found.global_test
    together = (
        overall.reason
        if isinstance(overall, NotEstimable)
        else f"All {count_text(len(found.treatments), 'variant')} together: {overall.name} = "
        f"{overall.statistic:.2f}, {p_text(overall.p_value)}."
    )
    data = outputs.rows_of(
        "variant_differences", f"{name}_differences", title, lambda row: row[0] == name
    )
    return WordTable(title, DIFFERENCE_COLUMNS, tuple(rows), (*notes.texts(), together), data)
