"""Where and how precisely a run computes: device, threads, autocast."""

from __future__ import annotations

import os
from contextlib import AbstractContextManager, nullcontext

import torch

from engine.errors import ConfigError
from engine.training.config import TrainConfig


def chosen_device(config: TrainConfig) -> torch.device:
    """The device that ``config`` asks for; raises `ConfigError` for a GPU that is not there."""
    available = torch.cuda.is_available()
    if config.device == "cuda" and not available:
        raise ConfigError(
            "The run asks for a CUDA GPU, but torch sees none. Choose the device 'auto' or 'cpu', "
            "or install torch's CUDA build and the driver."
        )
    device = torch.device("cuda" if available and config.device != "cpu" else "cpu")
    if config.precision == "bf16" and device.type != "cuda":
        raise ConfigError("The precision bf16 needs a CUDA GPU; choose fp32 for the CPU.")
    return device


def use_threads(config: TrainConfig) -> None:
    """Let torch use the run's number of threads; by default one core is left to the window."""
    torch.set_num_threads(config.threads or max(1, (os.cpu_count() or 2) - 1))


def autocast(config: TrainConfig, device: torch.device) -> AbstractContextManager[object]:
    """The context of a training step: bf16 autocast where asked for, else nothing."""
    if config.precision == "bf16":
        return torch.autocast(device.type, dtype=torch.bfloat16)
    return nullcontext()
