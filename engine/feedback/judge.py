"""The judge of a round: a critic of the held-out ratings, which never trained anything.

What a generator gains in the critic's eyes but not in the judge's is no gain: it has found out
what the critic overlooks (Gao, Schulman, Hilton 2023, "Scaling laws for reward model
overoptimization"). Both score the same images of the same latents at each checkpoint.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from engine.atomic_file import write_bytes
from engine.bounded_file import parse_json, read_bounded
from engine.feedback.realism_critic import RealismCritic
from engine.gans.variant import Variant

N_IMAGES = 200
_SEED = 20_230_421


@dataclass(frozen=True, slots=True)
class RoundScore:
    """Mean probabilities of being taken for real at ``step``, with standard errors.

    ``judge`` is None where the held-out ratings do not suffice for one.
    """

    step: int
    critic: float
    critic_se: float
    judge: float | None
    judge_se: float | None


class RoundScores:
    """Scores images at checkpoints and keeps the scores in ``feedback.json`` of the run."""

    def __init__(
        self, path: Path, critic: RealismCritic, judge: RealismCritic | None, about: dict[str, Any]
    ) -> None:
        self._path = path
        self._critic = critic
        self._judge = judge
        self._about = about
        self.scores: list[RoundScore] = read_scores(path)

    def score(self, variant: Variant, step: int) -> RoundScore:
        """Score what ``variant`` draws now from the round's latents; kept at once."""
        images = variant.sample(N_IMAGES, _SEED, maps=False).images
        critic = _probabilities(self._critic, images)
        judge = None if self._judge is None else _probabilities(self._judge, images)
        found = RoundScore(
            step,
            float(critic.mean()),
            _standard_error(critic),
            None if judge is None else float(judge.mean()),
            None if judge is None else _standard_error(judge),
        )
        self.scores = [*(s for s in self.scores if s.step < step), found]
        rows = [
            {name: getattr(score, name) for name in RoundScore.__slots__} for score in self.scores
        ]
        content = json.dumps(self._about | {"scores": rows}, indent=1)
        write_bytes(self._path, content.encode("utf-8"))
        return found


def read_scores(path: Path) -> list[RoundScore]:
    """The scores in ``feedback.json``, by step; none where there is no such file or it is cut."""
    try:
        rows = parse_json(read_bounded(path))["scores"]
        return [RoundScore(**row) for row in rows]
    except (OSError, ValueError, KeyError, TypeError):
        return []


def _probabilities(critic: RealismCritic, images: torch.Tensor) -> NDArray[np.float64]:
    scores = critic.scores(images)
    probabilities: NDArray[np.float64] = 1 / (1 + np.exp(-scores))
    return probabilities


def _standard_error(values: NDArray[np.float64]) -> float:
    return float(values.std(ddof=1) / np.sqrt(len(values)))
