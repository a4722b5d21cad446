"""What a run is asked to do: frozen, validated when it is built, kept as JSON beside the run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from engine.bounded_file import read_bounded_text
from engine.degradation.config import GuardConfig
from engine.errors import ConfigError

#: ways in which ratings can act; what a variant can use is in `Variant.accepts_feedback`
FeedbackMethod = Literal["reweighting", "critic", "region", "class_labels"]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ParentRef(BaseModel):
    """The checkpoint a run starts from; ``sha256`` is of the parent's weights file."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    run_id: str
    step: int = Field(ge=0)
    sha256: Sha256


class FeedbackConfig(BaseModel):
    """How specialists' ratings act on a run; the ratings are the snapshot with this hash.

    Settings written when there was one way only name it as ``method``.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    methods: tuple[FeedbackMethod, ...] = Field(default=("reweighting",), min_length=1)
    #: weight in D's loss of generated images that readers recognised; 0 leaves them out
    negative_weight: float = Field(default=1.0, ge=0, le=100, allow_inf_nan=False)
    #: how many times more often, at most, D sees a real image that readers took for generated
    real_weight: float = Field(default=2.0, ge=0, le=100, allow_inf_nan=False)
    #: λ: weight of the realism critic's reward in G's loss
    critic_weight: float = Field(default=3.0, ge=0, le=100, allow_inf_nan=False)
    #: μ: weight of the pull to what the parent draws from the same latents
    pull_weight: float = Field(default=0.02, ge=0, le=100, allow_inf_nan=False)
    #: the reward is given every so many steps, and weighs as many times more
    reward_every: int = Field(default=4, ge=1, le=64)
    #: weight in D's loss of the regions that readers marked in images they recognised, and how
    #: much more such pixels count where an image is restored
    region_weight: float = Field(default=1.0, ge=0, le=100, allow_inf_nan=False)
    #: weight of a generated image whose class a specialist named, beside a labelled real one; 0
    #: leaves out all classes that specialists gave
    class_weight: float = Field(default=1.0, ge=0, le=100, allow_inf_nan=False)
    #: updates that each network of the critic is tuned by
    critic_steps: int = Field(default=400, ge=1, le=100_000)
    snapshot_sha256: Sha256

    @model_validator(mode="before")
    @classmethod
    def _of_one_method(cls, values: Any) -> Any:
        if isinstance(values, dict) and "method" in values:
            values = dict(values)
            values["methods"] = (values.pop("method"),)
        return values


class TrainConfig(BaseModel):
    """One run. ``options`` are the variant's own, checked by its option model.

    ``checkpoint_every``, ``sample_every`` and ``log_every`` count steps. ``ema_decay`` 0 keeps no
    average. ``threads`` None leaves one core to the rest of the program. ``precision`` bf16 needs
    a CUDA device. ``train_fraction`` below 1 trains on that part of the patients only, chosen by
    ``subset_seed``. ``guard`` None watches nothing; it never changes what is trained.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    variant: str = Field(min_length=1)
    dataset: str = Field(min_length=1)
    size: int = Field(ge=16, le=512, description="pixels along each side, a power of two")
    steps: int = Field(ge=1, le=100_000_000)
    batch_size: int = Field(ge=1, le=4096)
    seed: int = Field(default=0, ge=0, lt=2**63)
    device: Literal["auto", "cpu", "cuda"] = "auto"
    precision: Literal["fp32", "bf16"] = "fp32"
    threads: int | None = Field(default=None, ge=1, le=1024)
    checkpoint_every: int = Field(default=1000, ge=1)
    sample_every: int = Field(default=500, ge=1)
    log_every: int = Field(default=10, ge=1)
    ema_decay: float = Field(default=0.0, ge=0, lt=1)
    train_fraction: float = Field(default=1.0, gt=0, le=1)
    subset_seed: int = Field(default=0, ge=0, lt=2**63)
    options: dict[str, Any] = Field(default_factory=dict)
    parent: ParentRef | None = None
    feedback: FeedbackConfig | None = None
    guard: GuardConfig | None = None

    @field_validator("size")
    @classmethod
    def _power_of_two(cls, size: int) -> int:
        if size & (size - 1):
            raise ValueError("the size must be a power of two (16, 32, 64, 128, 256 or 512)")
        return size

    @classmethod
    def checked(cls, **fields: Any) -> TrainConfig:
        """Build a config; raises `ConfigError` in words instead of pydantic's error."""
        try:
            return cls(**fields)
        except ValidationError as error:
            raise ConfigError(f"The training settings do not fit: {explained(error)}.") from error

    @classmethod
    def read(cls, path: Path) -> TrainConfig:
        """Read ``config.json``; raises `ConfigError` when it is missing or damaged."""
        try:
            return cls.model_validate_json(read_bounded_text(path))
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(f"The run's settings {path} cannot be read: {error}.") from error
        except ValidationError as error:
            raise ConfigError(
                f"The run's settings {path} are damaged or of another version: {explained(error)}."
            ) from error


def explained(error: ValidationError) -> str:
    """A validation error as ``field: what is wrong`` parts."""
    return "; ".join(
        f"{'.'.join(str(part) for part in item['loc']) or 'settings'}: {item['msg']}"
        for item in error.errors()
    )
