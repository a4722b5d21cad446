"""How long the metrics take beyond extraction; PRDC and Parzen beside their plain versions.

Run: ``python benchmarks/evaluation_metrics.py [--n 2000] [--size 64] [--rounds 3] [--dim 2048]``.

``--n`` phantom hearts of ``--size`` px, shifted at random, against as many smoothed ones, through
the data set's own encoder (252 numbers an image; trained for a moment only), or with ``--dim``
through a random projection to as many numbers as Inception-v3 gives. Timed are all metrics of the
evaluation protocol but AIS, on all cores.

The plain versions are what the definitions say, in NumPy: PRDC with the three matrices of all
distances, made image by image, and Parzen with a matrix of all exponents for each of the same
bandwidths on the same images. Both sides get one core, take turns, and must agree; ratios are of
medians over ``--rounds``. The ``prdc`` package is timed, too. Memory is the highest resident size
above that before, each in a process of its own.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import math
import os
import statistics
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from peak_resident import PeakResident
from threadpoolctl import threadpool_limits
from torch.nn import functional as F

from engine.data.acdc import import_acdc
from engine.data.cache import training_arrays
from engine.data.phantom import write_acdc_phantom
from engine.evaluation.diversity import diversity
from engine.evaluation.encoder import load_or_train_encoder
from engine.evaluation.features import FeatureExtractor
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.image_summary import ImageSummary, summarise
from engine.evaluation.kernel import kernel_distance
from engine.evaluation.memorisation import memorisation
from engine.evaluation.parzen import parzen
from engine.evaluation.prdc import NEIGHBOURS, prdc
from engine.evaluation.spectrum import spectrum_distance
from engine.progress import ignore_progress, never_cancelled
from engine.workspace import Workspace

Rows = NDArray[np.float64]
#: gives figures by name from real and generated features
Measure = Callable[[Rows, Rows], dict[str, float]]
PATIENTS = 6
ENCODER_STEPS = 20
TARGET_S, TARGET_PRDC, TARGET_PARZEN = 60, 3, 5


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--n", type=int, default=2000)
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--dim", type=int, help="random features of this length")
    arguments = parser.parse_args()
    print(f"load average before: {os.getloadavg()[0]:.1f}" if hasattr(os, "getloadavg") else "")
    with tempfile.TemporaryDirectory() as folder:
        began = time.perf_counter()
        real, generated, name = summaries(Path(folder), arguments.n, arguments.size, arguments.dim)
    print(
        f"{arguments.n} against {arguments.n} images of {arguments.size} px, {name}, "
        f"{real.features.shape[1]} features; made and extracted in "
        f"{time.perf_counter() - began:.0f} s"
    )
    total = everything(real, generated, name)
    print(f"all metrics beyond extraction: {total:.1f} s (target ≤ {TARGET_S})")
    rows = real.features.astype(np.float64), generated.features.astype(np.float64)
    beside("PRDC", {"plain": plain_prdc, "prdc package": package_prdc, "here": own_prdc}, rows,
           arguments.rounds, TARGET_PRDC)  # fmt: skip
    beside("Parzen", {"plain": plain_parzen, "here": own_parzen}, rows, arguments.rounds,
           TARGET_PARZEN)  # fmt: skip


class RandomProjection:
    """Pixels through a random matrix and a ReLU."""

    name = "random projection"
    device = torch.device("cpu")

    def __init__(self, size: int, dim: int) -> None:
        self.dim = dim
        rng = torch.Generator().manual_seed(0)
        self._matrix = torch.randn(size * size, dim, generator=rng) / size

    def features(self, images: torch.Tensor) -> torch.Tensor:
        return F.relu(images.flatten(1) @ self._matrix)


def summaries(
    folder: Path, n: int, size: int, dim: int | None
) -> tuple[ImageSummary, ImageSummary, str]:
    """Of ``n`` phantom hearts and of ``n`` smoothed ones, and the extractor's name."""
    write_acdc_phantom(folder / "acdc", patients=PATIENTS, seed=1)
    workspace = Workspace.create(folder / "workspace")
    import_acdc(folder / "acdc", workspace)
    data = training_arrays(workspace, "acdc", size)
    rng = np.random.default_rng(0)
    chosen = rng.integers(len(data), size=2 * n)
    shifts = rng.integers(-size // 8, size // 8 + 1, size=(2 * n, 2))

    def shown(rows: range) -> torch.Tensor:
        images = data.batch(chosen[rows.start : rows.stop])
        own = shifts[rows.start : rows.stop]
        moved = [np.roll(image, shift, (1, 2)) for image, shift in zip(images, own, strict=True)]
        return torch.from_numpy(np.stack(moved))

    def smoothed(rows: slice) -> torch.Tensor:
        return F.avg_pool2d(shown(range(n + rows.start, n + rows.stop)), 3, 1, 1)

    extractor: FeatureExtractor
    if dim:
        extractor = RandomProjection(size, dim)
    else:
        extractor = load_or_train_encoder(workspace, "acdc", size, steps=ENCODER_STEPS)
    rest = (n, "", ignore_progress, never_cancelled)
    real = summarise(extractor, lambda rows: shown(range(rows.start, rows.stop)), *rest)
    return real, summarise(extractor, smoothed, *rest), extractor.name


def everything(real: ImageSummary, generated: ImageSummary, name: str) -> float:
    """Seconds of all metrics together; those of each are printed."""
    pair = real.features, generated.features
    groups: dict[str, Callable[[], object]] = {
        "Fréchet": lambda: frechet_distance(*pair, name),
        "kernel": lambda: kernel_distance(*pair, name),
        "PRDC": lambda: prdc(*pair, name),
        "diversity": lambda: diversity(*pair, name),
        "spectrum": lambda: spectrum_distance(real.spectrum, generated.spectrum),
        "Parzen": lambda: parzen(*pair, name),
        "memorisation": lambda: memorisation(*pair, name),
        "memorisation in pixels": lambda: memorisation(real.pixels, generated.pixels, "pixels"),
    }
    total = 0.0
    for group, compute in groups.items():
        began = time.perf_counter()
        compute()
        seconds = time.perf_counter() - began
        total += seconds
        print(f"  {group}: {seconds:.2f} s")
    return total


def beside(
    title: str, measures: dict[str, Measure], rows: tuple[Rows, Rows], rounds: int, target: float
) -> None:
    """Time the measures in turn, one core each, and print how much faster the last is."""
    figures: dict[str, dict[str, float]] = {}
    seconds: dict[str, list[float]] = {name: [] for name in measures}
    peaks: dict[str, float] = {}
    context = get_context("spawn")
    for _ in range(rounds):
        for name, measure in measures.items():
            with ProcessPoolExecutor(1, context) as alone:
                figures[name], spent, peaks[name] = alone.submit(measured, measure, rows).result()
            seconds[name].append(spent)
    last = list(measures)[-1]
    for name in measures:
        np.testing.assert_allclose(
            list(figures[name].values()), list(figures[last].values()), rtol=1e-6
        )
        ratio = statistics.median(seconds[name]) / statistics.median(seconds[last])
        print(
            f"{title}, {name}: {statistics.median(seconds[name]):.2f} s, peak memory "
            f"{peaks[name]:.0f} MiB, {ratio:.1f} x"
            + (f" (target ≥ {target})" if name == "plain" else "")
        )


def measured(measure: Measure, rows: tuple[Rows, Rows]) -> tuple[dict[str, float], float, float]:
    """Figures, seconds and MiB of one measure in this process."""
    with threadpool_limits(1):
        measure(rows[0][:50], rows[1][:50])  # what is imported on first use is not counted
        peak = PeakResident()
        peak.start()
        began = time.perf_counter()
        figures = measure(*rows)
        seconds = time.perf_counter() - began
        return figures, seconds, peak.stop()


def plain_distances(first: Rows, second: Rows) -> Rows:
    """All Euclidean distances, row by row."""
    return np.stack([np.sqrt(((row - second) ** 2).sum(axis=1)) for row in first])


def plain_prdc(real: Rows, generated: Rows) -> dict[str, float]:
    """Naeem et al. 2020, equations 1 to 6."""
    k = NEIGHBOURS
    real_radii = np.sort(plain_distances(real, real), axis=1)[:, k]
    generated_radii = np.sort(plain_distances(generated, generated), axis=1)[:, k]
    across = plain_distances(real, generated)
    inside = across < real_radii[:, None]
    return {
        "precision": float(inside.any(axis=0).mean()),
        "recall": float((across < generated_radii[None]).any(axis=1).mean()),
        "density": float(inside.sum(axis=0).mean() / k),
        "coverage": float((across.min(axis=1) < real_radii).mean()),
    }


def package_prdc(real: Rows, generated: Rows) -> dict[str, float]:
    from prdc import compute_prdc

    with contextlib.redirect_stdout(io.StringIO()):  # it prints the numbers of images
        found = compute_prdc(real, generated, NEIGHBOURS)
    return {name: float(found[name]) for name in ("precision", "recall", "density", "coverage")}


def own_prdc(real: Rows, generated: Rows) -> dict[str, float]:
    return {metric.name: metric.value for metric in prdc(real, generated, "")}


def plain_log_density(points: Rows, samples: Rows, sigma: float) -> Rows:
    """Log of the mean of Gaussians around the samples, all exponents at once."""
    exponents = np.stack(
        [-0.5 * (((point - samples) / sigma) ** 2).sum(axis=1) for point in points]
    )
    most = exponents.max(axis=1)
    logs = most + np.log(np.exp(exponents - most[:, None]).mean(axis=1))
    return cast("Rows", logs - samples.shape[1] * math.log(sigma * math.sqrt(2 * math.pi)))


def plain_parzen(real: Rows, generated: Rows) -> dict[str, float]:
    """The likeliest of the bandwidths on one half of the real images, the other half scored."""
    order = np.random.default_rng(0).permutation(len(real))
    half = len(real) // 2
    few = generated[:: -(-len(generated) // 200)]
    distances = plain_distances(few, few)[np.triu_indices(len(few), 1)]
    typical = math.sqrt(float(np.median(distances[distances > 0] ** 2)) / generated.shape[1])
    candidates = typical * np.logspace(-1.5, 1.0, 11)
    likeliest = max(
        candidates,
        key=lambda sigma: plain_log_density(real[order[:half]], generated, float(sigma)).sum(),
    )
    scored = plain_log_density(real[order[half:]], generated, float(likeliest))
    return {"parzen": float(scored.mean())}


def own_parzen(real: Rows, generated: Rows) -> dict[str, float]:
    return {"parzen": parzen(real, generated, "").value}


if __name__ == "__main__":
    main()
