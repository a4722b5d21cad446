"""Variants against guessing and against each other."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.study.analysis.performance import variant_cases
from reviewapp.study.analysis.rates import (
    AgainstChance,
    area_analysis,
    mean_against_chance,
    treatments,
)
from reviewapp.study.analysis.reading_table import ReadingTable
from reviewapp.study.statistics.estimate import NotEstimable
from reviewapp.study.statistics.mrmc import MrmcResult, analyse
from reviewapp.study.statistics.multiple_comparisons import holm
from reviewapp.study.statistics.obuchowski_rockette import Inference


@dataclass(frozen=True, slots=True)
class VariantAgainstChance:
    """A variant's area under the ROC curve; ``p_holm`` is adjusted for the number of variants."""

    variant: str
    against_chance: AgainstChance
    p_holm: float | None


@dataclass(frozen=True, slots=True)
class VariantComparison:
    """MRMC analyses with the variants as treatments.

    Their ``differences`` are adjusted by Holm. The fool rates have no null value of interest: they
    depend on how readily a reader says *real*.
    """

    auc: MrmcResult | NotEstimable
    auc_against_chance: tuple[VariantAgainstChance, ...]
    fool_rate: MrmcResult | NotEstimable


def compare_variants(table: ReadingTable, margin: float) -> VariantComparison:
    """Compare all variants of a study."""
    variants = variant_cases(table)
    if not table.readers or not variants:
        missing = NotEstimable("No generated images have been rated.")
        return VariantComparison(missing, (), missing)
    area = area_analysis(table, variants)
    return VariantComparison(area, _against_chance(area, margin), _fool_rates(table, variants))


def _against_chance(
    area: MrmcResult | NotEstimable, margin: float
) -> tuple[VariantAgainstChance, ...]:
    if isinstance(area, NotEstimable):
        return ()
    found = [(m.treatment, mean_against_chance(m, margin)) for m in area.means]
    tested = [p for _, a in found if not isinstance(p := a.p_value, NotEstimable)]
    adjusted = holm(tested) if len(tested) == len(found) else [None] * len(found)
    return tuple(
        VariantAgainstChance(name, against, p)
        for (name, against), p in zip(found, adjusted, strict=True)
    )


def _fool_rates(table: ReadingTable, variants: dict[str, list[bool]]) -> MrmcResult | NotEstimable:
    if (gaps := table.gaps()) is not None:
        return gaps
    readings = treatments(table, 1 - table.correct, variants, with_real=False)
    inference: Inference = "cases" if len(table.readers) == 1 else "readers and cases"
    return analyse(readings, figure="proportion", inference=inference)
