"""The relativistic average loss: real images look more real than drawn ones do on average.

Jolicoeur-Martineau 2018, "The relativistic discriminator: a key element missing from standard GAN",
section 4.2 (RaSGAN), as ESRGAN uses it (Wang et al. 2018, equations 1 and 2).
"""

from __future__ import annotations

from torch import Tensor
from torch.nn import functional as F


def average_loss(these: Tensor, those: Tensor) -> Tensor:
    """−log σ(C(a) − E C(b)) − log(1 − σ(C(b) − E C(a))), means over the batch; a scalar.

    Logits C(a) and C(b) (N, …) of one scale, computed in float32; expectations are over all of
    them. With a real and b drawn it is D's loss, with both exchanged G's; 2 ln 2 where D cannot
    tell.
    """
    these, those = these.float(), those.float()
    return F.softplus(those.mean() - these).mean() + below_average_losses(these, those).mean()


def below_average_losses(these: Tensor, those: Tensor) -> Tensor:
    """−log(1 − σ(C(b) − E C(a))) of each b, its second part, of the shape of C(b), in float32."""
    return F.softplus(those.float() - these.float().mean())
