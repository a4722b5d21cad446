"""How fast the covariances of an MRMC analysis are found: vectorised jackknife beside a plain loop.

Run: ``python benchmarks/mrmc_jackknife.py [--readers 20] [--cases 2000] [--variants 1]``.

Vectorised: ``reader_figures`` of ``reviewapp.study.statistics.reader_covariance``. Plain loop:
every reader's area once for every case left out, by ranks (Mann–Whitney), then the same sum of
squares and products. Half of the cases are generated images of each variant's own, half are real.
Both see the same ratings; their covariances are compared. The whole analysis (means, differences,
tests) is timed too. One process; numpy's linear algebra is given one thread.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy is imported

import argparse
import statistics
import time
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata

from reviewapp.study.statistics.mrmc import analyse
from reviewapp.study.statistics.reader_covariance import ReaderFigures, reader_figures
from reviewapp.study.statistics.readings import Readings


def ratings(n_readers: int, n_cases: int, n_variants: int) -> Readings:
    """Confidences 1–6 of readers who see a little of the difference."""
    rng = np.random.default_rng(0)
    half = n_cases // 2

    def scores(shift: float) -> NDArray[np.float64]:
        latent = rng.normal(shift, 0.7, half) + rng.normal(0, 0.7, (n_readers, half))
        return np.clip(np.round(3.5 + 1.5 * latent), 1, 6)

    real, real_scores = tuple(f"r{i}" for i in range(half)), scores(0.0)
    variants = tuple(f"v{i}" for i in range(n_variants))
    return Readings(
        treatments=variants,
        readers=tuple(f"R{i}" for i in range(n_readers)),
        positive_cases=tuple(tuple(f"{v}-{i}" for i in range(half)) for v in variants),
        negative_cases=(real,) * n_variants,
        positives=tuple(scores(0.3) for _ in variants),
        negatives=(real_scores,) * n_variants,
    )


def area(positives: NDArray[np.float64], negatives: NDArray[np.float64]) -> float:
    m, n = len(positives), len(negatives)
    ranks = rankdata(np.concatenate([positives, negatives]))
    return float((ranks[:m].sum() - m * (m + 1) / 2) / (m * n))


def plain_jackknife(readings: Readings) -> NDArray[np.float64]:
    """Covariances (treatments · readers, twice), one area a reader and case left out."""
    n_positive = [p.shape[1] for p in readings.positives]
    n_real = readings.negatives[0].shape[1]
    residuals = []
    for t, (positives, negatives) in enumerate(
        zip(readings.positives, readings.negatives, strict=True)
    ):
        for x, y in zip(positives, negatives, strict=True):
            left_out = [area(np.delete(x, i), y) for i in range(len(x))]
            left_out += [area(x, np.delete(y, i)) for i in range(len(y))]
            k = len(left_out)
            row = np.zeros(sum(n_positive) + n_real)
            centred = (np.array(left_out) - np.mean(left_out)) * ((k - 1) / k) ** 0.5
            start = sum(n_positive[:t])
            row[start : start + len(x)] = centred[: len(x)]
            row[-n_real:] = centred[len(x) :]
            residuals.append(row)
    return np.array(residuals) @ np.array(residuals).T


def seconds(work: Callable[[], object], repeats: int = 1) -> float:
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=20)
    parser.add_argument("--cases", type=int, default=2000)
    parser.add_argument("--variants", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=9, help="of the vectorised way")
    arguments = parser.parse_args()
    readings = ratings(arguments.readers, arguments.cases, arguments.variants)
    figures = reader_figures(readings, "auc", "jackknife")
    assert isinstance(figures, ReaderFigures)
    fast = seconds(lambda: reader_figures(readings, "auc", "jackknife"), arguments.repeats)
    whole = seconds(lambda: analyse(readings), arguments.repeats)
    found: list[NDArray[np.float64]] = []
    slow = seconds(lambda: found.append(plain_jackknife(readings)))
    n = arguments.variants * arguments.readers
    difference = np.abs(figures.covariance.reshape(n, n) - found[0]).max() / found[0].max()
    print(f"{arguments.variants} variant(s), {arguments.readers} readers, {arguments.cases} cases:")
    print(f"  plain loop                      {1000 * slow:10.1f} ms")
    print(f"  vectorised jackknife            {1000 * fast:10.1f} ms")
    print(f"  ratio                           {slow / fast:10.0f}")
    print(f"  whole analysis, vectorised      {1000 * whole:10.1f} ms")
    print(f"  largest relative difference of the covariances {difference:.1e}")


if __name__ == "__main__":
    main()
