"""What every GAN variant promises, so that one loop trains all of them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import torch
from pydantic import BaseModel, ConfigDict, ValidationError
from torch import Tensor, nn
from torch.optim import Optimizer

from engine.errors import ConfigError
from engine.training.config import FeedbackMethod, TrainConfig, explained

PresetSize = Literal[64, 128, 256, "tiny"]
#: half the grey range, to turn a standard deviation on [-1, 1] into grey levels of 0–255
GREY_LEVELS_PER_UNIT = 127.5
SD_UNIT = "grey levels (0–255)"


class ImageSpec(BaseModel):
    """The images a network works on; labels index ``class_names``, -1 means unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: Literal[1, 3]
    size: int
    bit_depth: Literal[8, 16] = 8
    class_names: tuple[str, ...] = ()

    @property
    def n_classes(self) -> int:
        """Number of known classes; 0 without classes."""
        return len(self.class_names)


@dataclass(frozen=True, slots=True)
class Negatives:
    """Images that readers recognised as generated.

    ``images`` float32 (M, C, S, S) in [-1, 1], ``labels`` int64 (M,) or -1, ``weights`` float32
    (M,), each ≥ 0, how much each counts in D's loss beside the average image of a batch.
    """

    images: Tensor
    labels: Tensor
    weights: Tensor


@dataclass(frozen=True, slots=True)
class Batch:
    """One step's real images: float32 (B, C, S, S) in [-1, 1], labels int64 (B,) or -1."""

    images: Tensor
    labels: Tensor
    negatives: Negatives | None = None


@dataclass(frozen=True, slots=True)
class BatchMap:
    """Uncertainty of a batch: float32 (N, H, W) ≥ 0 of a named ``kind`` in ``unit``."""

    values: Tensor
    kind: str
    unit: str


@dataclass(frozen=True, slots=True)
class Samples:
    """Drawn or restored images, float32 (N, C, H, W) in [-1, 1], and a map of each kind."""

    images: Tensor
    maps: tuple[BatchMap, ...] = ()


class VariantOptions(BaseModel):
    """Base of a variant's hyper-parameters, named by the symbols of its paper."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Variant(ABC):
    """Networks, optimisers and one training step of a published method.

    A subclass in its own module of `engine.gans` is found by `engine.gans.registry`. All networks
    and optimisers exist from the start, also those of stages still to come; what a step trains
    follows from the step's number alone. All randomness comes from the generators that are handed
    in, so that a run can be resumed bit by bit.
    """

    #: id in configurations and records
    name: ClassVar[str]
    #: what a menu shows
    title: ClassVar[str]
    options_model: ClassVar[type[VariantOptions]]
    accepts_feedback: ClassVar[frozenset[FeedbackMethod]] = frozenset()
    #: True where `sample` needs real images (image-to-image)
    needs_inputs: ClassVar[bool] = False

    def __init__(self, spec: ImageSpec, total_steps: int) -> None:
        """Subclasses build networks (uninitialised randomness is fine) and call `to` when done."""
        self.spec = spec
        self.total_steps = total_steps
        self.device = torch.device("cpu")

    @classmethod
    def build(
        cls, spec: ImageSpec, options: Mapping[str, Any], total_steps: int, rng: torch.Generator
    ) -> Variant:
        """A fresh variant on the CPU with weights drawn from ``rng``.

        Raises `ConfigError` for options that the variant does not know or cannot use.
        """
        try:
            checked = cls.options_model.model_validate(dict(options))
        except ValidationError as error:
            raise ConfigError(
                f"The options of {cls.name} do not fit: {explained(error)}."
            ) from error
        variant = cls(spec, checked, total_steps)  # type: ignore[call-arg, arg-type]
        variant.initialise(rng)
        return variant

    @classmethod
    @abstractmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """Settings that suit ``dataset``; raises `ConfigError` for a size without a preset."""

    @abstractmethod
    def networks(self) -> dict[str, nn.Module]:
        """All networks by name; their parameters and buffers are the variant's whole state."""

    @abstractmethod
    def optimisers(self) -> dict[str, Optimizer]:
        """All optimisers by name."""

    @abstractmethod
    def sampling_networks(self) -> tuple[str, ...]:
        """Names of the networks that `sample` uses; these are averaged (EMA)."""

    @abstractmethod
    def initialise(self, rng: torch.Generator) -> None:
        """Draw all initial weights from ``rng``, a CPU generator."""

    @abstractmethod
    def step(self, batch: Batch, step: int, rng: torch.Generator) -> dict[str, Tensor]:
        """Update the networks once; returns detached scalar losses, the same names every step.

        ``step`` counts from 0; ``rng`` lives on the variant's device.
        """

    @abstractmethod
    def sample(
        self,
        n: int,
        seed: int,
        *,
        labels: Tensor | None = None,
        inputs: Tensor | None = None,
        first: int = 0,
    ) -> Samples:
        """Samples ``first`` … ``first + n - 1`` of the endless series that ``seed`` names.

        Sample i is the same whatever ``n`` and ``first``. ``labels`` int64 (n,) choose classes
        where the variant knows them; ``inputs`` (n, C, S, S) are the real images that an
        image-to-image variant degrades and restores. Networks are left as they were found.
        """

    def to(self, device: torch.device) -> None:
        """Move all networks; call before the first step, so that optimisers find them there."""
        self.device = device
        for network in self.networks().values():
            if device.type == "cuda":
                network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            else:
                network.to(device)


def preset_config(
    name: str, dataset: str, size: PresetSize, table: Mapping[PresetSize, Mapping[str, Any]]
) -> TrainConfig:
    """The row ``size`` of a variant's preset table as a config for ``dataset``."""
    if size not in table:
        known = ", ".join(str(key) for key in table)
        raise ConfigError(f"{name} has no preset '{size}'; choose one of {known}.")
    return TrainConfig.checked(variant=name, dataset=dataset, **table[size])
