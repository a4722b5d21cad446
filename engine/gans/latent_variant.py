"""What variants share whose G draws images from a latent: sampling and its uncertainty."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

from torch import Tensor, nn

from engine.gans.batch import SampleRequest
from engine.gans.blocks.channel_dropout import ChannelDropout, dropping
from engine.gans.variant import SD_UNIT, BatchMap, Samples, Variant, grey_level_sd
from engine.training.config import FeedbackMethod
from engine.uncertainty import latent_sensitivity, mc_dropout

#: what `LatentVariant.passes` is unless a variant has an option for it
PASSES = 8
#: ways of feedback that any variant of this kind can use
LATENT_FEEDBACK: frozenset[FeedbackMethod] = frozenset({"critic", "reweighting", "class_labels"})


class LatentVariant(Variant):
    """A variant whose samples are G(z, class), which a reward can teach.

    Each sample gets an epistemic map by MC dropout where G has any dropout, else a map of how much
    each pixel moves under small changes of the latent.
    """

    accepts_feedback: ClassVar[frozenset[FeedbackMethod]] = LATENT_FEEDBACK
    feedback_refusals: ClassVar[Mapping[FeedbackMethod, str]] = {
        "region": "its discriminator judges an image as a whole, so that no part of it can count "
        "by itself"
    }

    @property
    @abstractmethod
    def latent_size(self) -> int:
        """Numbers in a latent."""

    @abstractmethod
    def generate(self, z: Tensor, labels: Tensor) -> Tensor:
        """Images (N, C, S, S) in [-1, 1] of latents (N, latent_size) and labels (N,) or -1.

        The result of a row must not depend on the other rows when networks are in evaluation.
        """

    @property
    def passes(self) -> int:
        """Passes, through other dropouts or nearby latents, that each map is made from."""
        return PASSES

    def generators(self) -> list[nn.Module]:
        """The networks that `generate` uses."""
        return [self.networks()[name] for name in self.sampling_networks()]

    def draw(self, request: SampleRequest) -> Samples:
        """One image a latent, each with its map where asked for."""
        z = request.draws("latent").normal(self.latent_size).to(self.device)
        labels = request.labels.to(self.device)
        images = self.generate(z, labels)
        return Samples(images, (self._map(z, labels, request),) if request.maps else ())

    def _map(self, z: Tensor, labels: Tensor, request: SampleRequest) -> BatchMap:
        passes = self.passes
        latents = z.repeat_interleave(passes, dim=0)
        if self._has_dropout():
            kind = mc_dropout.KIND
            with dropping(self.generators(), request.draws("dropout", passes)):
                drawn = self.generate(latents, labels.repeat_interleave(passes, dim=0))
        else:
            kind = latent_sensitivity.KIND
            noise = request.draws("nearby", passes).normal(self.latent_size).to(self.device)
            nearby = latent_sensitivity.nearby(latents, noise)
            drawn = self.generate(nearby, labels.repeat_interleave(passes, dim=0))
        variance = mc_dropout.variance_over_passes(mc_dropout.split_passes(drawn, passes))
        return BatchMap(grey_level_sd(variance), kind, SD_UNIT)

    def _has_dropout(self) -> bool:
        layers = (layer for network in self.generators() for layer in network.modules())
        return any(isinstance(layer, ChannelDropout) and layer.keep < 1 for layer in layers)
