"""``medgan-engine feedback``: train a child of a run by specialists' ratings, in this terminal."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any, get_args

from engine.commands.terminal_training import train_in_terminal
from engine.feedback.held_out import HELD_OUT_FRACTION
from engine.training.config import FeedbackConfig, FeedbackMethod
from engine.training.runs import create_run, run_folder
from engine.workspace import Workspace

_NOT_NUMBERS = {"methods", "snapshot_sha256"}


def add_parser(subparsers: Any) -> None:
    """Add ``feedback``."""
    parser = subparsers.add_parser(
        "feedback", help="train a run on by specialists' ratings: a feedback round"
    )
    parser.add_argument("parent", metavar="PARENT", help="the run whose images were rated")
    parser.add_argument(
        "ratings", metavar="RATINGS", type=Path, help="JSON table of ratings (docs/feedback.md)"
    )
    parser.add_argument("--workspace", "-w", type=Path, required=True, metavar="W")
    parser.add_argument(
        "--methods", nargs="+", choices=get_args(FeedbackMethod), default=["reweighting"]
    )
    for name, default in _numbers().items():
        parser.add_argument(
            f"--{name.replace('_', '-')}", type=float, metavar="X", help=f"default {default:g}"
        )
    parser.add_argument(
        "--hold-out",
        type=float,
        default=HELD_OUT_FRACTION,
        metavar="SHARE",
        help="of patients, to judge the round, where the table holds out none (default 0.25)",
    )
    parser.add_argument("--steps", type=int, help="as many as the parent had, unless told")
    parser.add_argument("--seed", type=int)
    parser.add_argument("--name", metavar="RUN", help="the child's name")
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Freeze the ratings, make the child run and train it; returns the exit status."""
    workspace = Workspace.create(arguments.workspace)
    return train_in_terminal(workspace, lambda: _child(workspace, arguments))


def _child(workspace: Workspace, arguments: argparse.Namespace) -> str:
    """The id of the child run, with the ratings pinned in its folder; prints what it is given."""
    from engine.feedback.ratings_file import read_ratings, with_held_out
    from engine.feedback.rounds import start_config
    from engine.feedback.snapshot import pin_snapshot

    ratings, labels = read_ratings(arguments.ratings)
    ratings = with_held_out(ratings, arguments.hold_out)
    weights = {n: value for n in _numbers() if (value := getattr(arguments, n)) is not None}
    config = start_config(
        workspace,
        arguments.parent,
        ratings,
        labels=labels,
        methods=tuple(arguments.methods),
        steps=arguments.steps,
        seed=arguments.seed,
        **weights,
    )
    assert config.feedback is not None, "start_config puts it there"
    run_id = create_run(workspace, config, arguments.name)
    sha256 = config.feedback.snapshot_sha256
    pin_snapshot(workspace, sha256, run_folder(workspace, run_id).ratings)
    held_out = sum(rating.held_out for rating in ratings)
    print(
        f"{len(ratings)} ratings, {held_out} of them held out, and {len(labels)} classes are "
        f"frozen as {sha256[:12]}…; {arguments.parent} is trained on by "
        f"{', '.join(arguments.methods)}"
    )
    return run_id


def _numbers() -> dict[str, float]:
    """The settings of feedback that are numbers, with their usual values."""
    return {
        name: float(field.default)
        for name, field in FeedbackConfig.model_fields.items()
        if name not in _NOT_NUMBERS
    }
