"""How often an MRMC analysis finds what is not there: its level in simulated studies.

Run: ``python benchmarks/mrmc_level.py [--studies 1000]``.

Readers who guess (skill scattered around 0) rate two variants' own generated images and the real
images that both share on the 1–6 scale. Printed: the share of studies with p < 0.05 in the test
that both variants are alike, and in that of one variant's area against 0.5; both should be 5 %.
"""

from __future__ import annotations

import argparse

import numpy as np
from numpy.typing import NDArray

from reviewapp.study.statistics.mrmc import MeanTest, MrmcResult, analyse
from reviewapp.study.statistics.readings import Readings

SIZES = ((4, 15), (4, 30), (4, 60), (10, 30), (8, 100))


def guessing_study(rng: np.random.Generator, n_readers: int, n_each: int) -> Readings:
    """``n_each`` real images and as many generated ones of each of two variants."""

    def scores(skill: NDArray[np.float64] | float = 0.0) -> NDArray[np.float64]:
        latent = rng.normal(0, 0.7, n_each) + rng.normal(0, 0.7, (n_readers, n_each)) + skill
        return np.clip(np.round(3.5 + 1.5 * latent), 1, 6)

    skill = rng.normal(0, 0.1, (n_readers, 1))
    real, real_scores = tuple(f"r{i}" for i in range(n_each)), scores()
    return Readings(
        treatments=("a", "b"),
        readers=tuple(f"R{i}" for i in range(n_readers)),
        positive_cases=tuple(tuple(f"{v}{i}" for i in range(n_each)) for v in "ab"),
        negative_cases=(real, real),
        positives=(scores(skill), scores(skill)),
        negatives=(real_scores, real_scores),
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--studies", type=int, default=1000)
    arguments = parser.parse_args()
    rng = np.random.default_rng(1)
    print("readers  images of each kind  variants differ  a variant differs from 0.5")
    for n_readers, n_each in SIZES:
        unequal, not_chance = [], []
        for _ in range(arguments.studies):
            result = analyse(guessing_study(rng, n_readers, n_each))
            assert isinstance(result, MrmcResult)
            unequal += [
                d.test.p_value < 0.05 for d in result.differences if isinstance(d.test, MeanTest)
            ]
            not_chance += [
                m.test.p_value < 0.05 for m in result.means if isinstance(m.test, MeanTest)
            ]
        print(f"{n_readers:7}  {n_each:19}  {np.mean(unequal):15.1%}  {np.mean(not_chance):26.1%}")


if __name__ == "__main__":
    main()
