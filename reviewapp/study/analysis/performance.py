"""How well real and generated were told apart in a table of readings, as a whole or in part."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from reviewapp.study.analysis.rates import (
    AgainstChance,
    area_against_chance,
    share,
    share_against_chance,
)
from reviewapp.study.analysis.reading_table import Case, ReadingTable
from reviewapp.study.model import Reader
from reviewapp.study.statistics import signal_detection
from reviewapp.study.statistics.estimate import NotEstimable, Result
from reviewapp.study.statistics.reader_detection import mean_detection, mean_forced_choice
from reviewapp.study.statistics.signal_detection import DecisionCounts

GroupKind = Literal[
    "reader", "variant", "checkpoint", "dataset", "class", "role", "specialty", "experience"
]

_PAIRS = NotEstimable("Two images were shown side by side; the share of right choices says it all.")
_NO_OWN_REAL = NotEstimable(
    "Real images belong to no variant; the fool rate and the area under the curve compare variants."
)
#: lower ends of the bands of experience, in years
_BANDS = (0, 5, 10, 20)


@dataclass(frozen=True, slots=True)
class Performance:
    """How well generated images (the positive class) were told from real ones.

    ``counts`` are pooled over readers; of pairs they tell on which side the generated image was and
    which side was chosen (*generated* is left). With several readers the rates are means over
    readers with intervals over readers and images.
    """

    counts: DecisionCounts
    accuracy: AgainstChance
    sensitivity: Result
    specificity: Result
    fool_rate: Result
    d_prime: Result
    criterion: Result
    auc: AgainstChance


@dataclass(frozen=True, slots=True)
class GroupPerformance:
    """The performance on a part of the images, or of a part of the readers.

    A variant's or checkpoint's rates speak of its generated images; its d′ and area compare these
    with all real images.
    """

    kind: GroupKind
    name: str
    n_readers: int
    n_images: int
    n_ratings: int
    performance: Performance


def performance(table: ReadingTable, margin: float) -> Performance:
    """All figures of a table; one that cannot be estimated says why."""
    generated = table.generated
    of_generated, of_real = table.of_cases(generated), table.of_cases(~generated)
    accuracy = share_against_chance(table, table.correct, "images", margin)
    fool_rate = share(of_generated, 1 - of_generated.correct, "generated images")
    if table.paired:
        pairs = AgainstChance(_PAIRS, _PAIRS, _PAIRS)
        return Performance(
            decision_counts(table), accuracy, _PAIRS, _PAIRS, fool_rate, _forced_choice(table),
            _PAIRS, pairs,
        )  # fmt: skip
    d_prime, criterion = _detection(table)
    return Performance(
        counts=decision_counts(table),
        accuracy=accuracy,
        sensitivity=share(of_generated, of_generated.correct, "generated images"),
        specificity=share(of_real, of_real.correct, "real images"),
        fool_rate=fool_rate,
        d_prime=d_prime,
        criterion=criterion,
        auc=area_against_chance(table, margin),
    )


def decision_counts(table: ReadingTable) -> DecisionCounts:
    """The pooled decisions; ratings that are missing do not count."""
    import numpy as np

    positive = table.left if table.paired else np.where(table.generated, 1.0, 0.0)
    positive = np.broadcast_to(positive, table.correct.shape)

    def count(is_positive: float, is_correct: float) -> int:
        return int(((positive == is_positive) & (table.correct == is_correct)).sum())

    return DecisionCounts(count(1, 1), count(1, 0), count(0, 0), count(0, 1))


def reader_groups(table: ReadingTable, margin: float) -> tuple[GroupPerformance, ...]:
    """Each reader alone."""
    return tuple(
        _group("reader", reader.reader_id, table.of_readers([r is reader for r in table.readers]),
               margin)
        for reader in table.readers
    )  # fmt: skip


def case_groups(table: ReadingTable, margin: float) -> tuple[GroupPerformance, ...]:
    """By variant, checkpoint, data set and class."""
    n_datasets = len({case.truth.dataset for case in table.cases})

    def class_name(case: Case) -> str:
        label = case.truth.class_label or "no class"
        return f"{case.truth.dataset}, {label}" if n_datasets > 1 else label

    groups = [
        *_variant_groups(table, margin, "variant", lambda case: case.truth.variant),
        *_variant_groups(table, margin, "checkpoint", checkpoint_name),
    ]
    parts: tuple[tuple[GroupKind, Callable[[Case], str]], ...] = (
        ("dataset", lambda case: case.truth.dataset),
        ("class", class_name),
    )
    for kind, name_of in parts:
        if kind == "class" and not any(case.truth.class_label for case in table.cases):
            continue
        names = [name_of(case) for case in table.cases]
        groups += [
            _group(kind, name, table.of_cases([n == name for n in names]), margin)
            for name in sorted(set(names))
        ]
    return tuple(groups)


def reader_kind_groups(table: ReadingTable, margin: float) -> tuple[GroupPerformance, ...]:
    """By the readers' role, specialty and experience; by role only where one was told."""
    kinds: tuple[tuple[GroupKind, Callable[[Reader], str]], ...] = (
        ("role", lambda reader: reader.role or "not stated"),
        ("specialty", lambda reader: reader.specialty or "not stated"),
        ("experience", lambda reader: experience_band(reader.experience_years)),
    )
    order = [experience_band(float(years)) for years in _BANDS]
    groups = []
    for kind, name_of in kinds:
        if kind == "role" and not any(reader.role for reader in table.readers):
            continue
        names = [name_of(reader) for reader in table.readers]
        ranks = {name: (order.index(name) if name in order else len(order)) for name in names}
        groups += [
            _group(kind, name, table.of_readers([n == name for n in names]), margin)
            for name in sorted(set(names), key=lambda name: (ranks[name], name))
        ]
    return tuple(groups)


