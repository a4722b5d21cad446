"""Several processes that train one run, on one machine or many, under torchrun.

Lightning Fabric starts the process group (gloo on the CPU, NCCL on GPUs). Gradients are summed
after each backward pass rather than by DDP's wrappers: a GAN's step runs several networks, some of
them twice, and a gradient penalty differentiates a gradient, which those wrappers cannot follow.
"""

from __future__ import annotations

import atexit
import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import torch
from torch import Tensor, distributed

from engine.errors import ConfigError, ProcessLostError
from engine.training.process_meeting import round_store

if TYPE_CHECKING:
    from lightning_fabric import Fabric

T = TypeVar("T")


class FabricProcesses:
    """The processes of one torchrun; see `engine.training.updates.Processes`.

    Every method raises `ProcessLostError` when another process is gone.
    """

    def __init__(self, fabric: Fabric) -> None:
        self._fabric = fabric
        self.rank = fabric.global_rank
        self.world_size = fabric.world_size
        self.device: torch.device | None = fabric.device

    def sum(self, tensors: Sequence[Tensor]) -> None:
        """Replace each tensor by its sum over all processes: one message for each dtype."""
        for dtype in sorted({tensor.dtype for tensor in tensors}, key=str):
            same = [tensor for tensor in tensors if tensor.dtype == dtype]
            flat = torch.cat([tensor.reshape(-1) for tensor in same])
            with _told_of_loss():
                summed = cast("Tensor", self._fabric.all_reduce(flat, reduce_op="sum"))
            parts = torch.split(summed, [tensor.numel() for tensor in same])
            for tensor, part in zip(same, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def highest(self, value: int) -> int:
        """The highest value that any process names."""
        named = torch.tensor(value, device=self.device)
        with _told_of_loss():
            return int(cast("Tensor", self._fabric.all_reduce(named, reduce_op="max")))

    def from_first(self, value: T) -> T:
        """What the first process handed in; waits for all."""
        with _told_of_loss():
            return self._fabric.broadcast(value, src=0)


@contextlib.contextmanager
def _told_of_loss() -> Iterator[None]:
    """Messages between processes raise `ProcessLostError` when one of them cannot be reached."""
    try:
        yield
    except RuntimeError as error:
        raise ProcessLostError(
            f"Another process of this run ended or cannot be reached: {error}. Start the same "
            "command again to go on from the last checkpoint; with --max-restarts torchrun does "
            "so by itself."
        ) from error


def started_by_torchrun() -> bool:
    """Whether this process is one of several that torchrun started."""
    return int(os.environ.get("WORLD_SIZE", "1")) > 1


def launched_processes(device: str) -> FabricProcesses:
    """Join torchrun's process group; ``device`` as in a run's settings.

    Raises `ConfigError` when Lightning Fabric is not installed or a process has no GPU to itself.
    """
    try:
        from lightning_fabric import Fabric
        from lightning_fabric.strategies.ddp import DDPStrategy
    except ImportError as error:
        raise ConfigError(
            "Training with several processes needs Lightning Fabric: "
            "pip install 'medgan-review[cluster]'."
        ) from error
    local = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    gpus = torch.cuda.device_count() if device != "cpu" else 0
    if gpus and gpus < local:
        raise ConfigError(
            f"torchrun started {local} processes, but this machine has {gpus} GPUs. Start as many "
            "processes as GPUs, or choose the device 'cpu'."
        )
    backend = "nccl" if gpus else "gloo"
    if os.environ.get("TORCHELASTIC_USE_AGENT_STORE") == "True":
        _join_round(backend)
    fabric = Fabric(
        accelerator="cuda" if gpus else "cpu",
        devices=local,
        num_nodes=int(os.environ["WORLD_SIZE"]) // local,
        strategy=DDPStrategy(process_group_backend=backend),
    )
    fabric.launch()
    return FabricProcesses(fabric)


def _join_round(backend: str) -> None:
    """Start the process group, which Fabric then finds started, in a store without old keys."""
    rank, world_size = (int(os.environ[name]) for name in ("RANK", "WORLD_SIZE"))
    address, port = os.environ["MASTER_ADDR"], int(os.environ["MASTER_PORT"])
    with _told_of_loss():
        shared = distributed.TCPStore(address, port, is_master=False)  # type: ignore[attr-defined]
        store = round_store(shared, rank, world_size)
        distributed.init_process_group(backend, store=store, rank=rank, world_size=world_size)
    atexit.register(distributed.destroy_process_group)
