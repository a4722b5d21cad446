"""What the losses of a step show: curvature, gradients, and how D judges unseen real images."""

from __future__ import annotations

import math

import numpy as np
import torch
from numpy.typing import NDArray

from engine.data.cache import TrainingArrays
from engine.degradation.config import GuardConfig
from engine.degradation.hessian import Curvature, curvature
from engine.degradation.overfitting import Overfitting, judged, listening
from engine.degradation.probe import Loss, probe
from engine.degradation.watched_images import WatchedImages
from engine.gans.batch import Batch
from engine.gans.variant import Variant
from engine.training.randomness import derived_seed, generator


class LossWatch:
    """Looks at a variant's losses on the same few images, with the same random numbers, each time.

    So values differ from look to look by what was learnt alone.
    """

    def __init__(
        self, variant: Variant, images: WatchedImages, config: GuardConfig, seed: int
    ) -> None:
        self._variant = variant
        self._config = config
        self._seed = derived_seed(seed, "guard")
        rng = np.random.default_rng(self._seed)
        data, unseen = images.data, images.unseen
        rows = rng.permutation(images.rows)[: config.probe_images]
        self._batch = self._as_batch(data, rows, data.labels[rows])
        self._unseen: Batch | None = None
        if unseen is not None:
            others = same_classes(unseen, [class_names(data)[row] for row in rows], rng)
            if others is not None:
                self._unseen = self._as_batch(unseen, others, data.labels[rows])

    def measure(self, step: int) -> dict[str, float]:
        """Values of a `Measurement`, by name, for the losses that ``step`` would minimise."""
        curvatures: dict[str, Curvature] = {}
        found: list[Overfitting] = []
        variant = self._variant
        networks = variant.networks()

        def look(name: str, loss: Loss) -> None:
            parameters = list(networks[name].parameters())
            rng = generator(self._seed, "power iteration", name)
            with listening(networks[name]) as heard:
                value = loss(self._batch)
            curvatures[name] = curvature(value, parameters, rng, self._config.power_iterations)
            if not is_discriminator(name) or self._unseen is None:
                return
            with listening(networks[name]) as heard_unseen:
                loss(self._unseen)
            overfitting = judged(heard, heard_unseen, variant.realness)
            if overfitting is not None:
                found.append(overfitting)

        probe(variant, self._batch, step, look)
        values = {"trained": float(_number_of(list(networks), curvatures))}
        for role in ("d", "g"):
            mine = [c for name, c in curvatures.items() if is_discriminator(name) == (role == "d")]
            if mine:
                sizes = [each.eigenvalue for each in mine]
                values[f"eigenvalue_{role}"] = max(sizes, key=abs)
                values[f"gradient_{role}"] = math.hypot(*(each.gradient_norm for each in mine))
        if len(found) == 1:
            values["accuracy_training"] = found[0].accuracy_training
            values["accuracy_unseen"] = found[0].accuracy_unseen
            values["overfit_ratio"] = found[0].ratio
        return values

    def _as_batch(
        self, data: TrainingArrays, rows: NDArray[np.int64], labels: NDArray[np.int64]
    ) -> Batch:
        device = self._variant.device
        images = torch.from_numpy(data.batch(rows)).to(device)
        return Batch(images, torch.from_numpy(labels).to(device), seed=self._seed)


def is_discriminator(network: str) -> bool:
    """Whether a variant's network is one, by the letter that its name begins with."""
    return network.startswith("D")


def same_classes(
    available: TrainingArrays, wanted: list[str], rng: np.random.Generator
) -> NDArray[np.int64] | None:
    """Different rows of ``available`` of the classes ``wanted`` one by one; None if too few.

    Classes are names, because each array numbers those that occur in it.
    """
    names = np.array(class_names(available))
    asked = np.array(wanted)
    rows = np.empty(len(wanted), dtype=np.int64)
    for name in set(wanted):
        places = np.flatnonzero(asked == name)
        candidates = rng.permutation(np.flatnonzero(names == name))
        if len(candidates) < len(places):
            return None
        rows[places] = candidates[: len(places)]
    return rows


def class_names(data: TrainingArrays) -> list[str]:
    """The class of each row, "" where unknown."""
    return ["" if label < 0 else data.class_names[label] for label in data.labels]


def _number_of(networks: list[str], trained: dict[str, Curvature]) -> int:
    """A number that stands for a set of networks."""
    return sum(1 << place for place, name in enumerate(networks) if name in trained)
