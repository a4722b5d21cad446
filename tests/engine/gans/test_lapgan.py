"""LAPGAN: layers of paper and reference code, independent levels, seams, samples."""

from __future__ import annotations

from typing import Literal

import pytest
import torch

from engine.errors import ConfigError
from engine.gans.batch import Batch, ExtraImages
from engine.gans.lapgan import Lapgan
from engine.gans.registry import preset
from engine.gans.variant import ImageSpec, PresetSize, Variant
from engine.training.randomness import generator

TINY = preset("lapgan", "acdc", "tiny").options


def built(
    size: int = 32, channels: int = 1, classes: tuple[str, ...] = (), **options: object
) -> Lapgan:
    spec = ImageSpec(channels=1 if channels == 1 else 3, size=size, class_names=classes)
    variant = Lapgan.build(spec, {**TINY, **options}, 100, generator(1, "weights"))
    assert isinstance(variant, Lapgan)
    return variant


def discs(n: int, size: int = 32) -> torch.Tensor:
    axis = torch.linspace(-1, 1, size)
    radius = torch.linspace(0.4, 0.8, n)[:, None, None]
    return torch.tanh((radius - (axis[:, None] ** 2 + axis**2).sqrt()) * 10)[:, None]


def train(variant: Variant, batch: Batch, steps: int) -> None:
    for step in range(steps):
        now = Batch(batch.images, batch.labels, batch.negatives, seed=step)
        losses = variant.step(now, step)
        assert all(torch.isfinite(value) for value in losses.values())


def weights(network: torch.nn.Module) -> list[tuple[int, ...]]:
    layers = (torch.nn.Conv2d, torch.nn.Linear)
    return [tuple(layer.weight.shape) for layer in network.modules() if isinstance(layer, layers)]


def n_parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def preset_networks(**options: object) -> dict[str, torch.nn.Module]:
    spec = ImageSpec(channels=3, size=32, class_names=tuple("0123456789"))
    return Lapgan.build(spec, options, 100, generator(1)).networks()


def test_the_coarsest_level_is_the_papers() -> None:
    # Section 4 and appendix A: 8 x 8, two hidden layers, 1200 units in G and 600 in D, z of 100.
    networks = preset_networks()
    rows = 11
    assert weights(networks["G8"]) == [(1200, 100 + rows), (1200, 1200), (192, 1200)]
    assert weights(networks["D8"]) == [(600, 192 + rows), (600, 600), (1, 600)]


def test_convolutional_levels_are_the_reference_codes() -> None:
    # facebook/eyescream, cifar/scripts/train_cifar_coarse_to_fine_classcond.lua at its defaults
    networks = preset_networks(network="convolution")
    assert weights(networks["G32"]) == [(128, 5, 7, 7), (128, 128, 7, 7), (3, 128, 5, 5)]
    assert weights(networks["D32"]) == [(128, 4, 5, 5), (128, 128, 5, 5), (1, 128 * 12**2)]
    # The class plane has a row for unknown classes beside the reference's ten.
    plane = 11 * 32**2
    assert n_parameters(networks["G32"]) == 843_776 + 259 + plane
    assert n_parameters(networks["D32"]) == 440_832 + 257 + plane


def test_no_level_of_perceptrons_has_a_convolution() -> None:
    for name, network in preset_networks().items():
        assert not any(isinstance(layer, torch.nn.Conv2d) for layer in network.modules())
        if name == "G32":
            pixels = 16 * 16
            assert weights(network) == [(512, 5 * pixels), (512, 512), (3 * pixels, 512)]


@pytest.mark.parametrize("size", [16, 32, 64, 128])
@pytest.mark.parametrize("network", ["mlp", "convolution"])
@pytest.mark.parametrize("classes", [(), ("NOR", "DCM")])
def test_images_have_the_size_asked_for(size: int, network: str, classes: tuple[str, ...]) -> None:
    variant = built(size, 3, classes, network=network)
    samples = variant.sample(2, 1, maps=False)
    assert samples.images.shape == (2, 3, size, size)
    assert samples.images.abs().max() <= 1
    assert variant.latent_size == 16 + sum(s**2 for s in (16, 32, 64, 128) if s <= size)


def test_untrained_levels_add_nothing_to_the_image_so_far() -> None:
    variant = built(network="mlp")
    noise, coarse = torch.randn(2, 1, 16, 16, generator=generator(1)), torch.full((2, 1, 8, 8), 0.4)
    drawn = variant._refined(coarse, noise, torch.full((2,), -1))
    torch.testing.assert_close(drawn, torch.full((2, 1, 16, 16), 0.4))


def test_levels_are_trained_each_on_its_own() -> None:
    images, unknown = discs(4), torch.full((4,), -1)
    variant, other = built(), built()
    with torch.no_grad():
        for name in ("G8", "D8", "G32", "D32"):
            for parameter in other.networks()[name].parameters():
                parameter.mul_(0.5)
    for one in (variant, other):
        train(one, Batch(images, unknown), 3)
    for name in ("G16", "D16"):
        pairs = zip(
            variant.networks()[name].parameters(), other.networks()[name].parameters(), strict=True
        )
        assert all(torch.equal(a, b) for a, b in pairs)


def test_a_coarsest_level_as_large_as_the_images_is_refused() -> None:
    with pytest.raises(ConfigError, match="Choose a smaller 'coarsest'"):
        built(16, coarsest=16)
    with pytest.raises(ConfigError, match="power of two"):
        built(patch=12)


