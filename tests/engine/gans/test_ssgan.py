"""SSGAN: the reference code's layers, few labels, classes of any image, and samples."""

from __future__ import annotations

from typing import Literal

import pytest
import torch

from engine.errors import ConfigError
from engine.gans.batch import Batch, ExtraImages
from engine.gans.blocks.weight_norm import direction, weight_normed
from engine.gans.registry import preset
from engine.gans.ssgan import Ssgan
from engine.gans.variant import ImageSpec, PresetSize, Variant
from engine.training.randomness import generator

TINY = preset("ssgan", "acdc", "tiny").options
WEIGHTED = (torch.nn.Conv2d, torch.nn.ConvTranspose2d, torch.nn.Linear)


def built(
    size: int = 16, channels: int = 1, classes: tuple[str, ...] = (), **options: object
) -> Ssgan:
    spec = ImageSpec(channels=1 if channels == 1 else 3, size=size, class_names=classes)
    variant = Ssgan.build(spec, {**TINY, **options}, 100, generator(1, "weights"))
    assert isinstance(variant, Ssgan)
    return variant


def discs(n: int, size: int = 16) -> torch.Tensor:
    axis = torch.linspace(-1, 1, size)
    radius = torch.linspace(0.4, 0.8, n)[:, None, None]
    return torch.tanh((radius - (axis[:, None] ** 2 + axis**2).sqrt()) * 10)[:, None]


def discs_and_rings(n: int, name: str, size: int = 16) -> tuple[torch.Tensor, torch.Tensor]:
    """Noisy discs (0) and rings (1) of various sizes in various places."""
    rng, axis = generator(5, name), torch.linspace(-1, 1, size)
    centre = (torch.rand(n, 2, 1, 1, generator=rng) - 0.5) * 0.8
    radius = torch.rand(n, 1, 1, generator=rng) * 0.25 + 0.3
    distance = ((axis[:, None] - centre[:, 0]) ** 2 + (axis - centre[:, 1]) ** 2).sqrt()
    labels = torch.arange(n) % 2
    ring = 0.18 - (distance - radius).abs()
    inside = torch.where(labels[:, None, None] == 0, radius - distance, ring)
    images = torch.tanh(inside * 10)[:, None]
    return (images + 0.1 * torch.randn(images.shape, generator=rng)).clamp(-1, 1), labels


def train(variant: Variant, images: torch.Tensor, labels: torch.Tensor, steps: int) -> None:
    for step in range(steps):
        losses = variant.step(Batch(images, labels, seed=step), step)
        assert all(torch.isfinite(value) for value in losses.values())


def weights(network: torch.nn.Module) -> list[tuple[int, ...]]:
    return [
        tuple(direction(layer).shape) for layer in network.modules() if isinstance(layer, WEIGHTED)
    ]


def test_layers_at_32_px_are_the_reference_codes() -> None:
    # openai/improved-gan, mnist_svhn_cifar10/train_cifar_feature_matching.py
    classes = tuple("0123456789")
    variant = built(32, 3, classes, nz=100, ngf=128, ndf=96)
    assert weights(variant.discriminator) == [
        (96, 3, 3, 3),
        (96, 96, 3, 3),
        (96, 96, 3, 3),
        (192, 96, 3, 3),
        (192, 192, 3, 3),
        (192, 192, 3, 3),
        (192, 192, 3, 3),
        (192, 192, 1, 1),
        (192, 192, 1, 1),
        (10, 192),
    ]
    assert weights(built(32, 3, nz=100, ngf=128).generator) == [
        (4 * 4 * 512, 100),
        (512, 256, 5, 5),
        (256, 128, 5, 5),
        (128, 3, 5, 5),
    ]
    assert sum(torch.Size(shape).numel() for shape in weights(variant.discriminator)) == 1_405_344


