"""Starts operations in a process of their own and kills it: at a random time, or at a change."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.faults.victim import CAN_FORK

_REPOSITORY = Path(__file__).parents[2]


@dataclass(frozen=True)
class Outcome:
    """What an operation told before its end, and whether it came to it; ``error`` it may raise."""

    told: list[dict[str, Any]]
    finished: bool
    error: str = ""

    def values(self, event: str, key: str) -> list[Any]:
        """What was told of one kind of event."""
        return [line[key] for line in self.told if line["event"] == event]


@dataclass
class Extent:
    """How long an operation takes undisturbed, in seconds and in changes to the disk."""

    seconds: float
    points: int


@dataclass
class Series:
    """Many kills of one kind; ``found`` counts how things stood after them.

    ``tries`` counts operations, ``kills`` those that were killed before they had come to their end.
    """

    kind: str
    seed: int
    kills: int = 0
    tries: int = 0
    found: dict[str, int] = field(default_factory=dict)

    def count(self, outcome: Outcome) -> None:
        """One more operation."""
        self.tries += 1
        self.kills += not outcome.finished

    def note(self, what: str) -> None:
        """Count one more case of ``what``."""
        self.found[what] = self.found.get(what, 0) + 1

    def __str__(self) -> str:
        found = ", ".join(f"{count} {what}" for what, count in sorted(self.found.items()))
        late = self.tries - self.kills
        return f"{self.kind}: {self.kills} kills ({late} came late), seed {self.seed}: {found}"


class Killer:
    """Runs operations; one at a time, each forked from one process or started anew."""

    def __init__(self, fork: bool = CAN_FORK) -> None:
        self._fork = fork
        self._process: subprocess.Popen[str] | None = None

    @classmethod
    @contextmanager
    def started(cls, fork: bool = CAN_FORK) -> Iterator[Killer]:
        """A killer whose process ends with the block."""
        killer = cls(fork)
        try:
            yield killer
        finally:
            killer._end()

    def run(
        self,
        operation: str,
        *,
        kill_after_s: float | None = None,
        kill_at: int | None = None,
        **arguments: Any,
    ) -> Outcome:
        """Run one of `operations`; killed after so many seconds or at its so-many-th change."""
        process = self._ready()
        assert process.stdin is not None
        assert process.stdout is not None
        request = {
            "operation": operation,
            "arguments": {k: str(v) if isinstance(v, Path) else v for k, v in arguments.items()},
            "kill_after_s": kill_after_s,
            "kill_at": kill_at,
            "fork": self._fork,
        }
        process.stdin.write(json.dumps(request) + "\n")
        process.stdin.flush()
        told: list[dict[str, Any]] = []
        for line in process.stdout:
            told.append(json.loads(line))
            if told[-1]["event"] == "ended":
                break
        if not self._fork:
            self._end()
        errors = [line["error"] for line in told if line["event"] == "failed"]
        finished = any(line["event"] == "done" for line in told)
        return Outcome(told, finished, *errors)

    def measure(self, operation: str, **arguments: Any) -> Extent:
        """Run an operation to its end."""
        outcome = self.run(operation, **arguments)
        assert outcome.finished, outcome.error
        return Extent(outcome.values("done", "seconds")[0], outcome.values("done", "points")[0])

    def kill(self, rng: random.Random, extent: Extent, operation: str, **arguments: Any) -> Outcome:
        """Run an operation and kill it: half the times by the clock, half at a change."""
        if rng.random() < 0.5:
            after_s = rng.uniform(0, 1.1 * extent.seconds)
            outcome = self.run(operation, kill_after_s=after_s, **arguments)
        else:
            at = rng.randint(1, max(1, extent.points))
            outcome = self.run(operation, kill_at=at, **arguments)
        assert not outcome.error, outcome.error
        return outcome

    def _ready(self) -> subprocess.Popen[str]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "tests.faults.victim"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                text=True,
                cwd=_REPOSITORY,
            )
            assert self._process.stdout is not None
            ready = self._process.stdout.readline()
            assert "ready" in ready, "the victim's process did not start"
        return self._process

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate(timeout=60)
            self._process = None