def experience_band(years: float | None) -> str:
    """The band of experience that ``years`` fall into."""
    if years is None:
        return "not stated"
    for lower, upper in pairwise(_BANDS):
        if years < upper:
            return f"{lower} to under {upper} years" if lower else f"under {upper} years"
    return f"{_BANDS[-1]} years or more"


def checkpoint_name(case: Case) -> str:
    """The run and training step that drew a generated image; blank of a real one."""
    truth = case.truth
    if truth.source == "real":
        return ""
    step = "" if truth.checkpoint_step is None else f", step {truth.checkpoint_step}"
    return f"{truth.run_id or truth.variant or 'unknown run'}{step}"


def variant_cases(table: ReadingTable) -> dict[str, list[bool]]:
    """Which cases are of each variant, by name; nameless ones as 'unknown'."""
    return _cases_by(table, lambda case: case.truth.variant)


def _cases_by(table: ReadingTable, name_of: Callable[[Case], str]) -> dict[str, list[bool]]:
    names = [(name_of(case) or "unknown") if case.generated else "" for case in table.cases]
    return {name: [n == name for n in names] for name in sorted(set(names) - {""})}


def _variant_groups(
    table: ReadingTable, margin: float, kind: GroupKind, name_of: Callable[[Case], str]
) -> list[GroupPerformance]:
    groups = []
    generated = table.generated
    for name, chosen in _cases_by(table, name_of).items():
        own = table.of_cases(chosen)
        if table.paired:
            groups.append(_group(kind, name, own, margin))
            continue
        with_real = performance(table.of_cases(chosen | ~generated), margin)
        group = replace(
            with_real,
            counts=decision_counts(own),
            accuracy=AgainstChance(_NO_OWN_REAL, _NO_OWN_REAL, _NO_OWN_REAL),
            specificity=_NO_OWN_REAL,
            criterion=_NO_OWN_REAL,
        )
        groups.append(
            GroupPerformance(kind, name, len(own.readers), len(own.cases), own.n_ratings, group)
        )
    return groups


def _group(kind: GroupKind, name: str, table: ReadingTable, margin: float) -> GroupPerformance:
    return GroupPerformance(
        kind,
        name,
        len(table.readers),
        len(table.cases),
        table.n_ratings,
        performance(table, margin),
    )


def _detection(table: ReadingTable) -> tuple[Result, Result]:
    if len(table.readers) <= 1:
        counts = decision_counts(table)
        return signal_detection.d_prime(counts), signal_detection.criterion(counts)
    if (gaps := table.gaps()) is not None:
        return gaps, gaps
    called, generated = table.called_generated, table.generated
    return mean_detection(called[:, generated], called[:, ~generated])


def _forced_choice(table: ReadingTable) -> Result:
    import numpy as np

    if len(table.readers) <= 1:
        n = table.n_ratings
        return signal_detection.forced_choice_d_prime(int(np.nansum(table.correct)), n)
    return table.gaps() or mean_forced_choice(table.correct)
