"""A feedback round, from ratings to a child run that records where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from typing import get_args

import pytest
import torch
from safetensors.torch import load_file

from engine.data.manifest import read_manifest, write_manifest
from engine.data.records import ImageRecord
from engine.errors import CheckpointError, ConfigError, FeedbackError
from engine.feedback.rounds import start_config
from engine.feedback.snapshot import FeedbackRating, load_snapshot, pin_snapshot
from engine.gans.registry import preset, variant_class
from engine.generation import generate_batch
from engine.training.checkpoint import WEIGHTS, list_checkpoints
from engine.training.config import FeedbackConfig, FeedbackMethod, TrainConfig
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, read_summary, run_folder
from engine.workspace import Workspace


def config(variant: str = "dcgan") -> TrainConfig:
    fields = preset(variant, "acdc", "tiny").model_dump() | {"steps": 6, "threads": 1}
    return TrainConfig.checked(**fields)


def trained(workspace: Workspace, settings: TrainConfig, run_id: str) -> str:
    create_run(workspace, settings, run_id)
    if settings.feedback is not None:
        ratings = run_folder(workspace, run_id).ratings
        pin_snapshot(workspace, settings.feedback.snapshot_sha256, ratings)
    Trainer(workspace, run_id, lambda event: None, always_run()).train()
    return run_id


def rated(records: Sequence[ImageRecord], confidence: int) -> list[FeedbackRating]:
    return [
        FeedbackRating(
            record_id=record.record_id,
            key=record.key,
            source=record.source,
            confidence=confidence,
            reader_id="r1",
            study_id="s1",
        )
        for record in records
    ]


@pytest.fixture
def ratings(library: Workspace) -> list[FeedbackRating]:
    """Four generated images recognised, two that fooled, two real ones doubted."""
    trained(library, config(), "parent")
    drawn = generate_batch(library, "parent", 6, seed=1)
    real = read_manifest(library.manifest_path("acdc"))
    return rated(drawn[:4], 1) + rated(drawn[4:], 6) + rated(real[:2], 2) + rated(real[2:4], 6)


def weights(workspace: Workspace, run_id: str) -> dict[str, torch.Tensor]:
    checkpoints = list_checkpoints(run_folder(workspace, run_id).checkpoints)
    return load_file(checkpoints[-1].folder / WEIGHTS)


def test_the_child_records_parent_snapshot_and_settings(
    library: Workspace, ratings: list[FeedbackRating]
) -> None:
    settings = start_config(library, "parent", ratings, steps=5)
    child = trained(library, settings, "child")
    summary = read_summary(library, child)
    parent = list_checkpoints(run_folder(library, "parent").checkpoints)[-1]
    assert summary.config.parent == parent.reference("parent")
    assert summary.parent_run_id == "parent"
    assert summary.snapshot_sha256 is not None
    pinned = load_snapshot(run_folder(library, child).ratings, summary.snapshot_sha256)
    assert len(pinned.ratings) == len(ratings)
    changed = [
        n
        for n, t in weights(library, child).items()
        if not torch.equal(t, weights(library, "parent")[n])
    ]
    assert any(name.startswith("D/") for name in changed)


def test_zero_weights_train_bit_for_bit_as_without_feedback(
    library: Workspace, ratings: list[FeedbackRating]
) -> None:
    settings = start_config(library, "parent", ratings, negative_weight=0, real_weight=0)
    plain = settings.model_copy(update={"feedback": None})
    trained(library, settings, "zero")
    trained(library, plain, "plain")
    a, b = weights(library, "zero"), weights(library, "plain")
    for name, tensor in a.items():
        assert torch.equal(tensor, b[name]), name
    full = start_config(library, "parent", ratings)
    trained(library, full, "full")
    assert any(not torch.equal(t, b[n]) for n, t in weights(library, "full").items())


def test_altered_ratings_stop_the_run(library: Workspace, ratings: list[FeedbackRating]) -> None:
    settings = start_config(library, "parent", ratings)
    run_id = create_run(library, settings, "altered")
    assert settings.feedback is not None
    path = run_folder(library, run_id).ratings
    pin_snapshot(library, settings.feedback.snapshot_sha256, path)
    path.write_bytes(path.read_bytes().replace(b'"confidence": 1', b'"confidence": 6'))
    with pytest.raises(FeedbackError, match="changed after the round began"):
        Trainer(library, run_id, lambda event: None, always_run()).train()


def test_a_changed_parent_is_refused(library: Workspace, ratings: list[FeedbackRating]) -> None:
    settings = start_config(library, "parent", ratings)
    assert settings.parent is not None
    other = settings.parent.model_copy(update={"sha256": "0" * 64})
    with pytest.raises(CheckpointError, match="gone or was changed"):
        trained(library, settings.model_copy(update={"parent": other}), "orphan")


def test_ratings_that_change_nothing_start_no_round(
    library: Workspace, ratings: list[FeedbackRating]
) -> None:
    nothing = [rating for rating in ratings if rating.confidence == 6]
    with pytest.raises(FeedbackError, match="change nothing"):
        start_config(library, "parent", nothing)
    with pytest.raises(FeedbackError, match="no ratings"):
        start_config(library, "parent", [])


def test_a_variant_says_why_it_cannot_be_rewarded(
    library: Workspace, ratings: list[FeedbackRating]
) -> None:
    trained(library, config("upgan"), "restorer")
    with pytest.raises(ConfigError, match="invent what the image does not show"):
        start_config(library, "restorer", ratings, methods=("critic",))


def test_ratings_of_another_data_set_or_of_vanished_images_start_no_round(
    library: Workspace, ratings: list[FeedbackRating]
) -> None:
    manifest = library.manifest_path("acdc")
    records = read_manifest(manifest)
    elsewhere = records[0].model_copy(update={"record_id": "idrid/1", "dataset": "idrid"})
    write_manifest(library.manifest_path("idrid"), [elsewhere])
    foreign = rated([elsewhere], 1)
    mixed = start_config(library, "parent", ratings + foreign)
    assert mixed.feedback == start_config(library, "parent", ratings).feedback
    with pytest.raises(FeedbackError, match="is of the data set 'acdc'"):
        start_config(library, "parent", foreign)
    gone = [foreign[0].model_copy(update={"record_id": "acdc/gone"})]
    with pytest.raises(FeedbackError, match="acdc/gone"):
        start_config(library, "parent", ratings + gone)


def test_settings_of_one_method_are_still_read() -> None:
    old = {"method": "reweighting", "negative_weight": 0.5, "snapshot_sha256": "0" * 64}
    assert FeedbackConfig.model_validate(old) == FeedbackConfig(
        methods=("reweighting",), negative_weight=0.5, snapshot_sha256="0" * 64
    )


def test_a_way_that_the_parent_cannot_use_is_refused(
    library: Workspace, ratings: list[FeedbackRating]
) -> None:
    unknown = set(get_args(FeedbackMethod)) - variant_class("dcgan").accepts_feedback
    for method in unknown:
        with pytest.raises(ConfigError, match=method):
            start_config(library, "parent", ratings, methods=("reweighting", method))
    with pytest.raises(ConfigError, match="negative_weight"):
        start_config(library, "parent", ratings, negative_weight=-1)
