"""One feedback round as the program does it: parent, ratings, child, and what became of it.

The parent and its children are trained by the program's own loop, the child's settings come from
`engine.feedback.rounds.start_config`; only the readers are simulated. What is measured afterwards
is the truth: whether fresh images of the child keep the hidden rule.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import nn

from benchmarks.experiments.feedback.hidden_rules import HiddenRule
from benchmarks.experiments.feedback.simulated_specialist import Reader, name_classes, rate
from engine.data.folder import import_folder
from engine.data.manifest import read_manifest
from engine.data.records import ImageRecord
from engine.degradation.config import GuardConfig
from engine.evaluation.encoder import DatasetEncoder, load_or_train_encoder
from engine.evaluation.features import extract
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.prdc import prdc
from engine.feedback.rounds import start_config
from engine.feedback.signals import judge_maker
from engine.feedback.snapshot import FeedbackLabel, FeedbackRating, pin_snapshot
from engine.generation import generate_batch
from engine.progress import never_cancelled
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.checkpoint import list_checkpoints, load_checkpoint
from engine.training.config import FeedbackMethod, TrainConfig
from engine.training.draws import drawn_classes
from engine.training.ema import Ema
from engine.training.events import Event
from engine.training.loop import Trainer, always_run
from engine.training.restoring import build_variant
from engine.training.runs import create_run, run_folder
from engine.workspace import Workspace

DATASET = "phantoms"
#: seeds of what is drawn apart from training: rated images, fresh images
_RATED, _FRESH = 5, 777
_REAL_SHARE = 0.2


def _ignore(event: Event) -> None:
    pass


#: what makes each variant small enough for 32 px and one core
SMALL_NETWORKS: Mapping[str, Mapping[str, Any]] = {
    "dcgan": {"ngf": 16, "ndf": 16, "nz": 32},
    "ssgan": {"ngf": 8, "ndf": 8, "nz": 32},
    "msgan": {"base": 16, "patch": 16, "ngf": 16, "ndf": 16, "nz": 32, "blocks": 1},
    "lapgan": {"units_g": 256, "units_d": 128, "patch": 16, "units": 192, "nz": 32},
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much is drawn and trained; the defaults suit 32 px and one core.

    ``real`` phantoms are trained on and as many fresh ones measured against ``fresh`` images.
    Where the phantoms have classes, the data set tells those of ``known_classes`` of them.
    """

    size: int = 32
    real: int = 1000
    parent_steps: int = 800
    child_steps: int = 400
    fresh: int = 1000
    batch: int = 32
    encoder_steps: int = 200
    variant: str = "dcgan"
    options: Mapping[str, Any] = field(default_factory=lambda: SMALL_NETWORKS["dcgan"])
    known_classes: int = 24


@dataclass(frozen=True, slots=True)
class Measured:
    """Of ``fresh`` images: the share that keeps the hidden rule, and distances from real ones.

    ``right_class`` is the share that shows the class it was drawn as, None without classes.
    """

    fool_rate: float
    precision: float
    recall: float
    coverage: float
    distance: float
    diversity: float
    right_class: float | None = None


@dataclass(frozen=True, slots=True)
class Arm:
    """A way to train the child; no ``methods`` is plain training of the same length.

    ``times`` lengthens the training; ``guard`` watches it.
    """

    name: str
    methods: tuple[FeedbackMethod, ...] = ()
    weights: Mapping[str, float] = field(default_factory=dict)
    times: int = 1
    guard: GuardConfig | None = None


