"""UP-GAN: schedule, cascade, maps, and that it learns to restore."""

from __future__ import annotations

import pytest
import torch

from engine.data.degradation import blurred_and_noisy, degraded, undersampled_k_space
from engine.errors import ConfigError
from engine.gans.batch import Batch
from engine.gans.registry import preset
from engine.gans.upgan import Upgan
from engine.gans.variant import ImageSpec, Variant
from engine.training.randomness import generator


def discs(n: int, channels: int, size: int = 32) -> torch.Tensor:
    """Bright discs of various sizes and places on black."""
    rng = generator(7, "discs")
    axis = torch.linspace(-1, 1, size)
    centre = (torch.rand(n, 2, 1, 1, generator=rng) - 0.5) * 0.8
    radius = torch.rand(n, 1, 1, generator=rng) * 0.3 + 0.3
    distance = ((axis[:, None] - centre[:, 0]) ** 2 + (axis - centre[:, 1]) ** 2).sqrt()
    return torch.tanh((radius - distance) * 12)[:, None].expand(-1, channels, -1, -1).clone()


def built(channels: int = 1, steps: int = 60, **options: object) -> Upgan:
    settings = {**preset("upgan", "acdc", "tiny").options, **options}
    spec = ImageSpec(channels=1 if channels == 1 else 3, size=32)
    variant = Upgan.build(spec, settings, steps, generator(1, "weights"))
    assert isinstance(variant, Upgan)
    return variant


def train(variant: Variant, images: torch.Tensor, steps: int) -> None:
    labels = torch.full((len(images),), -1)
    for step in range(steps):
        variant.step(Batch(images, labels, seed=step), step)


def test_stages_are_trained_one_after_another_in_three_phases() -> None:
    variant = built(steps=60)
    assert [variant.stage_at(step)[0] for step in (0, 29, 30, 59)] == [0, 0, 1, 1]
    assert variant.stage_at(45)[1] == pytest.approx(0.5)


def test_a_step_leaves_the_other_stages_alone() -> None:
    variant, images = built(steps=60), discs(4, 1)
    frozen = {name: p.clone() for name, p in variant.generators[1].named_parameters()}
    train(variant, images, 3)
    for name, parameter in variant.generators[1].named_parameters():
        assert torch.equal(parameter, frozen[name])
    first = {name: p.clone() for name, p in variant.generators[0].named_parameters()}
    variant.step(Batch(images, torch.full((4,), -1), seed=30), 30)
    for name, parameter in variant.generators[0].named_parameters():
        assert torch.equal(parameter, first[name])
    assert any(
        not torch.equal(parameter, frozen[name])
        for name, parameter in variant.generators[1].named_parameters()
    )


def test_a_later_stage_sees_mean_scale_shape_and_input() -> None:
    variant = built(channels=3)
    first, second = (network.body.entry[0] for network in variant.generators)  # type: ignore[union-attr]
    assert (first.in_channels, second.in_channels) == (3, 12)


# The drawn discs lose little by blur and noise, so that less can be won back for colour.
@pytest.mark.parametrize(("channels", "left_over"), [(1, 0.5), (3, 0.67)])
def test_it_learns_to_restore_eight_images(channels: int, left_over: float) -> None:
    variant, images = built(channels, steps=200, stages=1, width=16, lr=2e-3), discs(8, channels)
    rngs = [generator(5, "degradation", i) for i in range(8)]
    before = (degraded(images, rngs) - images).abs().mean()
    train(variant, images, 200)
    after = (variant.sample(8, 5, inputs=images).images - images).abs().mean()
    assert after < before * left_over


def test_predicted_spread_is_larger_where_the_error_is() -> None:
    variant, images = built(steps=160, stages=1, width=16, lr=2e-3), discs(8, 1)
    train(variant, images, 160)
    samples = variant.sample(8, 5, inputs=images)
    error = (samples.images - images).abs().mean(dim=1)
    predicted = next(m.values for m in samples.maps if m.kind == "aleatoric")
    worst = error > error.quantile(0.9)
    assert predicted[worst].mean() > 1.5 * predicted[~worst].mean()


def test_maps_have_kind_unit_and_the_size_of_the_image() -> None:
    samples = built(channels=3).sample(2, 1, inputs=discs(2, 3))
    assert [(m.kind, m.unit) for m in samples.maps] == [
        ("aleatoric", "grey levels (0–255)"),
        ("epistemic", "grey levels (0–255)"),
    ]
    for uncertainty in samples.maps:
        assert uncertainty.values.shape == (2, 32, 32)
        assert (uncertainty.values >= 0).all()


def test_without_dropout_the_network_is_sure_of_itself() -> None:
    samples = built(dropout=0.0).sample(2, 1, inputs=discs(2, 1))
    assert samples.maps[1].values.abs().max() == 0


def test_a_sample_does_not_depend_on_its_batch() -> None:
    variant, images = built(), discs(5, 1)
    train(variant, images, 4)
    together = variant.sample(5, 3, inputs=images)
    alone = variant.sample(2, 3, inputs=images[2:4], first=2)
    torch.testing.assert_close(together.images[2:4], alone.images, rtol=0, atol=1e-6)
    torch.testing.assert_close(
        together.maps[1].values[2:4], alone.maps[1].values, rtol=0, atol=1e-3
    )
    again = variant.sample(5, 3, inputs=images)
    assert torch.equal(together.images, again.images)
    assert torch.equal(together.maps[0].values, again.maps[0].values)


def test_unknown_options_are_refused_by_name() -> None:
    with pytest.raises(ConfigError, match="widht"):
        built(widht=8)


def test_undersampling_removes_signal_and_keeps_the_range() -> None:
    images = discs(3, 1)
    worse = undersampled_k_space(images, [generator(1, i) for i in range(3)])
    assert worse.shape == images.shape
    assert worse.min() >= -1
    assert worse.max() <= 1
    spectrum = torch.fft.fft2(worse + 1).abs().sum(dim=-1)
    assert (torch.fft.fft2(images + 1).abs().sum(dim=-1) > spectrum).float().mean() > 0.5


def test_degradation_is_the_generators_own() -> None:
    images = discs(2, 3)
    first, second = (
        blurred_and_noisy(images, [generator(seed, i) for i in range(2)]) for seed in (1, 1)
    )
    assert torch.equal(first, second)
    other = blurred_and_noisy(images, [generator(2, i) for i in range(2)])
    assert not torch.equal(first, other)
