"""The multi-scale discriminator and feature matching, against values computed by hand."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.gans.batch import Batch
from engine.gans.blocks.multiscale_discriminator import (
    MultiscaleDiscriminator,
    discriminator_of,
    scales,
)
from engine.gans.dcgan import Dcgan
from engine.gans.registry import preset
from engine.gans.variant import ImageSpec
from engine.losses.feature_matching import (
    feature_matching_loss,
    means_distance,
    recorded_activations,
)
from engine.training.randomness import generator

TINY = preset("dcgan", "acdc", "tiny").options


class Sum(nn.Module):
    """The sum of an image, one score each, remembering the size it was made for."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size
        self.weight = nn.Parameter(torch.ones(()))

    def forward(self, images: Tensor, *conditions: Tensor) -> Tensor:
        assert images.shape[-2:] == (self.size, self.size)
        score = self.weight * images.flatten(1).sum(dim=1)
        return score + sum((condition for condition in conditions), torch.zeros(()))


class ScoreMap(nn.Module):
    """A score for each two by two pixels: their mean."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, images: Tensor) -> Tensor:
        return F.avg_pool2d(images, 2)


def noise(*shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


def discs(n: int, size: int = 32) -> Tensor:
    axis = torch.linspace(-1, 1, size)
    radius = torch.linspace(0.4, 0.8, n)[:, None, None]
    return torch.tanh((radius - (axis[:, None] ** 2 + axis**2).sqrt()) * 10)[:, None]


def test_d1_sees_the_average_of_two_by_two_pixels_and_d2_the_image() -> None:
    image = torch.arange(16.0).view(1, 1, 4, 4)
    both = MultiscaleDiscriminator(Sum, 4)
    assert (both.coarse.size, both.fine.size) == (2, 4)
    # The sum of all is 120; averages of four pixels sum to a quarter of it.
    torch.testing.assert_close(both(image), torch.tensor([[30.0, 120.0]]))
    seen: list[Tensor] = []
    both.coarse.register_forward_pre_hook(lambda _m, inputs: seen.append(inputs[0]))
    both(image)
    torch.testing.assert_close(seen[0], torch.tensor([[[[2.5, 4.5], [10.5, 12.5]]]]))


def test_conditions_reach_both() -> None:
    image, condition = torch.zeros(2, 1, 4, 4), torch.tensor([1.0, 5.0])
    scores = MultiscaleDiscriminator(Sum, 4)(image, condition)
    torch.testing.assert_close(scores, torch.tensor([[1.0, 1.0], [5.0, 5.0]]))


def test_several_scores_of_an_image_stay_together() -> None:
    class Classes(Sum):
        def forward(self, images: Tensor, *conditions: Tensor) -> Tensor:
            return super().forward(images)[:, None] * torch.arange(3.0)

    scores = MultiscaleDiscriminator(Classes, 4)(torch.ones(2, 1, 4, 4))
    assert scores.shape == (2, 2, 3)
    torch.testing.assert_close(scores[0, 0], torch.tensor([0.0, 4.0, 8.0]))
    torch.testing.assert_close(scores[0, 1], torch.tensor([0.0, 16.0, 32.0]))


def test_score_maps_of_both_scales_weigh_alike() -> None:
    both = MultiscaleDiscriminator(ScoreMap, 8)
    images = noise(2, 1, 8, 8)
    scores = both(images)
    assert scores.shape == (2, 2, 1, 4, 4)
    coarse, fine = ScoreMap(4)(F.avg_pool2d(images, 2)), ScoreMap(8)(images)
    torch.testing.assert_close(scores[:, 1], fine)
    # Each of D1's four scores stands in the four places that it covers.
    for row in range(4):
        for column in range(4):
            expected = coarse[:, :, row // 2, column // 2]
            torch.testing.assert_close(scores[:, 0, :, row, column], expected)
    squares = scores.square().mean()
    by_hand = (coarse.square().mean() + fine.square().mean()) / 2
    torch.testing.assert_close(squares, by_hand)


def test_the_kind_chooses_and_scales_take_scores_apart() -> None:
    own, both = discriminator_of("own", Sum, 4), discriminator_of("multiscale", Sum, 4)
    assert isinstance(own, Sum)
    assert isinstance(both, MultiscaleDiscriminator)
    images = noise(3, 1, 4, 4)
    (one,) = scales(own(images), own)
    torch.testing.assert_close(one, images.flatten(1).sum(dim=1))
    coarse, fine = scales(both(images), both)
    torch.testing.assert_close(fine, one)
    torch.testing.assert_close(coarse, one / 4)


def test_both_scales_learn() -> None:
    both = MultiscaleDiscriminator(Sum, 4)
    both(torch.ones(1, 1, 4, 4)).mean().backward()
    assert both.coarse.weight.grad.item() == pytest.approx(4 / 2)
    assert both.fine.weight.grad.item() == pytest.approx(16 / 2)


def a_discriminator() -> nn.Sequential:
    """Two layers of known weights: activations x·2 where x > 0 else 0.2·x·2, then those plus 1."""
    first, second = nn.Conv2d(1, 1, 1, bias=False), nn.Conv2d(1, 1, 1)
    with torch.no_grad():
        first.weight.fill_(2.0)
        second.weight.fill_(1.0)
        assert second.bias is not None
        second.bias.fill_(1.0)
    return nn.Sequential(first, nn.LeakyReLU(0.2), second, nn.ReLU(), nn.Flatten(), nn.Linear(4, 1))


def test_activations_are_recorded_in_order_and_only_inside_the_block() -> None:
    network = a_discriminator()
    image = torch.tensor([[1.0, -1.0], [0.0, 0.5]]).view(1, 1, 2, 2)
    with recorded_activations(network) as found:
        network(image)
    assert len(found) == 2
    torch.testing.assert_close(found[0].flatten(), torch.tensor([2.0, -0.4, 0.0, 1.0]))
    torch.testing.assert_close(found[1].flatten(), torch.tensor([3.0, 0.6, 1.0, 2.0]))
    network(image)
    assert len(found) == 2
    assert not any(layer._forward_hooks for layer in network.modules())


def test_hooks_are_gone_after_an_error_too() -> None:
    network = a_discriminator()
    with pytest.raises(RuntimeError), recorded_activations(network):
        network(torch.zeros(1, 7, 2, 2))
    assert not any(layer._forward_hooks for layer in network.modules())


def test_feature_matching_by_hand() -> None:
    network = a_discriminator()
    real = torch.stack([torch.full((1, 2, 2), value) for value in (1.0, 0.0)])
    drawn = torch.stack([torch.full((1, 2, 2), value) for value in (2.0, 3.0)])
    # Means of the first layer: real (2 + 0) / 2 = 1, drawn (4 + 6) / 2 = 5; of the second: 2 and 6.
    loss = feature_matching_loss(network, real, drawn)
    assert loss.item() == pytest.approx((4 + 4) / 2)
    # Only expectations count, not which image is which.
    assert feature_matching_loss(network, real, real.flip(0)).item() == pytest.approx(0)


def test_layers_weigh_alike_whatever_their_size() -> None:
    real, drawn = (
        [torch.zeros(2, 1), torch.zeros(2, 8, 4, 4)],
        [torch.ones(2, 1), torch.ones(2, 8, 4, 4) * 3],
    )
    assert means_distance(real, drawn).item() == pytest.approx(2.0)
    with pytest.raises(ValueError, match="shorter"):
        means_distance(real, drawn[:1])


def test_distances_are_taken_in_float32() -> None:
    real = [torch.full((512, 1), 1.0, dtype=torch.bfloat16)]
    drawn = [torch.full((512, 1), 1.0078125, dtype=torch.bfloat16)]
    loss = means_distance(real, drawn)
    assert loss.dtype == torch.float32
    assert loss.item() == pytest.approx(0.0078125)


def test_features_of_both_scales_are_matched() -> None:
    def make(size: int) -> nn.Module:
        return nn.Sequential(nn.Identity(), nn.ReLU(), nn.AvgPool2d(size), nn.Flatten(0))

    both = MultiscaleDiscriminator(make, 4)
    # A pattern that averages away at half the size: D2's features alone tell it from grey.
    pattern = torch.tensor([[1.0, 0.0], [0.0, 1.0]]).repeat(2, 2).view(1, 1, 4, 4)
    grey = torch.full((1, 1, 4, 4), 0.5)
    assert feature_matching_loss(both, pattern, grey).item() == pytest.approx((0 + 0.5) / 2)


def test_gradients_reach_the_drawn_images_alone() -> None:
    network = a_discriminator()
    real = noise(3, 1, 2, 2).requires_grad_()
    drawn = noise(3, 1, 2, 2).neg().requires_grad_()
    loss = feature_matching_loss(network, real, drawn)
    (gradient,) = torch.autograd.grad(loss, [drawn], retain_graph=True)
    assert gradient.abs().min() > 0
    assert torch.autograd.grad(loss, [real], allow_unused=True, retain_graph=True) == (None,)
    torch.autograd.backward(loss, inputs=[drawn])
    assert all(parameter.grad is None for parameter in network.parameters())


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_matching_is_finite_at_extreme_images(dtype: torch.dtype) -> None:
    network = a_discriminator().to(dtype)
    drawn = torch.full((2, 1, 2, 2), 1e4, dtype=dtype, requires_grad=True)
    loss = feature_matching_loss(network, torch.full_like(drawn, -1e4).detach(), drawn)
    loss.backward()
    assert torch.isfinite(loss)
    assert drawn.grad is not None
    assert torch.isfinite(drawn.grad).all()


def dcgan(steps: int = 0, **options: object) -> Dcgan:
    settings = {**TINY, "ngf": 16, "ndf": 16, "lr": 2e-3, "discriminator": "multiscale", **options}
    variant = Dcgan.build(ImageSpec(channels=1, size=32), settings, 100, generator(1, "weights"))
    assert isinstance(variant, Dcgan)
    images, labels = discs(8), torch.full((8,), -1)
    for step in range(steps):
        variant.step(Batch(images, labels, seed=step), step)
    return variant


def test_matching_counts_by_its_weight_and_only_with_the_multi_scale_discriminator() -> None:
    def matched(**options: object) -> float:
        variant = dcgan(**options)
        rows = torch.zeros(8, dtype=torch.long)
        return variant.matching_loss(variant.discriminator, discs(8), -discs(8), rows).item()

    once = matched()
    assert once > 0
    assert matched(lambda_matching=3.0) == pytest.approx(3 * once, rel=1e-5)
    assert matched(lambda_matching=0.0) == 0
    assert matched(discriminator="own") == 0


def test_the_generators_loss_contains_the_matching() -> None:
    images, labels = discs(8), torch.full((8,), -1)
    with_it, without = (
        dcgan(lambda_matching=weight).step(Batch(images, labels, seed=1), 0) for weight in (10.0, 0)
    )
    assert torch.equal(with_it["discriminator"], without["discriminator"])
    assert with_it["generator"] > without["generator"] + 0.1


def test_a_dcgan_with_it_overfits_eight_images() -> None:
    images = discs(8)

    def distance(variant: Dcgan) -> float:
        drawn = variant.sample(16, 3, maps=False).images
        return float(torch.cdist(drawn.flatten(1), images.flatten(1)).min(dim=1).values.mean())

    assert distance(dcgan(150)) < distance(dcgan()) / 3