@pytest.mark.parametrize("normed", [True, False])
def test_weight_norm_fixes_lengths_where_they_are_not_learned(normed: bool) -> None:
    variant = built(weight_norm=normed)
    train(variant, discs(4), torch.full((4,), -1), 3)
    lengths = variant.discriminator.features[1].weight.flatten(1).norm(dim=1)
    gain = (2 / (1 + 0.2**2)) ** 0.5
    assert torch.allclose(lengths, torch.tensor(gain), rtol=1e-3) == normed


def test_weight_norm_of_a_transposed_convolution_is_by_output_channel() -> None:
    layer = weight_normed(torch.nn.ConvTranspose2d(3, 5, 4), 0.7, learned=True)
    norms = layer.weight.square().sum(dim=(0, 2, 3)).sqrt()
    torch.testing.assert_close(norms, torch.full((5,), 0.7), rtol=1e-3, atol=0)
    assert layer.weight.shape == (3, 5, 4, 4)


@pytest.mark.parametrize("size", [16, 32, 64, 128, 256, 512])
@pytest.mark.parametrize("classes", [(), ("NOR", "DCM")])
def test_images_have_the_size_asked_for(size: int, classes: tuple[str, ...]) -> None:
    variant = built(size, classes=classes, ngf=4, ndf=4, nz=8)
    samples = variant.sample(2, 1, maps=False)
    assert samples.images.shape == (2, 1, size, size)
    assert samples.images.abs().max() <= 1
    assert variant.discriminator(samples.images).shape == (2, max(len(classes), 1))


def test_a_sample_is_the_same_whatever_else_is_drawn() -> None:
    variant = built(classes=("a", "b", "c"))
    together = variant.sample(6, 9)
    alone = variant.sample(2, 9, first=3)
    torch.testing.assert_close(together.images[3:5], alone.images, rtol=0, atol=1e-6)
    assert not torch.equal(together.images, variant.sample(6, 10).images)


@pytest.mark.parametrize(("dropout", "kind"), [(0.3, "epistemic"), (0.0, "latent-sensitivity")])
def test_each_sample_has_a_map(dropout: float, kind: str) -> None:
    (uncertainty,) = built(dropout_g=dropout).sample(2, 1).maps
    assert (uncertainty.kind, uncertainty.unit) == (kind, "grey levels (0–255)")
    assert uncertainty.values.shape == (2, 16, 16)
    assert uncertainty.values.amax(dim=(1, 2)).min() > 0


def test_it_overfits_eight_images_and_draws_the_class_asked_for() -> None:
    images = discs(8)
    variant = built(classes=("small", "large"), ngf=16, ndf=16, lr=2e-3, dropout_d=0.2)
    labels = (torch.arange(8) >= 4).long()

    def distance() -> float:
        drawn = variant.sample(16, 3, maps=False).images
        return float(torch.cdist(drawn.flatten(1), images.flatten(1)).min(dim=1).values.mean())

    before = distance()
    train(variant, images, labels, 250)
    assert distance() < before / 2
    small, large = (
        variant.sample(16, 1, labels=torch.full((16,), c), maps=False).images.mean().item()
        for c in (0, 1)
    )
    truth = [images[labels == c].mean().item() for c in (0, 1)]
    assert large - small > (truth[1] - truth[0]) / 2
    assert (variant.class_probabilities(images).argmax(dim=1) == labels).all()


def test_eight_labels_teach_it_the_classes_of_unseen_images() -> None:
    variant = built(classes=("disc", "ring"), ngf=16, ndf=16, lr=1e-3)
    images, truth = discs_and_rings(64, "training")
    labels = torch.where(torch.arange(64) < 8, truth, torch.full_like(truth, -1))
    for step in range(150):
        unlabelled = 8 + torch.randperm(56, generator=generator(step))[:12]
        rows = torch.cat([torch.arange(4) + 4 * (step % 2), unlabelled])
        variant.step(Batch(images[rows], labels[rows], seed=step), step)
    unseen, wanted = discs_and_rings(128, "unseen")
    probabilities = variant.class_probabilities(unseen)
    torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(128))
    # Chance is 64 of 128 with a standard deviation of 6.
    assert (probabilities.argmax(dim=1) == wanted).sum() > 64 + 5 * 6


