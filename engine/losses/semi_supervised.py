"""Semi-supervised GAN losses: D has H class logits, and "drawn" is class H + 1 with logit 0.

Salimans et al. 2016, "Improved techniques for training GANs", section 5: with Z = Σ exp(l_k) over
the H classes, D(x) = Z / (Z + 1). The cross-entropy of the (H + 1)-softmax is then the sum of a
supervised part, over H classes, and the original GAN's unsupervised part on the logit log Z.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional as F

#: features whose squares sum up to less count as this large
_SMALLEST_SQUARE = 1e-8


def log_z(class_logits: Tensor) -> Tensor:
    """The logit of D(x) = Z / (Z + 1), that is log Z: (…, H) to float32 (…)."""
    return class_logits.float().logsumexp(dim=-1)


def class_loss(class_logits: Tensor, labels: Tensor) -> Tensor:
    """−log p(y | x, y ≤ H) over the classes alone; a scalar, the mean over all N images.

    ``class_logits`` (N, H), or (N, scales, H); ``labels`` int64 (N,), where -1 is unknown and
    counts as a loss of 0.
    """
    return class_losses(class_logits, labels).mean()


def class_losses(class_logits: Tensor, labels: Tensor) -> Tensor:
    """The same of each image, float32 (N, scales)."""
    logits = class_logits.float().reshape(len(labels), -1, class_logits.shape[-1])
    each: Tensor = F.cross_entropy(
        logits.transpose(1, 2),
        labels[:, None].expand(-1, logits.shape[1]),
        ignore_index=-1,
        reduction="none",
    )
    return each


def means_mismatch(real: list[Tensor], drawn: list[Tensor]) -> Tensor:
    """‖E f(x) − E f(G(z))‖² / ‖E f(x)‖² of features (N, F), section 3.1; the mean over the list.

    The denominator, without gradient, is not the paper's: it makes the weight of this loss beside
    others independent of the scale of D's features, which grows in training.
    """
    ratios = []
    for wanted, found in zip(real, drawn, strict=True):
        goal = wanted.detach().float().mean(dim=0)
        distance = (goal - found.float().mean(dim=0)).square().sum()
        ratios.append(distance / goal.square().sum().clamp_min(_SMALLEST_SQUARE))
    return torch.stack(ratios).mean()
