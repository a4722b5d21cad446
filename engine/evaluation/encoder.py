"""An encoder trained here on a data set, for distances where no published one is at hand.

A small convolutional network trained by VICReg (Bardes, Ponce, LeCun 2022, "VICReg: variance-
invariance-covariance regularization for self-supervised learning", equations 1–6) on views that
differ in place and brightness. Views are neither blurred nor made noisy, so that the features
keep what gives generated images away. Features are the means over the image of the last three
stages' activations: texture and shape alike.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from pathlib import Path
from typing import cast

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from safetensors import SafetensorError
from torch import Tensor, nn
from torch.nn import functional as F

from engine.atomic_file import write_bytes
from engine.bounded_file import read_bounded_text
from engine.data.cache import training_arrays
from engine.errors import EvaluationError
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.training.randomness import generator
from engine.weights_file import load_weights, save_weights
from engine.workspace import Workspace

_WIDTHS = (12, 24, 48, 96)
_GROUPS = 4
_EXPANDED = 256
_STEPS = 200
_BATCH = 48
_LARGEST = 64
_SEED = 0
_STATE, _WEIGHTS = "encoder.json", "weights.safetensors"
#: the paper's coefficients λ, μ, ν and the floor of the standard deviation γ
_INVARIANCE, _VARIANCE, _COVARIANCE, _GAMMA = 25.0, 25.0, 1.0, 1.0


class _Stage(nn.Module):
    def __init__(self, channels_in: int, channels: int) -> None:
        super().__init__()
        self.halving = nn.Conv2d(channels_in, channels, 3, 2, 1, bias=False)
        self.rest = nn.Sequential(
            nn.GroupNorm(_GROUPS, channels),
            nn.LeakyReLU(0.2),
            nn.Conv2d(channels, channels, 3, 1, 1, bias=False),
            nn.GroupNorm(_GROUPS, channels),
            nn.LeakyReLU(0.2),
        )


class EncoderNetwork(nn.Module):
    """Images (N, C, S, S) to features (N, 252).

    Of each stage but the first the mean over the image, of each but the last the spread: what is
    there, and how rough it is. The layers in between are normalised, so that spreads are taken of
    convolutions as they come.
    """

    dim = sum(_WIDTHS[1:]) + sum(_WIDTHS[:-1])

    def __init__(self, channels: int) -> None:
        super().__init__()
        sizes = (channels, *_WIDTHS)
        self.stages = nn.ModuleList(_Stage(a, b) for a, b in itertools.pairwise(sizes))

    def forward(self, images: Tensor) -> Tensor:
        """The features of each image."""
        means, spreads = [], []
        for stage in cast("Iterable[_Stage]", self.stages):
            raw = stage.halving(images)
            images = stage.rest(raw)
            means.append(images.mean(dim=(2, 3)))
            spreads.append(raw.var(dim=(2, 3)).add(1e-6).sqrt())
        return torch.cat([*means[1:], *spreads[:-1]], dim=1)


class EncoderState(BaseModel):
    """``encoder.json`` beside the weights: what the encoder was trained on, and how."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    format: int = 1
    name: str
    dataset: str
    channels: int
    size: int
    n_images: int
    seed: int
    steps: int
    weights_sha256: str


class DatasetEncoder:
    """A trained encoder as a `FeatureExtractor`, called for instance ``acdc-encoder``."""

    def __init__(self, network: EncoderNetwork, state: EncoderState) -> None:
        self.network = network.eval().requires_grad_(False)
        self.state = state
        self.name = state.name
        self.dim = network.dim
        self.device = torch.device("cpu")

    def to(self, device: torch.device) -> DatasetEncoder:
        """Compute on ``device`` from now on."""
        self.network.to(device)
        self.device = device
        return self

    def features(self, images: Tensor) -> Tensor:
        """Features float32 (N, dim); images are brought to the encoder's size and channels."""
        return cast("Tensor", self.network(self.fitted(images)))

    def fitted(self, images: Tensor) -> Tensor:
        """Images at the encoder's size, with its channels."""
        images = images.float()
        if images.shape[1] != self.state.channels:
            images = images.mean(dim=1, keepdim=True).expand(-1, self.state.channels, -1, -1)
        if images.shape[-1] != self.state.size:
            size = (self.state.size, self.state.size)
            images = F.interpolate(
                images, size, mode="bilinear", align_corners=False, antialias=True
            )
        return images


def encoder_folder(workspace: Workspace, dataset: str, size: int) -> Path:
    """Where the encoder of a data set for images of ``size`` px is kept."""
    return workspace.root / "encoders" / f"{dataset}-{min(size, _LARGEST)}"


def has_encoder(workspace: Workspace, dataset: str, size: int) -> bool:
    """Whether the data set's encoder for images of ``size`` px has been trained."""
    return (encoder_folder(workspace, dataset, size) / _STATE).is_file()


