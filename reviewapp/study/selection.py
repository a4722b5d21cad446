"""Chooses a study's images from the library: seeded, even over data sets, classes and runs."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from engine.data.records import Source
from reviewapp.study.cine import comparable_sequences
from reviewapp.study.errors import ProtocolError
from reviewapp.study.model import ImageRow
from reviewapp.study.protocol import Protocol

_WHAT_TO_DO: dict[Source, str] = {
    "real": "Import more images, or ask for fewer in the protocol.",
    "generated": "Generate more images, widen the protocol's variants and runs, or ask for fewer.",
}


@dataclass(frozen=True, slots=True)
class Selection:
    """Chosen images; no two of them have the same content.

    ``frames`` are their sequences by record id, where the protocol shows any.
    """

    scored: tuple[ImageRow, ...]
    training: tuple[ImageRow, ...]
    frames: dict[str, tuple[ImageRow, ...]] = field(default_factory=dict)

    @property
    def everything(self) -> tuple[ImageRow, ...]:
        """Scored and training images."""
        return self.scored + self.training

    @property
    def rendered(self) -> tuple[ImageRow, ...]:
        """Everything that is shown: the images and the frames of their sequences."""
        shown = {image.record_id: image for image in self.everything}
        shown |= {image.record_id: image for own in self.frames.values() for image in own}
        return tuple(shown.values())

    def tellable_classes(self) -> frozenset[str]:
        """Data sets whose class labels say nothing of the source.

        That is so where every image has a class and both sources show the same classes.
        """
        classes: dict[tuple[str, Source], set[str]] = defaultdict(set)
        for image in self.everything:
            classes[image.dataset, image.source].add(image.class_label)
        return frozenset(
            dataset
            for dataset in {image.dataset for image in self.everything}
            if classes[dataset, "real"] == classes[dataset, "generated"]
            and "" not in classes[dataset, "real"]
        )


def select_images(library: Iterable[ImageRow], protocol: Protocol, seed: int) -> Selection:
    """Choose ``protocol``'s scored and training images from ``library``.

    Raises `ProtocolError` with the counts at hand when there are too few.
    """
    fitting = [image for image in library if _fits(image, protocol)]
    datasets = protocol.datasets or _datasets_with_both(fitting)
    if not datasets:
        raise ProtocolError(
            "No data set has both real images and generated images that fit the protocol. "
            "Import real images and generate some from a run trained on them."
        )
    frames: dict[str, tuple[ImageRow, ...]] = {}
    if protocol.tools.cine:
        frames = comparable_sequences(fitting, datasets)
        # One case a sequence, shown by its first frame.
        fitting = [image for image in fitting if image.record_id in frames]
    rng = random.Random(f"{seed}/selection")
    scored: list[ImageRow] = []
    training: list[ImageRow] = []
    wanted: tuple[tuple[Source, int, int], ...] = (
        ("real", protocol.n_real, protocol.n_training_real),
        ("generated", protocol.n_generated, protocol.n_training_generated),
    )
    for source, n_scored, n_training in wanted:
        scored_shares = _shares(n_scored, len(datasets))
        # The data sets that got one scored image less get a training image first.
        training_shares = _shares(n_training, len(datasets))[::-1]
        for dataset, for_scored, for_training in zip(
            datasets, scored_shares, training_shares, strict=True
        ):
            candidates = _distinct(
                (i for i in fitting if i.dataset == dataset and i.source == source),
                taken={image.key for image in (*scored, *training)},
            )
            if len(candidates) < for_scored + for_training:
                raise ProtocolError(
                    f"The protocol '{protocol.title}' needs {for_scored + for_training} different "
                    f"{source} images of '{dataset}' ({for_scored} scored, {for_training} for "
                    f"training), but the library has {len(candidates)} that fit. "
                    f"{_WHAT_TO_DO[source]}"
                )
            picked = _pick_evenly(candidates, for_scored, rng)
            scored += picked
            chosen = {image.record_id for image in picked}
            rest = [image for image in candidates if image.record_id not in chosen]
            training += _pick_evenly(rest, for_training, rng)
    chosen_frames = {
        image.record_id: frames[image.record_id]
        for image in (*scored, *training)
        if image.record_id in frames
    }
    return Selection(tuple(scored), tuple(training), chosen_frames)


def _fits(image: ImageRow, protocol: Protocol) -> bool:
    if protocol.datasets and image.dataset not in protocol.datasets:
        return False
    if image.source == "real":
        return True
    return (
        (not protocol.variants or image.variant in protocol.variants)
        and (not protocol.runs or image.maker in protocol.runs)
        and (not protocol.steps or image.checkpoint_step in protocol.steps)
    )


def _datasets_with_both(images: Sequence[ImageRow]) -> tuple[str, ...]:
    real = {image.dataset for image in images if image.source == "real"}
    generated = {image.dataset for image in images if image.source == "generated"}
    return tuple(sorted(real & generated))


def _shares(total: int, parts: int) -> list[int]:
    quotient, remainder = divmod(total, parts)
    return [quotient + (part < remainder) for part in range(parts)]


def _distinct(images: Iterable[ImageRow], taken: set[str]) -> list[ImageRow]:
    by_key = {image.key: image for image in images if image.key not in taken}
    return sorted(by_key.values(), key=lambda image: image.record_id)


def _pick_evenly(candidates: Sequence[ImageRow], n: int, rng: random.Random) -> list[ImageRow]:
    """``n`` images, spread over classes and runs, and over patients or sequences within these."""
    strata: dict[tuple[str, str], list[ImageRow]] = defaultdict(list)
    for image in rng.sample(candidates, len(candidates)):
        strata[image.class_label, image.maker].append(image)
    classes: Counter[str] = Counter()
    makers: Counter[str] = Counter()
    subjects: Counter[str] = Counter()
    picked: list[ImageRow] = []
    while len(picked) < n:
        label, maker = min(
            (stratum for stratum in strata if strata[stratum]),
            key=lambda stratum: classes[stratum[0]] + makers[stratum[1]],
        )
        images = strata[label, maker]
        index = min(range(len(images)), key=lambda place: subjects[subject(images[place])])
        image = images.pop(index)
        classes[label] += 1
        makers[maker] += 1
        subjects[subject(image)] += 1
        picked.append(image)
    return picked


def subject(image: ImageRow) -> str:
    """What two images have in common that look alike: the patient, or else the sequence."""
    return image.patient or image.attributes.get("sequence", "")
