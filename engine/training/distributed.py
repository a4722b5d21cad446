"""Several processes that train one run, on one machine or many, under torchrun.

Lightning Fabric starts the process group (gloo on the CPU, NCCL on GPUs). Gradients are summed
after each backward pass rather than by DDP's wrappers: a GAN's step runs several networks, some of
them twice, and a gradient penalty differentiates a gradient, which those wrappers cannot follow.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeVar, cast

import torch
from torch import Tensor

from engine.errors import ConfigError

if TYPE_CHECKING:
    from lightning_fabric import Fabric

T = TypeVar("T")


class FabricProcesses:
    """The processes of one torchrun; see `engine.training.updates.Processes`."""

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
            summed = cast("Tensor", self._fabric.all_reduce(flat, reduce_op="sum"))
            parts = torch.split(summed, [tensor.numel() for tensor in same])
            for tensor, part in zip(same, parts, strict=True):
                tensor.copy_(part.view_as(tensor))

    def highest(self, value: int) -> int:
        """The highest value that any process names."""
        named = torch.tensor(value, device=self.device)
        return int(cast("Tensor", self._fabric.all_reduce(named, reduce_op="max")))

    def from_first(self, value: T) -> T:
        """What the first process handed in; waits for all."""
        return self._fabric.broadcast(value, src=0)


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
    fabric = Fabric(
        accelerator="cuda" if gpus else "cpu",
        devices=local,
        num_nodes=int(os.environ["WORLD_SIZE"]) // local,
        strategy=DDPStrategy(process_group_backend="nccl" if gpus else "gloo"),
    )
    fabric.launch()
    return FabricProcesses(fabric)
