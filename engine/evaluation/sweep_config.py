"""What a sweep varies: training-set sizes and seeded draws of hyper-parameters, from a file."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from engine.bounded_file import parse_json, parse_toml, read_bounded_text
from engine.errors import ConfigError
from engine.evaluation.evaluation_record import EvaluationConfig
from engine.gans.registry import preset, variant_class
from engine.training.config import TrainConfig, explained
from engine.training.randomness import derived_seed

Value = int | float | str | bool
#: what a sweep decides itself
_OWN = ("variant", "dataset", "seed", "subset_seed", "train_fraction", "parent", "feedback")


class Span(BaseModel):
    """Numbers between ``low`` and ``high``, drawn evenly or evenly in their logarithm."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["uniform", "log-uniform", "integer"]
    low: float = Field(allow_inf_nan=False)
    high: float = Field(allow_inf_nan=False)

    @model_validator(mode="after")
    def _ordered(self) -> Span:
        if self.low > self.high or (self.kind == "log-uniform" and self.low <= 0):
            raise ValueError("low must not be above high, and above 0 for log-uniform")
        if self.kind == "integer" and not (self.low.is_integer() and self.high.is_integer()):
            raise ValueError("low and high of integers must be whole numbers")
        return self

    def drawn(self, rng: np.random.Generator) -> Value:
        """One value."""
        if self.kind == "integer":
            return int(rng.integers(int(self.low), int(self.high) + 1))
        if self.kind == "log-uniform":
            return float(math.exp(rng.uniform(math.log(self.low), math.log(self.high))))
        return float(rng.uniform(self.low, self.high))


class Choice(BaseModel):
    """One of ``values``."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: Literal["choice"]
    values: tuple[Value, ...] = Field(min_length=1)

    def drawn(self, rng: np.random.Generator) -> Value:
        """One value."""
        return self.values[int(rng.integers(len(self.values)))]


Range = Annotated[Span | Choice, Field(discriminator="kind")]


@dataclass(frozen=True, slots=True)
class Cell:
    """One training run of a sweep with what was drawn for it."""

    run_id: str
    variant: str
    fraction: float
    draw: int
    parameters: dict[str, Value]
    config: TrainConfig


class SweepConfig(BaseModel):
    """Every variant is trained on every one of ``fractions`` of the patients, ``draws`` times.

    A draw has hyper-parameters from ``ranges``, a training seed and a choice of patients of its
    own, the same for all fractions and variants. Names in ``ranges`` and ``settings`` are fields
    of `TrainConfig` or options of the variants; ``settings`` are the same in all runs. Without
    ranges the draws differ by their seeds alone.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,29}$")
    variants: tuple[str, ...] = Field(min_length=1)
    dataset: str
    preset: Literal["tiny", 64, 128, 256] = 64
    fractions: tuple[Annotated[float, Field(gt=0, le=1)], ...] = (0.1, 0.25, 0.5, 1.0)
    draws: int = Field(default=5, ge=1, le=1000)
    seed: int = Field(default=0, ge=0, lt=2**63)
    settings: dict[str, Any] = Field(default_factory=dict)
    ranges: dict[str, Range] = Field(default_factory=dict)
    evaluation: EvaluationConfig = EvaluationConfig()

    @field_validator("fractions", "variants")
    @classmethod
    def _different(cls, values: tuple[object, ...]) -> tuple[object, ...]:
        if not values or len(set(values)) < len(values):
            raise ValueError("name at least one, and each once only")
        return values

    @field_validator("settings", "ranges")
    @classmethod
    def _not_own(cls, values: dict[str, Any]) -> dict[str, Any]:
        taken = [name for name in values if name in _OWN or name == "options"]
        if taken:
            raise ValueError(f"'{taken[0]}' cannot be set here")
        return values

    @classmethod
    def read(cls, path: Path) -> SweepConfig:
        """Read a TOML or JSON file; raises `ConfigError` with the field that is wrong."""
        try:
            text = read_bounded_text(path)
            values = parse_json(text) if path.suffix == ".json" else parse_toml(text)
            return cls.model_validate(values)
        except (OSError, UnicodeDecodeError, ValueError) as error:
            reason = explained(error) if isinstance(error, ValidationError) else str(error)
            raise ConfigError(f"The sweep {path} cannot be used: {reason}.") from error

    def cells(self) -> list[Cell]:
        """All runs, every fraction of a draw before the next draw.

        Raises `ConfigError` where a variant or its options do not fit, before any run starts.
        """
        return [
            self._cell(variant, fraction, draw)
            for draw in range(self.draws)
            for variant in self.variants
            for fraction in self.fractions
        ]

    def _cell(self, variant: str, fraction: float, draw: int) -> Cell:
        rng = np.random.default_rng(derived_seed(self.seed, "sweep", draw))
        parameters = {name: range_.drawn(rng) for name, range_ in sorted(self.ranges.items())}
        fields = preset(variant, self.dataset, self.preset).model_dump()
        options = dict(fields["options"])
        for name, value in (self.settings | parameters).items():
            (fields if name in TrainConfig.model_fields else options)[name] = value
        own = {
            "options": options,
            "seed": derived_seed(self.seed, "training", draw),
            "subset_seed": derived_seed(self.seed, "patients", draw),
            "train_fraction": fraction,
        }
        config = TrainConfig.checked(**(fields | own))
        model = variant_class(variant).options_model
        try:
            model.model_validate(options)
        except ValidationError as error:
            raise ConfigError(
                f"The sweep '{self.name}' does not fit {variant}: {explained(error)}."
            ) from error
        run_id = f"sweep-{self.name}-{variant}-{fraction:g}-{draw:03d}"
        return Cell(run_id, variant, fraction, draw, parameters, config)
