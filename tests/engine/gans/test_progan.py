"""ProGAN against the paper's table 2, its schedule, and what it learns."""

from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from engine.gans.batch import Batch
from engine.gans.blocks.equalised import EqualisedConv2d, EqualisedLinear
from engine.gans.blocks.growing import LOD_UNIT, enlarged, lod_after, reduced
from engine.gans.progan import Discriminator, Generator, Progan, ProganOptions, sizes
from engine.gans.registry import preset
from engine.gans.variant import ImageSpec
from engine.training.randomness import generator

TINY = preset("progan", "acdc", "tiny").options
EXTREMES = [0.0, 1e3]


def built(
    size: int = 32, channels: int = 1, classes: tuple[str, ...] = (), **options: object
) -> Progan:
    steps = int(str(options.pop("steps", 100)))
    spec = ImageSpec(channels=1 if channels == 1 else 3, size=size, class_names=classes)
    variant = Progan.build(spec, {**TINY, **options}, steps, generator(1, "weights"))
    assert isinstance(variant, Progan)
    return variant


def n_parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def discs(n: int, size: int = 32) -> torch.Tensor:
    axis = torch.linspace(-1, 1, size)
    radius = torch.linspace(0.4, 0.8, n)[:, None, None]
    return torch.tanh((radius - (axis[:, None] ** 2 + axis**2).sqrt()) * 10)[:, None]


def train(variant: Progan, images: torch.Tensor, labels: torch.Tensor, steps: int) -> None:
    for step in range(steps):
        variant.step(Batch(images, labels, seed=step), step)


def unknown(n: int) -> torch.Tensor:
    return torch.full((n,), -1)


def latents(variant: Progan, n: int = 4) -> torch.Tensor:
    return torch.randn(n, variant.latent_size, generator=torch.Generator().manual_seed(4))


# --- the paper's networks


@pytest.fixture(scope="module")
def full_size() -> tuple[Generator, Discriminator]:
    """The networks of table 2: 1024 px, RGB, without classes."""
    spec, options = ImageSpec(channels=3, size=1024), ProganOptions()
    return Generator(spec, options, 0), Discriminator(spec, options, 0)


def test_the_full_networks_have_the_23_1_million_parameters_of_table_2(
    full_size: tuple[Generator, Discriminator],
) -> None:
    assert [round(n_parameters(network) / 1e6, 1) for network in full_size] == [23.1, 23.1]


def test_layers_are_those_of_table_2(full_size: tuple[Generator, Discriminator]) -> None:
    generator_, discriminator = full_size

    def convolutions(part: torch.nn.Module) -> list[tuple[int, ...]]:
        return [tuple(m.weight.shape) for m in part.modules() if isinstance(m, EqualisedConv2d)]

    widths = [512, 512, 512, 512, 256, 128, 64, 32, 16]
    assert tuple(generator_.latent.weight.shape) == (512 * 4 * 4, 512)
    assert convolutions(generator_.start) == [(512, 512, 3, 3)]
    assert [convolutions(block) for block in generator_.blocks] == [
        [(narrow, wide, 3, 3), (narrow, narrow, 3, 3)] for wide, narrow in pairwise(widths)
    ]
    assert convolutions(generator_.to_image)[-1] == (3, 16, 1, 1)
    assert convolutions(discriminator.from_image)[-1] == (16, 3, 1, 1)
    assert [convolutions(block) for block in discriminator.blocks] == [
        [(narrow, narrow, 3, 3), (wide, narrow, 3, 3)] for wide, narrow in pairwise(widths)
    ]
    # The map of the minibatch standard deviation is the 513th.
    assert convolutions(discriminator.end) == [(512, 513, 3, 3)]
    dense = [m for m in discriminator.end if isinstance(m, EqualisedLinear)]
    assert [tuple(layer.weight.shape) for layer in dense] == [(512, 8192), (1, 512)]
    assert dense[-1].scale == pytest.approx(512**-0.5)


def test_the_first_layer_has_the_scale_of_a_4_x_4_convolution() -> None:
    # √(2 / fan-in) with fan-in 16 · 512.
    network = Generator(ImageSpec(channels=1, size=16), ProganOptions(), 0)
    assert network.latent.scale == pytest.approx((2 / (16 * 512)) ** 0.5)


