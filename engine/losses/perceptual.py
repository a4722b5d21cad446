"""Perceptual loss: images shall look alike to a fixed network, which has a name.

Johnson et al. 2016, "Perceptual losses for real-time style transfer and super-resolution", eq. 2;
by L1 on the last convolution of VGG-19 before its activation, as Wang et al. 2018 (ESRGAN),
section 3.3. Without VGG's weights, random convolutions serve: He, Wang, Hopcroft 2016 ("A powerful
generative model using random weights for the deep image representation") show that they carry
texture as well.
"""

from __future__ import annotations

import hashlib
from abc import abstractmethod
from itertools import pairwise
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import ConfigError
from engine.training.randomness import generator

#: channels of VGG-19's convolutions, by block; a block ends where the image is halved
VGG19_WIDTHS = ((64,) * 2, (128,) * 2, (256,) * 4, (512,) * 4, (512,) * 4)
#: mean and SD of ImageNet's images on [0, 1], which VGG-19 was trained with
_IMAGENET_MEAN = (0.485, 0.456, 0.406)
_IMAGENET_SD = (0.229, 0.224, 0.225)
_RANDOM_WIDTHS = (16, 32, 64)


class FeatureExtractor(nn.Module):
    """A fixed network that `perceptual_loss` looks at images through; ``name`` tells which."""

    name: str

    @abstractmethod
    def features(self, images: Tensor) -> list[Tensor]:
        """Features of images (N, 1 or 3, H, W) in [-1, 1], from fine to coarse."""


def perceptual_loss(extractor: FeatureExtractor, real: Tensor, restored: Tensor) -> Tensor:
    """Mean over the extractor's layers of the L1 distance of features; a scalar.

    Both (N, C, H, W) in [-1, 1]; gradients reach ``restored`` alone.
    """
    with torch.no_grad():
        wanted = extractor.features(real)
    found = extractor.features(restored)
    return torch.stack([F.l1_loss(a, b) for a, b in zip(found, wanted, strict=True)]).mean()


class Vgg19(FeatureExtractor):
    """VGG-19 (Simonyan, Zisserman 2015) up to its last convolution, before the activation.

    ``tensors`` are named as in torchvision: ``features.N.weight`` (out, in, 3, 3) and
    ``features.N.bias`` (out,), N the place of a convolution among all layers (0, 2, 5, … 34).
    """

    name = "VGG-19 conv5_4"

    def __init__(
        self, tensors: dict[str, Tensor], widths: tuple[tuple[int, ...], ...] = VGG19_WIDTHS
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for block in widths:
            for width in block:
                convolution = nn.Conv2d(channels, width, 3, padding=1)
                place = f"features.{len(layers)}"
                for part in ("weight", "bias"):
                    getattr(convolution, part).data = _fitting(
                        tensors, f"{place}.{part}", getattr(convolution, part).shape
                    )
                layers += [convolution, nn.ReLU()]
                channels = width
            layers.append(nn.MaxPool2d(2))
        self.layers = nn.Sequential(*layers[:-2])
        self.register_buffer("mean", torch.tensor(_IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("sd", torch.tensor(_IMAGENET_SD).view(1, 3, 1, 1))
        self.requires_grad_(False)

    def features(self, images: Tensor) -> list[Tensor]:
        """One layer, (N, 512, H/16, W/16); grey images are shown as grey colour images."""
        assert isinstance(self.mean, Tensor)
        assert isinstance(self.sd, Tensor)
        colour = images.expand(-1, 3, -1, -1)
        return [self.layers(((colour + 1) / 2 - self.mean) / self.sd)]


class RandomConvolutions(FeatureExtractor):
    """Three scales of random 3 x 3 convolutions; the seed is part of the name."""

    def __init__(self, channels: int, seed: int) -> None:
        super().__init__()
        self.name = f"random convolutions (seed {seed})"
        rng = generator(seed, "random convolutions")
        self.layers = nn.ModuleList()
        for above, below in pairwise((channels, *_RANDOM_WIDTHS)):
            convolution = nn.Conv2d(above, below, 3, padding=1, bias=False)
            nn.init.kaiming_normal_(convolution.weight, generator=rng)
            self.layers.append(convolution)
        self.requires_grad_(False)

    def features(self, images: Tensor) -> list[Tensor]:
        """Three layers before their activation, at full, half and quarter size."""
        found: list[Tensor] = []
        seen = images
        for layer in self.layers:
            found.append(layer(seen))
            seen = F.avg_pool2d(F.relu(found[-1]), 2)
        return found


def vgg19(
    path: Path, sha256: str = "", widths: tuple[tuple[int, ...], ...] = VGG19_WIDTHS
) -> Vgg19:
    """VGG-19 with the weights of a safetensors file, whose other tensors are left alone.

    Raises `ConfigError` when the file cannot be read, has not the hash ``sha256`` (where one is
    given), or does not hold VGG-19's convolutions.
    """
    if str(path).startswith(("//", "\\\\")):
        # Settings may come from elsewhere; opening such a path would speak to that computer.
        raise ConfigError(f"The VGG-19 weights {path} are on another computer. Copy them first.")
    try:
        if not path.is_file():
            raise OSError("there is no such file")
        if sha256 and _file_hash(path) != sha256.lower():
            raise ConfigError(
                f"The weights in {path} do not have the SHA-256 {sha256}. Take the file that the "
                "hash was made of, or leave the hash out if you trust this one."
            )
        with safe_open(path, framework="pt") as file:
            names = [name for name in file.keys() if name.startswith("features.")]  # noqa: SIM118
            tensors = {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError) as error:
        raise ConfigError(
            f"The VGG-19 weights {path} cannot be read as safetensors: {error}. Give the path of "
            "such a file, or leave it out to compare by random convolutions."
        ) from None
    try:
        return Vgg19(tensors, widths)
    except ConfigError as error:
        raise ConfigError(f"The weights in {path} are not VGG-19's: {error}") from None


def _fitting(tensors: dict[str, Tensor], name: str, shape: torch.Size) -> Tensor:
    tensor = tensors.get(name)
    if tensor is None:
        raise ConfigError(f"there is no {name}.")
    if tensor.shape != shape:
        raise ConfigError(f"{name} has the shape {tuple(tensor.shape)}, not {tuple(shape)}.")
    return tensor.float()


def _file_hash(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
