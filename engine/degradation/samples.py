"""What drawn images show: distance to real ones, precision, recall, copies, diversity."""

from __future__ import annotations

import math
import time
from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from engine.data.cache import TrainingArrays
from engine.degradation.config import GuardConfig
from engine.degradation.watched_images import WatchedImages
from engine.errors import EvaluationError
from engine.evaluation.distances import nearest
from engine.evaluation.diversity import diversity
from engine.evaluation.encoder import EncoderNetwork, has_encoder, load_or_train_encoder
from engine.evaluation.features import FeatureExtractor, Features, extract
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.memorisation import memorisation
from engine.evaluation.prdc import prdc
from engine.gans.variant import Variant
from engine.progress import CancelCheck
from engine.training.ema import Ema
from engine.training.randomness import derived_seed
from engine.workspace import Workspace

#: training images that drawn ones are compared with, at most; a copy of another is not found
MOST_TRAINING_IMAGES = 4096
#: how many images' features cost as much as training the encoder (steps x views x forth and back)
_ENCODER_IMAGES = 200 * 96 * 3
_TIMED_IMAGES = 16


class SampleWatch:
    """Draws the same latents each time and compares the images with real ones.

    Distances are in the features of the encoder that is trained on the data set when first needed.
    Nothing is measured before `prepare`.
    """

    def __init__(
        self,
        workspace: Workspace,
        dataset: str,
        images: WatchedImages,
        config: GuardConfig,
        seed: int,
    ) -> None:
        self._workspace = workspace
        self._dataset = dataset
        self._data = images.data
        self._unseen_images = images.unseen
        self._config = config
        self._seed = derived_seed(seed, "guard samples")
        self._extractor: FeatureExtractor | None = None
        rng = np.random.default_rng(self._seed)
        self._rows = np.sort(rng.permutation(images.rows)[:MOST_TRAINING_IMAGES])
        #: which of the training images real ones stand for, as many as are drawn
        self._compared = rng.permutation(len(self._rows))[: config.images]

    @property
    def is_ready(self) -> bool:
        """Whether `prepare` has been called."""
        return self._extractor is not None

    def expected_preparation_s(self) -> float:
        """About how long `prepare` takes on this machine, from the time of a few images."""
        few = torch.from_numpy(self._data.batch(np.arange(_TIMED_IMAGES) % len(self._data)))
        network = EncoderNetwork(few.shape[1])
        began = time.perf_counter()
        with torch.no_grad():
            network(few)
        each = (time.perf_counter() - began) / _TIMED_IMAGES
        images = len(self._rows) + self._config.images
        if not has_encoder(self._workspace, self._dataset, self._data.images.shape[-1]):
            images += _ENCODER_IMAGES
        return each * images

    def prepare(self, device: torch.device, cancelled: CancelCheck) -> None:
        """Load or train the encoder and take the features of real images, unless that is done.

        Raises `EvaluationError` and `Cancelled`.
        """
        if self._extractor is not None:
            return
        size = self._data.images.shape[-1]
        encoder = load_or_train_encoder(
            self._workspace, self._dataset, size, cancelled=cancelled
        ).to(device)
        self._training = _features(encoder, self._data, self._rows, cancelled)
        self._unseen: Features | None = None
        if self._unseen_images is not None:
            rows = np.random.default_rng(self._seed).permutation(len(self._unseen_images))
            self._unseen = _features(
                encoder, self._unseen_images, rows[: self._config.images], cancelled
            )
        if self._unseen is not None and len(self._unseen) > 1:
            usual = nearest(self._unseen.astype(float), self._training.astype(float))[1]
        else:
            real = self._training.astype(float)
            usual = nearest(real, real, itself=True)[1]
        self._usual_distance = float(np.median(usual))
        self._extractor = encoder

    def measure(self, variant: Variant, ema: Ema, cancelled: CancelCheck) -> dict[str, float]:
        """Values of a `Measurement`, by name; those that cannot be computed are left out."""
        encoder = self._extractor
        if encoder is None:
            return {}
        with ema.applied(variant):
            try:
                drawn = extract(
                    encoder,
                    lambda rows: self._draw(variant, rows),
                    self._config.images,
                    cancelled=cancelled,
                )
            except EvaluationError:
                return {}
        real = self._training[self._compared]
        values: dict[str, float] = {}
        _add(values, lambda: {"diversity": diversity(real, drawn, encoder.name).value})
        _add(values, lambda: {"frechet_distance": frechet_distance(real, drawn, "").value})
        _add(values, lambda: {m.name: m.value for m in prdc(real, drawn, "")[:2]})
        if not variant.needs_inputs:
            # A restored image is to resemble its input, which is a real one.
            _add(values, lambda: self._memorised(drawn))
        return values

    def _memorised(self, drawn: Features) -> dict[str, float]:
        found = memorisation(self._training, drawn, "", unseen=self._unseen)
        distance = float(np.median(found.distances))
        return {
            "memorisation": found.metric.value,
            "memorisation_p": found.p_value,
            "neighbour_ratio": (
                distance / self._usual_distance if self._usual_distance > 0 else math.nan
            ),
        }

    def _draw(self, variant: Variant, rows: slice) -> Tensor:
        n = rows.stop - rows.start
        inputs = None
        if variant.needs_inputs:
            chosen = self._rows[np.arange(rows.start, rows.stop) % len(self._rows)]
            inputs = torch.from_numpy(self._data.batch(chosen)).to(variant.device)
        return variant.sample(n, self._seed, first=rows.start, inputs=inputs, maps=False).images


def _features(
    encoder: FeatureExtractor,
    data: TrainingArrays,
    rows: NDArray[np.int64],
    cancelled: CancelCheck,
) -> Features:
    return extract(
        encoder,
        lambda part: torch.from_numpy(data.batch(rows[part])),
        len(rows),
        cancelled=cancelled,
    )


def _add(values: dict[str, float], measure: Callable[[], dict[str, float]]) -> None:
    try:
        values.update(measure())
    except EvaluationError:
        # Too few or identical images: the value is not to be had, and others may be.
        return
