"""Cumulative logits: six steps of confidence from one number, for readers with habits of their own.

McCullagh 1980, "Regression models for ordinal data", equation 2.4 (proportional odds):
P(confidence ≤ k | x, r) = σ(θ_k + b_r − a_r s(x)). A reader's bias b_r and sharpness a_r are
drawn towards those of the others (normal priors), so that few ratings do not make a habit.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

STEPS = 6
#: the step from which on an image was taken for real
FIRST_REAL = 4
#: standard deviations of the priors of b_r and log a_r
_BIAS_SD, _SHARPNESS_SD = 1.0, 0.5
_SMALLEST = 1e-6


class OrdinalHead(nn.Module):
    """Thresholds θ_1 < … < θ_5 of all readers, bias and log sharpness of each."""

    def __init__(self, n_readers: int) -> None:
        super().__init__()
        self.first = nn.Parameter(torch.tensor(-2.0))
        self.gaps = nn.Parameter(torch.zeros(STEPS - 2))
        self.bias = nn.Parameter(torch.zeros(n_readers))
        self.log_sharpness = nn.Parameter(torch.zeros(n_readers))

    def thresholds(self) -> Tensor:
        """θ, float32 (5,), increasing."""
        return torch.cat([self.first[None], self.first + F.softplus(self.gaps).cumsum(dim=0)])

    def nll(self, scores: Tensor, confidences: Tensor, readers: Tensor) -> Tensor:
        """−log P of each rating (N,): scores (N,), confidences 1 … 6 and readers int64 (N,)."""
        theta = self.thresholds()[None] + self.bias[readers][:, None]
        below = torch.sigmoid(theta - (self.log_sharpness[readers].exp() * scores)[:, None])
        zeros = below.new_zeros(len(scores), 1)
        steps = torch.diff(torch.cat([zeros, below, zeros + 1], dim=1), dim=1)
        chosen = steps.gather(1, confidences[:, None] - 1)[:, 0]
        return -chosen.clamp_min(_SMALLEST).log()

    def prior(self) -> Tensor:
        """−log of the priors of all readers' habits, up to a constant; a scalar."""
        bias = (self.bias / _BIAS_SD).square().sum()
        sharpness = (self.log_sharpness / _SHARPNESS_SD).square().sum()
        total: Tensor = 0.5 * (bias + sharpness)
        return total

    def log_odds(self, scores: Tensor) -> Tensor:
        """Log-odds that a reader without habits takes an image for real, (N,)."""
        return scores - self.thresholds()[FIRST_REAL - 2]
