"""The top eigenvalue of a loss's Hessian, by power iteration on Hessian-vector products.

Pearlmutter 1994, "Fast exact multiplication by the Hessian": H v = ∂/∂θ (∇L · v), without ever
forming H. Power iteration as in Yao et al. 2020, "PyHessian: neural networks through the lens of
the Hessian", algorithm 2.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

HessianVectorProduct = Callable[[list[Tensor]], list[Tensor]]
#: change from one iteration to the next, as a share of the eigenvalue, that ends the iteration
_TOLERANCE = 0.01
_NO_SECOND_DERIVATIVE = "is not implemented"


@dataclass(frozen=True, slots=True)
class Curvature:
    """Of a loss at its parameters: ‖∇L‖, and the eigenvalue of ∇²L that is largest in size.

    The eigenvalue is NaN where a layer has no second derivative.
    """

    gradient_norm: float
    eigenvalue: float


def curvature(
    loss: Tensor, parameters: Sequence[Tensor], rng: torch.Generator, iterations: int
) -> Curvature:
    """Gradient norm and top eigenvalue of the scalar ``loss``, whose graph is used up.

    ``rng``, a CPU generator, draws the first vector. Parameters that the loss does not depend on
    count as 0. No ``.grad`` is touched.
    """
    found = torch.autograd.grad(loss, parameters, create_graph=True, allow_unused=True)
    used = [(p, g) for p, g in zip(parameters, found, strict=True) if g is not None]
    norm = _norm([gradient.detach() for _, gradient in used])
    # A gradient that does not depend on the parameters at all has a Hessian of 0.
    curved = [(p, g) for p, g in used if g.requires_grad]
    if not curved:
        return Curvature(norm, 0.0)
    inputs = [parameter for parameter, _ in curved]
    gradients = [gradient for _, gradient in curved]

    def product(vector: list[Tensor]) -> list[Tensor]:
        products = torch.autograd.grad(
            gradients, inputs, grad_outputs=vector, retain_graph=True, allow_unused=True
        )
        return [
            torch.zeros_like(parameter) if part is None else part.detach()
            for parameter, part in zip(inputs, products, strict=True)
        ]

    try:
        return Curvature(norm, top_eigenvalue(product, inputs, rng, iterations))
    except RuntimeError as error:
        if _NO_SECOND_DERIVATIVE not in str(error):
            raise
        return Curvature(norm, math.nan)


def top_eigenvalue(
    product: HessianVectorProduct, like: Sequence[Tensor], rng: torch.Generator, iterations: int
) -> float:
    """The eigenvalue of largest size of a symmetric operator, with its sign.

    ``product`` applies the operator to tensors shaped like ``like``. The value is the Rayleigh
    quotient of the last iterate: from random starts it comes from below in size.
    """
    vector = [torch.randn(tensor.shape, generator=rng).to(tensor) for tensor in like]
    value = 0.0
    for _ in range(iterations):
        size = _norm(vector)
        if size == 0 or not math.isfinite(size):
            return size
        vector = [part / size for part in vector]
        multiplied = product(vector)
        before = value
        value = float(sum((a * b).sum() for a, b in zip(vector, multiplied, strict=True)))
        vector = multiplied
        if abs(value - before) <= _TOLERANCE * abs(value):
            break
    return value


def _norm(tensors: Sequence[Tensor]) -> float:
    return math.sqrt(float(sum(tensor.double().square().sum() for tensor in tensors)))
