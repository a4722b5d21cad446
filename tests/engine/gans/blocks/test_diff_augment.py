"""DiffAugment: what each alteration does, and that it is differentiable and reproducible."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from engine.gans.blocks import diff_augment as module
from engine.gans.blocks.diff_augment import diff_augment
from engine.training.draws import BatchDraws, Draws

N, SIZE = 64, 16


def draws(seed: int = 3, first: int = 0, n: int = N) -> Draws:
    return BatchDraws(seed, "augment", first, n, N, "cpu")


def pictures(channels: int = 3, n: int = N, size: int = SIZE) -> Tensor:
    rng = torch.Generator().manual_seed(7)
    return torch.rand(n, channels, size, size, generator=rng) * 2 - 1


def test_probability_0_changes_nothing_and_1_changes_every_image() -> None:
    images = pictures()
    assert torch.equal(diff_augment(images, draws(), 0.0), images)
    changed = (diff_augment(images, draws()) - images).flatten(1).abs().amax(dim=1)
    assert (changed > 0.05).all()


def test_about_half_are_moved_with_probability_a_half(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("_brightness", "_saturation", "_contrast", "_cutout"):
        monkeypatch.setattr(module, name, lambda images, _: images)
    images = pictures()
    moved = (diff_augment(images, draws(), 0.5) != images).flatten(1).any(dim=1).float().mean()
    assert 0.3 < moved < 0.65


def test_brightness_adds_one_number_up_to_a_half_to_each_image() -> None:
    images = pictures()
    added = (module._brightness(images, draws()) - images).flatten(1)
    torch.testing.assert_close(added, added[:, :1].expand_as(added))
    assert added.abs().max() <= 0.5
    assert added[:, 0].std().item() == pytest.approx(1 / 12**0.5, rel=0.2)


@pytest.mark.parametrize(
    ("alter", "dims", "most"),
    [(module._saturation, (1,), 2.0), (module._contrast, (1, 2, 3), 1.5)],
)
def test_saturation_and_contrast_keep_the_mean_and_scale_the_rest(
    alter: Callable[[Tensor, Draws], Tensor], dims: tuple[int, ...], most: float
) -> None:
    images = pictures()
    altered = alter(images, draws())
    before, after = (x - x.mean(dim=dims, keepdim=True) for x in (images, altered))
    torch.testing.assert_close(altered.mean(dim=dims), images.mean(dim=dims))
    factor = (after * before).flatten(1).sum(dim=1) / before.square().flatten(1).sum(dim=1)
    torch.testing.assert_close(after, before * factor.view(-1, 1, 1, 1), rtol=0, atol=1e-5)
    assert factor.max() <= most
    assert factor.min() >= 2 - most if most < 2 else factor.min() >= 0


def test_one_channel_has_no_saturation_to_lose() -> None:
    images = pictures(1)
    torch.testing.assert_close(module._saturation(images, draws()), images)


def test_translation_moves_by_up_to_an_eighth_and_fills_with_mid_grey() -> None:
    images = pictures(1)
    moved = module._translation(images, draws())
    seen = set()
    for before, after in zip(F.pad(images, (2, 2, 2, 2)), moved, strict=True):
        found = [
            (row, column)
            for row in range(5)
            for column in range(5)
            if torch.equal(before[:, row : row + SIZE, column : column + SIZE], after)
        ]
        assert len(found) == 1
        seen.add(found[0])
    assert {row for row, _ in seen} == {column for _, column in seen} == {0, 1, 2, 3, 4}


def test_cutout_takes_a_square_of_half_the_side_or_what_of_it_lies_inside() -> None:
    lost = module._cutout(torch.ones(N, 2, SIZE, SIZE), draws()) == 0
    assert torch.equal(lost[:, 0], lost[:, 1])
    heights = lost[:, 0].any(dim=2).sum(dim=1)
    widths = lost[:, 0].any(dim=1).sum(dim=1)
    assert torch.equal(lost[:, 0].sum(dim=(1, 2)), heights * widths)
    assert heights.max() == widths.max() == SIZE // 2
    assert heights.min() >= SIZE // 4
    assert widths.min() >= SIZE // 4


def test_it_can_be_differentiated_twice() -> None:
    images = pictures(2, n=2, size=8).double().requires_grad_()

    def alter(x: Tensor) -> Tensor:
        return diff_augment(x.tanh(), BatchDraws(1, "augment", 0, 2, 2, "cpu"))

    assert torch.autograd.gradcheck(alter, (images,))
    assert torch.autograd.gradgradcheck(alter, (images,))


def test_a_part_of_a_batch_is_altered_as_in_the_whole() -> None:
    images = pictures()
    whole = diff_augment(images, draws(), 0.7)
    part = diff_augment(images[10:30], draws(first=10, n=20), 0.7)
    torch.testing.assert_close(part, whole[10:30])
    assert not torch.equal(whole, diff_augment(images, draws(seed=4), 0.7))
