"""The multi-scale GAN: seams, margins, what a step trains and holds, and that it learns."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import ConfigError
from engine.gans.batch import Batch
from engine.gans.blocks.patches import coordinates, extended, reduced, upscaled
from engine.gans.msgan import Msgan, PatchDiscriminator, Refiner
from engine.gans.registry import preset
from engine.gans.variant import ImageSpec, PresetSize, Variant
from engine.training.randomness import generator
from engine.training.updates import Updates

TINY = preset("msgan", "acdc", "tiny").options
STEPS = 100


def built(
    size: int = 32, channels: int = 1, classes: tuple[str, ...] = (), **options: object
) -> Msgan:
    spec = ImageSpec(channels=1 if channels == 1 else 3, size=size, class_names=classes)
    variant = Msgan.build(spec, {**TINY, **options}, STEPS, generator(1, "weights"))
    assert isinstance(variant, Msgan)
    return variant


def with_random_refiners(variant: Msgan) -> Msgan:
    """Refiners that change much: untrained ones change nothing."""
    rng = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for refiner in variant.refiners.values():
            for parameter in refiner.parameters():
                parameter.normal_(0, 0.05, generator=rng)
    return variant


def n_parameters(network: nn.Module) -> int:
    return sum(parameter.numel() for parameter in network.parameters())


def noise(*shape: int) -> Tensor:
    return torch.rand(*shape, generator=torch.Generator().manual_seed(1)) * 2 - 1


def discs(n: int, size: int = 32) -> Tensor:
    axis = torch.linspace(-1, 1, size)
    radius = torch.linspace(0.4, 0.8, n)[:, None, None]
    return torch.tanh((radius - (axis[:, None] ** 2 + axis**2).sqrt()) * 10)[:, None]


def train(variant: Variant, images: Tensor, labels: Tensor, steps: range) -> dict[str, Tensor]:
    losses: dict[str, Tensor] = {}
    for step in steps:
        losses = variant.step(Batch(images, labels, seed=step), step)
    return losses


def test_layers_are_those_of_the_authors_patch_gan() -> None:
    # networks3D_HR.py of the authors' code, in two dimensions and with one strided convolution
    # for their two: ResnetGenerator(ngf=64, n_blocks=6), NLayerDiscriminator(ndf=64, n_layers=2).
    refiner, judge = Refiner(1, 64, 6), PatchDiscriminator(1, 64, 32)
    convolutions = (nn.Conv2d, nn.ConvTranspose2d)

    def layers(network: nn.Module) -> list[tuple[int, ...]]:
        found = [layer for layer in network.modules() if isinstance(layer, convolutions)]
        return [
            (layer.in_channels, layer.out_channels, layer.kernel_size[0], layer.stride[0])
            for layer in found
        ]

    assert layers(refiner) == [
        (3, 64, 3, 1),
        (64, 128, 4, 2),
        *[(128, 128, 3, 1)] * 12,
        (128, 64, 4, 2),
        (64, 1, 7, 1),
    ]
    assert layers(judge) == [(4, 64, 4, 1), (64, 128, 4, 2), (128, 256, 4, 2), (256, 1, 4, 2)]
    assert n_parameters(refiner) == (
        (3 * 9 + 1) * 64 + 2 * 64 * 128 * 16 + 128 + 64 + 12 * (128 * 9 + 1) * 128 + 64 * 49 + 1
    )
    norms = 2 * (128 + 256)
    assert n_parameters(judge) == (
        (4 * 16 + 1) * 64 + (64 * 16 + 1) * 128 + (128 * 16 + 1) * 256 + 256 * 16 + 1 + norms
    )


def test_the_first_scale_is_a_dcgan_of_its_size() -> None:
    variant = built(64, 3, base=32, patch=32, nz=100, ngf=64, ndf=64)
    assert variant.sizes == [32, 64]
    # DCGAN's 4 x 4 kernels from 100 latents to 256, 128, 64 and 3 channels, and batch norm.
    assert n_parameters(variant.generator) == (
        16 * (100 * 256 + 256 * 128 + 128 * 64 + 64 * 3) + 2 * (256 + 128 + 64)
    )


@pytest.mark.parametrize("blocks", [0, 1, 2, 4])
def test_a_refiner_needs_its_margin_and_no_more(blocks: int) -> None:
    refiner = Refiner(1, 4, blocks)
    margin, patch = refiner.margin, 16
    assert margin == 6 + 4 * blocks
    extent = patch + 2 * margin
    seen = noise(1, 3, extent, extent).requires_grad_()
    drawn = refiner(seen)
    assert drawn.shape == (1, 1, patch, patch)
    first, last = (
        torch.autograd.grad(drawn[..., at, at].sum(), seen, retain_graph=True)[0].nonzero()[:, 2:]
        for at in (0, patch - 1)
    )
    assert (first.min().item(), first.max().item()) == (0, 2 * margin + 1)
    assert (last.min().item(), last.max().item()) == (extent - 2 * margin - 2, extent - 1)


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(("tile", "blocks"), [(2, 0), (4, 1), (8, 2), (16, 4), (32, 1)])
def test_patch_wise_equals_whole_image_inference(tile: int, channels: int, blocks: int) -> None:
    size = min(64, 16 * tile)
    variant = with_random_refiners(built(64, channels, blocks=blocks, refiner_width=4))
    scale = variant.sizes.index(size)
    images = noise(2, channels, size // 2, size // 2)
    with torch.no_grad():
        whole = variant.refined(images, scale, tile=size)
        pieces = variant.refined(images, scale, tile=tile)
    change = (whole - F.interpolate(images, scale_factor=2, mode="bilinear")).abs().mean()
    assert change > 0.05
    torch.testing.assert_close(pieces, whole, rtol=0, atol=2e-5)


def test_a_patch_in_training_is_that_of_the_whole_image_in_sampling() -> None:
    variant = with_random_refiners(built(sigma=0.0))
    image = noise(1, 1, 32, 32)
    patches = variant._patches(Batch(image, torch.tensor([-1]), seed=4), 1)
    low = reduced(image[0], 16)[None]
    whole = variant.refined(low, 1)
    ((row, column),) = Batch(image, torch.tensor([-1]), seed=4).draws("place").integers(9, 2)
    y, x = 2 * int(row), 2 * int(column)
    assert torch.equal(patches.real, image[..., y : y + 16, x : x + 16])
    expected = whole[..., y : y + 16, x : x + 16]
    torch.testing.assert_close(
        variant.refiners[1](patches.condition).clamp(-1, 1), expected, rtol=0, atol=2e-5
    )


def test_an_untrained_refiner_gives_the_up_scaled_image() -> None:
    low = noise(2, 1, 16, 16)
    expected = F.interpolate(low, scale_factor=2, mode="bilinear")
    torch.testing.assert_close(built().refined(low, 1), expected)


def test_a_refiner_knows_where_it_is() -> None:
    variant = with_random_refiners(built())
    flat = torch.zeros(1, 1, 16, 16)
    assert variant.refined(flat, 1).std() > 1e-3


@pytest.mark.parametrize("dataset", ["acdc", "idrid"])
@pytest.mark.parametrize("size", ["tiny", 64, 128, 256])
def test_presets_refine_the_first_scale_up_to_their_size(dataset: str, size: PresetSize) -> None:
    config = preset("msgan", dataset, size)
    spec = ImageSpec(channels=3 if dataset == "idrid" else 1, size=config.size)
    variant = Msgan.build(spec, config.options, config.steps, generator(1, "weights"))
    assert isinstance(variant, Msgan)
    assert variant.sizes == [config.size // 2**n for n in reversed(range(len(variant.sizes)))]
    assert variant.sizes[0] == variant.options.base


@pytest.mark.parametrize("step", [0, 99])
def test_it_trains_on_colour_images(step: int) -> None:
    variant = built(channels=3)
    losses = variant.step(Batch(noise(2, 3, 32, 32), torch.full((2,), -1), seed=1), step)
    assert all(torch.isfinite(value) for value in losses.values())
    assert variant.sample(1, 1).images.shape == (1, 3, 32, 32)


@pytest.mark.parametrize("size", [32, 64, 128, 256, 512])
def test_images_have_the_size_asked_for(size: int) -> None:
    variant = built(size, classes=("NOR", "DCM"), ngf=4, ndf=4, nz=8, refiner_width=4)
    samples = variant.sample(1, 1, maps=False)
    assert samples.images.shape == (1, 1, size, size)
    assert samples.images.abs().max() <= 1


def test_sizes_that_do_not_suit_are_refused_in_words() -> None:
    with pytest.raises(ConfigError, match="'base' below the image's size"):
        built(32, base=32)
    with pytest.raises(ConfigError, match="at most twice the base"):
        built(64, base=16, patch=64)


def test_each_step_trains_one_scale_and_leaves_the_others_alone() -> None:
    variant = built(64)
    scales = [variant.trained_scale(step) for step in range(STEPS)]
    assert scales == sorted(scales)
    assert [scales.count(scale) for scale in (0, 1, 2)] == [50, 25, 25]
    assert variant.trained_scale(STEPS + 5) == 2
    images, labels = noise(4, 1, 64, 64), torch.full((4,), -1)
    for step in (0, 50, 99):
        before = {
            name: [tensor.clone() for tensor in network.state_dict().values()]
            for name, network in variant.networks().items()
        }
        losses = variant.step(Batch(images, labels, seed=step), step)
        assert list(losses) == ["discriminator", "generator", "l1"]
        changed = {
            name
            for name, network in variant.networks().items()
            if any(
                not torch.equal(a, b)
                for a, b in zip(before[name], network.state_dict().values(), strict=True)
            )
        }
        scale = variant.trained_scale(step)
        assert changed == {f"G{scale}", f"D{scale}"}


@pytest.mark.parametrize("scale", [0, 1, 2])
def test_a_step_reads_one_whole_image_at_a_time(scale: int) -> None:
    variant, images = built(64), noise(4, 1, 64, 64)
    read: list[int] = []

    def load(rows: slice) -> Tensor:
        read.append(rows.stop - rows.start)
        return images[rows]

    batch = Batch(load, torch.full((4,), -1), seed=1)
    variant.step(batch, {0: 0, 1: 50, 2: 99}[scale])
    assert set(read) == {1}


def test_what_the_networks_hold_in_a_step_does_not_grow_with_the_image() -> None:
    held = []
    for size in (64, 256):
        variant, count = built(size, patch=16), [0]

        def add(
            _layer: nn.Module, _inputs: object, output: Tensor, count: list[int] = count
        ) -> None:
            count[0] += output.numel()

        for network in variant.networks().values():
            for layer in network.modules():
                layer.register_forward_hook(add)
        variant.step(Batch(noise(2, 1, size, size), torch.full((2,), -1), seed=1), STEPS - 1)
        held.append(count[0])
    assert held[0] == held[1] > 0


def test_a_sample_is_the_same_whatever_else_is_drawn() -> None:
    variant = with_random_refiners(built(classes=("a", "b", "c")))
    together = variant.sample(6, 9)
    alone = variant.sample(2, 9, first=3)
    torch.testing.assert_close(together.images[3:5], alone.images, rtol=0, atol=2e-5)
    assert torch.equal(together.images, variant.sample(6, 9).images)
    assert not torch.equal(together.images, variant.sample(6, 10).images)


@pytest.mark.parametrize(("dropout", "kind"), [(0.0, "latent-sensitivity"), (0.3, "epistemic")])
def test_each_sample_has_a_map_of_a_named_kind(dropout: float, kind: str) -> None:
    (uncertainty,) = built(dropout_g=dropout).sample(2, 1).maps
    assert (uncertainty.kind, uncertainty.unit) == (kind, "grey levels (0–255)")
    assert uncertainty.values.shape == (2, 32, 32)
    assert uncertainty.values.max() > 0


def test_it_overfits_eight_images() -> None:
    images, labels = discs(8), torch.full((8,), -1)
    options = {"ngf": 16, "ndf": 16, "lr": 2e-3, "first_share": 0.7}
    spec = ImageSpec(channels=1, size=32)
    variant = Msgan.build(spec, {**TINY, **options}, 300, generator(1, "weights"))
    assert isinstance(variant, Msgan)

    def distance() -> float:
        drawn = variant.sample(16, 3, maps=False).images
        return float(torch.cdist(drawn.flatten(1), images.flatten(1)).min(dim=1).values.mean())

    def detail_missed() -> float:
        low = torch.stack([reduced(image, 16) for image in images])
        with torch.no_grad():
            return F.l1_loss(variant.refined(low, 1), images).item()

    before, up_scaled = distance(), detail_missed()
    train(variant, images, labels, range(300))
    assert distance() < before / 3
    assert detail_missed() < up_scaled / 2


def test_it_draws_the_class_that_is_asked_for() -> None:
    images, labels = discs(8), (torch.arange(8) >= 4).long()
    spec = ImageSpec(channels=1, size=32, class_names=("small", "large"))
    options = {"ngf": 16, "ndf": 16, "lr": 2e-3, "first_share": 0.9}
    variant = Msgan.build(spec, {**TINY, **options}, 200, generator(1, "weights"))
    train(variant, images, labels, range(200))
    for c in (0, 1):
        drawn = variant.sample(16, 1, labels=torch.full((16,), c), maps=False).images
        assert drawn.mean().item() == pytest.approx(images[labels == c].mean().item(), abs=0.15)


@pytest.mark.parametrize("scale", [0, 1])
def test_the_multi_scale_discriminator_trains_every_scale(scale: int) -> None:
    variant = built(discriminator="multiscale", first_share=0.5)
    images, labels = noise(4, 1, 32, 32), torch.full((4,), -1)
    step = 0 if scale == 0 else 99
    name = f"D{scale}"
    before = {key: value.clone() for key, value in variant.networks()[name].state_dict().items()}
    losses = variant.step(Batch(images, labels, seed=1), step)
    assert all(torch.isfinite(value) for value in losses.values())
    after = variant.networks()[name].state_dict()
    for part in ("coarse", "fine"):
        keys = [key for key in before if key.startswith(part) and key.endswith("weight")]
        assert any(not torch.equal(before[key], after[key]) for key in keys)
    own = built().step(Batch(images, labels, seed=1), step)
    assert not torch.equal(losses["generator"], own["generator"])


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("level", [-1.0, 0.0, 1.0])
def test_gradients_are_finite_at_extreme_images(precision: torch.dtype, level: float) -> None:
    variant = with_random_refiners(built(discriminator="multiscale"))
    if precision == torch.bfloat16:
        variant.updates = Updates(lambda: torch.autocast("cpu", dtype=torch.bfloat16))
    images = torch.full((2, 1, 32, 32), level)
    for step in (0, 99):
        losses = variant.step(Batch(images, torch.full((2,), -1), seed=1), step)
        assert all(torch.isfinite(value) for value in losses.values())
    gradients = [
        parameter.grad
        for network in variant.networks().values()
        for parameter in network.parameters()
    ]
    assert all(g is not None and torch.isfinite(g).all() for g in gradients)


def test_gradients_of_two_parts_are_those_of_the_whole_batch_of_patches() -> None:
    images, labels = noise(6, 1, 32, 32), torch.full((6,), -1)
    weights = []
    for parts in (1, 2):
        variant = with_random_refiners(built())
        variant.updates.parts = parts
        losses = variant.step(Batch(images, labels, seed=1), 99)
        weights.append([p.grad.clone() for p in variant.refiners[1].parameters()])
        weights[-1].append(torch.stack(list(losses.values())))
    for whole, divided in zip(*weights, strict=True):
        torch.testing.assert_close(whole, divided, rtol=1e-3, atol=1e-5)


def test_the_condition_is_the_up_scaled_scale_before_and_the_position() -> None:
    variant, image = built(sigma=0.0), noise(1, 1, 32, 32)
    margin = variant.refiners[1].margin
    batch = Batch(image, torch.tensor([-1]), seed=4)
    ((row, column),) = batch.draws("place").integers(9, 2)
    y, x = 2 * int(row), 2 * int(column)
    condition = variant._patches(batch, 1).condition[0]
    up = upscaled(extended(reduced(image[0], 16)[None], margin), y, x, 16, margin)[0]
    where = coordinates(y, x, 16, margin, 32, "cpu")
    torch.testing.assert_close(condition, torch.cat([up, where]))