def test_a_sample_is_the_same_whatever_else_is_drawn() -> None:
    variant = built(classes=("a", "b", "c"))
    together = variant.sample(10, 9)
    alone = variant.sample(2, 9, first=7)
    torch.testing.assert_close(together.images[7:9], alone.images, rtol=0, atol=1e-6)
    assert not torch.equal(together.images, variant.sample(10, 10).images)


def test_each_sample_has_a_map_of_its_sensitivity_to_all_noise() -> None:
    (uncertainty,) = built().sample(2, 1).maps
    assert (uncertainty.kind, uncertainty.unit) == ("latent-sensitivity", "grey levels (0–255)")
    assert uncertainty.values.shape == (2, 32, 32)
    assert uncertainty.values.amax(dim=(1, 2)).min() > 0


def steps_at(images: torch.Tensor, every: int) -> float:
    """Mean step between neighbours at multiples of ``every``, over that elsewhere."""
    steps = (images[..., 1:] - images[..., :-1]).abs().mean(dim=(0, 1, 2))
    border = torch.arange(1, images.shape[-1]) % every == 0
    return float(steps[border].mean() / steps[~border].mean())


def test_it_overfits_eight_images_by_class_and_without_seams() -> None:
    settings = {"lr": 2e-3, "dropout_d": 0.2, "units_d": 128, "units": 64}
    variant, images = built(16, classes=("small", "large"), **settings), discs(8, 16)
    labels = (torch.arange(8) >= 4).long()

    def distance() -> float:
        drawn = variant.sample(16, 3, maps=False).images
        return float(torch.cdist(drawn.flatten(1), images.flatten(1)).min(dim=1).values.mean())

    before = distance()
    train(variant, Batch(images, labels), 400)
    assert distance() < before / 3
    small, large = (
        variant.sample(16, 1, labels=torch.full((16,), c), maps=False).images for c in (0, 1)
    )
    truth = [images[labels == c].mean() for c in (0, 1)]
    assert large.mean() - small.mean() > (truth[1] - truth[0]) / 2
    drawn = torch.cat([small, large])
    # Patches of 8 px, half a patch apart.
    assert steps_at(drawn, 4) < 1.1 * steps_at(images, 4)


@pytest.mark.parametrize("network", ["mlp", "convolution"])
def test_the_multiscale_discriminator_works(network: str) -> None:
    variant = built(16, classes=("a", "b"), network=network, discriminator="multiscale")
    train(variant, Batch(discs(4, 16), torch.tensor([0, 1, -1, -1])), 2)


@pytest.mark.parametrize("network", ["mlp", "convolution"])
def test_parts_add_up_to_the_whole_batch(network: str) -> None:
    results = []
    for parts in (1, 2):
        variant = built(16, network=network, classes=("a", "b"))
        variant.updates.parts = parts
        labels = torch.tensor([0, 1, 1, -1])
        losses = variant.step(Batch(discs(4, 16), labels, seed=5), 0)
        gradients = {
            f"{name}/{key}": parameter.grad
            for name, network in variant.networks().items()
            for key, parameter in network.named_parameters()
        }
        results.append((losses, gradients))
    (whole, gradients), (divided, of_parts) = results
    torch.testing.assert_close(divided, whole, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(of_parts, gradients, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("precise", [True, False])
@pytest.mark.parametrize("network", ["mlp", "convolution"])
@pytest.mark.parametrize("grey", [-1.0, 1.0, 1e3])
def test_gradients_are_finite_at_extreme_inputs(precise: bool, network: str, grey: float) -> None:
    variant = built(16, classes=("a", "b"), network=network)
    batch = Batch(torch.full((4, 1, 16, 16), grey), torch.tensor([0, 1, -1, -1]))
    with torch.autocast("cpu", torch.bfloat16, enabled=not precise):
        train(variant, batch, 2)
    for network_name, trained in variant.networks().items():
        for name, parameter in trained.named_parameters():
            assert parameter.grad is not None, (network_name, name)
            assert torch.isfinite(parameter.grad).all(), (network_name, name)


def test_recognised_images_lose_their_credit_with_every_discriminator() -> None:
    images, recognised = discs(8, 16), -discs(8, 16)
    unknown = torch.full((8,), -1)
    scores = []
    for weight in (0.0, 4.0):
        variant = built(16, lr=2e-3)
        negatives = ExtraImages(recognised, unknown, torch.full((8,), weight))
        train(variant, Batch(images, unknown, negatives), 40)
        with torch.no_grad():
            rows = variant.class_rows(unknown)
            scores.append(variant.networks()["D16"](recognised, rows).mean().item())
    assert scores[1] < scores[0] - 1


@pytest.mark.parametrize("size", ["tiny", 64, 128, 256])
@pytest.mark.parametrize(("dataset", "channels"), [("acdc", 1), ("idrid", 3)])
def test_presets_fit(dataset: str, channels: Literal[1, 3], size: PresetSize) -> None:
    config = preset("lapgan", dataset, size)
    assert (config.variant, config.dataset) == ("lapgan", dataset)
    assert config.size == (32 if size == "tiny" else size)
    spec = ImageSpec(channels=channels, size=config.size)
    variant = Lapgan.build(spec, config.options, config.steps, generator(1))
    assert variant.sample(1, 1, maps=False).images.shape == (1, channels, spec.size, spec.size)