class Laboratory:
    """A workspace with phantoms of one rule, a trained parent, and room for its children."""

    def __init__(self, folder: Path, rule: HiddenRule, seed: int, sizes: Sizes) -> None:
        self.rule = rule
        self.seed = seed
        self.sizes = sizes
        self.workspace = Workspace.create(folder)
        if not self.workspace.manifest_path(DATASET).is_file():
            self._draw_phantoms()
        self.parent = "parent"
        if not list_checkpoints(self.workspace.run_path(self.parent) / "checkpoints"):
            self._train(self._parent_config(), self.parent)
        self._real = self._features(self._fresh_phantoms())

    def ratings(self, n: int, readers: Sequence[Reader]) -> list[FeedbackRating]:
        """``n`` ratings of as many images, one of each."""
        return rate(self.workspace, self.rated_records(n), readers, self.seed)

    def rated_records(self, n: int) -> list[ImageRecord]:
        """``n`` images that readers see, a fifth of them real, the others of the parent."""
        n_real = round(n * _REAL_SHARE)
        drawn = generate_batch(self.workspace, self.parent, n - n_real, _RATED)
        real = read_manifest(self.workspace.manifest_path(DATASET))
        rng = np.random.default_rng([self.seed, 2])
        chosen = [real[row] for row in rng.permutation(len(real))[:n_real]]
        return [*drawn, *chosen]

    def judge_maker(self) -> Callable[[], nn.Module]:
        """Makes what a critic of the parent's images starts from, as a child's training does."""
        config = self._parent_config()
        checkpoint = newest_checkpoint(self.workspace, self.parent)
        variant = build_variant(config, checkpoint.state.spec)
        load_checkpoint(checkpoint, variant, Ema(variant, config.ema_decay))
        return judge_maker(self.workspace, config, variant, never_cancelled)

    def labels(self, n: int) -> list[FeedbackLabel]:
        """The classes that a specialist gives to the rated images; none without classes."""
        if not self.rule.class_names:
            return []
        return name_classes(self.workspace, self.rated_records(n), self.rule, self.seed)

    def child(
        self,
        arm: Arm,
        ratings: Sequence[FeedbackRating],
        run_id: str,
        emit: Callable[[Event], None] = _ignore,
        labels: Sequence[FeedbackLabel] = (),
    ) -> float:
        """Train a child; returns its seconds. Raises `FeedbackError` where the ratings refuse."""
        began = time.monotonic()
        self._train(self._child_config(arm, ratings, labels), run_id, emit)
        return time.monotonic() - began

    def measured(self, run_id: str) -> Measured:
        """What the run's averaged generator draws now."""
        images = self.fresh_images(run_id)
        pictures = as_pictures(images)
        features, name = self._features(images), self._encoder().name
        found = {m.name: m.value for m in prdc(self._real, features, name)}
        spread = np.linalg.norm(features[::2] - features[1::2], axis=1).mean()
        real_spread = np.linalg.norm(self._real[::2] - self._real[1::2], axis=1).mean()
        return Measured(
            fool_rate=float(self.rule.kept(pictures).mean()),
            precision=found["precision"],
            recall=found["recall"],
            coverage=found["coverage"],
            distance=frechet_distance(self._real, features, name).value,
            diversity=float(spread / real_spread),
            right_class=self._right_class(pictures),
        )

    def _right_class(self, pictures: NDArray[np.float32]) -> float | None:
        n_classes = len(self.rule.class_names)
        if not n_classes:
            return None
        asked = drawn_classes(_FRESH, 0, len(pictures), n_classes).numpy()
        # A data set's classes are sorted by name.
        names = sorted(self.rule.class_names)
        seen = [names.index(self.rule.class_names[self.rule.class_of(p)]) for p in pictures]
        return float((asked == seen).mean())

    def fresh_images(self, run_id: str) -> torch.Tensor:
        """Images (N, C, S, S) that no reader has rated, the same latents for every run."""
        variant = sampling_variant(newest_checkpoint(self.workspace, run_id))
        return variant.sample(self.sizes.fresh, _FRESH, maps=False).images

    def _train(
        self,
        config: TrainConfig,
        run_id: str,
        emit: Callable[[Event], None] = _ignore,
    ) -> None:
        create_run(self.workspace, config, run_id)
        if config.feedback is not None:
            ratings = run_folder(self.workspace, run_id).ratings
            pin_snapshot(self.workspace, config.feedback.snapshot_sha256, ratings)
            self._lend_critic(run_id, config.feedback.snapshot_sha256)
        Trainer(self.workspace, run_id, emit, always_run()).train()

    def _lend_critic(self, run_id: str, sha256: str) -> None:
        """Copy the critic of an earlier child with the same ratings: it would be the very same."""
        for earlier in sorted(self.workspace.runs.iterdir()):
            folder = run_folder(self.workspace, earlier.name)
            ratings, critic = folder.ratings, folder.ratings.parent / "critic"
            if earlier.name == run_id or not critic.is_dir():
                continue
            if hashlib.sha256(ratings.read_bytes()).hexdigest() == sha256:
                for fitted in (critic, critic.with_name("judge")):
                    if fitted.is_dir():
                        own = run_folder(self.workspace, run_id).ratings.parent / fitted.name
                        shutil.copytree(fitted, own)
                return

    def _parent_config(self) -> TrainConfig:
        sizes = self.sizes
        return TrainConfig.checked(
            variant=sizes.variant,
            dataset=DATASET,
            size=sizes.size,
            steps=sizes.parent_steps,
            batch_size=sizes.batch,
            seed=self.seed,
            threads=1,
            checkpoint_every=sizes.parent_steps,
            sample_every=10**6,
            log_every=50,
            ema_decay=0.99,
            options=dict(sizes.options),
        )

    def _child_config(
        self, arm: Arm, ratings: Sequence[FeedbackRating], labels: Sequence[FeedbackLabel]
    ) -> TrainConfig:
        seed, steps = self.seed + 10_000, arm.times * self.sizes.child_steps
        if arm.methods:
            config = start_config(
                self.workspace,
                self.parent,
                ratings,
                labels=labels if "class_labels" in arm.methods else (),
                methods=arm.methods,
                steps=steps,
                seed=seed,
                **arm.weights,
            )
            # The round is scored at checkpoints, and the guard takes the scores from there.
            every = arm.guard.every if arm.guard else steps
            changes: dict[str, Any] = {"guard": arm.guard, "checkpoint_every": every}
            return TrainConfig.checked(**(config.model_dump() | changes))
        checkpoint = newest_checkpoint(self.workspace, self.parent)
        changes = {"parent": checkpoint.reference(self.parent), "steps": steps, "seed": seed}
        return TrainConfig.checked(**(self._parent_config().model_dump() | changes))

    def _draw_phantoms(self) -> None:
        rng = np.random.default_rng([self.seed, 0])
        with tempfile.TemporaryDirectory() as scratch:
            rows = ["file,class"]
            for number in range(self.sizes.real):
                picture = self.rule.draw(rng, self.sizes.size)
                grey = (picture * 255).round().astype(np.uint8)
                Image.fromarray(grey).save(Path(scratch) / f"{number:05d}.png")
                if self.rule.class_names and number < self.sizes.known_classes:
                    class_name = self.rule.class_names[self.rule.class_of(picture)]
                    rows.append(f"{number:05d}.png,{class_name}")
            table = Path(scratch) / "classes.csv"
            table.write_text("\n".join(rows), encoding="utf-8")
            import_folder(
                Path(scratch),
                self.workspace,
                name=DATASET,
                size=self.sizes.size,
                classes_csv=table if len(rows) > 1 else None,
            )

    def _fresh_phantoms(self) -> torch.Tensor:
        rng = np.random.default_rng([self.seed, 3])
        pictures = [self.rule.draw(rng, self.sizes.size) for _ in range(self.sizes.fresh)]
        return torch.from_numpy(np.stack(pictures))[:, None] * 2 - 1

    def _features(self, images: torch.Tensor) -> NDArray[np.float32]:
        return extract(self._encoder(), lambda rows: images[rows], len(images))

    def _encoder(self) -> DatasetEncoder:
        sizes = self.sizes
        return load_or_train_encoder(self.workspace, DATASET, sizes.size, steps=sizes.encoder_steps)


def as_pictures(images: torch.Tensor) -> NDArray[np.float32]:
    """Images (N, C, S, S) in [-1, 1] as grey pictures (N, S, S) in [0, 1]."""
    grey: NDArray[np.float32] = ((images.mean(dim=1) + 1) / 2).numpy()
    return grey
