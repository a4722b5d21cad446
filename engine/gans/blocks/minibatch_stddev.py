"""Minibatch standard deviation: D sees how much the images of a group differ.

Karras et al. 2017, "Progressive growing of GANs", section 3: over each group the standard deviation
of every feature at every place, averaged to one number, which becomes one more feature map. A G
that draws all images alike is found out by it.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

#: images that are compared with each other, as in the published code
GROUP = 4
_EPSILON = 1e-8


class MinibatchStddev(nn.Module):
    """(N, C, H, W) to (N, C + 1, H, W).

    Groups are neighbouring rows, so that a batch divided at multiples of `GROUP` keeps them; what
    is left over makes a smaller group.
    """

    def forward(self, features: Tensor) -> Tensor:
        """Append each group's mean standard deviation, computed in float32."""
        n, _, height, width = features.shape
        whole = n - n % GROUP
        groups = [features[:whole].reshape(-1, GROUP, *features.shape[1:])] if whole else []
        if whole < n:
            groups.append(features[whole:][None])
        spreads = [_spread(group).repeat_interleave(group.shape[1]) for group in groups]
        plane = torch.cat(spreads).to(features.dtype).view(n, 1, 1, 1)
        return torch.cat([features, plane.expand(n, 1, height, width)], dim=1)


def _spread(groups: Tensor) -> Tensor:
    """Groups (M, G, C, H, W) to the mean standard deviation of each, (M,)."""
    variance = groups.float().var(dim=1, correction=0)
    return (variance + _EPSILON).sqrt().flatten(1).mean(dim=1)