def test_without_classes_it_is_a_plain_gan_that_tells_none() -> None:
    variant = built()
    train(variant, discs(4), torch.full((4,), -1), 2)
    with pytest.raises(ConfigError, match="without classes"):
        variant.class_probabilities(discs(4))


def test_the_classes_of_drawn_images_are_the_batchs_or_any() -> None:
    variant = built(classes=("a", "b"))
    labels = torch.tensor([0, 1, *[-1] * 62])
    asked = variant._asked_for(Batch(torch.zeros(64, 1, 16, 16), labels, seed=3))
    assert asked[:2].tolist() == [0, 1]
    assert set(asked[2:].tolist()) == {-1, 0, 1}


@pytest.mark.parametrize("classes", [(), ("a", "b")])
def test_the_multiscale_discriminator_works(classes: tuple[str, ...]) -> None:
    variant = built(classes=classes, discriminator="multiscale")
    train(variant, discs(4), torch.tensor([0, -1, 0, -1]) if classes else torch.full((4,), -1), 2)
    if classes:
        probabilities = variant.class_probabilities(discs(4))
        torch.testing.assert_close(probabilities.sum(dim=1), torch.ones(4))


@pytest.mark.parametrize("noise_d", [0.0, 0.3])
def test_the_loss_of_d_does_not_depend_on_how_the_batch_is_divided(noise_d: float) -> None:
    losses = []
    for parts in (1, 2, 4):
        variant = built(classes=("a", "b"), noise_d=noise_d, lambda_unsupervised=1e-9)
        variant.updates.parts = parts
        labels = torch.tensor([0, -1, 1, -1, -1, -1, 1, -1])
        losses.append(variant.step(Batch(discs(8), labels, seed=4), 0)["supervised"])
    torch.testing.assert_close(losses[1], losses[0])
    torch.testing.assert_close(losses[2], losses[0])


def test_single_images_can_be_worked_on() -> None:
    variant = built(classes=("a", "b"))
    variant.updates.parts = 4
    train(variant, discs(4), torch.tensor([0, 1, -1, -1]), 2)


@pytest.mark.parametrize("precise", [True, False])
@pytest.mark.parametrize("grey", [-1.0, 1.0, 1e3])
def test_gradients_are_finite_at_extreme_inputs(precise: bool, grey: float) -> None:
    variant = built(classes=("a", "b"), lambda_adv=1.0)
    images, labels = torch.full((4, 1, 16, 16), grey), torch.tensor([0, 1, -1, -1])
    with torch.autocast("cpu", torch.bfloat16, enabled=not precise):
        train(variant, images, labels, 2)
    for network in variant.networks().values():
        for name, parameter in network.named_parameters():
            assert parameter.grad is not None, name
            assert torch.isfinite(parameter.grad).all(), name


def test_recognised_images_lose_their_credit_with_the_discriminator() -> None:
    images, recognised = discs(8), -discs(8)
    labels = torch.full((8,), -1)
    scores = []
    for weight in (0.0, 2.0):
        variant = built()
        negatives = ExtraImages(recognised, labels, torch.full((8,), weight))
        for step in range(30):
            variant.step(Batch(images, labels, negatives, seed=step), step)
        with torch.no_grad():
            scores.append(variant.discriminator(recognised).mean().item())
    assert scores[1] < scores[0] - 1


@pytest.mark.parametrize("size", ["tiny", 64, 128, 256])
@pytest.mark.parametrize(("dataset", "channels"), [("acdc", 1), ("idrid", 3)])
def test_presets_fit(dataset: str, channels: Literal[1, 3], size: PresetSize) -> None:
    config = preset("ssgan", dataset, size)
    assert (config.variant, config.dataset) == ("ssgan", dataset)
    assert config.size == (32 if size == "tiny" else size)
    spec = ImageSpec(channels=channels, size=config.size)
    variant = Ssgan.build(spec, config.options, config.steps, generator(1))
    assert variant.sample(1, 1, maps=False).images.shape == (1, channels, spec.size, spec.size)
