"""What variants share that answer an image by a better one: degraded inputs, `restore`."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping
from typing import ClassVar

import torch
from torch import Tensor

from engine.data.degradation import degraded
from engine.gans.batch import Batch, SampleRequest
from engine.gans.variant import Samples, Variant
from engine.training.config import FeedbackMethod


class RestoringVariant(Variant):
    """An image-to-image variant: it learns to undo a degradation, and maps how surely it does.

    So it can map the uncertainty of any image, real or generated, and refine it.
    """

    needs_inputs: ClassVar[bool] = True
    accepts_feedback: ClassVar[frozenset[FeedbackMethod]] = frozenset({"reweighting", "region"})
    feedback_refusals: ClassVar[Mapping[FeedbackMethod, str]] = {
        "critic": "it restores what it is given; rewarded for looking real, it would learn to "
        "invent what the image does not show",
        "class_labels": "it restores images of every class alike",
    }

    @abstractmethod
    def answer(self, images: Tensor, request: SampleRequest) -> Samples:
        """The networks' answers to ``images`` (N, C, S, S), with maps where asked for.

        The result of a row must not depend on the other rows.
        """

    def degraded_inputs(self, part: Batch) -> Tensor:
        """What a training step restores: the part's images made worse, the same at each call."""
        return degraded(part.images, part.draws("degradation").generators())

    def draw(self, request: SampleRequest) -> Samples:
        """Degrade the request's inputs, as in training, and restore them; see `restore`."""
        return self._restored(request, degrade=True)

    def restore(
        self, images: Tensor, seed: int, *, first: int = 0, degrade: bool = True, maps: bool = True
    ) -> Samples:
        """The answer to ``images`` (N, C, S, S), with its maps unless ``maps`` is False.

        With ``degrade`` the images are made worse first, as in training: the maps then say how
        surely the network could have told each pixel from the rest. Without it they are refined as
        they stand.
        """
        request = SampleRequest(seed, first, torch.full((len(images),), -1), images, maps)
        return self.drawn_in_chunks(request, lambda part: self._restored(part, degrade=degrade))

    def _restored(self, request: SampleRequest, *, degrade: bool) -> Samples:
        assert request.inputs is not None
        images = request.inputs.to(self.device)
        if degrade:
            images = degraded(images, request.draws("degradation").generators())
        return self.answer(images, request)
