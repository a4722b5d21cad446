"""What every registered variant promises, whatever its method."""

from __future__ import annotations

import math
from collections.abc import Callable
from contextlib import nullcontext
from typing import get_args

import pytest
import torch
from torch import Tensor

from engine.gans.batch import Batch, ExtraImages
from engine.gans.registry import preset, variants
from engine.gans.variant import SD_UNIT, ImageSpec, PresetSize, Variant
from engine.losses.recognised import region_loss
from engine.training.config import FeedbackMethod
from engine.training.randomness import generator
from engine.training.updates import Updates

SIZE, STEPS = 32, 40
#: points of the schedule: first and last step, and inside each third
PLACES = (0, 7, 20, 33, STEPS - 1)


def built(name: str, channels: int = 1, **options: object) -> Variant:
    spec = ImageSpec(channels=1 if channels == 1 else 3, size=SIZE, class_names=("NOR", "DCM"))
    settings = {**preset(name, "acdc", "tiny").options, **options}
    return variants()[name].build(spec, settings, STEPS, generator(1, "weights"))


def extremes(channels: int) -> Tensor:
    """Black, white, mid-grey and a checkerboard of both ends, twice."""
    images = torch.zeros(8, channels, SIZE, SIZE)
    images[0::4], images[1::4] = -1.0, 1.0
    images[3::4, :, ::2, ::2] = 1.0
    images[3::4, :, 1::2, 1::2] = -1.0
    return images


def batch(step: int, channels: int = 1) -> Batch:
    return Batch(extremes(channels), torch.tensor([0, 1, -1, 0, 1, -1, 0, 1]), seed=step)


def assert_finite_state(variant: Variant) -> None:
    for name, network in variant.networks().items():
        for key, tensor in network.state_dict().items():
            assert torch.isfinite(tensor.float()).all(), f"{name}/{key}"


@pytest.mark.parametrize("precision", ["fp32", "bf16"])
@pytest.mark.parametrize("name", variants())
def test_losses_gradients_and_weights_stay_finite_on_extreme_images(
    name: str, precision: str
) -> None:
    variant = built(name)
    if precision == "bf16":
        variant.updates = Updates(lambda: torch.autocast("cpu", dtype=torch.bfloat16))
    else:
        variant.updates = Updates(nullcontext)
    for step in PLACES:
        losses = variant.step(batch(step), step)
        assert losses
        assert all(math.isfinite(float(value)) for value in losses.values()), losses
        for optimiser in variant.optimisers().values():
            for group in optimiser.param_groups:
                for parameter in group["params"]:
                    if parameter.grad is not None:
                        assert torch.isfinite(parameter.grad).all()
    assert_finite_state(variant)


