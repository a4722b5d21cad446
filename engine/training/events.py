"""What a run tells its listener while it trains: plain values, safe to hand to another thread."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from engine.degradation.config import WarningName

RunState = Literal["queued", "running", "paused", "interrupted", "finished", "cancelled", "failed"]


@dataclass(frozen=True, slots=True)
class StateChanged:
    """A run entered ``state``; ``message`` says why where that is not obvious."""

    run_id: str
    state: RunState
    message: str = ""


@dataclass(frozen=True, slots=True)
class Progress:
    """Where a run stands; ``losses`` by name, ``eta_s`` in seconds, memory in MiB."""

    run_id: str
    step: int
    total_steps: int
    images_per_s: float
    eta_s: float
    memory_mib: float
    losses: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SampleGrid:
    """Samples under fixed latents, uint8, shape (N, H, W) or (N, H, W, 3)."""

    run_id: str
    step: int
    images: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class CheckpointSaved:
    """A checkpoint is complete on disk."""

    run_id: str
    step: int
    path: Path


@dataclass(frozen=True, slots=True)
class DegradationMeasured:
    """The guard has looked; ``values`` are the new row of ``degradation.csv`` but its step."""

    run_id: str
    step: int
    values: dict[str, float]


@dataclass(frozen=True, slots=True)
class DegradationWarning:
    """The guard warns: ``value`` passed ``threshold``; the run is to pause where ``pauses``."""

    run_id: str
    step: int
    name: WarningName
    value: float
    threshold: float
    message: str
    pauses: bool = False


Event = (
    StateChanged
    | Progress
    | SampleGrid
    | CheckpointSaved
    | DegradationMeasured
    | DegradationWarning
)
