"""What a run's message may tell while the study that it learns from is blinded."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from engine.training.runs import read_summary, run_folder, write_status
from reviewapp.context import AppContext
from reviewapp.rounds.round_ratings import RoundPlan, child_config, read_round_ratings
from reviewapp.study.feedback_rounds import begin_round
from reviewapp.study.model import SessionInfo, Study
from reviewapp.training.blinded_feedback import learns_blinded, shown_message

PASSPHRASE = "open sesame"
TELLING = "These 8 ratings change nothing: all 4 generated images passed for real."
PLAIN = "The disk is full."


@pytest.mark.parametrize(("message", "hidden"), [(TELLING, True), (PLAIN, False)])
def test_a_result_is_hidden_until_the_study_is_unblinded(
    training_context: AppContext,
    train_run: Callable[..., str],
    study_of_run: Callable[..., Study],
    rate_study: Callable[..., SessionInfo],
    message: str,
    hidden: bool,
) -> None:
    store, workspace = training_context.store, training_context.workspace
    parent = train_run()
    study = study_of_run(parent, permits_feedback=True)
    rate_study(study, confidence=1)
    one = begin_round(workspace, "acdc", parent, study_id=study.study_id)
    given = read_round_ratings(store, workspace, [one], PASSPHRASE, lambda *_: None, lambda: False)
    plan = RoundPlan(parent, 4, ("reweighting",), {})
    child = train_run(**child_config(workspace, given, plan).model_dump())
    write_status(run_folder(workspace, child), "failed", message=message)
    run = read_summary(workspace, child)
    assert learns_blinded(store, workspace, run)
    assert not learns_blinded(store, workspace, read_summary(workspace, parent))
    assert (shown_message(store, workspace, run) != message) == hidden
    assert "passed for real" not in shown_message(store, workspace, run)
    store.unblind(study.study_id, PASSPHRASE)
    assert shown_message(store, workspace, run) == message
