"""Distances and manifolds beside the libraries that others measure with."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from prdc import compute_prdc
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from engine.evaluation.frechet import frechet_distance
from engine.evaluation.kernel import kernel_distance, unbiased_mmd2
from engine.evaluation.prdc import prdc


class Given(nn.Module):
    """An extractor for torchmetrics whose images are the features."""

    num_features = 6

    def forward(self, images: Tensor) -> Tensor:
        return images.double()


def sets(seed: int, n: int = 120, m: int = 90) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    mixing = rng.normal(size=(6, 6))
    return rng.normal(size=(n, 6)) @ mixing, 1.2 * rng.normal(size=(m, 6)) @ mixing + 0.4


def updated(metric: nn.Module, real: np.ndarray, generated: np.ndarray) -> nn.Module:
    metric.update(torch.from_numpy(real), real=True)
    metric.update(torch.from_numpy(generated), real=False)
    return metric


@pytest.mark.parametrize("neighbours", [1, 3, 5])
@pytest.mark.parametrize("seed", [0, 1])
def test_precision_recall_density_coverage_are_those_of_prdc(seed: int, neighbours: int) -> None:
    real, generated = sets(seed)
    expected = compute_prdc(real, generated, nearest_k=neighbours)
    found = {m.name: m.value for m in prdc(real, generated, "e", neighbours=neighbours)}
    assert found == pytest.approx(expected, abs=1e-12)


def test_the_kernel_distance_is_that_of_torchmetrics() -> None:
    real, generated = sets(2, 90, 90)
    metric = KernelInceptionDistance(feature=Given(), subsets=1, subset_size=90)
    expected, _ = updated(metric, real, generated).compute()
    assert unbiased_mmd2(real, generated) == pytest.approx(float(expected), rel=1e-6)
    found = kernel_distance(real, generated, "e", subsets=1, subset_size=90)
    assert found.value == pytest.approx(float(expected), rel=1e-6)


def test_the_spread_over_subsets_is_that_of_torchmetrics_up_to_their_choice() -> None:
    real, generated = sets(3, 400, 400)
    torch.manual_seed(0)
    metric = KernelInceptionDistance(feature=Given(), subsets=200, subset_size=60)
    mean, spread = (float(x) for x in updated(metric, real, generated).compute())
    found = kernel_distance(real, generated, "e", subsets=200, subset_size=60)
    assert found.high is not None
    assert found.value == pytest.approx(mean, abs=4 * spread / np.sqrt(200) * np.sqrt(2))
    assert found.high - found.value == pytest.approx(spread, rel=0.3)


def test_the_frechet_distance_is_that_of_torchmetrics() -> None:
    real, generated = sets(4)
    metric = FrechetInceptionDistance(feature=Given()).set_dtype(torch.float64)
    expected = float(updated(metric, real, generated).compute())
    assert frechet_distance(real, generated, "e").value == pytest.approx(expected, rel=1e-6)
