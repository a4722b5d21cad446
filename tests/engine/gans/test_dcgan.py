"""DCGAN against the paper's shapes and published parameter counts, and its feedback."""

from __future__ import annotations

import pytest
import torch

from engine.gans.batch import Batch, ExtraImages
from engine.gans.dcgan import Dcgan, Discriminator, Generator
from engine.gans.registry import preset, variants
from engine.gans.variant import ImageSpec, Variant
from engine.losses.adversarial import discriminator_loss, fake_losses, generator_loss
from engine.losses.recognised import recognised_loss
from engine.training.randomness import generator

TINY = preset("dcgan", "acdc", "tiny").options


def built(
    size: int = 32, channels: int = 1, classes: tuple[str, ...] = (), **options: object
) -> Dcgan:
    spec = ImageSpec(channels=1 if channels == 1 else 3, size=size, class_names=classes)
    variant = Dcgan.build(spec, {**TINY, **options}, 100, generator(1, "weights"))
    assert isinstance(variant, Dcgan)
    return variant


def n_parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def discs(n: int, size: int = 32) -> torch.Tensor:
    axis = torch.linspace(-1, 1, size)
    radius = torch.linspace(0.4, 0.8, n)[:, None, None]
    return torch.tanh((radius - (axis[:, None] ** 2 + axis**2).sqrt()) * 10)[:, None]


def test_the_published_64_px_networks_have_the_known_parameter_counts() -> None:
    # The figures of PyTorch's DCGAN example at nz = 100, ngf = ndf = 64, RGB, unconditional.
    variant = built(64, 3, nz=100, ngf=64, ndf=64)
    assert n_parameters(variant.generator) == 3_576_704
    assert n_parameters(variant.discriminator) == 2_765_568


def test_layers_are_the_papers() -> None:
    variant = built(64, 3, nz=100, ngf=64, ndf=64)
    shapes = [
        tuple(layer.weight.shape[:2])
        for layer in variant.generator.layers
        if isinstance(layer, torch.nn.ConvTranspose2d)
    ]
    assert shapes == [(100, 512), (512, 256), (256, 128), (128, 64), (64, 3)]
    kinds = [type(layer) for layer in variant.generator.layers]
    assert kinds[-2:] == [torch.nn.ConvTranspose2d, torch.nn.Tanh]
    d_kinds = [type(layer) for layer in variant.discriminator.layers]
    assert d_kinds[:2] == [torch.nn.Conv2d, torch.nn.LeakyReLU]
    dense = (torch.nn.Linear,)
    for network in variant.networks().values():
        assert not any(isinstance(layer, dense) for layer in network.modules())


@pytest.mark.parametrize("size", [16, 32, 64, 128, 256, 512])
@pytest.mark.parametrize("classes", [(), ("NOR", "DCM")])
def test_images_have_the_size_asked_for(size: int, classes: tuple[str, ...]) -> None:
    variant = built(size, classes=classes, ngf=4, ndf=4, nz=8)
    samples = variant.sample(2, 1)
    assert samples.images.shape == (2, 1, size, size)
    assert samples.images.abs().max() <= 1
    rows = torch.zeros(2, dtype=torch.long)
    assert variant.discriminator(samples.images, rows).shape == (2,)


def test_initial_weights_are_normal_with_standard_deviation_002() -> None:
    variant = built(64, 3, nz=100, ngf=64, ndf=64)
    weight = next(
        layer.weight
        for layer in variant.generator.layers
        if isinstance(layer, torch.nn.ConvTranspose2d)
    )
    assert weight.mean().abs() < 1e-3
    assert weight.std().item() == pytest.approx(0.02, rel=0.02)


def test_a_sample_is_the_same_whatever_else_is_drawn() -> None:
    variant = built(classes=("a", "b", "c"))
    together = variant.sample(6, 9)
    alone = variant.sample(2, 9, first=3)
    torch.testing.assert_close(together.images[3:5], alone.images, rtol=0, atol=1e-6)
    assert torch.equal(together.images, variant.sample(6, 9).images)
    assert not torch.equal(together.images, variant.sample(6, 10).images)


def test_dropout_in_the_generator_gives_an_epistemic_map() -> None:
    assert built(dropout_g=0.3).sample(2, 1, maps=False).maps == ()
    (uncertainty,) = built(dropout_g=0.3).sample(2, 1).maps
    assert (uncertainty.kind, uncertainty.unit) == ("epistemic", "grey levels (0–255)")
    assert uncertainty.values.shape == (2, 32, 32)
    assert uncertainty.values.max() > 0