@pytest.mark.parametrize("name", variants())
def test_losses_have_the_same_names_at_every_step(name: str) -> None:
    variant = built(name)
    names = {tuple(sorted(variant.step(batch(step), step))) for step in PLACES}
    assert len(names) == 1


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize("name", variants())
def test_every_image_has_a_map_of_named_kind_and_unit(name: str, channels: int) -> None:
    variant = built(name, channels)
    variant.step(batch(0, channels), 0)
    samples = variant.sample(3, 5, inputs=extremes(channels)[:3])
    assert samples.images.shape == (3, channels, SIZE, SIZE)
    assert samples.images.abs().max() <= 1
    assert samples.maps
    for uncertainty in samples.maps:
        assert uncertainty.kind
        assert uncertainty.unit == SD_UNIT
        assert uncertainty.values.shape == (3, SIZE, SIZE)
        assert torch.isfinite(uncertainty.values).all()
        assert (uncertainty.values >= 0).all()
    without = variant.sample(3, 5, inputs=extremes(channels)[:3], maps=False)
    assert without.maps == ()
    torch.testing.assert_close(without.images, samples.images, rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", variants())
def test_a_sample_depends_on_seed_and_index_alone(name: str) -> None:
    variant = built(name)
    inputs = extremes(1)[:4]
    together = variant.sample(4, 9, inputs=inputs).images
    alone = variant.sample(2, 9, inputs=inputs[1:3], first=1).images
    torch.testing.assert_close(together[1:3], alone, rtol=0, atol=1e-5)
    assert torch.equal(together, variant.sample(4, 9, inputs=inputs).images)


@pytest.mark.parametrize("name", variants())
def test_the_multi_scale_discriminator_can_be_chosen(name: str) -> None:
    variant = built(name, discriminator="multiscale")
    own = sum(p.numel() for n in built(name).networks().values() for p in n.parameters())
    both = sum(p.numel() for n in variant.networks().values() for p in n.parameters())
    assert both > own
    for step in PLACES:
        losses = variant.step(batch(step), step)
        assert all(math.isfinite(float(value)) for value in losses.values()), losses
    assert_finite_state(variant)


@pytest.mark.parametrize("size", ["tiny", 64, 128, 256])
@pytest.mark.parametrize("dataset", ["acdc", "idrid"])
@pytest.mark.parametrize("name", variants())
def test_there_is_a_preset_for_both_data_sets_at_every_size(
    name: str, dataset: str, size: PresetSize
) -> None:
    config = preset(name, dataset, size)
    assert (config.variant, config.dataset) == (name, dataset)
    assert config.size == (32 if size == "tiny" else size)
    checked = variants()[name].options_model.model_validate(config.options)
    assert checked.discriminator == "own"


class RecordingBatch(Batch):
    """Keeps the mean of D's loss of the upper left quarter of recognised images."""

    judged: float = math.nan

    def with_recognised(self, loss: Tensor, judged: Callable[[ExtraImages], Tensor]) -> Tensor:
        assert self.negatives is not None
        with torch.no_grad():
            each, n = judged(self.negatives), len(self.negatives)
            self.judged = float(region_loss(each, upper_left(n), torch.ones(n), n))
        return super().with_recognised(loss, judged)


def upper_left(n: int) -> Tensor:
    regions = torch.zeros(n, 1, SIZE, SIZE)
    regions[:, :, : SIZE // 2, : SIZE // 2] = 1.0
    return regions


def recognised(weight: float, region_weight: float | None = None) -> ExtraImages:
    """Three ramps, two of them with a class, marked in their upper left quarter."""
    axis = torch.linspace(-1, 1, SIZE).expand(1, SIZE, SIZE)
    images = torch.stack([axis, -axis, axis.transpose(1, 2)])
    marked = region_weight is not None
    return ExtraImages(
        images,
        torch.tensor([0, -1, 1]),
        torch.full((3,), weight),
        regions=upper_left(3) if marked else None,
        region_weights=torch.full((3,), region_weight) if marked else None,
        seed=3,
    )


def loss_of_recognised(name: str, extra: ExtraImages, steps: int = 14) -> float:
    variant = built(name)
    for step in range(steps):
        plain = batch(step)
        shown = RecordingBatch(plain.images, plain.labels, extra, seed=step)
        variant.step(shown, step)
    return shown.judged


@pytest.mark.parametrize("name", variants())
def test_the_discriminator_learns_that_recognised_images_are_generated(name: str) -> None:
    assert "reweighting" in variants()[name].accepts_feedback
    unseen = loss_of_recognised(name, recognised(0.0))
    assert loss_of_recognised(name, recognised(4.0)) < unseen


@pytest.mark.parametrize(
    "name", [n for n, v in variants().items() if "region" in v.accepts_feedback]
)
def test_marked_regions_alone_teach_the_discriminator_too(name: str) -> None:
    unseen = loss_of_recognised(name, recognised(0.0))
    assert loss_of_recognised(name, recognised(0.0, 4.0)) < unseen


@pytest.mark.parametrize("name", variants())
def test_recognised_images_are_used_finitely_at_every_place_of_the_schedule(name: str) -> None:
    variant = built(name, discriminator="multiscale")
    for step in PLACES:
        plain = batch(step)
        extra = recognised(1.0, 1.0)
        losses = variant.step(
            Batch(plain.images, plain.labels, extra, seed=step, labelled=recognised(1.0)), step
        )
        assert all(math.isfinite(float(value)) for value in losses.values()), losses
    assert_finite_state(variant)


@pytest.mark.parametrize("name", variants())
def test_every_way_of_feedback_is_accepted_or_refused_with_a_reason(name: str) -> None:
    variant = variants()[name]
    ways = set(get_args(FeedbackMethod))
    assert set(variant.feedback_refusals) >= ways - variant.accepts_feedback
    for method in ways - variant.accepts_feedback:
        assert len(variant.feedback_refusals[method]) > 20


@pytest.mark.parametrize("name", variants())
def test_a_divided_batch_shows_each_recognised_image_once(name: str) -> None:
    variant = built(name)
    variant.updates.parts = 3
    plain = batch(2)
    losses = variant.step(Batch(plain.images, plain.labels, recognised(1.0), seed=2), 2)
    assert all(math.isfinite(float(value)) for value in losses.values()), losses
