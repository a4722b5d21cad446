"""Readers who never tire: a hidden rule, a criterion of their own, and errors at a known rate."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from benchmarks.experiments.feedback.hidden_rules import HiddenRule
from benchmarks.experiments.feedback.phantoms import Picture
from engine.data.content_store import read_image, to_float
from engine.data.records import ImageRecord
from engine.feedback.held_out import is_held_out
from engine.feedback.snapshot import FeedbackLabel, FeedbackMark, FeedbackRating
from engine.workspace import Workspace

_MIDDLE = 3.5


class Reader(Protocol):
    """Somebody who rates pictures (S, S) in [0, 1]."""

    reader_id: str

    def confidences(
        self, pictures: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """From 1, definitely generated, to 6, definitely real, (N,)."""

    def marks(self, picture: Picture) -> tuple[FeedbackMark, ...]:
        """What the reader marks on a picture that was recognised."""


@dataclass(frozen=True, slots=True)
class SimulatedSpecialist:
    """Judges by ``rule``, on a scale of whose ``unit`` one step of confidence is worth.

    ``leniency`` shifts all impressions towards "real" by so many steps, ``love_of_light`` does so
    for each 0.1 of mean brightness above ``usual_light``; ``unsteadiness`` is the standard
    deviation of an impression, ``errors`` the share of answers that are turned round.
    """

    reader_id: str
    rule: HiddenRule
    leniency: float = 0.0
    love_of_light: float = 0.0
    usual_light: float = 0.25
    unsteadiness: float = 0.7
    errors: float = 0.1

    def confidences(
        self, pictures: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """From 1, definitely generated, to 6, definitely real, (N,)."""
        n = len(pictures)
        light = (pictures.mean(axis=(1, 2)) - self.usual_light) / 0.1
        seen = (self.rule.scores(pictures) - self.rule.limit) / self.rule.unit
        seen = seen + self.leniency + self.love_of_light * light
        noisy = _MIDDLE + seen + self.unsteadiness * rng.normal(size=n)
        given = np.clip(np.round(noisy), 1, 6).astype(np.int64)
        turned: NDArray[np.int64] = np.where(rng.random(n) < self.errors, 7 - given, given)
        return turned

    def marks(self, picture: Picture) -> tuple[FeedbackMark, ...]:
        """An ellipse around the place where the rule is broken most."""
        place = self.rule.place(picture)
        if place is None:
            return ()
        x, y, w, h = place
        return (FeedbackMark(shape="ellipse", x=x, y=y, w=w, h=h, reason="anatomy"),)


@dataclass(frozen=True, slots=True)
class GuessingReader:
    """Gives every confidence with the same chance, whatever there is to see."""

    reader_id: str

    def confidences(
        self, pictures: NDArray[np.float32], rng: np.random.Generator
    ) -> NDArray[np.int64]:
        """From 1 to 6, (N,)."""
        return rng.integers(1, 7, len(pictures))

    def marks(self, picture: Picture) -> tuple[FeedbackMark, ...]:  # noqa: ARG002 - sees nothing
        """None."""
        return ()


def rate(
    workspace: Workspace,
    records: Sequence[ImageRecord],
    readers: Sequence[Reader],
    seed: int,
) -> list[FeedbackRating]:
    """One rating of each image, readers taking turns; a quarter of the images is held out.

    Images are dealt to readers at random, and generated images taken for generated are marked.
    """
    rng = np.random.default_rng([seed, 1])
    order = rng.permutation(len(records))
    ratings: list[FeedbackRating] = []
    for number, reader in enumerate(readers):
        mine = [records[row] for row in order[number :: len(readers)]]
        pictures = np.stack([_picture(workspace, record) for record in mine])
        given = reader.confidences(pictures, rng)
        for record, picture, confidence in zip(mine, pictures, given, strict=True):
            recognised = record.source == "generated" and confidence < _MIDDLE
            ratings.append(
                FeedbackRating(
                    record_id=record.record_id,
                    key=record.key,
                    source=record.source,
                    confidence=int(confidence),
                    reader_id=reader.reader_id,
                    study_id="simulated",
                    group=record.key,
                    held_out=is_held_out(record.key),
                    marks=reader.marks(picture) if recognised else (),
                )
            )
    return ratings


def name_classes(
    workspace: Workspace,
    records: Sequence[ImageRecord],
    rule: HiddenRule,
    seed: int,
    errors: float = 0.1,
) -> list[FeedbackLabel]:
    """The class of each image as ``rule`` sees it; a share of ``errors`` is another class."""
    rng = np.random.default_rng([seed, 4])
    n_classes = len(rule.class_names)
    labels = []
    for record in records:
        number = rule.class_of(_picture(workspace, record))
        if rng.random() < errors:
            number = int(number + rng.integers(1, n_classes)) % n_classes
        name = rule.class_names[number]
        labels.append(
            FeedbackLabel(
                record_id=record.record_id, key=record.key, class_name=name, reader_id="specialist"
            )
        )
    return labels


def _picture(workspace: Workspace, record: ImageRecord) -> NDArray[np.float32]:
    grey: NDArray[np.float32] = to_float(read_image(workspace, record.key)).mean(axis=0)
    return (grey + 1) / 2
