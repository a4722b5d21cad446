"""A fitted critic on disk: safetensors and JSON, so that a resumed run has the very same one."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError
from torch import nn

from engine.atomic_file import write_bytes
from engine.bounded_file import parse_json, read_bounded
from engine.errors import FeedbackError
from engine.feedback.evidence import Evidence
from engine.feedback.ordinal import OrdinalHead
from engine.feedback.realism_critic import CriticReport, RealismCritic
from engine.weights_file import load_weights, save_weights

#: critics of an ensemble; the feedback settings make a few
MAX_MEMBERS, MAX_READERS = 64, 10_000
_WEIGHTS, _REPORT = "weights.safetensors", "critic.json"


def save_critic(folder: Path, critic: RealismCritic, report: CriticReport) -> None:
    """Write weights and report; the report last, so that it stands for a whole critic."""
    sha256 = save_weights(folder / _WEIGHTS, critic.state_dict())
    described = {
        "format": 1,
        "members": critic.n_members,
        "sha256": sha256,
        "report": dataclasses.asdict(report),
    }
    write_bytes(folder / _REPORT, json.dumps(described, indent=1).encode("utf-8"))


def has_critic(folder: Path) -> bool:
    """Whether a whole critic was saved there."""
    return (folder / _REPORT).is_file()


def load_critic(
    folder: Path, make_judge: Callable[[], nn.Module]
) -> tuple[RealismCritic, CriticReport]:
    """Read a critic; raises `FeedbackError` when its files are damaged or of other networks."""
    try:
        described = parse_json(read_bounded(folder / _REPORT))
        report = read_report(described)
        weights = load_weights(folder / _WEIGHTS, described["sha256"])
        if weights is None:
            raise FeedbackError(f"The critic in {folder} was altered. Start the round again.")
        members = range(int(described["members"]))
        if not (1 <= len(members) <= MAX_MEMBERS and 0 <= report.n_readers <= MAX_READERS):
            raise ValueError(f"{len(members)} members, {report.n_readers} readers")
        heads = [OrdinalHead(report.n_readers) for _ in members]
        critic = RealismCritic([make_judge() for _ in members], heads)
        critic.load_state_dict(weights)
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, SafetensorError) as error:
        raise FeedbackError(
            f"The critic in {folder} cannot be read: {error}. Start the round again."
        ) from error
    return critic.eval().requires_grad_(False), report


def read_report(described: dict[str, object]) -> CriticReport:
    """The report in a critic's JSON; raises `KeyError` or `TypeError` for another layout."""
    fields = described["report"]
    if not isinstance(fields, dict):
        raise TypeError("the report is not a table")
    return CriticReport(**fields | {"evidence": Evidence(**fields["evidence"])})
