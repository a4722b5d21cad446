"""HI-GAN: the published networks, its two phases, its map, and that it learns to restore."""

from __future__ import annotations

import pytest
import torch

from engine.data.degradation import degraded
from engine.errors import ConfigError
from engine.gans.batch import Batch
from engine.gans.blocks.dense_unet import DenseUNet
from engine.gans.higan import BoostingNetwork, Higan, HiganOptions, Restorer
from engine.gans.registry import preset
from engine.gans.variant import ImageSpec, PresetSize
from engine.training.randomness import generator
from engine.training.updates import Updates


def discs(n: int, channels: int, size: int = 32) -> torch.Tensor:
    """Bright discs of various sizes and places on black."""
    rng = generator(7, "discs")
    axis = torch.linspace(-1, 1, size)
    centre = (torch.rand(n, 2, 1, 1, generator=rng) - 0.5) * 0.8
    radius = torch.rand(n, 1, 1, generator=rng) * 0.3 + 0.3
    distance = ((axis[:, None] - centre[:, 0]) ** 2 + (axis - centre[:, 1]) ** 2).sqrt()
    return torch.tanh((radius - distance) * 12)[:, None].expand(-1, channels, -1, -1).clone()


def train(variant: Higan, images: torch.Tensor, steps: int) -> None:
    for step in range(steps):
        variant.step(batch(images, step), step)


def built(channels: int = 1, steps: int = 60, **options: object) -> Higan:
    settings = {**preset("higan", "acdc", "tiny").options, **options}
    spec = ImageSpec(channels=1 if channels == 1 else 3, size=32)
    variant = Higan.build(spec, settings, steps, generator(1, "weights"))
    assert isinstance(variant, Higan)
    return variant


def batch(images: torch.Tensor, seed: int = 0) -> Batch:
    return Batch(images, torch.full((len(images),), -1), seed=seed)


def parameters(network: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: p.detach().clone() for name, p in network.named_parameters()}


def moved(network: torch.nn.Module, before: dict[str, torch.Tensor]) -> bool:
    return any(not torch.equal(p, before[name]) for name, p in network.named_parameters())


def test_the_networks_have_the_size_of_the_authors_code() -> None:
    """Counted on models.py of the authors' repository: MainNet(3, 12), UNet_D, HI_GAN."""
    options = HiganOptions()
    sizes = [
        sum(p.numel() for p in network.parameters())
        for network in (DenseUNet(3, 12), Restorer(3, options), BoostingNetwork(3, options))
    ]
    assert sizes == [2_649_228, 5_306_799, 7_967_733]


def test_the_dense_u_net_has_the_authors_layers() -> None:
    network = DenseUNet(3, 12)
    assert [len(block.dense) for block in (network.down_half[2], network.down_quarter[2])] == [
        4,
        10,
    ]  # type: ignore[arg-type]
    assert [len(block.dense) for block in (network.up_half, network.up_full)] == [6, 4]
    last = network.down_quarter[2].dense[-1].convolution  # type: ignore[union-attr,index]
    assert (last.in_channels, last.out_channels) == (256 + 9 * 32, 32)
    assert network(torch.zeros(1, 3, 16, 24)).shape == (1, 12, 16, 24)


def test_untrained_networks_answer_with_their_input() -> None:
    variant, images = built(3), discs(2, 3)
    torch.testing.assert_close(variant.texture(images), images)
    fused = variant.boosting(images, -images)
    torch.testing.assert_close(fused, torch.zeros_like(fused))


def test_boosting_scales_what_its_network_adds() -> None:
    variant = built()
    a, b = discs(2, 1), -discs(2, 1)
    with torch.no_grad():
        variant.boosting.exit.bias.fill_(1.0)  # type: ignore[union-attr]
    torch.testing.assert_close(variant.boosting(a, b), torch.full_like(a, 0.2))


def test_fidelity_and_texture_are_trained_first_and_frozen_for_boosting() -> None:
    variant, images = built(steps=10, boosting_from=0.5), discs(4, 1)
    assert [variant.boosts_at(step) for step in (0, 4, 5, 9)] == [False, False, True, True]
    names = ("G_a", "G_b", "G_c", "D_a")
    for step, trained in ((0, {"G_a", "G_b", "D_a"}), (5, {"G_c"})):
        before = {name: parameters(variant.networks()[name]) for name in names}
        losses = variant.step(batch(images, step), step)
        assert list(losses) == ["pixel", "perceptual", "adversarial", "discriminator"]
        assert {n for n in names if moved(variant.networks()[n], before[n])} == trained
    assert losses["adversarial"] == 0


