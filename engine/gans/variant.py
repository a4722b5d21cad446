"""What every GAN variant promises, so that one loop trains all of them."""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, ClassVar, Literal, overload

import torch
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from engine.degradation.config import GuardConfig
from engine.errors import ConfigError
from engine.gans.batch import Batch, SampleRequest
from engine.losses.feature_matching import feature_matching_loss
from engine.training.config import FeedbackMethod, TrainConfig, explained
from engine.training.draws import drawn_classes
from engine.training.updates import Updates

PresetSize = Literal[64, 128, 256, "tiny"]
#: half the grey range, to turn a standard deviation on [-1, 1] into grey levels of 0–255
GREY_LEVELS_PER_UNIT = 127.5
SD_UNIT = "grey levels (0–255)"


#: no variant is trained on more; a state that says so is damaged
MAX_SIZE, MAX_CLASSES = 1024, 1000


class ImageSpec(BaseModel):
    """The images a network works on; labels index ``class_names``, -1 means unknown."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    channels: Literal[1, 3]
    size: int = Field(ge=1, le=MAX_SIZE)
    bit_depth: Literal[8, 16] = 8
    class_names: Annotated[tuple[str, ...], Field(max_length=MAX_CLASSES)] = ()

    @property
    def n_classes(self) -> int:
        """Number of known classes; 0 without classes."""
        return len(self.class_names)

    def at(self, size: int) -> ImageSpec:
        """The same images at another size."""
        return self.model_copy(update={"size": size})


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

    def row(self, number: int) -> Samples:
        """One of the samples, N = 1, with its maps."""
        rows = slice(number, number + 1)
        maps = tuple(BatchMap(each.values[rows], each.kind, each.unit) for each in self.maps)
        return Samples(self.images[rows], maps)


def grey_level_sd(variance: Tensor) -> Tensor:
    """A variance on [-1, 1] as a standard deviation in `SD_UNIT`."""
    return variance.sqrt() * GREY_LEVELS_PER_UNIT


class VariantOptions(BaseModel):
    """Base of a variant's hyper-parameters, named by the symbols of its paper.

    ``discriminator`` "multiscale" puts a second one beside the variant's own, on the image at half
    the size, and adds feature matching with weight ``lambda_matching`` to G's loss.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    discriminator: Literal["own", "multiscale"] = "own"
    lambda_matching: float = Field(default=1.0, ge=0, le=1000)


