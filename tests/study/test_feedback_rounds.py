"""Rounds as files: where a round stands survives, and one that is damaged is named."""

from __future__ import annotations

import pytest

from engine.training.events import RunState
from engine.workspace import Workspace
from reviewapp.study.errors import StoreError
from reviewapp.study.feedback_rounds import (
    DrawnBatch,
    Stage,
    begin_round,
    images_needed,
    lineage,
    list_rounds,
    next_protocol,
    save_round,
)
from reviewapp.study.model import Study
from reviewapp.study.store import StudyStore


def test_a_round_goes_on_where_it_stood(workspace: Workspace) -> None:
    assert list_rounds(workspace) == []
    first = begin_round(workspace, "acdc", "run-0", study_id="study-1")
    second = begin_round(workspace, "acdc", "run-1", based_on=first.number)
    drawn = save_round(workspace, second.model_copy(update={"batch": DrawnBatch(n=8, seed=3)}))
    assert list_rounds(Workspace(workspace.root)) == [first, drawn]
    assert [one.number for one in (first, drawn)] == [0, 1]
    assert not list(workspace.root.glob("rounds/*.part"))


@pytest.mark.parametrize(
    ("state", "drawn", "study_id", "stage"),
    [
        ("queued", False, "", "train"),
        ("running", False, "", "train"),
        ("failed", False, "", "train"),
        (None, False, "", "train"),
        ("finished", False, "", "draw"),
        ("finished", True, "", "study"),
        ("finished", True, "study-2", "ratings"),
        ("interrupted", True, "study-2", "ratings"),
        (None, False, "study-1", "ratings"),
    ],
)
def test_what_comes_next(
    workspace: Workspace, state: RunState | None, drawn: bool, study_id: str, stage: Stage
) -> None:
    one = begin_round(workspace, "acdc", "run-1", study_id=study_id)
    if drawn:
        one = one.model_copy(update={"batch": DrawnBatch(n=8, seed=3)})
    assert one.stage(state) == stage


def test_a_round_descends_from_those_before_it(workspace: Workspace) -> None:
    rounds = [begin_round(workspace, "acdc", "run-0", study_id="s0")]
    for run, base in (("run-1", 0), ("run-2", 1), ("run-3", 0)):
        rounds.append(begin_round(workspace, "acdc", run, based_on=base))
    assert [one.number for one in lineage(rounds, 2)] == [2, 1, 0]
    assert [one.number for one in lineage(rounds, 3)] == [3, 0]
    in_a_circle = [rounds[0].model_copy(update={"based_on": 1}), rounds[1]]
    assert [one.number for one in lineage(in_a_circle, 0)] == [0, 1]


@pytest.mark.parametrize("content", ["{", "{}", '{"number": -1}'])
def test_a_damaged_round_is_named(workspace: Workspace, content: str) -> None:
    begin_round(workspace, "acdc", "run-0", study_id="s0")
    path = next(workspace.root.glob("rounds/*.json"))
    path.write_text(content, encoding="utf-8")
    with pytest.raises(StoreError, match=path.name):
        list_rounds(workspace)


def test_the_next_study_has_the_same_protocol_and_other_images(
    workspace: Workspace, store: StudyStore, study: Study
) -> None:
    one = begin_round(workspace, "acdc", "run-1", based_on=None)
    protocol = next_protocol(study, one)
    assert (protocol.datasets, protocol.runs, protocol.seed) == (("acdc",), ("run-1",), None)
    changed = {"datasets", "runs", "variants", "seed"}
    assert protocol.model_dump(exclude=changed) == study.protocol.model_dump(exclude=changed)
    assert images_needed(protocol) == 4 + 2
