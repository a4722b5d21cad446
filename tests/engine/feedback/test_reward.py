"""A round that rewards the generator by a critic of the ratings."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from engine.data.content_store import read_image, to_float
from engine.data.records import ImageRecord
from engine.errors import ConfigError, FeedbackError
from engine.feedback.held_out import is_held_out
from engine.feedback.judge import read_scores
from engine.feedback.rounds import start_config
from engine.feedback.snapshot import FeedbackRating, pin_snapshot
from engine.gans.registry import preset, variants
from engine.generation import generate_batch
from engine.trained_variant import newest_checkpoint, sampling_variant
from engine.training.checkpoint import WEIGHTS, list_checkpoints
from engine.training.config import TrainConfig
from engine.training.control import Control
from engine.training.loop import Trainer, always_run
from engine.training.runs import create_run, run_folder
from engine.workspace import Workspace

N_RATED = 130


def config(variant: str = "dcgan", **changes: object) -> TrainConfig:
    fields = preset(variant, "acdc", "tiny").model_dump() | {"steps": 12, "threads": 1}
    return TrainConfig.checked(**(fields | changes))


def trained(
    workspace: Workspace, settings: TrainConfig, run_id: str, control: Control | None = None
) -> str:
    if not workspace.run_path(run_id).exists():
        create_run(workspace, settings, run_id)
        if settings.feedback is not None:
            ratings = run_folder(workspace, run_id).ratings
            pin_snapshot(workspace, settings.feedback.snapshot_sha256, ratings)
    Trainer(workspace, run_id, lambda event: None, control or always_run()).train()
    return run_id


def brightness_of_the_middle(images: np.ndarray) -> float:
    """How much brighter images (…, S, S) are in the middle; no gentle alteration hides it."""
    quarter = images.shape[-1] // 4
    middle = images[..., quarter:-quarter, quarter:-quarter]
    return float(middle.mean() - images.mean())


def rated(workspace: Workspace, records: Sequence[ImageRecord]) -> list[FeedbackRating]:
    """A specialist who believes images with a bright middle."""
    values = np.array(
        [
            brightness_of_the_middle(to_float(read_image(workspace, record.key)))
            for record in records
        ]
    )
    order = values.argsort().argsort() / len(values)
    return [
        FeedbackRating(
            record_id=record.record_id,
            key=record.key,
            source="generated",
            confidence=1 + int(6 * rank),
            reader_id="r1",
            study_id="s1",
            group=record.record_id,
            held_out=is_held_out(record.record_id),
        )
        for record, rank in zip(records, order, strict=True)
    ]


@pytest.fixture(scope="module")
def rated_library(library_of_module: Workspace) -> tuple[Workspace, list[FeedbackRating]]:
    workspace = library_of_module
    trained(workspace, config(steps=120), "parent")
    return workspace, rated(workspace, generate_batch(workspace, "parent", N_RATED, seed=1))


def weights(workspace: Workspace, run_id: str) -> dict[str, torch.Tensor]:
    checkpoints = list_checkpoints(run_folder(workspace, run_id).checkpoints)
    return load_file(checkpoints[-1].folder / WEIGHTS)


def settings_of(
    workspace: Workspace, ratings: list[FeedbackRating], **changes: float
) -> TrainConfig:
    fields = {"critic_steps": 60.0, "reward_every": 2.0} | changes
    made = start_config(workspace, "parent", ratings, methods=("critic",), **fields)
    return made.model_copy(update={"steps": 12, "checkpoint_every": 6})


def test_a_rewarded_child_draws_what_the_specialist_believes(
    rated_library: tuple[Workspace, list[FeedbackRating]],
) -> None:
    workspace, ratings = rated_library
    settings = settings_of(workspace, ratings, critic_weight=20, pull_weight=0)
    settings = settings.model_copy(update={"steps": 40, "checkpoint_every": 20})
    plain = settings.model_copy(update={"feedback": None})
    trained(workspace, settings, "rewarded")
    trained(workspace, plain, "unrewarded")

    def drawn(run_id: str) -> float:
        variant = sampling_variant(newest_checkpoint(workspace, run_id))
        return brightness_of_the_middle(variant.sample(64, 5, maps=False).images.numpy())

    assert drawn("rewarded") > drawn("unrewarded") + 0.02
    folder = run_folder(workspace, "rewarded").root
    about = json.loads((folder / "feedback.json").read_text(encoding="utf-8"))
    assert about["critic"]["n_ratings"] == sum(not r.held_out for r in ratings)
    assert "judge" in about
    scores = read_scores(folder / "feedback.json")
    assert [score.step for score in scores] == [0, 20, 40]
    assert scores[-1].critic > scores[0].critic
    header, *rows = (folder / "metrics.csv").read_text(encoding="utf-8").splitlines()
    assert "reward" in header.split(",") and "pull" in header.split(",") and rows


def test_a_stopped_and_resumed_round_is_the_uninterrupted_one_bit_for_bit(
    rated_library: tuple[Workspace, list[FeedbackRating]],
) -> None:
    workspace, ratings = rated_library
    settings = settings_of(workspace, ratings, pull_weight=0.1)
    trained(workspace, settings, "whole")
    steps_before = _steps_until_stop(workspace, settings)
    assert 0 < steps_before < settings.steps
    trained(workspace, settings, "halved")
    first, second = weights(workspace, "whole"), weights(workspace, "halved")
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name


def _steps_until_stop(workspace: Workspace, settings: TrainConfig) -> int:
    run_id = "halved"
    create_run(workspace, settings, run_id)
    assert settings.feedback is not None
    folder = run_folder(workspace, run_id)
    pin_snapshot(workspace, settings.feedback.snapshot_sha256, folder.ratings)
    # Once the critic is fitted, five more steps are let through.
    left = iter(range(5))

    def wish() -> str:
        fitted = (folder.root / "feedback.json").exists()
        return "stop" if fitted and next(left, None) is None else "run"

    Trainer(workspace, run_id, lambda event: None, Control(wish, lambda: "run")).train()  # type: ignore[arg-type]
    return list_checkpoints(folder.checkpoints)[-1].state.step


def test_zero_weights_train_bit_for_bit_as_without_feedback(
    rated_library: tuple[Workspace, list[FeedbackRating]],
) -> None:
    workspace, ratings = rated_library
    settings = settings_of(workspace, ratings, critic_weight=0, pull_weight=0)
    trained(workspace, settings, "zero")
    trained(workspace, settings.model_copy(update={"feedback": None}), "plain")
    first, second = weights(workspace, "zero"), weights(workspace, "plain")
    for name, tensor in first.items():
        assert torch.equal(tensor, second[name]), name


def test_a_pull_alone_keeps_the_child_near_its_parent(
    rated_library: tuple[Workspace, list[FeedbackRating]],
) -> None:
    workspace, ratings = rated_library

    def moved(run_id: str) -> float:
        child = sampling_variant(newest_checkpoint(workspace, run_id))
        parent = sampling_variant(newest_checkpoint(workspace, "parent"))
        a, b = (v.sample(32, 3, maps=False).images for v in (child, parent))
        return float((a - b).square().mean())

    for name, pull in (("loose", 0.0), ("held", 50.0)):
        settings = settings_of(workspace, ratings, critic_weight=0.01, pull_weight=pull)
        trained(workspace, settings.model_copy(update={"steps": 40}), name)
    assert moved("held") < 0.5 * moved("loose")


def test_random_answers_end_the_run_with_the_reason(
    rated_library: tuple[Workspace, list[FeedbackRating]],
) -> None:
    workspace, ratings = rated_library
    rng = np.random.default_rng(0)
    guessed = [r.model_copy(update={"confidence": int(rng.integers(1, 7))}) for r in ratings]
    with pytest.raises(FeedbackError, match="chance could give too"):
        trained(workspace, settings_of(workspace, guessed), "guessed")


def test_too_few_ratings_end_the_run_with_the_number(
    rated_library: tuple[Workspace, list[FeedbackRating]],
) -> None:
    workspace, ratings = rated_library
    with pytest.raises(FeedbackError, match="at least 60"):
        trained(workspace, settings_of(workspace, ratings[:30]), "few")


def test_an_altered_critic_is_not_trained_with(
    rated_library: tuple[Workspace, list[FeedbackRating]],
) -> None:
    workspace, ratings = rated_library
    settings = settings_of(workspace, ratings)
    trained(workspace, settings.model_copy(update={"steps": 2}), "touched")
    file = run_folder(workspace, "touched").root / "feedback" / "critic" / "weights.safetensors"
    file.write_bytes(file.read_bytes()[:-4] + b"abcd")
    with pytest.raises(FeedbackError, match="altered"):
        Trainer(workspace, "touched", lambda event: None, always_run()).train()


def test_a_restoring_variant_refuses_a_reward_and_says_why(
    rated_library: tuple[Workspace, list[FeedbackRating]],
) -> None:
    workspace, ratings = rated_library
    trained(workspace, config("upgan", steps=2), "restorer")
    with pytest.raises(ConfigError, match="invent what the image does not show"):
        start_config(workspace, "restorer", ratings, methods=("critic",))


@pytest.mark.parametrize("name", sorted(variants()))
def test_every_variant_accepts_each_way_or_says_why_not(name: str) -> None:
    variant = variants()[name]
    for method in ("critic",):
        assert (method in variant.accepts_feedback) != (method in variant.feedback_refusals)


def test_scores_of_a_cut_file_count_as_none(tmp_path: Path) -> None:
    path = tmp_path / "feedback.json"
    assert read_scores(path) == []
    path.write_text('{"scores": [{"step": 1', encoding="utf-8")
    assert read_scores(path) == []
