"""Hamiltonian Monte Carlo (Neal 2011) on a posterior that is annealed between prior and full."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

#: latents (rows, d) to log-likelihoods float64 (rows,) and their gradient (rows, d)
LogLikelihood = Callable[[Tensor], tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Position:
    """Where the chains stand: latents (rows, d), their log-likelihood and its gradient."""

    z: Tensor
    log_likelihood: Tensor
    gradient: Tensor

    @classmethod
    def at(cls, z: Tensor, likelihood: LogLikelihood) -> Position:
        """The position of latents."""
        return cls(z, *likelihood(z))

    def log_density(self, beta: float) -> Tensor:
        """Log N(z; 0, I) + β log p(x | z) without the constant, float64 (rows,)."""
        return beta * self.log_likelihood - 0.5 * self.z.double().square().sum(dim=1)

    def slope(self, beta: float) -> Tensor:
        """The gradient of `log_density`."""
        return beta * self.gradient - self.z


@dataclass(frozen=True, slots=True)
class Move:
    """The chains after one transition; ``probability`` of acceptance and ``accepted``, (rows,)."""

    position: Position
    probability: Tensor
    accepted: Tensor


def transition(
    start: Position,
    likelihood: LogLikelihood,
    *,
    beta: float,
    step_size: Tensor,
    leapfrog_steps: int,
    momentum: Tensor,
    uniform: Tensor,
) -> Move:
    """One transition that leaves N(z; 0, I) p(x | z)^β invariant.

    ``step_size`` (rows,) > 0; ``momentum`` (rows, d) standard normal and ``uniform`` (rows,) in
    [0, 1) are fresh random numbers. A path that ends at no number is not accepted.
    """
    step = step_size[:, None].to(start.z.dtype)
    z, here = start.z, start
    velocity = momentum + step / 2 * start.slope(beta)
    for number in range(leapfrog_steps):
        z = z + step * velocity
        here = Position.at(z, likelihood)
        last = number == leapfrog_steps - 1
        velocity = velocity + (step / 2 if last else step) * here.slope(beta)
    gain = (here.log_density(beta) - _kinetic(velocity)) - (
        start.log_density(beta) - _kinetic(momentum)
    )
    probability = torch.nan_to_num(gain.clamp(max=0).exp(), nan=0.0)
    accepted = uniform < probability
    chosen = accepted[:, None]
    position = Position(
        torch.where(chosen, here.z, start.z),
        torch.where(accepted, here.log_likelihood, start.log_likelihood),
        torch.where(chosen, here.gradient, start.gradient),
    )
    return Move(position, probability, accepted)


def _kinetic(velocity: Tensor) -> Tensor:
    return 0.5 * velocity.double().square().sum(dim=1)