@pytest.mark.parametrize("channels", [1, 3])
def test_it_learns_to_restore_eight_images(channels: int) -> None:
    variant, images = built(channels, steps=80, lr=5e-3), discs(8, channels)
    rngs = [generator(5, "degradation", i) for i in range(8)]
    before = (degraded(images, rngs) - images).abs().mean()
    train(variant, images, 80)
    after = (variant.sample(8, 5, inputs=images).images - images).abs().mean()
    # The drawn discs lose little by blur and noise, so that less can be won back for colour.
    assert after < before * (0.5 if channels == 1 else 0.75)


def test_the_map_is_the_distance_of_both_answers_in_grey_levels() -> None:
    variant, images = built(3), discs(2, 3)
    train(variant, images, 4)
    samples = variant.restore(images, 1, degrade=False)
    (uncertainty,) = samples.maps
    assert (uncertainty.kind, uncertainty.unit) == ("disagreement", "grey levels (0–255)")
    apart = (variant.texture(images) - variant.fidelity(images)).abs().mean(dim=1) * 127.5
    torch.testing.assert_close(uncertainty.values, apart.detach())
    assert uncertainty.values.max() > 0
    assert samples.images.abs().max() <= 1


def test_a_sample_does_not_depend_on_its_batch() -> None:
    variant, images = built(), discs(5, 1)
    train(variant, images, 4)
    together = variant.sample(5, 3, inputs=images)
    alone = variant.sample(2, 3, inputs=images[2:4], first=2)
    torch.testing.assert_close(together.images[2:4], alone.images, rtol=0, atol=1e-5)
    torch.testing.assert_close(
        together.maps[0].values[2:4], alone.maps[0].values, rtol=0, atol=1e-2
    )
    assert torch.equal(together.images, variant.sample(5, 3, inputs=images).images)


@pytest.mark.parametrize("relativistic", ["pairing", "average"])
def test_the_multiscale_discriminator_trains(relativistic: str) -> None:
    variant = built(discriminator="multiscale", relativistic=relativistic)
    images = discs(4, 1)
    assert variant.discriminator(images).shape == (4, 2, 1, 4, 4)
    before = parameters(variant.discriminator)
    losses = variant.step(batch(images), 0)
    assert all(torch.isfinite(value) for value in losses.values())
    assert moved(variant.discriminator, before)


@pytest.mark.parametrize("step", [0, 50])
def test_two_parts_give_the_update_of_the_whole_batch(step: int) -> None:
    images = discs(4, 1)
    whole, parted = built(), built()
    parted.updates.parts = 2
    first, second = (variant.step(batch(images), step) for variant in (whole, parted))
    for name, value in first.items():
        torch.testing.assert_close(value, second[name], rtol=1e-4, atol=1e-5)
    for name, network in whole.networks().items():
        other = dict(parted.networks()[name].named_parameters())
        for parameter, p in network.named_parameters():
            if p.grad is not None:
                torch.testing.assert_close(p.grad, other[parameter].grad, rtol=1e-3, atol=1e-5)


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("value", [-1.0, 1.0])
def test_gradients_are_finite_at_extreme_inputs(precision: str, value: float) -> None:
    variant = built(channels=3)
    if precision == "bf16":
        variant.updates = Updates(lambda: torch.autocast("cpu", dtype=torch.bfloat16))
    images = torch.full((2, 3, 32, 32), value)
    for step in (0, 1, 50, 51):
        losses = variant.step(batch(images, step), step)
        assert all(torch.isfinite(loss) for loss in losses.values())
    for network in variant.networks().values():
        for parameter in network.parameters():
            assert torch.isfinite(parameter).all()
            assert parameter.grad is None or torch.isfinite(parameter.grad).all()


def test_a_missing_vgg_file_is_named_when_training_starts() -> None:
    variant = built(vgg19="no-such.safetensors")
    variant.sample(1, 0, inputs=discs(1, 1))
    with pytest.raises(ConfigError, match=r"no-such\.safetensors"):
        variant.step(batch(discs(2, 1)), 0)


@pytest.mark.parametrize("size", ["tiny", 64, 128, 256])
@pytest.mark.parametrize("dataset", ["acdc", "idrid"])
def test_presets_build(dataset: str, size: PresetSize) -> None:
    config = preset("higan", dataset, size)
    spec = ImageSpec(channels=1 if dataset == "acdc" else 3, size=config.size)
    with torch.device("meta"):
        Higan(spec, HiganOptions.model_validate(config.options), config.steps)
