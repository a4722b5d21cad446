"""Which device will train, found out without loading torch."""

from __future__ import annotations

import ctypes
import os
import sys


def gpu_name() -> str | None:
    """The first NVIDIA GPU's name by its driver (CUDA driver API), None without one.

    torch uses it only in a build for CUDA; ``medgan-review --doctor`` tells.
    """
    try:
        driver = ctypes.CDLL("nvcuda.dll" if sys.platform == "win32" else "libcuda.so.1")
    except OSError:
        return None
    count, device = ctypes.c_int(), ctypes.c_int()
    name = ctypes.create_string_buffer(100)
    if (
        driver.cuInit(0)
        or driver.cuDeviceGetCount(ctypes.byref(count))
        or count.value < 1
        or driver.cuDeviceGet(ctypes.byref(device), 0)
        or driver.cuDeviceGetName(name, len(name), device)
    ):
        return None
    return name.value.decode("utf-8", "replace")


def device_words() -> tuple[str, str]:
    """What trains here, short, and a sentence about it."""
    gpu = gpu_name()
    if gpu is not None:
        return gpu, f"Networks are trained on the graphics card {gpu}."
    cores = os.cpu_count() or 1
    return (
        f"CPU, {cores} cores" if cores > 1 else "CPU",
        "No NVIDIA graphics card was found: networks are trained on the processor, slowly.",
    )
