"""Equalised learning rate: He's constant at run time, unit normal weights."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional as F

from engine.gans.blocks.equalised import (
    EqualisedConv2d,
    EqualisedLinear,
    draw_equalised_weights,
)


def drawn(layer: torch.nn.Module) -> torch.nn.Module:
    draw_equalised_weights(layer, torch.Generator().manual_seed(1))
    return layer


def test_the_scale_is_the_root_of_two_over_fan_in() -> None:
    assert EqualisedConv2d(512, 256, 3).scale == pytest.approx(math.sqrt(2 / (512 * 9)))
    assert EqualisedConv2d(16, 3, 1, gain=1).scale == pytest.approx(0.25)
    assert EqualisedLinear(8192, 512).scale == pytest.approx(1 / 64)


def test_layers_use_scaled_weights_and_their_bias() -> None:
    images = torch.randn(2, 3, 5, 5, generator=torch.Generator().manual_seed(2))
    conv = drawn(EqualisedConv2d(3, 4, 3))
    torch.nn.init.constant_(conv.bias, 0.5)
    expected = F.conv2d(images, conv.weight * math.sqrt(2 / 27), padding=1) + 0.5
    torch.testing.assert_close(conv(images), expected)
    dense = drawn(EqualisedLinear(75, 2, gain=1, bias=False))
    assert dense.bias is None
    torch.testing.assert_close(
        dense(images.flatten(1)), images.flatten(1) @ dense.weight.T / math.sqrt(75)
    )


def test_weights_are_unit_normal_and_drawn_from_the_generator_alone() -> None:
    layer = drawn(EqualisedConv2d(64, 64, 3))
    assert layer.weight.mean().abs() < 0.02
    assert layer.weight.std().item() == pytest.approx(1, rel=0.02)
    torch.manual_seed(3)
    assert torch.equal(layer.weight, drawn(EqualisedConv2d(64, 64, 3)).weight)


def test_a_signal_keeps_its_size_through_layers_of_any_width() -> None:
    # He's gain makes up for what ReLU takes away: the mean square stays that of the input.
    torch.manual_seed(0)
    for width in (64, 1024):
        features = torch.randn(256, width)
        out = F.relu(drawn(EqualisedLinear(width, 1024))(features))
        assert out.square().mean().item() == pytest.approx(1, abs=0.1)
