"""The top eigenvalue against matrices whose eigenvalues are known, and against autograd's."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from engine.degradation.hessian import curvature, top_eigenvalue


def rng() -> torch.Generator:
    return torch.Generator().manual_seed(3)


def quadratic(matrix: Tensor, parameters: list[Tensor]) -> Tensor:
    point = torch.cat([each.flatten() for each in parameters])
    return 0.5 * point @ matrix @ point


@pytest.mark.parametrize("top", [9.0, -9.0])
def test_a_quadratic_has_the_top_eigenvalue_of_its_matrix_with_its_sign(top: float) -> None:
    basis, _ = torch.linalg.qr(torch.randn(8, 8, generator=rng(), dtype=torch.float64))
    spectrum = torch.tensor([top, 4, 3, 2, 1, 0.5, -1, -2], dtype=torch.float64)
    matrix = basis @ torch.diag(spectrum) @ basis.T
    parameters = [torch.ones(2, 3).double().requires_grad_(), torch.ones(2).double()]
    parameters[1].requires_grad_()
    found = curvature(quadratic(matrix, parameters), parameters, rng(), 100)
    assert found.eigenvalue == pytest.approx(top, rel=0.02)
    gradient = matrix @ torch.ones(8).double()
    assert found.gradient_norm == pytest.approx(float(gradient.norm()))
    assert all(parameter.grad is None for parameter in parameters)


def test_a_network_has_the_eigenvalue_of_its_whole_hessian() -> None:
    torch.manual_seed(0)
    network = nn.Sequential(nn.Linear(3, 4), nn.Tanh(), nn.Linear(4, 1)).double()
    images = torch.randn(16, 3, dtype=torch.float64, generator=rng())

    def loss(*values: Tensor) -> Tensor:
        names = [name for name, _ in network.named_parameters()]
        out = torch.func.functional_call(network, dict(zip(names, values, strict=True)), images)
        return nn.functional.softplus(-out).mean() + out.square().mean()

    parameters = list(network.parameters())
    blocks = torch.autograd.functional.hessian(loss, tuple(parameters))
    sizes = [parameter.numel() for parameter in parameters]
    whole = np.block(
        [
            [blocks[i][j].reshape(a, b).numpy() for j, b in enumerate(sizes)]
            for i, a in enumerate(sizes)
        ]
    )
    values = np.linalg.eigvalsh(whole)
    expected = values[np.abs(values).argmax()]
    found = curvature(loss(*parameters), parameters, rng(), 200)
    assert found.eigenvalue == pytest.approx(expected, rel=0.02)


def test_what_the_loss_does_not_depend_on_or_only_linearly_is_flat() -> None:
    used, unused = torch.ones(3, requires_grad=True), torch.ones(2, requires_grad=True)
    found = curvature((2 * used).sum(), [used, unused], rng(), 10)
    assert found.eigenvalue == 0
    assert found.gradient_norm == pytest.approx(2 * math.sqrt(3))


def test_an_operator_of_zeros_has_the_eigenvalue_0() -> None:
    assert top_eigenvalue(lambda v: [0 * part for part in v], [torch.ones(4)], rng(), 10) == 0


def test_a_layer_without_second_derivative_leaves_the_eigenvalue_out() -> None:
    points = torch.randn(3, 2, generator=rng()).requires_grad_()
    loss = torch.cdist(points, torch.zeros(2, 2), p=3).square().sum()
    found = curvature(loss, [points], rng(), 5)
    assert math.isnan(found.eigenvalue)
    assert found.gradient_norm > 0
