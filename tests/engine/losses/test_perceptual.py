"""The perceptual loss: the extractors it names, VGG-19's file, and what it measures."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torch.nn import functional as F

from engine.errors import ConfigError
from engine.losses.perceptual import RandomConvolutions, Vgg19, perceptual_loss, vgg19
from engine.training.randomness import generator

#: VGG-19 with 2 to 4 channels instead of 64 to 512
SLIM = ((2,) * 2, (3,) * 2, (4,) * 4, (4,) * 4, (4,) * 4)
#: places of VGG-19's convolutions in torchvision's ``features``
PLACES = (0, 2, 5, 7, 10, 12, 14, 16, 19, 21, 23, 25, 28, 30, 32, 34)


def slim_tensors() -> dict[str, torch.Tensor]:
    rng = generator(3, "slim VGG")
    tensors = {"classifier.0.weight": torch.zeros(2, 2)}
    channels = 3
    for place, width in zip(PLACES, (w for block in SLIM for w in block), strict=True):
        tensors[f"features.{place}.weight"] = torch.randn(width, channels, 3, 3, generator=rng)
        tensors[f"features.{place}.bias"] = torch.randn(width, generator=rng)
        channels = width
    return tensors


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    path = tmp_path / "vgg.safetensors"
    save_file(slim_tensors(), path)
    return path


def images(n: int = 2, channels: int = 3, size: int = 32) -> torch.Tensor:
    return torch.rand(n, channels, size, size, generator=generator(1, "images")) * 2 - 1


def by_hand(seen: torch.Tensor) -> torch.Tensor:
    """VGG-19 to conv5_4 written out, on images in [0, 1] normalised for ImageNet."""
    tensors = slim_tensors()
    mean = torch.tensor([0.485, 0.456, 0.406]).view(1, 3, 1, 1)
    seen = (seen - mean) / torch.tensor([0.229, 0.224, 0.225]).view(1, 3, 1, 1)
    for place in PLACES:
        if place in (5, 10, 19, 28):
            seen = F.max_pool2d(seen, 2)
        weight, bias = tensors[f"features.{place}.weight"], tensors[f"features.{place}.bias"]
        seen = F.conv2d(seen, weight, bias, padding=1)
        if place != 34:
            seen = F.relu(seen)
    return seen


def test_vgg_19_from_a_file_is_the_written_out_network(weights: Path) -> None:
    extractor = vgg19(weights, hashlib.sha256(weights.read_bytes()).hexdigest(), SLIM)
    assert extractor.name == "VGG-19 conv5_4"
    (found,) = extractor.features(images())
    torch.testing.assert_close(found, by_hand((images() + 1) / 2))
    assert found.shape == (2, 4, 2, 2)


def test_the_published_vgg_19_has_its_twenty_million_convolution_weights() -> None:
    """20,024,384 in torchvision's ``vgg19().features``."""
    with torch.device("meta"):
        tensors: dict[str, torch.Tensor] = {}
        channels = 3
        widths = [64] * 2 + [128] * 2 + [256] * 4 + [512] * 8
        for place, width in zip(PLACES, widths, strict=True):
            tensors[f"features.{place}.weight"] = torch.empty(width, channels, 3, 3)
            tensors[f"features.{place}.bias"] = torch.empty(width)
            channels = width
        assert sum(p.numel() for p in Vgg19(tensors).parameters()) == 20_024_384


def test_grey_images_are_shown_as_grey_colour_images(weights: Path) -> None:
    extractor, grey = vgg19(weights, widths=SLIM), images(channels=1)
    (a,), (b,) = extractor.features(grey), extractor.features(grey.repeat(1, 3, 1, 1))
    torch.testing.assert_close(a, b)


def test_another_file_than_the_hash_names_is_refused(weights: Path) -> None:
    with pytest.raises(ConfigError, match="do not have the SHA-256"):
        vgg19(weights, "0" * 64, SLIM)


def test_a_file_that_is_no_safetensors_is_refused_unread(tmp_path: Path) -> None:
    pickled = tmp_path / "vgg19.pth"
    pickled.write_bytes(b"\x80\x04\x95pickle")
    with pytest.raises(ConfigError, match="cannot be read as safetensors"):
        vgg19(pickled)
    with pytest.raises(ConfigError, match="cannot be read as safetensors"):
        vgg19(tmp_path / "missing.safetensors", "0" * 64)


def test_other_weights_are_refused_by_the_name_of_what_is_wrong(
    weights: Path, tmp_path: Path
) -> None:
    with pytest.raises(ConfigError, match=r"features\.0\.weight has the shape \(2, 3, 3, 3\)"):
        vgg19(weights)
    tensors = slim_tensors()
    del tensors["features.34.bias"]
    save_file(tensors, tmp_path / "short.safetensors")
    with pytest.raises(ConfigError, match=r"there is no features\.34\.bias"):
        vgg19(tmp_path / "short.safetensors", widths=SLIM)


def test_random_convolutions_follow_from_their_seed() -> None:
    first, again, other = (RandomConvolutions(3, seed) for seed in (4, 4, 5))
    assert first.name == "random convolutions (seed 4)"
    for a, b in zip(first.features(images()), again.features(images()), strict=True):
        assert torch.equal(a, b)
    assert not torch.equal(first.features(images())[0], other.features(images())[0])
    assert [f.shape[1:] for f in first.features(images())] == [
        (16, 32, 32),
        (32, 16, 16),
        (64, 8, 8),
    ]


def test_the_loss_is_zero_for_the_same_image_and_trains_the_restored_one_alone() -> None:
    extractor = RandomConvolutions(1, 0)
    real = images(channels=1).requires_grad_()
    restored = (images(channels=1) * 0.5).requires_grad_()
    assert perceptual_loss(extractor, real, real.detach()) == 0
    perceptual_loss(extractor, real, restored).backward()
    assert real.grad is None
    assert restored.grad is not None
    assert restored.grad.abs().max() > 0
    assert all(p.grad is None for p in extractor.parameters())


def test_texture_that_is_displaced_costs_less_than_texture_that_is_missing() -> None:
    """What L1 on pixels gets wrong, and the reason for a perceptual loss."""
    axis = torch.arange(32)
    stripes = torch.where((axis // 2) % 2 == 0, 0.5, -0.5).expand(1, 1, 32, 32).contiguous()
    displaced, missing = stripes.roll(1, dims=-1), torch.zeros_like(stripes)
    assert F.l1_loss(displaced, stripes) == F.l1_loss(missing, stripes)
    extractor = RandomConvolutions(1, 0)
    coarse = [
        F.l1_loss(extractor.features(other)[-1], extractor.features(stripes)[-1])
        for other in (displaced, missing)
    ]
    assert coarse[0] < coarse[1]
