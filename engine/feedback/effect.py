"""What ratings, marks and classes change in a run, before any image of them is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from engine.errors import FeedbackError
from engine.feedback.class_labels import named_classes
from engine.feedback.image_pool import PoolImage, drawn_classes_of, generated_among
from engine.feedback.region_masks import MarkedImage, marked_images
from engine.feedback.reweighting import Reweighting, reweighting
from engine.feedback.snapshot import FeedbackLabel, Snapshot
from engine.gans.variant import ImageSpec
from engine.training.config import FeedbackConfig
from engine.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Effect:
    """Of the ways that were chosen and find something; what the critic does it learns later.

    ``named`` maps a record to a specialist's label and the index of its class; ``missing`` says
    what the other chosen ways lack.
    """

    weights: Reweighting | None = None
    marked: tuple[MarkedImage, ...] = ()
    named: Mapping[str, tuple[FeedbackLabel, int]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()


def effect_of(snapshot: Snapshot, feedback: FeedbackConfig, class_names: tuple[str, ...]) -> Effect:
    """Look for what each chosen way can use; a weight of 0 leaves its way out.

    Raises `FeedbackError` with each way's reason when none of them finds anything.
    """
    weights, marked, named = None, tuple[MarkedImage, ...](), dict[str, tuple[FeedbackLabel, int]]()
    missing: list[str] = []
    if "reweighting" in feedback.methods:
        try:
            weights = reweighting(snapshot, feedback)
        except FeedbackError as error:
            missing.append(str(error))
    if "region" in feedback.methods:
        marked = marked_images(snapshot, "generated")
        if not marked and not marked_images(snapshot, "real"):
            missing.append(
                "No region was marked in an image that was taken for generated. Let readers mark "
                "what gives images away (M while rating), or leave the marks out."
            )
    if "class_labels" in feedback.methods:
        try:
            named = named_classes(snapshot, class_names)
        except FeedbackError as error:
            missing.append(str(error))
    if len(missing) == len(feedback.methods):
        raise FeedbackError(" ".join(missing))
    return Effect(
        weights,
        marked if feedback.region_weight else (),
        named if feedback.class_weight else {},
        tuple(missing),
    )


def negative_images(
    workspace: Workspace, effect: Effect, feedback: FeedbackConfig, spec: ImageSpec
) -> list[PoolImage]:
    """Recognised generated images, with the regions marked in them, under the class drawn."""
    weights = {i.record_id: i for i in effect.weights.negatives} if effect.weights else {}
    marked = {image.record_id: image for image in effect.marked}
    ids = sorted(weights.keys() | marked.keys())
    classes = drawn_classes_of(workspace, ids, spec.class_names)
    found = []
    for record_id in ids:
        region = marked.get(record_id)
        known = weights.get(record_id)
        image = known or region
        assert image is not None, "the id is of one of them"
        found.append(
            PoolImage(
                image.key,
                weight=known.weight if known else 0.0,
                label=classes.get(record_id, -1),
                region=region.region(spec.size) if region else None,
                region_weight=feedback.region_weight * region.strength if region else 0.0,
            )
        )
    return found


def labelled_images(
    workspace: Workspace, effect: Effect, feedback: FeedbackConfig
) -> list[PoolImage]:
    """The generated images whose class specialists named."""
    generated = generated_among(workspace, effect.named)
    return [
        PoolImage(label.key, weight=feedback.class_weight, label=number)
        for record_id, (label, number) in sorted(effect.named.items())
        if record_id in generated
    ]