def test_without_dropout_the_map_is_the_sensitivity_to_the_latent() -> None:
    (uncertainty,) = built().sample(2, 1).maps
    assert (uncertainty.kind, uncertainty.unit) == ("latent-sensitivity", "grey levels (0–255)")
    assert uncertainty.values.shape == (2, 32, 32)
    assert uncertainty.values.max() > 0


def train(variant: Variant, batch: Batch, steps: int) -> None:
    for step in range(steps):
        variant.step(Batch(batch.images, batch.labels, batch.negatives, seed=step), step)


def test_it_draws_the_class_that_is_asked_for() -> None:
    variant, images = built(classes=("small", "large"), ngf=16, ndf=16, lr=2e-3), discs(8)
    labels = (torch.arange(8) >= 4).long()
    train(variant, Batch(images, labels), 200)
    small, large = (
        variant.sample(16, 1, labels=torch.full((16,), c)).images.mean().item() for c in (0, 1)
    )
    truth = [images[labels == c].mean().item() for c in (0, 1)]
    assert small == pytest.approx(truth[0], abs=0.15)
    assert large == pytest.approx(truth[1], abs=0.15)


def test_it_overfits_eight_images() -> None:
    variant, images = built(ngf=16, ndf=16, lr=2e-3), discs(8)
    batch = Batch(images, torch.full((8,), -1))

    def distance() -> float:
        drawn = variant.sample(16, 3).images
        return float(torch.cdist(drawn.flatten(1), images.flatten(1)).min(dim=1).values.mean())

    before = distance()
    train(variant, batch, 300)
    assert distance() < before / 3


def test_recognised_images_lose_their_credit_with_the_discriminator() -> None:
    images, recognised = discs(8), -discs(8)
    labels = torch.full((8,), -1)
    rows = torch.zeros(8, dtype=torch.long)
    scores = []
    for weight in (0.0, 2.0):
        variant = built()
        negatives = ExtraImages(recognised, labels, torch.full((8,), weight))
        train(variant, Batch(images, labels, negatives), 30)
        variant.discriminator.eval()
        with torch.no_grad():
            scores.append(variant.discriminator(recognised, rows).mean().item())
    assert scores[1] < scores[0] - 1


def test_losses_are_the_cross_entropies_of_the_original_gan() -> None:
    real, fake = torch.tensor([0.3, -1.0]), torch.tensor([0.5, 2.0])
    d_real, d_fake = real.sigmoid(), fake.sigmoid()
    expected = -d_real.log().mean() - (1 - d_fake).log().mean()
    torch.testing.assert_close(discriminator_loss(real, fake), expected)
    torch.testing.assert_close(generator_loss(fake), -d_fake.log().mean())
    weights = torch.tensor([2.0, 0.5])
    expected = -(weights * (1 - d_fake).log()).sum() / 8
    torch.testing.assert_close(recognised_loss(fake_losses(fake), weights, 8), expected)


@pytest.mark.parametrize("logit", [-1e4, 1e4])
def test_losses_and_gradients_are_finite_at_extreme_logits(logit: float) -> None:
    for dtype in (torch.float32, torch.bfloat16):
        logits = torch.tensor([logit], dtype=dtype, requires_grad=True)
        loss = discriminator_loss(logits, logits) + generator_loss(logits)
        loss.backward()
        assert torch.isfinite(loss)
        assert logits.grad is not None
        assert torch.isfinite(logits.grad).all()


def test_a_variant_is_found_by_its_one_new_file(
    tmp_path: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys
    from pathlib import Path

    import engine.gans

    folder = Path(str(tmp_path))
    (folder / "toygan.py").write_text(
        "from engine.gans.dcgan import Dcgan\n\n\n"
        "class Toygan(Dcgan):\n"
        "    name = 'toygan'\n"
        "    title = 'Toy GAN'\n"
    )
    monkeypatch.setattr(engine.gans, "__path__", [*engine.gans.__path__, str(folder)])
    try:
        assert {"dcgan", "toygan", "upgan"} <= set(variants())
        assert preset("toygan", "acdc", "tiny").variant == "toygan"
    finally:
        sys.modules.pop("engine.gans.toygan", None)


def test_networks_can_be_made_alone() -> None:
    spec = ImageSpec(channels=3, size=64)
    options = built().options
    assert Generator(spec, options, 0).classes is None
    assert Discriminator(spec, options, 5).classes is not None
