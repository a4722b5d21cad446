"""What the degradation guard watches, how often, at what cost, and from where on it warns."""

from __future__ import annotations

from typing import Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

WarningName = Literal[
    "vanishing curvature", "collapse", "memorisation", "discriminator overfit", "reward hacking"
]
WARNINGS: tuple[WarningName, ...] = get_args(WarningName)


class GuardConfig(BaseModel):
    """The guard of a run; ``docs/degradation.md`` gives each threshold's reason and source.

    ``every`` counts steps. ``max_cost`` is the share of the training time that the guard may take,
    which makes it look less often where it must; None sets no limit. ``images`` are drawn, and
    compared with as many real ones, at each look. A rule judges the median of the newest
    ``persistence`` looks. ``pause_on`` names the warnings that hold the run.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    every: int = Field(default=250, ge=1)
    max_cost: float | None = Field(default=0.1, gt=0, le=1)
    images: int = Field(default=256, ge=16, le=10_000)
    probe_images: int = Field(default=16, ge=2, le=1024)
    power_iterations: int = Field(default=8, ge=1, le=1000)
    persistence: int = Field(default=3, ge=1, le=100)
    #: D's top eigenvalue, as a share of its highest so far
    vanishing_curvature: float = Field(default=0.1, gt=0, lt=1)
    #: diversity or recall, as a share of its highest so far
    collapse_diversity: float = Field(default=0.5, gt=0, lt=1)
    #: distance to the nearest training image, as a share of that of real images
    memorisation_distance: float = Field(default=0.7, gt=0, lt=1)
    memorisation_p: float = Field(default=1e-3, gt=0, lt=1)
    #: Karras's r_v: 0 where D judges unseen real images like training images, 1 like drawn ones
    overfit: float = Field(default=0.6, gt=0, le=1)
    #: how far the judge's score, from 0 to 1, may fall while the critic's rises
    reward_hacking: float = Field(default=0.1, gt=0, le=1)
    pause_on: tuple[WarningName, ...] = ()
