"""The realism critic: what specialists would make of an image, learnt from their ratings.

Copies of a network that judges images already – the parent run's discriminator, or the data set's
encoder where no discriminator sees whole images – are tuned on the ratings with an ordinal head
(`ordinal.py`), each from another seed. Cross-validation by group says whether the critic knows
anything (`evidence.py`); it refuses to act where it does not, and its log-odds are calibrated.
"""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass
from typing import cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from engine.errors import FeedbackError
from engine.feedback.evidence import Evidence, weigh_evidence
from engine.feedback.gentle_augmentation import gently_altered
from engine.feedback.ordinal import FIRST_REAL, OrdinalHead
from engine.feedback.rated_images import RatedImages
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.training.draws import BatchDraws
from engine.training.randomness import generator

#: fewest ratings of generated images, and fewest of each answer among them
LEAST_RATINGS = 60
LEAST_OF_EACH = 15
MEMBERS = 3
STEPS = 400
FOLDS = 4
_BATCH = 48
_LR = 3e-4
_WEIGHT_DECAY = 1e-2
_BLOCK = 128


@dataclass(frozen=True, slots=True)
class CriticReport:
    """What a critic was fitted on, what it knows, and each reader's bias (log-odds, 0 is none)."""

    n_ratings: int
    n_readers: int
    evidence: Evidence
    reader_bias: dict[str, float]


class RealismCritic(nn.Module):
    """Images (N, C, S, S) in [-1, 1] to calibrated log-odds (N,) of being taken for real."""

    slope: Tensor
    intercept: Tensor

    def __init__(self, judges: list[nn.Module], heads: list[OrdinalHead]) -> None:
        super().__init__()
        self.judges = nn.ModuleList(judges)
        self.heads = nn.ModuleList(heads)
        self.register_buffer("slope", torch.tensor(1.0))
        self.register_buffer("intercept", torch.tensor(0.0))

    @property
    def n_members(self) -> int:
        """How many networks were tuned."""
        return len(self.judges)

    def member(self, number: int, images: Tensor) -> Tensor:
        """The calibrated log-odds of one member."""
        head = cast("OrdinalHead", self.heads[number])
        return self.slope * head.log_odds(self.judges[number](images).float()) + self.intercept

    def forward(self, images: Tensor) -> Tensor:
        """The mean over members."""
        return torch.stack([self.member(k, images) for k in range(self.n_members)]).mean(dim=0)

    @torch.no_grad()
    def scores(self, images: Tensor) -> NDArray[np.float64]:
        """Log-odds float64 (N,), computed by blocks."""
        parts = [self(images[at : at + _BLOCK]) for at in range(0, len(images), _BLOCK)]
        return torch.cat(parts).double().cpu().numpy()


