"""Which runs a choice of generators makes: one each, trained in turn. No widgets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from reviewapp.training.variant_choices import SIZES, PresetName, VariantChoice

if TYPE_CHECKING:
    from engine.training.config import TrainConfig

DeviceName = Literal["auto", "cpu", "cuda"]


def common_sizes(variants: Sequence[VariantChoice], dataset: str) -> list[PresetName]:
    """The sizes at which every one of ``variants`` has settings for ``dataset``, small first."""
    if not variants:
        return []
    return [
        size for size in SIZES if all((dataset, size) in variant.presets for variant in variants)
    ]


@dataclass(frozen=True, slots=True)
class RunPlan:
    """Settings for one run of each variant; ``steps`` None takes each preset's own."""

    variants: tuple[VariantChoice, ...]
    dataset: str
    size: PresetName
    steps: int | None
    seed: int
    device: DeviceName

    def configs(self) -> list[TrainConfig]:
        """One configuration a variant, in their order; raises `ConfigError` for a bad setting."""
        from engine.training.config import TrainConfig

        changes: dict[str, object] = {"seed": self.seed, "device": self.device}
        if self.steps is not None:
            changes["steps"] = self.steps
        presets = [variant.presets[self.dataset, self.size] for variant in self.variants]
        return [TrainConfig.checked(**(preset.model_dump() | changes)) for preset in presets]


def seen_text(configs: Sequence[TrainConfig], n_images: int) -> str:
    """How often each of ``n_images`` is seen, in a sentence; "" where that cannot be said."""
    if not configs or n_images == 0:
        return ""
    if len(configs) > 1:
        steps = sorted({config.steps for config in configs})
        length = f"{steps[0]:,}" if len(steps) == 1 else f"{steps[0]:,} to {steps[-1]:,}"
        return (
            f"{len(configs)} runs of {length} steps, one after another. Each can be paused, "
            "and goes on where it was after the window was closed."
        )
    config = configs[0]
    times = max(1, round(config.steps * config.batch_size / n_images))
    return (
        f"{config.batch_size} images a step: each is seen about {times:,} times. A run can be "
        "paused, and goes on where it was after the window was closed."
    )
