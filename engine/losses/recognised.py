"""D's loss on images that specialists recognised as generated, and on the regions they marked.

Both take D's own loss of each such image, whatever the method's loss is, and add up to the loss of
the batch: an image of weight 1 counts as one drawn image does.
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F

_SMALLEST = 1e-6


def recognised_loss(each: Tensor, weights: Tensor, batch_size: int) -> Tensor:
    """Σ w ℓ(x) / ``batch_size``, a scalar: ℓ (M, …), by scale or patch too, and w (M,)."""
    return (weights * each.float().reshape(len(weights), -1).mean(dim=1)).sum() / batch_size


def region_loss(each: Tensor, regions: Tensor, weights: Tensor, batch_size: int) -> Tensor:
    """Σ w (Σ_p m_p ℓ_p / Σ_p m_p) / ``batch_size``: only patches p in a marked region count.

    ℓ (M, …, h, w) is a map of patches with one or two axes before it, or (M,) or (M, scales) of a D
    that judges wholes, which then judges the marked image as one. ``regions`` m (M, 1, S, S) in
    [0, 1] are averaged over the map's places; an image without a region counts nothing.
    """
    grid = each.shape[-2:] if each.dim() > 3 else (1, 1)
    maps = each.float().reshape(len(weights), -1, *grid).mean(dim=1)
    places = F.adaptive_avg_pool2d(regions, (grid[0], grid[1]))[:, 0]
    marked = (places * maps).sum(dim=(1, 2)) / places.sum(dim=(1, 2)).clamp_min(_SMALLEST)
    return (weights * marked).sum() / batch_size
