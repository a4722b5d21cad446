"""What a new run can be: every variant with its presets, and the devices of this machine."""

from __future__ import annotations

import inspect
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from engine.errors import ConfigError
from engine.progress import CancelCheck, ProgressReport, raise_if_cancelled

if TYPE_CHECKING:
    from engine.training.config import TrainConfig

PresetName = Literal[64, 128, 256, "tiny"]
SIZES: tuple[PresetName, ...] = ("tiny", 64, 128, 256)


@dataclass(frozen=True, slots=True)
class VariantChoice:
    """One variant; ``presets`` by data set and size, sizes without a preset left out."""

    name: str
    title: str
    description: str
    presets: dict[tuple[str, PresetName], TrainConfig]


@dataclass(frozen=True, slots=True)
class RunChoices:
    """All variants, and the GPU's name where torch can use one, otherwise ""."""

    variants: tuple[VariantChoice, ...]
    gpu: str


def load_choices(
    datasets: list[str], progress: ProgressReport, cancelled: CancelCheck
) -> RunChoices:
    """Look the variants up; imports torch, so it belongs in a background thread."""
    progress(0, 0, "Loading the training engine")
    import torch

    from engine.gans.registry import variants

    raise_if_cancelled(cancelled)
    found = []
    for name, variant in variants().items():
        presets: dict[tuple[str, PresetName], TrainConfig] = {}
        for dataset in datasets:
            for size in SIZES:
                try:
                    presets[dataset, size] = variant.preset(dataset, size)
                except ConfigError:
                    continue
        description = (inspect.getdoc(variant) or "").split("\n\n")[0].replace("\n", " ")
        found.append(VariantChoice(name, variant.title, description, presets))
    gpu = torch.cuda.get_device_name() if torch.cuda.is_available() else ""
    return RunChoices(tuple(found), gpu)
