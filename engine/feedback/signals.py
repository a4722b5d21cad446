"""What a snapshot of ratings becomes in a run: weights, negative images, a reward, scores."""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from engine.data.cache import TrainingArrays
from engine.errors import ConfigError, FeedbackError
from engine.evaluation.encoder import load_or_train_encoder
from engine.feedback.class_labels import with_named_classes
from engine.feedback.critic_files import has_critic, load_critic, save_critic
from engine.feedback.effect import effect_of, labelled_images, negative_images
from engine.feedback.encoder_judge import EncoderJudge
from engine.feedback.image_pool import ImagePool, PoolImage
from engine.feedback.judge import RoundScores
from engine.feedback.rated_images import load_rated_images
from engine.feedback.realism_critic import CriticReport, RealismCritic, fit_critic
from engine.feedback.restoration_emphasis import RestorationEmphasis, restoration_emphasis
from engine.feedback.reward import Reward
from engine.feedback.reweighting import Reweighting
from engine.feedback.snapshot import FeedbackRating, Snapshot, load_snapshot
from engine.gans.latent_variant import LatentVariant
from engine.gans.registry import accepting
from engine.gans.variant import Variant
from engine.progress import CancelCheck
from engine.training.checkpoint import load_checkpoint
from engine.training.config import FeedbackConfig, TrainConfig
from engine.training.ema import Ema
from engine.training.restoring import build_variant, parent_checkpoint
from engine.training.runs import RunFolder
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Signals:
    """How feedback acts on a run; everything is None where its method is not chosen."""

    weights: Reweighting | None = None
    negatives: ImagePool | None = None
    labelled: ImagePool | None = None
    emphasis: RestorationEmphasis | None = None
    named: Mapping[str, int] = field(default_factory=dict)
    reward: Reward | None = None
    scores: RoundScores | None = None
    #: what a chosen way lacks, and so does nothing; "" where all act
    notice: str = ""

    def labels(self, data: TrainingArrays) -> NDArray[np.int64]:
        """The class of each row of the training data, as specialists named it or its own."""
        return with_named_classes(data, self.named)

    def real_weights(self, record_ids: tuple[str, ...]) -> NDArray[np.float64] | None:
        """How often each row of the training data is shown; None for all alike."""
        return None if self.weights is None else self.weights.real_weights(record_ids)


NO_SIGNALS = Signals()


def prepare_signals(
    workspace: Workspace,
    folder: RunFolder,
    config: TrainConfig,
    variant: Variant,
    cancelled: CancelCheck,
) -> Signals:
    """Read the run's frozen ratings and make of them what its methods ask for.

    ``variant`` is the child with its parent's weights when it starts. A critic is fitted then and
    kept in the run's folder for when it is resumed. Raises `ConfigError` for a method that the
    variant cannot use, `FeedbackError` for ratings that cannot be used, and `Cancelled`.
    """
    feedback = config.feedback
    if feedback is None:
        return NO_SIGNALS
    for method in feedback.methods:
        if method not in variant.accepts_feedback:
            raise ConfigError(
                f"{variant.name} cannot use the feedback '{method}'. Train it without "
                f"feedback, or choose a variant that accepts it ({accepting(method)})."
            )
    snapshot = load_snapshot(folder.ratings, feedback.snapshot_sha256)
    effect = effect_of(snapshot, feedback, variant.spec.class_names)

    def pool(images: list[PoolImage]) -> ImagePool | None:
        if not images:
            return None
        return ImagePool(
            workspace, images, variant.spec, batch_size=config.batch_size, seed=config.seed
        )

    negatives = pool(negative_images(workspace, effect, feedback, variant.spec))
    labelled = pool(labelled_images(workspace, effect, feedback))
    emphasis = None
    if variant.needs_inputs and "region" in feedback.methods and feedback.region_weight:
        emphasis = restoration_emphasis(workspace, snapshot, feedback.region_weight, config.size)
    named = {record_id: label for record_id, (_, label) in effect.named.items()}
    reward = scores = None
    if "critic" in feedback.methods and (feedback.critic_weight or feedback.pull_weight):
        assert isinstance(variant, LatentVariant), "accepts_feedback lets no other in"
        reward, scores = _reward(workspace, folder, config, feedback, variant, snapshot, cancelled)
    return Signals(
        weights=effect.weights,
        negatives=negatives,
        labelled=labelled,
        emphasis=emphasis or None,
        named=named,
        reward=reward,
        scores=scores,
        notice=" ".join(effect.missing),
    )


def _reward(
    workspace: Workspace,
    folder: RunFolder,
    config: TrainConfig,
    feedback: FeedbackConfig,
    variant: LatentVariant,
    snapshot: Snapshot,
    cancelled: CancelCheck,
) -> tuple[Reward, RoundScores]:
    make_judge = judge_maker(workspace, config, variant, cancelled)
    training = [r for r in snapshot.ratings if not r.held_out]
    held_out = [r for r in snapshot.ratings if r.held_out]

    def fitted(name: str, ratings: list[FeedbackRating]) -> tuple[RealismCritic, CriticReport]:
        place = folder.root / "feedback" / name
        if not has_critic(place):
            rated = load_rated_images(workspace, ratings, config.size, variant.spec.channels)
            critic, report = fit_critic(
                make_judge,
                rated,
                seed=config.seed,
                steps=feedback.critic_steps,
                cancelled=cancelled,
            )
            save_critic(place, critic, report)
        return load_critic(place, make_judge)

    critic, report = fitted("critic", training)
    judge, about = None, "There are no held-out ratings, so nothing judges this round."
    if held_out:
        try:
            judge, judged = fitted("judge", held_out)
            about = f"{judged.n_ratings} held-out ratings judge this round."
        except FeedbackError as error:
            about = f"Nothing judges this round: {error}"
    for module in (critic, judge):
        if module is not None:
            module.to(variant.device)
    described: dict[str, Any] = {"critic": dataclasses.asdict(report), "judge": about}
    parent = _frozen_parent(workspace, config, variant) if feedback.pull_weight else None
    scores = RoundScores(folder.root / "feedback.json", critic, judge, described)
    return Reward(critic, parent, feedback), scores


def _frozen_parent(
    workspace: Workspace, config: TrainConfig, variant: LatentVariant
) -> LatentVariant:
    """The run's start, also where it is resumed later."""
    parent = build_variant(config, variant.spec)
    assert isinstance(parent, LatentVariant)
    load_checkpoint(parent_checkpoint(workspace, config), parent, Ema(parent, config.ema_decay))
    parent.to(variant.device)
    return parent


def judge_maker(
    workspace: Workspace, config: TrainConfig, variant: Variant, cancelled: CancelCheck
) -> Callable[[], nn.Module]:
    """Makes fresh networks for critics of ``variant``'s images, on the CPU, all with one start."""
    own = variant.image_judge()
    if own is not None:
        start = copy.deepcopy(own).to("cpu")
    else:
        encoder = load_or_train_encoder(workspace, config.dataset, config.size, cancelled=cancelled)
        start = EncoderJudge(encoder)
    return lambda: copy.deepcopy(start)
