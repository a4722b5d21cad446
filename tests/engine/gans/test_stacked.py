"""Stacked enhancement: the paper's layers, stages in turn, and that each learns."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.errors import ConfigError
from engine.gans.batch import Batch
from engine.gans.registry import preset
from engine.gans.stacked import Refiner, Stacked, StackedOptions
from engine.gans.variant import ImageSpec
from engine.training.randomness import generator
from engine.training.updates import Updates

TINY = preset("stacked", "acdc", "tiny").options


def built(
    size: int = 32, classes: tuple[str, ...] = (), steps: int = 100, **options: object
) -> Stacked:
    spec = ImageSpec(channels=1, size=size, class_names=classes)
    variant = Stacked.build(spec, {**TINY, **options}, steps, generator(1, "weights"))
    assert isinstance(variant, Stacked)
    return variant


def n_parameters(network: torch.nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def discs(n: int, size: int = 32) -> Tensor:
    axis = torch.linspace(-1, 1, size)
    radius = torch.linspace(0.4, 0.8, n)[:, None, None]
    return torch.tanh((radius - (axis[:, None] ** 2 + axis**2).sqrt()) * 10)[:, None]


def train(
    variant: Stacked, images: Tensor, steps: range, labels: Tensor | None = None
) -> dict[str, Tensor]:
    labels = torch.full((len(images),), -1) if labels is None else labels
    losses = {}
    for step in steps:
        losses = variant.step(Batch(images, labels, seed=step), step)
    return losses


def state(network: torch.nn.Module) -> dict[str, Tensor]:
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def changed(network: torch.nn.Module, before: dict[str, Tensor]) -> bool:
    return any(not torch.equal(t, before[name]) for name, t in network.state_dict().items())


def test_a_refiner_has_the_parameters_of_the_papers_stage_ii() -> None:
    # Counted on STAGE2_G of the authors' code/model.py with their coco_s2.yml (GF_DIM 192,
    # CONDITION_DIM 128, R_NUM 2); an enlargement less, because a stage here doubles the size.
    options = StackedOptions(width=192, blocks=2, n_condition=128)
    with torch.device("meta"):
        refiner = Refiner(3, options, 5)
    assert n_parameters(refiner.encoder) == 5_905_728
    assert n_parameters(refiner.joint) == 6_194_688
    assert n_parameters(refiner.residual) == 21_239_808
    assert n_parameters(refiner.decoder) == 2_654_976 + 663_936 + 166_080


def test_stage_1_is_the_published_dcgan() -> None:
    # At nz = 100, ngf = ndf = 64, RGB, unconditional: the counts of PyTorch's DCGAN example.
    spec = ImageSpec(channels=3, size=128)
    with torch.device("meta"):
        variant = Stacked(spec, StackedOptions(), 1)
    assert variant.sizes == [64, 128]
    assert n_parameters(variant.first) == 3_576_704
    assert n_parameters(variant.discriminators[0]) == 2_765_568


@pytest.mark.parametrize(
    ("size", "stages", "growth", "sizes"),
    [
        (256, 3, "double", [64, 128, 256]),
        (64, 3, "same", [64, 64, 64]),
        (32, 1, "double", [32]),
    ],
)
def test_each_later_stage_doubles_or_keeps_the_size(
    size: int, stages: int, growth: str, sizes: list[int]
) -> None:
    variant = built(size, ("a",), stages=stages, growth=growth, discriminator="multiscale")
    assert variant.sizes == sizes
    images = torch.zeros(2, 16)
    images = variant.first(images, torch.zeros(2, dtype=torch.long))
    assert images.shape[-1] == sizes[0]
    for refiner, side in zip(variant.refiners, sizes[1:], strict=True):
        images = refiner(images, torch.zeros(2, dtype=torch.long))
        assert images.shape == (2, 1, side, side)


def test_a_stage_1_too_small_for_a_dcgan_is_refused() -> None:
    with pytest.raises(ConfigError, match="Choose fewer 'stages'"):
        built(32, stages=3)


def test_an_untrained_stage_only_enlarges() -> None:
    variant = built()
    small = variant.first.eval()(torch.randn(2, 16), torch.zeros(2, dtype=torch.long))
    refined = variant.refiners[0](small, torch.zeros(2, dtype=torch.long))
    expected = F.interpolate(small, scale_factor=2.0, mode="bilinear")
    torch.testing.assert_close(refined, expected)


def test_stages_are_trained_in_turn_and_the_others_left_as_they_are() -> None:
    variant, images = built(16, steps=30, stages=3, growth="same"), discs(4, 16)
    assert [variant.trained_stage(step) for step in (0, 9, 10, 19, 20, 29)] == [0, 0, 1, 1, 2, 2]
    for step in (0, 10, 20):
        before = {name: state(network) for name, network in variant.networks().items()}
        train(variant, images, range(step, step + 2))
        moved = {n for n, network in variant.networks().items() if changed(network, before[n])}
        stage = step // 10 + 1
        assert moved == {f"G{stage}", f"D{stage}"}
        assert variant.first.training


def test_it_overfits_eight_images_and_a_later_stage_adds_what_the_first_cannot_hold() -> None:
    # Stripes of one pixel are lost in images of half the size.
    stripes = (torch.arange(32) % 2 * 2.0 - 1).expand(32, 32)
    images = (discs(8) + stripes) / 2
    variant = built(ngf=16, ndf=16, blocks=0, lr=2e-3, steps=160)

    def distance() -> float:
        drawn = variant.sample(16, 3, maps=False).images
        return float(torch.cdist(drawn.flatten(1), images.flatten(1)).min(dim=1).values.mean())

    before = distance()
    train(variant, images, range(80))
    halfway = distance()
    # Steps past the last one go on training the last stage.
    train(variant, images, range(80, 280))
    assert distance() < before / 2
    assert distance() < halfway / 1.4


def test_it_draws_the_class_that_is_asked_for() -> None:
    images, labels = discs(8, 16), (torch.arange(8) >= 4).long()
    variant = built(16, ("small", "large"), ngf=16, ndf=16, lr=2e-3, stages=1)
    train(variant, images, range(100), labels)
    small, large = (
        variant.sample(16, 1, labels=torch.full((16,), c), maps=False).images.mean().item()
        for c in (0, 1)
    )
    truth = [images[labels == c].mean().item() for c in (0, 1)]
    assert large - small > 0.5 * (truth[1] - truth[0])


def test_a_refiner_is_told_the_class() -> None:
    variant = built(classes=("a", "b"))
    torch.nn.init.normal_(variant.refiners[0].image.weight)
    variant.refiners[0].eval()
    image = torch.zeros(1, 1, 16, 16)
    a, b = (variant.refiners[0](image, torch.tensor([row])) for row in (0, 1))
    assert (a - b).abs().max() > 1e-4


@pytest.mark.parametrize("precision", [None, torch.bfloat16])
@pytest.mark.parametrize("level", [-1.0, 1.0, 1e3])
def test_gradients_are_finite_at_extreme_images(
    level: float, precision: torch.dtype | None
) -> None:
    variant = built(steps=4, discriminator="multiscale")
    if precision is not None:
        variant.updates = Updates(lambda: torch.autocast("cpu", precision))
    images = torch.full((4, 1, 32, 32), level)
    for step in range(4):
        losses = train(variant, images, range(step, step + 1))
        assert all(torch.isfinite(value) for value in losses.values())
    for network in variant.networks().values():
        for parameter in network.parameters():
            assert parameter.grad is not None
            assert torch.isfinite(parameter.grad).all()


@pytest.mark.parametrize(("dropout", "kind"), [(0.0, "latent-sensitivity"), (0.3, "epistemic")])
def test_a_sample_is_the_same_whatever_else_is_drawn_and_has_a_map(
    dropout: float, kind: str
) -> None:
    variant = built(classes=("a", "b"), dropout_g=dropout)
    together, alone = variant.sample(6, 9), variant.sample(2, 9, first=3)
    torch.testing.assert_close(together.images[3:5], alone.images, rtol=0, atol=1e-6)
    assert together.images.abs().max() <= 1
    (uncertainty,) = together.maps
    assert (uncertainty.kind, uncertainty.unit) == (kind, "grey levels (0–255)")
    assert uncertainty.values.shape == (6, 32, 32)
    assert uncertainty.values.max() > 0


def test_accumulated_parts_train_every_stage_too() -> None:
    variant = built(steps=2)
    variant.updates.parts = 2
    before = {name: state(network) for name, network in variant.networks().items()}
    train(variant, discs(8), range(2))
    assert all(changed(network, before[name]) for name, network in variant.networks().items())
