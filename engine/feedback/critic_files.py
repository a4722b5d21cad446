"""A fitted critic on disk: safetensors and JSON, so that a resumed run has the very same one."""

from __future__ import annotations

import dataclasses
import hashlib
import json
from collections.abc import Callable
from pathlib import Path

from safetensors import SafetensorError
from safetensors.torch import load_file, save
from torch import nn

from engine.atomic_file import write_bytes
from engine.errors import FeedbackError
from engine.feedback.evidence import Evidence
from engine.feedback.ordinal import OrdinalHead
from engine.feedback.realism_critic import CriticReport, RealismCritic

_WEIGHTS, _REPORT = "weights.safetensors", "critic.json"


def save_critic(folder: Path, critic: RealismCritic, report: CriticReport) -> None:
    """Write weights and report; the report last, so that it stands for a whole critic."""
    content = save({key: tensor.contiguous() for key, tensor in critic.state_dict().items()})
    write_bytes(folder / _WEIGHTS, content)
    described = {
        "format": 1,
        "members": critic.n_members,
        "sha256": hashlib.sha256(content).hexdigest(),
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
        described = json.loads((folder / _REPORT).read_text(encoding="utf-8"))
        report = read_report(described)
        content = (folder / _WEIGHTS).read_bytes()
        if hashlib.sha256(content).hexdigest() != described["sha256"]:
            raise FeedbackError(f"The critic in {folder} was altered. Start the round again.")
        members = range(int(described["members"]))
        heads = [OrdinalHead(report.n_readers) for _ in members]
        critic = RealismCritic([make_judge() for _ in members], heads)
        critic.load_state_dict(load_file(folder / _WEIGHTS))
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
