"""A preset's numbers of images, no larger than the library; no widgets."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.rating.study_form import LibraryCounts
from reviewapp.study.protocol import Protocol

#: of a small library at most this part is used up by practice
_PRACTICE_PART = 4


@dataclass(frozen=True, slots=True)
class FittedCounts:
    """What the set-up page proposes; ``reduced`` where the preset asks for more."""

    n_real: int
    n_generated: int
    training_trials: int
    reduced: bool


def fitted_counts(
    preset: Protocol, library: LibraryCounts, datasets: tuple[str, ...], runs: tuple[str, ...]
) -> FittedCounts:
    """The preset's counts where the library has the images, else the most it has.

    Images are shared evenly among the data sets, so that the smallest one decides. Real and
    generated images keep the preset's ratio.
    """
    asked = FittedCounts(preset.n_real, preset.n_generated, preset.training_trials, reduced=False)
    if not datasets or not runs:
        return asked
    real = len(datasets) * min(library.real.get(name, 0) for name in datasets)
    generated = len(datasets) * min(library.n_generated((name,), runs) for name in datasets)
    each = 1 if preset.is_paired else 2
    practice = min(asked.training_trials, each * (min(real, generated) // _PRACTICE_PART))
    of_real = practice if preset.is_paired else practice // 2
    of_generated = practice if preset.is_paired else practice - practice // 2
    part = min(
        1.0,
        (real - of_real) / max(1, asked.n_real),
        (generated - of_generated) / max(1, asked.n_generated),
    )
    if part == 1.0 and practice == asked.training_trials:
        return asked
    return FittedCounts(
        max(1, int(part * asked.n_real)), max(1, int(part * asked.n_generated)), practice, True
    )
