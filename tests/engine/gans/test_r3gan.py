"""R3GAN against the authors' networks and schedules; what it learns, and that no mode is lost."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.gans.batch import Batch
from engine.gans.blocks.normalisation_free import ResidualBlock, enlarged, reduced
from engine.gans.r3gan import Discriminator, Generator, R3gan, R3ganOptions, widths
from engine.gans.variant import ImageSpec
from engine.losses.gradient_penalty import zero_centred_penalty
from engine.training.ema import Ema
from engine.training.randomness import generator
from engine.training.updates import Updates

SMALL = {"nz": 16, "width": 16, "blocks": 1, "gamma": (0.05, 0.05), "p_augment": (0.0, 0.0)}


def built(
    size: int = 16, classes: tuple[str, ...] = (), steps: int = 100, **options: object
) -> R3gan:
    spec = ImageSpec(channels=1, size=size, class_names=classes)
    variant = R3gan.build(spec, {**SMALL, **options}, steps, generator(1, "weights"))
    assert isinstance(variant, R3gan)
    return variant


def n_parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def convolutions(block: ResidualBlock) -> list[torch.nn.Conv2d]:
    return [layer for layer in block.layers if isinstance(layer, torch.nn.Conv2d)]


def discs(n: int, size: int = 16) -> Tensor:
    axis = torch.linspace(-1, 1, size)
    radius = torch.linspace(0.4, 0.8, n)[:, None, None]
    return torch.tanh((radius - (axis[:, None] ** 2 + axis**2).sqrt()) * 10)[:, None]


def train(variant: R3gan, images: Tensor, steps: int, labels: Tensor | None = None) -> None:
    labels = torch.full((len(images),), -1) if labels is None else labels
    for step in range(steps):
        variant.step(Batch(images, labels, seed=step), step)


@pytest.mark.parametrize(
    ("size", "n_classes", "of_g", "of_d"),
    [
        (32, 10, 20_781_952, 21_280_512),
        (64, 0, 22_429_824, 22_381_440),
        (256, 0, 23_057_952, 23_009_568),
    ],
)
def test_parameters_are_as_many_as_in_the_authors_networks(
    size: int, n_classes: int, of_g: int, of_d: int
) -> None:
    # Counted on the authors' own R3GAN/Networks.py with the settings "CIFAR10" (conditional),
    # "FFHQ-64" and "FFHQ-256" of their train.py.
    options = R3ganOptions(width=768)
    names = tuple(f"class {number}" for number in range(n_classes))
    spec = ImageSpec(channels=3, size=size, class_names=names)
    with torch.device("meta"):
        g, d = (network(spec, options, n_classes) for network in (Generator, Discriminator))
    # An unknown class has a row to itself here, which the authors do not have.
    unknown = (options.nz, options.width) if n_classes else (0, 0)
    assert (n_parameters(g), n_parameters(d)) == (of_g + unknown[0], of_d + unknown[1])


def test_stages_and_blocks_are_the_papers() -> None:
    assert widths(768, 256) == [768, 768, 768, 768, 384, 192, 96]
    first, grouped, last = convolutions(ResidualBlock(768, 8))
    assert (first.in_channels, first.out_channels, first.kernel_size) == (768, 1536, (1, 1))
    assert (grouped.groups, grouped.kernel_size) == (96, (3, 3))
    assert last.out_channels == 768
    assert last.bias is None


def test_every_block_starts_as_the_identity_and_scaled_by_depth() -> None:
    variant = built(32, width=64, blocks=2)
    block = next(m for m in variant.generator.modules() if isinstance(m, ResidualBlock))
    features = torch.randn(2, 64, 8, 8)
    assert torch.equal(block(features), features)
    # Gain of leaky ReLU 0.2, times 8 blocks to the −1/4, over the root of the fan-in.
    expected = (2 / 1.04) ** 0.5 * 8**-0.25 / 64**0.5
    assert convolutions(block)[0].weight.std().item() == pytest.approx(expected, rel=0.05)
    assert variant.sample(64, 1, maps=False).images.std() > 0.1


def test_resampling_is_by_the_filter_1_3_3_1() -> None:
    features = torch.randn(1, 1, 8, 8)
    line = torch.tensor([1.0, 3, 3, 1]) / 8
    kernel = (line[:, None] * line)[None, None]
    inside = (..., slice(1, -1), slice(1, -1))
    up = F.conv_transpose2d(features, 4 * kernel, stride=2, padding=1)
    torch.testing.assert_close(enlarged(features)[inside], up[inside])
    down = F.conv2d(features, kernel, stride=2, padding=1)
    torch.testing.assert_close(reduced(features)[inside], down[inside])


def test_schedules_run_from_the_first_setting_to_the_second() -> None:
    variant = built(steps=1000, lr=(2e-4, 5e-5), beta2=(0.9, 0.99))
    batch = Batch(discs(2), torch.full((2,), -1))
    for step, lr, beta2 in ((0, 2e-4, 0.9), (500, 1.25e-4, 0.945), (1000, 5e-5, 0.99)):
        variant.step(batch, step)
        for optimiser in variant.optimisers().values():
            (group,) = optimiser.param_groups
            assert group["lr"] == pytest.approx(lr)
            assert group["betas"] == (0.0, pytest.approx(beta2))


def test_the_averages_half_life_grows_from_nothing() -> None:
    variant = built(steps=1000)
    assert variant.ema_decay_at(0.9, 0) == 0.0
    assert variant.ema_decay_at(0.9, 500) == pytest.approx(0.81)
    assert variant.ema_decay_at(0.9, 1000) == pytest.approx(0.9)
    average = Ema(variant, 0.9)
    with torch.no_grad():
        variant.generator.basis.fill_(5.0)
    average.update(variant, 0)
    assert (average.average["G/basis"] == 5).all()
    with torch.no_grad():
        variant.generator.basis.fill_(6.0)
    average.update(variant, 500)
    torch.testing.assert_close(average.average["G/basis"], torch.full((16, 4, 4), 5.19))


def test_the_penalty_is_half_gamma_times_r1_and_r2() -> None:
    variant, images = built(gamma=(3.0, 3.0)), discs(4)
    batch = Batch(images, torch.full((4,), -1), seed=5)
    z = batch.draws("latent").normal(16)
    rows = torch.zeros(4, dtype=torch.long)
    with torch.no_grad():
        drawn = variant.generator(z, rows)
    r1, r2 = (
        zero_centred_penalty(lambda shown: variant.discriminator(shown, rows), shown)
        for shown in (images, drawn)
    )
    expected = (1.5 * (r1 + r2)).item()
    assert variant.step(batch, 0)["penalty"].item() == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("discriminator", ["own", "multiscale"])
def test_two_parts_give_the_gradients_of_the_whole_batch(discriminator: str) -> None:
    gradients, losses = [], []
    for parts in (1, 2):
        variant = built(discriminator=discriminator, lambda_matching=0.0, p_augment=(1, 1))
        variant.updates.parts = parts
        losses.append(variant.step(Batch(discs(4), torch.full((4,), -1), seed=2), 0))
        gradients.append([p.grad for p in variant.discriminator.parameters()])
    torch.testing.assert_close(losses[1], losses[0], rtol=1e-3, atol=1e-5)
    torch.testing.assert_close(gradients[1], gradients[0], rtol=1e-3, atol=1e-6)


@pytest.mark.parametrize("precision", [None, torch.bfloat16])
@pytest.mark.parametrize("level", [-1.0, 1.0, 1e3])
def test_gradients_are_finite_at_extreme_images(
    level: float, precision: torch.dtype | None
) -> None:
    variant = built(discriminator="multiscale", gamma=(150.0, 15.0), p_augment=(1, 1))
    if precision is not None:
        variant.updates = Updates(lambda: torch.autocast("cpu", precision))
    images = torch.full((4, 1, 16, 16), level)
    for step in range(2):
        losses = variant.step(Batch(images, torch.full((4,), -1), seed=step), step)
        assert all(torch.isfinite(value) for value in losses.values())
    for network in variant.networks().values():
        for parameter in network.parameters():
            assert parameter.grad is not None
            assert torch.isfinite(parameter.grad).all()


@pytest.mark.parametrize("classes", [(), ("a", "b")])
def test_a_sample_is_the_same_whatever_else_is_drawn(classes: tuple[str, ...]) -> None:
    variant = built(classes=classes)
    together, alone = variant.sample(6, 9), variant.sample(2, 9, first=3)
    torch.testing.assert_close(together.images[3:5], alone.images, rtol=0, atol=1e-6)
    assert not torch.equal(together.images, variant.sample(6, 10).images)
    assert together.images.abs().max() <= 1
    (uncertainty,) = together.maps
    assert (uncertainty.kind, uncertainty.unit) == ("latent-sensitivity", "grey levels (0–255)")
    assert uncertainty.values.shape == (6, 16, 16)
    assert uncertainty.values.max() > 0


@pytest.mark.parametrize("size", [16, 32, 64, 128, 256, 512])
def test_images_have_the_size_asked_for(size: int) -> None:
    variant = built(size, ("a",), width=8, discriminator="multiscale")
    images = variant.sample(1, 1, maps=False).images
    assert images.shape == (1, 1, size, size)
    assert variant.discriminator(images, torch.zeros(1, dtype=torch.long)).shape == (1, 2)


def test_it_overfits_eight_images() -> None:
    images = discs(8)
    variant = built(steps=200, lr=(5e-3, 1e-3))

    def distance() -> float:
        drawn = variant.sample(32, 3, maps=False).images
        return float(torch.cdist(drawn.flatten(1), images.flatten(1)).min(dim=1).values.mean())

    before = distance()
    train(variant, images, 200)
    assert distance() < before / 3


def test_of_two_modes_it_loses_none() -> None:
    modes = torch.cat([discs(8)[2:3], -discs(8)[6:7]])
    variant = built(steps=100, lr=(5e-3, 1e-3))
    train(variant, modes.repeat(4, 1, 1, 1), 100)
    drawn = variant.sample(64, 3, maps=False).images
    distances = torch.cdist(drawn.flatten(1), modes.flatten(1))
    assert distances.min(dim=1).values.median() < float(torch.dist(modes[0], modes[1])) / 3
    of_first = (distances.argmin(dim=1) == 0).float().mean()
    assert 0.25 < of_first < 0.75


def test_it_draws_the_class_that_is_asked_for() -> None:
    modes = torch.cat([discs(8)[2:3], -discs(8)[6:7]])
    variant = built(classes=("dark", "bright"), steps=30, lr=(1e-2, 1e-3), p_augment=(0, 1))
    train(variant, modes.repeat(4, 1, 1, 1), 30, torch.tensor([0, 1] * 4))
    dark, bright = (
        variant.sample(16, 1, labels=torch.full((16,), c), maps=False).images.mean().item()
        for c in (0, 1)
    )
    assert bright - dark > 0.5 * (modes[1].mean() - modes[0].mean())
