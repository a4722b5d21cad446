"""Do nuisances of the presented images tell real from generated? Asked before readers are.

If a few numbers such as the brightness of the border separate the two, a reader's success says
nothing of anatomy, and a study of it is worth nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from engine.data.records import Source
from reviewapp.study.leak_classifier import FOLDS, cross_validated_scores, normal_scores
from reviewapp.study.nuisance_features import FEATURES, NuisanceFeature
from reviewapp.study.protocol import Remedies
from reviewapp.study.statistics.estimate import Estimate, NotEstimable, Result
from reviewapp.study.statistics.roc import auc

#: the audit warns when the whole interval of the area lies above this
WARNING_AREA = 0.6


@dataclass(frozen=True, slots=True)
class AuditedImage:
    """One presented image with its features by name and, for once, its truth.

    ``patient`` is blank where there is none.
    """

    path: Path
    source: Source
    dataset: str
    patient: str
    features: dict[str, float]


@dataclass(frozen=True, slots=True)
class TellingFeature:
    """How well one feature alone tells the source; ``auc`` is at least 0.5.

    ``remedy`` is the field of `Remedies` against it; ``highest`` and ``lowest`` are the presented
    images with its extreme values.
    """

    name: str
    title: str
    auc: float
    interval: tuple[float, float] | None
    generated_is: Literal["higher", "lower"]
    description: str
    remedy: str
    highest: Path
    lowest: Path

    @property
    def tells(self) -> bool:
        """Whether it gives the source away by itself, by the rule of the whole audit."""
        return (self.auc if self.interval is None else self.interval[0]) > WARNING_AREA


@dataclass(frozen=True, slots=True)
class LeakAudit:
    """What the audit found; ``features`` have the most telling one first."""

    auc: Result
    n_real: int
    n_generated: int
    features: tuple[TellingFeature, ...]
    remedies: Remedies

    @property
    def warns(self) -> bool:
        """Whether readers could succeed by nuisances: the area's interval lies above 0.6."""
        if isinstance(self.auc, NotEstimable):
            return False
        # Without an interval the two sides do not overlap at all, or all scores are equal.
        lower = self.auc.value if self.auc.interval is None else self.auc.interval[0]
        return lower > WARNING_AREA

    @property
    def sentence(self) -> str:
        """The finding in plain words."""
        if isinstance(self.auc, NotEstimable):
            return f"The audit could not be made. {self.auc.reason}"
        interval = self.auc.interval
        shown = f"{self.auc.value:.2f}" + (
            "" if interval is None else f" (95 % interval {interval[0]:.2f} to {interval[1]:.2f})"
        )
        if not self.warns and self.auc.value > WARNING_AREA:
            return (
                "Whether brightness, borders, sharpness and coding tell real from generated is not "
                f"settled: area {shown}, where 0.5 is guessing. The images are too few to rule it "
                "out."
            )
        if not self.warns:
            return (
                "Brightness, borders, sharpness and coding do not tell real from generated well: "
                f"area {shown}, where 0.5 is guessing."
            )
        best = self.features[0]
        return (
            "A simple program tells real from generated without looking at any anatomy: area "
            f"{shown}, where 0.5 is guessing. Most telling: {best.title.lower()} "
            f"({best.description.lower().rstrip('.')})."
        )


def audit_images(images: Sequence[AuditedImage], remedies: Remedies) -> LeakAudit:
    """Audit presented images; the same images give the same result, whatever their order.

    The area is that of cross-validated scores with DeLong's interval, which takes the scores as
    given and the images as independent; images of few patients make it somewhat too narrow.
    """
    import numpy as np

    images = sorted(images, key=lambda image: image.path.name)
    generated = np.array([image.source == "generated" for image in images], dtype=bool)
    n_generated = int(generated.sum())
    n_real = len(images) - n_generated
    values = np.array([[image.features[f.name] for f in FEATURES] for image in images])
    groups = [
        f"{image.dataset}/{image.patient}" if image.patient else f"image {number}"
        for number, image in enumerate(images)
    ]
    if min(n_real, n_generated) < FOLDS:
        return LeakAudit(
            NotEstimable(f"It needs at least {FOLDS} real and {FOLDS} generated images."),
            n_real,
            n_generated,
            (),
            remedies,
        )
    scores = normal_scores(values, [image.dataset for image in images])
    told = cross_validated_scores(scores, generated, groups)
    features = [
        _telling(feature, images, list(values[:, column]), list(scores[:, column]))
        for column, feature in enumerate(FEATURES)
        if np.ptp(scores[:, column]) > 0
    ]
    return LeakAudit(
        auc=auc(list(told[generated]), list(told[~generated])),
        n_real=n_real,
        n_generated=n_generated,
        features=tuple(sorted(features, key=lambda feature: -feature.auc)),
        remedies=remedies,
    )


def _telling(
    feature: NuisanceFeature,
    images: Sequence[AuditedImage],
    values: Sequence[float],
    scores: Sequence[float],
) -> TellingFeature:
    pairs = list(zip(images, scores, strict=True))
    area = auc(
        [score for image, score in pairs if image.source == "generated"],
        [score for image, score in pairs if image.source == "real"],
    )
    assert isinstance(area, Estimate)
    higher = area.value >= 0.5
    interval = area.interval
    if interval is not None and not higher:
        interval = (1 - interval[1], 1 - interval[0])
    ordered = sorted(zip(values, images, strict=True), key=lambda pair: (pair[0], pair[1].path))
    return TellingFeature(
        name=feature.name,
        title=feature.title,
        auc=area.value if higher else 1 - area.value,
        interval=interval,
        generated_is="higher" if higher else "lower",
        description=f"Generated images are {feature.higher if higher else feature.lower}.",
        remedy=feature.remedy,
        highest=ordered[-1][1].path,
        lowest=ordered[0][1].path,
    )
