"""Too little memory: said in words, and the app and its queue work on."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
import torch
from pytestqt.qtbot import QtBot

from engine.gans.dcgan import Dcgan
from engine.out_of_memory import is_out_of_memory
from engine.training.control import Control
from engine.training.events import Event, StateChanged
from engine.training.loop import Trainer
from engine.training.runs import create_run, read_metrics, read_summary
from reviewapp.tasks import TaskRunner
from tests.faults import scenes, training
from tests.faults.killer import Killer

# What PyTorch's allocator says on a card of 8 GB.
_CUDA_WORDS = (
    "CUDA out of memory. Tried to allocate 2.00 GiB. GPU 0 has a total capacity of 7.79 GiB of "
    "which 512.00 MiB is free."
)


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a process's memory")
def test_a_process_short_of_memory_fails_one_run_and_trains_the_next(
    killer: Killer, tmp_path: Path
) -> None:
    library = scenes.library(tmp_path / "workspace")
    large = training.settings().model_copy(
        update={"batch_size": 1024, "options": {"nz": 8, "ngf": 512, "ndf": 512}}
    )
    create_run(library, large, "large")
    create_run(library, training.settings(), "small")
    outcome = killer.run(
        "train_short_of_memory", root=library.root, run_ids=["large", "small"], mib=200
    )
    assert outcome.finished, outcome.error
    assert outcome.values("over", "state") == ["failed", "finished"]
    message = outcome.values("over", "message")[0]
    assert "not enough memory" in message
    assert "smaller" in message
    assert read_summary(library, "large").message == message


def test_a_graphics_card_short_of_memory_divides_the_batch(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The real class of error is raised where the allocator would; there need be no card."""
    library = scenes.library(tmp_path / "workspace")
    original = Dcgan.generate

    def short(self: Dcgan, z: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
        if len(z) > 1 and torch.is_grad_enabled():
            raise torch.cuda.OutOfMemoryError(_CUDA_WORDS)
        return original(self, z, labels)

    monkeypatch.setattr(Dcgan, "generate", short)
    run_id = create_run(library, training.settings(), "short")
    events: list[Event] = []
    ending = Trainer(library, run_id, events.append, Control(lambda: "run", lambda: "run")).train()
    assert ending == "finished"
    assert read_metrics(library, run_id)["step"][-1] == training.STEPS
    told = [event.message for event in events if isinstance(event, StateChanged)]
    assert "worked on in 4 parts of up to 1 images" in told[0]


@pytest.mark.parametrize(
    "error",
    [
        MemoryError(),
        torch.cuda.OutOfMemoryError(_CUDA_WORDS),
        RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to"),
    ],
    ids=["python", "cuda", "cpu"],
)
def test_a_task_says_what_to_do(qtbot: QtBot, error: Exception) -> None:
    assert is_out_of_memory(error)
    runner = TaskRunner()

    def work(*_: object) -> None:
        raise error

    task = runner.prepare("Generating images", work)
    with qtbot.waitSignal(task.failed, timeout=5000) as failed:
        runner.launch(task)
    assert failed.args[0].startswith("Generating images failed: there is not enough memory. Close")
    runner.shutdown()
