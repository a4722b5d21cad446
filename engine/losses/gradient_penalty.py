"""Penalties on the critic's gradient with respect to images: WGAN-GP, R1, R2; and the drift term.

WGAN-GP: Gulrajani et al. 2017, "Improved training of Wasserstein GANs", equation 3. Drift: Karras
et al. 2017, "Progressive growing of GANs", appendix A.1. R1, R2: Mescheder et al. 2018, "Which
training methods for GANs do actually converge?", equations 9 and 10 (without their γ/2).

A critic gives scores (N,), or (N, K) where K scales judge each image: then each scale is penalised
on its own, and penalties are means over scales as over images. All is computed in float32, also
inside autocast: squares of small gradients vanish in half precision.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

#: images (N, C, S, S) to scores (N,) or (N, K)
Critic = Callable[[Tensor], Tensor]
#: added under the square root, whose slope at 0 is infinite
_EPSILON = 1e-12


def scores_and_squared_norms(critic: Critic, images: Tensor) -> tuple[Tensor, Tensor]:
    """Scores D(x) of ``images`` and ‖∇ₓ D(x)‖² of each, both (N,) or (N, K), float32.

    Both can be differentiated by D's parameters, so that one forward pass serves a loss and its
    penalty. No gradient reaches what ``images`` came from.
    """
    with torch.enable_grad(), torch.autocast(images.device.type, enabled=False):
        images = images.detach().float().requires_grad_()
        scores = critic(images)
        each_scale = scores.reshape(len(images), -1).unbind(dim=1)
        norms = [
            torch.autograd.grad(scale.sum(), images, create_graph=True)[0]
            .square()
            .flatten(1)
            .sum(dim=1)
            for scale in each_scale
        ]
        return scores, torch.stack(norms, dim=1).reshape(scores.shape)


def zero_centred_penalty(critic: Critic, images: Tensor) -> Tensor:
    """E ‖∇ D(x)‖², a scalar: R1 on real images, R2 on drawn ones; the caller weighs it by γ/2."""
    return scores_and_squared_norms(critic, images)[1].mean()


def gradient_penalty(critic: Critic, real: Tensor, drawn: Tensor, mix: Tensor) -> Tensor:
    """E (‖∇ D(x̂)‖ − 1)² of WGAN-GP, a scalar; the caller weighs it by λ.

    x̂ = ε real + (1 − ε) drawn, where ``mix`` (N,) holds an ε in [0, 1) for each pair of images.
    """
    return gradient_penalties(critic, real, drawn, mix).mean()


def gradient_penalties(critic: Critic, real: Tensor, drawn: Tensor, mix: Tensor) -> Tensor:
    """(‖∇ D(x̂)‖ − 1)² of each pair, (N,) or (N, K) as the critic's scores."""
    share = mix.to(real.device).reshape(-1, 1, 1, 1)
    between = drawn.float() + share * (real.float() - drawn.float())
    norms = (scores_and_squared_norms(critic, between)[1] + _EPSILON).sqrt()
    return (norms - 1).square()


def drift(real_scores: Tensor) -> Tensor:
    """E D(x)², which keeps a critic's scores near 0; a scalar, the caller weighs it by ε_drift."""
    return real_scores.float().square().mean()
