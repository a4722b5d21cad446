"""What each way of feedback does to a run of every generator."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
import torch
from safetensors.torch import load_file

from engine.data.manifest import read_manifest
from engine.data.records import ImageRecord
from engine.errors import FeedbackError
from engine.feedback.effect import effect_of, labelled_images, negative_images
from engine.feedback.snapshot import (
    FeedbackLabel,
    FeedbackMark,
    FeedbackRating,
    Snapshot,
    freeze_snapshot,
    pin_snapshot,
)
from engine.gans.registry import preset, variants
from engine.gans.variant import ImageSpec
from engine.generation import generate_batch
from engine.training.checkpoint import WEIGHTS, list_checkpoints
from engine.training.config import FeedbackConfig, TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, read_summary, run_folder
from engine.workspace import Workspace

MARK = FeedbackMark(shape="ellipse", x=0.1, y=0.1, w=0.4, h=0.4)
ZERO = {
    "negative_weight": 0,
    "real_weight": 0,
    "critic_weight": 0,
    "pull_weight": 0,
    "region_weight": 0,
    "class_weight": 0,
}


def trained(
    workspace: Workspace, variant: str, run_id: str, feedback: FeedbackConfig | None = None
) -> dict[str, torch.Tensor]:
    changes = {"steps": 3, "threads": 1, "feedback": feedback}
    settings = preset(variant, "acdc", "tiny").model_dump() | changes
    create_run(workspace, TrainConfig.checked(**settings), run_id)
    folder = run_folder(workspace, run_id)
    if feedback is not None:
        pin_snapshot(workspace, feedback.snapshot_sha256, folder.ratings)
    Trainer(workspace, run_id, lambda event: None, always_run()).train()
    return load_file(list_checkpoints(folder.checkpoints)[-1].folder / WEIGHTS)


def rated(
    records: Sequence[ImageRecord], confidence: int, *marks: FeedbackMark
) -> list[FeedbackRating]:
    return [
        FeedbackRating(
            record_id=record.record_id,
            key=record.key,
            source=record.source,
            confidence=confidence,
            reader_id="r1",
            study_id="s1",
            marks=marks,
        )
        for record in records
    ]


def named(records: Sequence[ImageRecord], class_name: str) -> list[FeedbackLabel]:
    return [
        FeedbackLabel(record_id=r.record_id, key=r.key, class_name=class_name, reader_id="r1")
        for r in records
    ]


@pytest.fixture
def given(library: Workspace) -> Snapshot:
    """Generated images recognised and marked, real ones doubted and marked, both named."""
    trained(library, "dcgan", "parent")
    drawn = generate_batch(library, "parent", 4, seed=1)
    real = read_manifest(library.manifest_path("acdc"))
    ratings = rated(drawn[:2], 1, MARK) + rated(drawn[2:], 6) + rated(real[:2], 2, MARK)
    labels = named(drawn[:1], "DCM") + named([real[0]], "DCM") + named([real[1]], "NOR")
    return freeze_snapshot(library, ratings, labels)


@pytest.mark.parametrize("name", variants())
def test_zero_weights_train_bit_for_bit_as_without_feedback(
    library: Workspace, given: Snapshot, name: str
) -> None:
    methods = tuple(sorted(variants()[name].accepts_feedback))
    feedback = {"methods": methods, "snapshot_sha256": given.sha256}
    zero = trained(library, name, "zero", FeedbackConfig.model_validate(feedback | ZERO))
    plain = trained(library, name, "plain")
    assert plain.keys() == zero.keys()
    for key, tensor in plain.items():
        assert torch.equal(tensor, zero[key]), key


@pytest.mark.parametrize("name", variants())
def test_each_way_but_the_critic_changes_what_is_learned(
    library: Workspace, given: Snapshot, name: str
) -> None:
    plain = trained(library, name, "plain")
    for method in sorted(variants()[name].accepts_feedback - {"critic"}):
        feedback = FeedbackConfig(
            methods=(method,), snapshot_sha256=given.sha256, real_weight=0, region_weight=4.0
        )
        changed = trained(library, name, method, feedback)
        assert any(not torch.equal(tensor, plain[key]) for key, tensor in changed.items()), method


def test_recognised_images_keep_the_class_that_they_were_drawn_as(
    library: Workspace, given: Snapshot
) -> None:
    feedback = FeedbackConfig(methods=("reweighting", "region"), snapshot_sha256=given.sha256)
    spec = ImageSpec(channels=1, size=32, class_names=("DCM", "NOR"))
    effect = effect_of(given, feedback, spec.class_names)
    images = negative_images(library, effect, feedback, spec)
    manifest = read_manifest(run_folder(library, "parent").generated)
    classes = {record.key: record.class_label for record in manifest}
    assert len(images) == 2
    for image in images:
        assert spec.class_names[image.label] == classes[image.key]
        assert image.region is not None
        assert image.region.sum() > 0
        assert (image.weight, image.region_weight) == (1.0, 1.0)


def test_only_generated_images_are_labelled_examples_beside_the_batch(
    library: Workspace, given: Snapshot
) -> None:
    feedback = FeedbackConfig(methods=("class_labels",), snapshot_sha256=given.sha256)
    effect = effect_of(given, feedback, ("DCM", "NOR"))
    assert len(effect.named) == 3
    (image,) = labelled_images(library, effect, feedback)
    assert (image.label, image.weight) == (0, 1.0)


def test_ways_that_find_nothing_are_refused_with_every_reason(given: Snapshot) -> None:
    bare = Snapshot(
        given.sha256, tuple(r.model_copy(update={"marks": ()}) for r in given.ratings), ()
    )
    feedback = FeedbackConfig(methods=("region", "class_labels"), snapshot_sha256=given.sha256)
    with pytest.raises(FeedbackError, match=r"No region was marked.*None of the 0 classes"):
        effect_of(bare, feedback, ("DCM", "NOR"))
    both = feedback.model_copy(update={"methods": ("region", "reweighting")})
    effect = effect_of(bare, both, ())
    assert effect.weights is not None
    (reason,) = effect.missing
    assert "No region was marked" in reason


def test_a_run_tells_which_chosen_way_does_nothing(library: Workspace, given: Snapshot) -> None:
    bare = [rating.model_copy(update={"marks": ()}) for rating in given.ratings]
    frozen = freeze_snapshot(library, bare)
    feedback = FeedbackConfig(methods=("region", "reweighting"), snapshot_sha256=frozen.sha256)
    trained(library, "lapgan", "told", feedback)
    assert "No region was marked" in read_summary(library, "told").message
