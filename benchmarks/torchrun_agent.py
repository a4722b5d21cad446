"""torchrun as a child process whose training processes can be found, held and killed."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TypeVar

import psutil

from engine.workspace import Workspace

T = TypeVar("T")
_REPOSITORY = Path(__file__).resolve().parents[1]
_POLL_S = 0.001


class TorchrunAgent:
    """Goes on with a run of a workspace; gone with all its processes when the block ends.

    Agents of one run write to one ``log``.
    """

    def __init__(self, workspace: Workspace, run_id: str, *options: str) -> None:
        self.log = workspace.root / f"{run_id}.log"
        command = [
            *(sys.executable, "-m", "torch.distributed.run", "--monitor-interval=0.1", *options),
            *("-m", "engine.cli", "train", "--resume", run_id),
            *("--workspace", str(workspace.root), "--device", "cpu"),
        ]
        with self.log.open("ab") as log:
            self._process = subprocess.Popen(
                command,
                cwd=_REPOSITORY,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    def __enter__(self) -> TorchrunAgent:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.kill()

    def kill(self) -> None:
        """End torchrun and its processes at once, as a power cut does."""
        with suppress(psutil.NoSuchProcess):
            agent = psutil.Process(self._process.pid)
            for process in [agent, *agent.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        self._process.wait()

    def ask_to_end(self) -> None:
        """SIGTERM, as a cluster sends it some seconds before it takes a machine back."""
        self._process.terminate()

    def wait(self, patience_s: float) -> int:
        """The exit status."""
        return self._process.wait(patience_s)

    def wait_for(self, found: Callable[[], T], patience_s: float) -> T:
        """What ``found`` returns once it is true; asked often, while torchrun lives."""
        deadline = time.monotonic() + patience_s
        while not (value := found()):
            assert self._process.poll() is None, self.log.read_text(encoding="utf-8")
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(_POLL_S)
        return value

    def ranks(self) -> dict[int, tuple[psutil.Process, int]]:
        """The training processes that live, each with the number of all processes of the run."""
        found = {}
        with suppress(psutil.Error):
            for process in psutil.Process(self._process.pid).children(recursive=True):
                with suppress(psutil.Error, KeyError):
                    told = process.environ()
                    found[int(told["RANK"])] = (process, int(told["WORLD_SIZE"]))
        return found
