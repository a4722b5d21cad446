"""What torch finds to compute on, in words for a report."""

from __future__ import annotations

import os

import torch


def compute_report() -> list[tuple[str, str]]:
    """Names and findings: torch's build, threads, each GPU with memory and bf16, and advice."""
    lines = [
        ("torch", f"{torch.__version__}, built for {_build()}"),
        ("Processor", f"{os.cpu_count() or 1} cores, torch uses {torch.get_num_threads()} threads"),
    ]
    if not torch.cuda.is_available():
        advice = (
            "none that this build of torch can use; training runs on the processor"
            if torch.version.cuda
            else "none: this torch is built for the processor alone. With an NVIDIA card, install "
            "torch's CUDA build"
        )
        return [*lines, ("Graphics card", advice)]
    for number in range(torch.cuda.device_count()):
        properties = torch.cuda.get_device_properties(number)
        bf16 = "bf16" if torch.cuda.is_bf16_supported(including_emulation=False) else "no bf16"
        memory = f"{properties.total_memory / 2**30:.1f} GiB"
        name = f"{properties.name}, {memory}, compute {properties.major}.{properties.minor}, {bf16}"
        lines.append((f"Graphics card {number}", name))
    return lines


def _build() -> str:
    if torch.version.cuda:
        return f"CUDA {torch.version.cuda}"
    return f"ROCm {torch.version.hip}" if torch.version.hip else "the processor"
