"""What a critic's images are put through: moved, mirrored and re-lit, each in its own way."""

from __future__ import annotations

import torch

from engine.feedback.gentle_augmentation import gently_altered
from engine.training.draws import BatchDraws


def draws(n: int) -> BatchDraws:
    return BatchDraws(3, "augment", 0, n, n, "cpu")


def test_an_image_is_mirrored_both_ways_and_keeps_its_middle() -> None:
    # A bright spot off the middle: which quarter it ends in tells how it was mirrored.
    image = torch.full((1, 1, 32, 32), -1.0)
    image[..., 6:9, 6:9] = 1.0
    found = gently_altered(image.expand(64, -1, -1, -1), draws(64))
    quarters = set()
    for altered in found:
        row, column = divmod(int(altered[0].argmax()), 32)
        assert min(row, 31 - row) in range(2, 13)
        quarters.add((row > 15, column > 15))
    assert len(quarters) == 4


def test_light_changes_by_little_and_gradients_reach_every_image() -> None:
    images = torch.zeros(16, 3, 32, 32, requires_grad=True)
    found = gently_altered(images, draws(16))
    assert found.shape == images.shape
    assert 0.02 < float(found.detach().abs().max()) <= 0.1
    torch.autograd.backward(found.square().sum() + found.sum())
    assert images.grad is not None
    assert bool((images.grad.abs().sum(dim=(1, 2, 3)) > 0).all())


def test_the_same_draws_alter_alike() -> None:
    images = torch.rand(4, 1, 32, 32)
    assert torch.equal(gently_altered(images, draws(4)), gently_altered(images, draws(4)))