class Variant(ABC):
    """Networks, optimisers and one training step of a published method.

    A subclass in its own module of `engine.gans` is found by `engine.gans.registry`. All networks
    and optimisers exist from the start, also those of stages still to come; what a step trains
    follows from the step's number alone. All randomness comes from the batch or the request, so
    that a run can be resumed bit by bit. Losses are computed inside `minimise`, which cares for
    precision, memory and other processes.
    """

    #: id in configurations and records
    name: ClassVar[str]
    #: what a menu shows
    title: ClassVar[str]
    options_model: ClassVar[type[VariantOptions]]
    accepts_feedback: ClassVar[frozenset[FeedbackMethod]] = frozenset()
    #: why the variant cannot use the other ways, in words for a specialist
    feedback_refusals: ClassVar[Mapping[FeedbackMethod, str]] = {}
    #: True where `sample` needs real images (image-to-image)
    needs_inputs: ClassVar[bool] = False
    #: samples drawn at a time, so that memory does not grow with what is asked for
    drawn_at_once: ClassVar[int] = 64

    def __init__(self, spec: ImageSpec, options: VariantOptions, total_steps: int) -> None:
        """Subclasses build their networks; `initialise` draws the weights."""
        self.spec = spec
        self.options = options
        self.total_steps = total_steps
        self.device = torch.device("cpu")
        self.updates = Updates()

    @classmethod
    def build(
        cls, spec: ImageSpec, options: Mapping[str, Any], total_steps: int, rng: torch.Generator
    ) -> Variant:
        """A fresh variant on the CPU with weights drawn from ``rng``.

        Raises `ConfigError` for options that the variant does not know or cannot use.
        """
        variant = cls.outline(spec, options, total_steps)
        variant.initialise(rng)
        return variant

    @classmethod
    def outline(cls, spec: ImageSpec, options: Mapping[str, Any], total_steps: int) -> Variant:
        """As `build`, its weights not drawn; on torch's ``meta`` device it takes no memory."""
        try:
            checked = cls.options_model.model_validate(dict(options))
        except ValidationError as error:
            raise ConfigError(
                f"The options of {cls.name} do not fit: {explained(error)}."
            ) from error
        return cls(spec, checked, total_steps)

    @classmethod
    @abstractmethod
    def preset(cls, dataset: str, size: PresetSize) -> TrainConfig:
        """Settings that suit ``dataset``; raises `ConfigError` for a size without a preset."""

    @abstractmethod
    def networks(self) -> dict[str, nn.Module]:
        """All networks by name; their parameters and buffers are the variant's whole state."""

    @abstractmethod
    def adam_settings(self, network: str) -> dict[str, Any]:
        """Keyword arguments of the Adam that trains ``network``."""

    @abstractmethod
    def sampling_networks(self) -> tuple[str, ...]:
        """Names of the networks that `sample` uses; these are averaged (EMA)."""

    @abstractmethod
    def initialise(self, rng: torch.Generator) -> None:
        """Draw all initial weights from ``rng``, a CPU generator."""

    @abstractmethod
    def step(self, batch: Batch, step: int) -> dict[str, Tensor]:
        """Update the networks once; returns detached scalar losses, the same names every step.

        ``step`` counts from 0.
        """

    @abstractmethod
    def draw(self, request: SampleRequest) -> Samples:
        """Up to `drawn_at_once` samples, on the variant's device; called without gradients."""

    def image_judge(self) -> nn.Module | None:
        """A copy of the network that judges whole images, (N, C, S, S) to (N,), where there is one.

        A realism critic begins from it.
        """
        return None

    def ema_decay_at(self, final: float, step: int) -> float:  # noqa: ARG002 - always the same
        """The average's decay at ``step`` of a run that asks for ``final``."""
        return final

    def optimisers(self) -> dict[str, Optimizer]:
        """One Adam for each network, under the network's name."""
        return self._adams

    @cached_property
    def _adams(self) -> dict[str, Optimizer]:
        # Made when first asked for: sampling needs none, and they take a second to import.
        return {
            name: Adam(network.parameters(), fused=True, **self.adam_settings(name))
            for name, network in self.networks().items()
        }

    @overload
    def minimise(self, name: str, batch: Batch, loss: Callable[[Batch], Tensor]) -> Tensor: ...

    @overload
    def minimise(
        self, name: str, batch: Batch, loss: Callable[[Batch], dict[str, Tensor]]
    ) -> dict[str, Tensor]: ...

    def minimise(self, name: str, batch: Batch, loss: Callable[[Batch], Any]) -> Any:
        """Update the network ``name`` by one step on ``loss``; see `Updates.minimise`."""
        return self.updates.minimise(self.optimisers()[name], batch, loss)

    def sample(
        self,
        n: int,
        seed: int,
        *,
        labels: Tensor | None = None,
        inputs: Tensor | None = None,
        first: int = 0,
        maps: bool = True,
    ) -> Samples:
        """Samples ``first`` … ``first + n - 1`` of the endless series that ``seed`` names.

        Sample i is the same whatever ``n`` and ``first``. ``labels`` int64 (n,) choose classes
        where the variant knows them, otherwise they are drawn from ``seed`` too; ``inputs``
        (n, C, S, S) are the real images that an image-to-image variant works on. Each image gets
        its uncertainty unless ``maps`` is False. Networks are left as they were found.
        """
        if self.needs_inputs and (inputs is None or len(inputs) != n):
            raise ValueError(f"{self.name} works on images: hand in as many inputs as samples")
        if labels is None:
            labels = drawn_classes(seed, first, n, self.spec.n_classes)
        return self.drawn_in_chunks(SampleRequest(seed, first, labels, inputs, maps), self.draw)

    @torch.no_grad()
    def drawn_in_chunks(
        self, request: SampleRequest, draw: Callable[[SampleRequest], Samples]
    ) -> Samples:
        """``draw`` on `drawn_at_once` rows of ``request`` at a time, networks in evaluation."""
        starts = range(0, request.n, self.drawn_at_once)
        with evaluating(self.networks()[name] for name in self.sampling_networks()):
            return joined([draw(request.part(at, at + self.drawn_at_once)) for at in starts])

    def matching_loss(
        self, discriminator: nn.Module, real: Tensor, drawn: Tensor, *conditions: Tensor
    ) -> Tensor:
        """Weighted feature matching of G where the multi-scale discriminator is chosen, else 0."""
        if self.options.discriminator != "multiscale" or not self.options.lambda_matching:
            return drawn.new_zeros(())
        loss = feature_matching_loss(discriminator, real, drawn, *conditions)
        return self.options.lambda_matching * loss

    def realness(self, judged: Tensor) -> Tensor:
        """How real a discriminator found each image, (N,), from its output (N, …)."""
        return judged.flatten(1).mean(dim=1) if judged.dim() > 1 else judged

    def class_rows(self, labels: Tensor) -> Tensor:
        """Rows of class embeddings, int64; an unknown class (-1) has the last one to itself."""
        known = labels.to(self.device)
        return torch.where(known < 0, torch.full_like(known, self.spec.n_classes), known)

    def to(self, device: torch.device) -> None:
        """Move all networks; call before the first step, so that optimisers find them there."""
        self.device = device
        for network in self.networks().values():
            if device.type == "cuda":
                network.to(device, memory_format=torch.channels_last)  # type: ignore[call-overload]
            else:
                network.to(device)


@contextlib.contextmanager
def evaluating(networks: Iterable[nn.Module]) -> Iterator[None]:
    """Inside the block the networks are in evaluation mode; afterwards as before."""
    found = [(network, network.training) for network in networks]
    for network, _ in found:
        network.eval()
    try:
        yield
    finally:
        for network, training in found:
            network.train(training)


def joined(parts: list[Samples]) -> Samples:
    """Samples one after another; all parts have the same kinds of maps."""
    maps = tuple(
        BatchMap(torch.cat([one.values for one in same]), same[0].kind, same[0].unit)
        for same in zip(*(part.maps for part in parts), strict=True)
    )
    return Samples(torch.cat([part.images for part in parts]), maps)


#: what is the same in every ``tiny`` preset, which is to train in seconds on a CPU
_TINY = {"size": 32, "steps": 50, "checkpoint_every": 25, "sample_every": 25, "log_every": 5}


def preset_config(
    name: str, dataset: str, size: PresetSize, table: Mapping[PresetSize, Mapping[str, Any]]
) -> TrainConfig:
    """The row ``size`` of a variant's preset table as a config for ``dataset``.

    A row tells what the size does not: steps, batch, options; ``tiny`` is 50 steps at 32 px.
    """
    if size not in table:
        known = ", ".join(str(key) for key in table)
        raise ConfigError(f"{name} has no preset '{size}'; choose one of {known}.")
    usual = _TINY if size == "tiny" else {"size": size, "guard": GuardConfig()}
    return TrainConfig.checked(variant=name, dataset=dataset, **(usual | dict(table[size])))