def load_or_train_encoder(
    workspace: Workspace,
    dataset: str,
    size: int,
    *,
    steps: int = _STEPS,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> DatasetEncoder:
    """The encoder of a data set; trained on its training images when asked for the first time.

    It stays the same afterwards, also when images are added: distances stay comparable. Delete its
    folder to train a new one. Raises `DataError` without images, `EvaluationError` for a damaged
    encoder, and `Cancelled`, which keeps nothing.
    """
    folder = encoder_folder(workspace, dataset, size)
    if has_encoder(workspace, dataset, size):
        return load_encoder(folder)
    network, state = _train(workspace, dataset, size, steps, progress, cancelled)
    sha256 = save_weights(folder / _WEIGHTS, network.state_dict())
    state = state.model_copy(update={"weights_sha256": sha256})
    write_bytes(folder / _STATE, state.model_dump_json(indent=1).encode("utf-8"))
    return DatasetEncoder(network, state)


def load_encoder(folder: Path) -> DatasetEncoder:
    """Read an encoder; raises `EvaluationError` when its files are damaged or do not fit."""
    advice = f"Delete the folder {folder}; the encoder is then trained again."
    try:
        text = read_bounded_text(folder / _STATE)
        state = EncoderState.model_validate_json(text)
        weights = load_weights(folder / _WEIGHTS, state.weights_sha256)
        if weights is None:
            raise EvaluationError(f"The weights of the encoder {state.name} were altered. {advice}")
        network = EncoderNetwork(state.channels)
        network.load_state_dict(weights)
    except (OSError, UnicodeDecodeError, ValidationError, SafetensorError, RuntimeError) as error:
        raise EvaluationError(f"The encoder in {folder} cannot be read: {error}. {advice}") from (
            error
        )
    return DatasetEncoder(network, state)


def vicreg_loss(first: Tensor, second: Tensor) -> Tensor:
    """VICReg of two views' embeddings (N, d): a scalar, small where views agree and spread."""
    invariance = F.mse_loss(first, second)
    variance = sum(F.relu(_GAMMA - (z.var(dim=0) + 1e-4).sqrt()).mean() for z in (first, second))
    covariance = sum(_off_diagonal_covariance(z) for z in (first, second))
    return _INVARIANCE * invariance + _VARIANCE * variance / 2 + _COVARIANCE * covariance


def _off_diagonal_covariance(embedding: Tensor) -> Tensor:
    centred = embedding - embedding.mean(dim=0)
    covariance = centred.T @ centred / (len(centred) - 1)
    return (covariance.square().sum() - covariance.diagonal().square().sum()) / len(covariance)


def _train(
    workspace: Workspace,
    dataset: str,
    size: int,
    steps: int,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> tuple[EncoderNetwork, EncoderState]:
    data = training_arrays(workspace, dataset, min(size, _LARGEST))
    channels = int(data.images.shape[1])
    name = f"{dataset}-encoder"
    with torch.random.fork_rng():
        torch.manual_seed(_SEED)
        network = EncoderNetwork(channels)
        expander = nn.Sequential(
            nn.Linear(network.dim, _EXPANDED),
            nn.LayerNorm(_EXPANDED),
            nn.ReLU(),
            nn.Linear(_EXPANDED, _EXPANDED),
        )
    optimiser = torch.optim.Adam([*network.parameters(), *expander.parameters()], lr=1e-3)
    rng = generator(_SEED, "encoder", dataset)
    batch = min(_BATCH, max(8, len(data)))
    for step in range(steps):
        raise_if_cancelled(cancelled)
        progress(step, steps, name)
        rows = torch.randint(len(data), (batch,), generator=rng).numpy()
        images = torch.from_numpy(data.batch(rows))
        views = [expander(network(_view(images, rng))) for _ in range(2)]
        optimiser.zero_grad(set_to_none=True)
        torch.autograd.backward(vicreg_loss(views[0], views[1]))
        optimiser.step()
    progress(steps, steps, name)
    state = EncoderState(
        name=name,
        dataset=dataset,
        channels=channels,
        size=int(data.images.shape[-1]),
        n_images=len(data),
        seed=_SEED,
        steps=steps,
        weights_sha256="",
    )
    return network, state


def _view(images: Tensor, rng: torch.Generator) -> Tensor:
    """Each image mirrored at random, cut, turned a little, and changed in brightness."""
    n = len(images)

    def uniform(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(n, generator=rng)

    scale, angle = uniform(0.6, 1.0), uniform(-0.2, 0.2)
    mirror = torch.where(torch.rand(n, generator=rng) < 0.5, -1.0, 1.0)
    room = 1 - scale
    theta = torch.zeros(n, 2, 3)
    theta[:, 0, 0] = scale * angle.cos() * mirror
    theta[:, 0, 1] = -scale * angle.sin()
    theta[:, 1, 0] = scale * angle.sin() * mirror
    theta[:, 1, 1] = scale * angle.cos()
    theta[:, 0, 2] = uniform(-1, 1) * room
    theta[:, 1, 2] = uniform(-1, 1) * room
    grid = F.affine_grid(theta, list(images.shape), align_corners=False)
    moved = F.grid_sample(images, grid, padding_mode="reflection", align_corners=False)
    contrast, brightness = uniform(0.8, 1.2), uniform(-0.15, 0.15)
    return (moved * contrast.view(-1, 1, 1, 1) + brightness.view(-1, 1, 1, 1)).clamp(-1, 1)
