"""Inception-v3 up to its last pooling: the network whose features give FID and KID.

Szegedy et al. 2016, "Rethinking the Inception architecture for computer vision", in the edition of
December 2015 that Heusel et al. 2017 measure with ("pool3", 2048 numbers). It differs from the
paper: averages leave the padding out, and the last block pools by the maximum. Layers are named as
in the weights that were published for PyTorch. Images are resized as TensorFlow 1 did.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from engine.errors import EvaluationError

INPUT_PX = 299
#: images that pass through the network at once; each takes about 12 MiB
_BATCH = 16
_VARIANCE_FLOOR = 1e-3

#: one convolution: name, channels, kernel height and width
_Layer = tuple[str, int, int, int]
#: convolutions one after the other; those of a last list stand side by side
_Chain = Sequence[_Layer | list[_Layer]]
_Pool = Literal["average", "maximum"]


class _Convolution(nn.Module):
    """Convolution, batch normalisation, ReLU."""

    def __init__(
        self, inputs: int, outputs: int, kernel: tuple[int, int], stride: int = 1, pad: bool = True
    ) -> None:
        super().__init__()
        padding = (kernel[0] // 2, kernel[1] // 2) if pad else (0, 0)
        self.conv = nn.Conv2d(inputs, outputs, kernel, stride, padding, bias=False)
        self.bn = nn.BatchNorm2d(outputs, eps=_VARIANCE_FLOOR)

    def forward(self, images: Tensor) -> Tensor:
        return F.relu(self.bn(self.conv(images)))


class _Inception(nn.Module):
    """Branches side by side, and a pooled one: through ``pooled`` channels, or as it is for 0.

    Blocks without a convolution behind their pooling halve the image: stride 2, nothing padded.
    """

    def __init__(
        self, inputs: int, chains: Sequence[_Chain], pooled: int, pool: _Pool = "average"
    ) -> None:
        super().__init__()
        self._halves = pooled == 0
        self._pool = pool
        self._steps: list[list[list[str]]] = []
        self.outputs = pooled or inputs
        for chain in chains:
            width = inputs
            steps = []
            for number, step in enumerate(chain):
                layers = step if isinstance(step, list) else [step]
                halving = self._halves and number == len(chain) - 1
                for name, outputs, height, across in layers:
                    convolution = _Convolution(
                        width, outputs, (height, across), 2 if halving else 1, not halving
                    )
                    self.add_module(name, convolution)
                steps.append([name for name, *_ in layers])
                width = sum(outputs for _, outputs, *_ in layers)
            self._steps.append(steps)
            self.outputs += width
        if pooled:
            self.branch_pool = _Convolution(inputs, pooled, (1, 1))

    def forward(self, images: Tensor) -> Tensor:
        found = []
        for steps in self._steps:
            seen = images
            for names in steps:
                sides = [self.get_submodule(name)(seen) for name in names]
                seen = sides[0] if len(sides) == 1 else torch.cat(sides, dim=1)
            found.append(seen)
        return torch.cat([*found, self._pooled(images)], dim=1)

    def _pooled(self, images: Tensor) -> Tensor:
        if self._halves:
            return F.max_pool2d(images, 3, 2)
        if self._pool == "maximum":
            pooled = F.max_pool2d(images, 3, 1, 1)
        else:
            pooled = F.avg_pool2d(images, 3, 1, 1, count_include_pad=False)
        found: Tensor = self.branch_pool(pooled)
        return found


def _figure_5(inputs: int, pooled: int) -> _Inception:
    """35 x 35: 5 x 5 and two 3 x 3 beside each other."""
    return _Inception(
        inputs,
        [
            [("branch1x1", 64, 1, 1)],
            [("branch5x5_1", 48, 1, 1), ("branch5x5_2", 64, 5, 5)],
            [
                ("branch3x3dbl_1", 64, 1, 1),
                ("branch3x3dbl_2", 96, 3, 3),
                ("branch3x3dbl_3", 96, 3, 3),
            ],
        ],
        pooled,
    )


def _figure_6(width: int) -> _Inception:
    """17 x 17: 7 x 7 as rows and columns, ``width`` channels in between."""
    return _Inception(
        768,
        [
            [("branch1x1", 192, 1, 1)],
            [
                ("branch7x7_1", width, 1, 1),
                ("branch7x7_2", width, 1, 7),
                ("branch7x7_3", 192, 7, 1),
            ],
            [
                ("branch7x7dbl_1", width, 1, 1),
                ("branch7x7dbl_2", width, 7, 1),
                ("branch7x7dbl_3", width, 1, 7),
                ("branch7x7dbl_4", width, 7, 1),
                ("branch7x7dbl_5", 192, 1, 7),
            ],
        ],
        192,
    )


def _figure_7(inputs: int, pool: _Pool) -> _Inception:
    """8 x 8: rows and columns beside each other."""
    return _Inception(
        inputs,
        [
            [("branch1x1", 320, 1, 1)],
            [
                ("branch3x3_1", 384, 1, 1),
                [("branch3x3_2a", 384, 1, 3), ("branch3x3_2b", 384, 3, 1)],
            ],
            [
                ("branch3x3dbl_1", 448, 1, 1),
                ("branch3x3dbl_2", 384, 3, 3),
                [("branch3x3dbl_3a", 384, 1, 3), ("branch3x3dbl_3b", 384, 3, 1)],
            ],
        ],
        192,
        pool,
    )


class InceptionNetwork(nn.Module):
    """Images (N, 3, 299, 299) in [-1, 1] to pool3 features (N, 2048)."""

    dim = 2048

    def __init__(self) -> None:
        super().__init__()
        self.Conv2d_1a_3x3 = _Convolution(3, 32, (3, 3), stride=2, pad=False)
        self.Conv2d_2a_3x3 = _Convolution(32, 32, (3, 3), pad=False)
        self.Conv2d_2b_3x3 = _Convolution(32, 64, (3, 3))
        self.Conv2d_3b_1x1 = _Convolution(64, 80, (1, 1))
        self.Conv2d_4a_3x3 = _Convolution(80, 192, (3, 3), pad=False)
        self.Mixed_5b = _figure_5(192, 32)
        self.Mixed_5c = _figure_5(256, 64)
        self.Mixed_5d = _figure_5(288, 64)
        self.Mixed_6a = _Inception(
            288,
            [
                [("branch3x3", 384, 3, 3)],
                [
                    ("branch3x3dbl_1", 64, 1, 1),
                    ("branch3x3dbl_2", 96, 3, 3),
                    ("branch3x3dbl_3", 96, 3, 3),
                ],
            ],
            0,
        )
        self.Mixed_6b, self.Mixed_6c, self.Mixed_6d, self.Mixed_6e = map(
            _figure_6, (128, 160, 160, 192)
        )
        self.Mixed_7a = _Inception(
            768,
            [
                [("branch3x3_1", 192, 1, 1), ("branch3x3_2", 320, 3, 3)],
                [
                    ("branch7x7x3_1", 192, 1, 1),
                    ("branch7x7x3_2", 192, 1, 7),
                    ("branch7x7x3_3", 192, 7, 1),
                    ("branch7x7x3_4", 192, 3, 3),
                ],
            ],
            0,
        )
        self.Mixed_7b = _figure_7(1280, "average")
        self.Mixed_7c = _figure_7(2048, "maximum")

    def forward(self, images: Tensor) -> Tensor:
        """The features of each image."""
        seen = images
        for name, layer in self.named_children():
            seen = layer(seen)
            if name in ("Conv2d_2b_3x3", "Conv2d_4a_3x3"):
                seen = F.max_pool2d(seen, 3, 2)
        return seen.mean(dim=(2, 3))


class InceptionFeatures:
    """The network with given weights as a `FeatureExtractor`."""

    dim = InceptionNetwork.dim

    def __init__(self, tensors: Mapping[str, Tensor], name: str) -> None:
        """``tensors`` by name; the classifier's ``fc`` is left alone. Raises `EvaluationError`."""
        network = InceptionNetwork()
        kept = {key: value for key, value in tensors.items() if not key.startswith("fc.")}
        try:
            network.load_state_dict(kept)
        except RuntimeError as error:
            raise EvaluationError(
                "The weights are not those of the Inception-v3 network that FID is measured with "
                f"({str(error).splitlines()[1].strip()}). torchvision's Inception-v3 is another "
                "one; take pt_inception-2015-12-05-6726825d.pth."
            ) from error
        self.network = network.eval().requires_grad_(False)
        self.name = name
        self.device = torch.device("cpu")

    def to(self, device: torch.device) -> InceptionFeatures:
        """Compute on ``device`` from now on."""
        self.network.to(device)
        self.device = device
        return self

    def features(self, images: Tensor) -> Tensor:
        """Features float32 (N, 2048) of images (N, 1 or 3, H, W) in [-1, 1].

        Grey values are rounded to 8 bits, as of the PNG files that FID is usually taken of;
        gradients pass through the rounding.
        """
        return torch.cat([self.network(self.fitted(part)) for part in torch.split(images, _BATCH)])

    @staticmethod
    def fitted(images: Tensor) -> Tensor:
        """Images (N, 3, 299, 299) on the network's scale, [-1, 127/128]."""
        levels = ((images.float() + 1) * 127.5).clamp(0, 255)
        levels = levels + (levels.round() - levels).detach()
        return (resize(levels.expand(-1, 3, -1, -1), INPUT_PX) - 128) / 128


def resize(images: Tensor, size: int) -> Tensor:
    """Bilinear resizing of (N, C, H, W) to ``size`` as TensorFlow 1's ``resize_bilinear``.

    Sample i lies at i H / size: the corner of a pixel is its place, and nothing is smoothed.
    """
    rows, columns = (_sampling(n, size, images) for n in images.shape[-2:])
    return rows @ images @ columns.T


def _sampling(n: int, size: int, like: Tensor) -> Tensor:
    """Weights (size, n) of the two neighbours of each sample."""
    place = torch.arange(size, dtype=torch.float32) * torch.tensor(n / size)
    low = place.long()
    share = place - low
    weights = torch.zeros(size, n)
    for index, weight in ((low, 1 - share), ((low + 1).clamp_max(n - 1), share)):
        weights.scatter_add_(1, index[:, None], weight[:, None])
    return weights.to(like)