@pytest.mark.parametrize("size", [16, 64, 512])
@pytest.mark.parametrize("kind", ["own", "multiscale"])
@pytest.mark.parametrize("lod", [0, LOD_UNIT // 4, LOD_UNIT])
def test_samples_have_the_full_size_however_far_it_has_grown(
    size: int, kind: str, lod: int
) -> None:
    variant = built(size, channels=3, classes=("a", "b"), discriminator=kind, fmap_max=8)
    variant._set_lod(lod)
    images = variant.sample(2, 1, maps=False).images
    assert images.shape == (2, 3, size, size)
    assert images.abs().max() <= 1
    scores = (2, 2, 3) if kind == "multiscale" else (2, 3)
    assert variant.discriminator(images).shape == scores


# --- growing


def test_the_schedule_is_the_papers() -> None:
    # 1024 px: 600 thousand images of stabilising and 600 of fading for each of eight doublings.
    options = ProganOptions()

    def lod(thousands: int) -> float:
        shown, total = thousands * 1000, 15_000_000
        return lod_after(shown, total, 8, options.growing, options.fading) / LOD_UNIT

    assert [lod(t) for t in (0, 300, 600)] == [8, 8, 8]
    assert lod(900) == pytest.approx(7.5)
    assert [lod(t) for t in (1200, 1500, 1800)] == [7, 7, 7]
    assert lod(9300) == pytest.approx(0.5, abs=1e-5)
    assert [lod(t) for t in (9600, 15_000)] == [0, 0]


@given(
    st.integers(0, 6),
    st.floats(0.05, 1),
    st.floats(0.05, 1),
    st.lists(st.integers(0, 10_000), min_size=2, max_size=20),
)
def test_networks_only_grow_and_are_full_after_their_share(
    doublings: int, growing: float, fading: float, moments: list[int]
) -> None:
    lods = [lod_after(t, 10_000, doublings, growing, fading) for t in sorted(moments)]
    assert lods == sorted(lods, reverse=True)
    assert lod_after(0, 10_000, doublings, growing, fading) == doublings * LOD_UNIT
    assert lod_after(10_000, 10_000, doublings, growing, fading) <= 1


def faded(variant: Progan, lod: float) -> tuple[torch.Tensor, torch.Tensor]:
    """What G draws at ``lod``, enlarged, and D's judgement of real images there."""
    variant._set_lod(round(lod * LOD_UNIT))
    with torch.no_grad():
        images = variant.generator(latents(variant), torch.zeros(4, 0))
        judged = variant.discriminator(variant._reduced(discs(4)))
        return enlarged(images, 32 // images.shape[-1]), judged


@pytest.mark.parametrize("kind", ["own", "multiscale"])
def test_fading_in_is_continuous_at_both_ends(kind: str) -> None:
    variant = built(discriminator=kind)
    for size_reached in (1, 2):
        # α = 0: all weight is still on the size before, enlarged. α = 1: the new size alone.
        for stable, nearly in ((size_reached, size_reached - 1e-5), (size_reached - 1, None)):
            near = nearly if nearly is not None else stable + 1e-5
            for a, b in zip(faded(variant, stable), faded(variant, near), strict=True):
                torch.testing.assert_close(a, b, rtol=1e-3, atol=1e-3)
        halfway, before = faded(variant, size_reached - 0.5), faded(variant, size_reached)
        assert (halfway[0] - before[0]).abs().max() > 1e-2


def test_a_fading_image_is_the_mean_of_both_paths_weighted_by_alpha() -> None:
    variant = built()
    old, new = faded(variant, 1)[0], faded(variant, 0)[0]
    torch.testing.assert_close(faded(variant, 0.25)[0], 0.75 * new + 0.25 * old)


def test_real_images_are_reduced_and_faded_like_drawn_ones() -> None:
    images = discs(2)
    assert torch.equal(reduced(images, 0, 0.0), images)
    torch.testing.assert_close(
        reduced(images, 3, 0.0)[0, 0, 1, 2], images[0, 0, 8:16, 16:24].mean()
    )
    half = reduced(images, 1, 0.0)
    torch.testing.assert_close(reduced(images, 0, 0.25), 0.75 * images + 0.25 * enlarged(half))


def test_the_discriminator_judges_full_images_as_it_does_reduced_ones() -> None:
    variant = built()
    variant._set_lod(2 * LOD_UNIT)
    whole = variant.discriminator(discs(4))
    torch.testing.assert_close(whole, variant.discriminator(variant._reduced(discs(4))))


def test_layers_train_from_when_they_fade_in_and_adam_starts_afresh_then() -> None:
    variant, images = built(steps=12, growing=1.0, fading=0.5), discs(4)
    newest = {name: p for name, p in variant.generator.named_parameters() if "blocks.2" in name}
    before = {name: p.detach().clone() for name, p in newest.items()}
    # Three doublings in twelve steps: each has two steps of stabilising and two of fading.
    for step in range(12):
        variant.step(Batch(images, unknown(4), seed=step), step)
        lod = variant.generator.lod.item() / LOD_UNIT
        assert lod == [3, 3, 3, 2.5, 2, 2, 2, 1.5, 1, 1, 1, 0.5][step]
        changed = any(not torch.equal(p, before[name]) for name, p in newest.items())
        assert changed == (step >= 11)
        count = variant.optimisers()["G"].state[variant.generator.latent.weight]["step"]
        assert int(count) == [1, 2, 3, 1, 1, 2, 3, 1, 1, 2, 3, 1][step]


def test_without_growing_all_layers_train_from_the_start() -> None:
    variant = built(grow=False)
    before = variant.generator.to_image[-1].weight.detach().clone()
    train(variant, discs(4), unknown(4), 1)
    assert not torch.equal(before, variant.generator.to_image[-1].weight)
    assert variant.generator.lod == 0


def test_a_child_of_a_grown_network_does_not_shrink() -> None:
    variant = built()
    variant._set_lod(0)
    train(variant, discs(4), unknown(4), 2)
    assert variant.generator.lod == 0


# --- samples


def test_a_sample_is_the_same_whatever_else_is_drawn() -> None:
    variant = built(classes=("a", "b", "c"), grow=False)
    together = variant.sample(6, 9, maps=False)
    alone = variant.sample(2, 9, first=3, maps=False)
    torch.testing.assert_close(together.images[3:5], alone.images, rtol=0, atol=2e-5)
    assert torch.equal(together.images, variant.sample(6, 9, maps=False).images)
    assert not torch.equal(together.images, variant.sample(6, 10, maps=False).images)


def test_each_sample_has_a_map_of_its_sensitivity_to_the_latent() -> None:
    (uncertainty,) = built().sample(2, 1).maps
    assert (uncertainty.kind, uncertainty.unit) == ("latent-sensitivity", "grey levels (0–255)")
    assert uncertainty.values.shape == (2, 32, 32)
    assert uncertainty.values.max() > 0


# --- learning

#: small networks that learn in seconds
QUICK = {"latent": 4, "fmap_base": 128, "fmap_max": 16, "lr": 5e-3, "growing": 0.4}


def distance(drawn: torch.Tensor, images: torch.Tensor) -> float:
    return float(torch.cdist(drawn.flatten(1), images.flatten(1)).min(dim=1).values.mean())


def test_it_overfits_eight_images() -> None:
    variant, images = built(16, steps=150, **QUICK), discs(8, 16)
    before = distance(variant.sample(16, 3, maps=False).images, images)
    train(variant, images, unknown(8), 150)
    assert distance(variant.sample(16, 3, maps=False).images, images) < before / 3


@pytest.mark.parametrize("kind", ["own", "multiscale"])
def test_it_draws_the_class_that_is_asked_for(kind: str) -> None:
    size, steps = (16, 80) if kind == "multiscale" else (8, 250)
    bright, dark = discs(4, size), -discs(4, size)
    labels = (torch.arange(8) >= 4).long()
    variant = built(size, classes=("bright", "dark"), steps=steps, discriminator=kind, **QUICK)
    train(variant, torch.cat([bright, dark]), labels, steps)
    for label, (own, other) in enumerate([(bright, dark), (dark, bright)]):
        drawn = variant.sample(16, 1, labels=torch.full((16,), label), maps=False).images
        assert distance(drawn, own) < 0.7 * distance(drawn, other)


def test_it_keeps_both_modes_of_a_two_mode_set() -> None:
    modes = torch.cat([discs(1, 8), -discs(1, 8)])
    options = QUICK | {"fmap_base": 64, "lr": 3e-3}
    variant = built(8, steps=350, **options)
    train(variant, modes.repeat_interleave(4, dim=0), unknown(8), 350)
    drawn = variant.sample(64, 2, maps=False).images.flatten(1)
    nearest = torch.cdist(drawn, modes.flatten(1)).min(dim=1)
    assert torch.bincount(nearest.indices, minlength=2).min() > 16
    # Not images between the two either: those lie at half the way.
    assert nearest.values.mean() < 0.35 * torch.dist(*modes)


def gradients(variant: Progan, batch: Batch, step: int) -> dict[str, torch.Tensor]:
    variant.step(batch, step)
    return {
        f"{name}/{key}": p.grad.clone()
        for name, network in variant.networks().items()
        for key, p in network.named_parameters()
        if p.grad is not None
    }


def test_a_divided_batch_gives_the_gradients_of_the_whole() -> None:
    images, labels = discs(8), torch.tensor([0, 1, -1, 0, 1, 1, -1, 0])
    whole, divided = (built(classes=("a", "b"), grow=False) for _ in range(2))
    divided.updates.parts = 2
    expected = gradients(whole, Batch(images, labels, seed=1), 0)
    found = gradients(divided, Batch(images, labels, seed=1), 0)
    assert expected.keys() == found.keys()
    for name, gradient in expected.items():
        if name.startswith("D/"):
            torch.testing.assert_close(found[name], gradient, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("value", EXTREMES)
@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("lod", [0, LOD_UNIT // 2])
def test_losses_and_gradients_are_finite_at_extreme_inputs(
    value: float, half: bool, lod: int
) -> None:
    variant = built(classes=("a", "b"), discriminator="multiscale")
    variant._set_lod(lod)
    batch = Batch(torch.full((4, 1, 32, 32), value), torch.tensor([0, 1, -1, 0]), seed=1)
    with torch.autocast("cpu", torch.bfloat16, enabled=half):
        losses = variant.step(batch, 0)
    assert all(torch.isfinite(loss) for loss in losses.values())
    for network in variant.networks().values():
        for parameter in network.parameters():
            assert parameter.grad is None or torch.isfinite(parameter.grad).all()


def test_sizes_double_from_four_pixels() -> None:
    assert sizes(4) == [4]
    assert sizes(64) == [4, 8, 16, 32, 64]