def fit_critic(
    make_judge: Callable[[], nn.Module],
    rated: RatedImages,
    *,
    seed: int,
    steps: int = STEPS,
    members: int = MEMBERS,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> tuple[RealismCritic, CriticReport]:
    """Tune a critic on ratings; ``make_judge`` gives a fresh network (N, C, S, S) → (N,) each time.

    Raises `FeedbackError` with fewer than 60 ratings of generated images or 15 of an answer, and
    when the interval of the cross-validated AUC reaches 0.5; `Cancelled`.
    """
    taken = (rated.confidences >= FIRST_REAL).numpy()
    _check_numbers(taken[rated.generated])
    total = (FOLDS + members) * steps
    tuning = _Tuning(make_judge, rated, seed, steps, total, progress, cancelled)
    out_of_fold = tuning.out_of_fold()
    drawn = rated.generated
    folds = fold_of_groups(rated.groups, FOLDS, seed)[drawn]
    evidence = weigh_evidence(out_of_fold[drawn], taken[drawn], rated.groups[drawn], folds)
    if evidence.auc_low <= 0.5:
        raise FeedbackError(
            f"The ratings do not teach a critic: its cross-validated AUC is {evidence.auc:.2f} "
            f"({evidence.auc_low:.2f} to {evidence.auc_high:.2f}), which chance could give too. "
            "Collect more ratings, or train by reweighting alone."
        )
    everything = np.arange(len(rated))
    tuned = [tuning.tuned(everything, f"member {number}") for number in range(members)]
    critic = RealismCritic([judge for judge, _ in tuned], [head for _, head in tuned])
    critic.slope.fill_(max(0.0, evidence.slope))
    critic.intercept.fill_(evidence.intercept)
    biases = torch.stack([head.bias.detach() for _, head in tuned]).mean(dim=0)
    # A positive b_r makes low confidences likelier; a bias towards "real" is shown as positive.
    reader_bias = {r: -float(b) for r, b in zip(rated.reader_ids, biases, strict=True)}
    progress(total, total, "realism critic")
    report = CriticReport(len(rated), len(rated.reader_ids), evidence, reader_bias)
    return critic.eval().requires_grad_(False), report


def cross_validated(
    make_judge: Callable[[], nn.Module], rated: RatedImages, *, seed: int, steps: int = STEPS
) -> NDArray[np.float64]:
    """Log-odds (N,) of each rating's image, by networks tuned without its group."""
    total = FOLDS * steps
    tuning = _Tuning(make_judge, rated, seed, steps, total, ignore_progress, never_cancelled)
    return tuning.out_of_fold()


def fold_of_groups(groups: NDArray[np.int64], folds: int, seed: int) -> NDArray[np.int64]:
    """The fold of each rating, (N,): groups are never split, and folds are nearly equal."""
    names, counts = np.unique(groups, return_counts=True)
    order = np.random.default_rng(seed).permutation(len(names))
    sizes = np.zeros(folds, dtype=np.int64)
    fold = np.zeros(len(names), dtype=np.int64)
    for number in sorted(order, key=lambda n: -int(counts[n])):
        fold[number] = int(sizes.argmin())
        sizes[fold[number]] += counts[number]
    placed: NDArray[np.int64] = fold[np.searchsorted(names, groups)]
    return placed


def _check_numbers(taken: NDArray[np.bool_]) -> None:
    n_real = int(taken.sum())
    fewest = min(n_real, len(taken) - n_real)
    if len(taken) < LEAST_RATINGS or fewest < LEAST_OF_EACH:
        raise FeedbackError(
            f"A realism critic needs at least {LEAST_RATINGS} ratings of generated images, "
            f"{LEAST_OF_EACH} of them taken for real and {LEAST_OF_EACH} recognised; there are "
            f"{len(taken)}, {n_real} and {len(taken) - n_real}. Rate more images, or train by "
            "reweighting alone."
        )


@dataclass(slots=True)
class _Tuning:
    """Tunes one network after the other, and tells how far that is."""

    make_judge: Callable[[], nn.Module]
    rated: RatedImages
    seed: int
    steps: int
    total: int
    progress: ProgressReport
    cancelled: CancelCheck
    done: int = 0

    def tuned(self, chosen: NDArray[np.int64], name: str) -> tuple[nn.Module, OrdinalHead]:
        """A network and head tuned on the ratings ``chosen``, in evaluation mode."""
        # In evaluation mode all along: batch statistics of a few rated images would be poor ones.
        judge = copy.deepcopy(self.make_judge()).eval().requires_grad_(True)
        head = OrdinalHead(len(self.rated.reader_ids))
        parameters = [*judge.parameters(), *head.parameters()]
        optimiser = torch.optim.AdamW(parameters, lr=_LR, weight_decay=_WEIGHT_DECAY)
        head_group = torch.optim.AdamW(head.parameters(), lr=30 * _LR)
        rng = generator(self.seed, "critic", name)
        for step in range(self.steps):
            raise_if_cancelled(self.cancelled)
            if step % 20 == 0:
                self.progress(self.done + step, self.total, "realism critic")
            picked = torch.randint(len(chosen), (min(_BATCH, len(chosen)),), generator=rng)
            rows = torch.from_numpy(chosen)[picked]
            draws = BatchDraws(self.seed, f"{name} {step}", 0, len(rows), len(rows), "cpu")
            images = gently_altered(self.rated.images[self.rated.rows[rows]], draws)
            scores = judge(images).float()
            nll = head.nll(scores, self.rated.confidences[rows], self.rated.readers[rows])
            loss = nll.mean() + head.prior() / len(chosen)
            optimiser.zero_grad(set_to_none=True)
            torch.autograd.backward(loss)
            optimiser.step()
            head_group.step()
        self.done += self.steps
        optimiser.zero_grad(set_to_none=True)
        return judge.eval().requires_grad_(False), head.requires_grad_(False)

    def out_of_fold(self) -> NDArray[np.float64]:
        """Log-odds (N,) of each rating's image, by networks tuned without its fold."""
        rated = self.rated
        scores = np.zeros(len(rated))
        folds = fold_of_groups(rated.groups, FOLDS, self.seed)
        for fold in range(FOLDS):
            held = folds == fold
            judge, head = self.tuned(np.flatnonzero(~held), f"fold {fold}")
            with torch.no_grad():
                images = rated.images[rated.rows[torch.from_numpy(held)]]
                blocks = [images[at : at + _BLOCK] for at in range(0, len(images), _BLOCK)]
                found = [head.log_odds(judge(block).float()) for block in blocks]
            scores[held] = torch.cat(found).double().numpy()
        return scores
