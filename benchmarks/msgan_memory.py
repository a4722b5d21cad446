"""How the memory of training grows with the image: msgan beside variants that hold whole images.

Run: ``python benchmarks/msgan_memory.py [--device cpu] [--sizes 128 512] [--variants msgan …]``.

Each variant trains at each size in a process of its own, with the project's loop, the same batch
and the same network options at both sizes, a few steps of every stage, and draws its grid of
samples and writes its checkpoint at the end. A variant that is not here is skipped. On the CPU the
figure is the highest resident size since the first step above that before it; on a GPU it is
torch's ``max_memory_allocated`` since the first step, which counts the weights too. The images are
random, 16 of them.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from peak_resident import PeakResident

BATCH = 16
_MIB = 2**20
#: steps and network options that reach every stage; progan starts at its full size
_RUNS: dict[str, tuple[int, dict[str, Any]]] = {
    "msgan": (16, {}),
    "dcgan": (3, {"ngf": 16, "ndf": 16}),
    "progan": (3, {"grow": False, "latent": 64, "fmap_base": 512, "fmap_max": 64}),
}
_TARGET = 1.15


def fill(workspace: Any, size: int) -> None:
    """Sixteen random pictures as the data set ``noise``."""
    import numpy as np

    from engine.data.content_store import write_image
    from engine.data.manifest import write_manifest
    from engine.data.records import ImageRecord

    rng = np.random.default_rng(1)
    records = [
        ImageRecord(
            record_id=f"noise/{number}",
            key=write_image(workspace, rng.integers(0, 255, (size, size), dtype=np.uint8)),
            dataset="noise",
            source="real",
            split="train",
            width=size,
            height=size,
            channels=1,
            bit_depth=8,
        )
        for number in range(16)
    ]
    write_manifest(workspace.manifest_path("noise"), records)


def measure(variant: str, size: int, device: str) -> dict[str, float]:
    """Train in this process; MiB and seconds."""
    import torch

    from engine.training.config import TrainConfig
    from engine.training.loop import Control, Trainer, Wish
    from engine.training.runs import create_run
    from engine.workspace import Workspace

    steps, options = _RUNS[variant]
    config = TrainConfig.checked(
        variant=variant,
        dataset="noise",
        size=size,
        steps=steps,
        batch_size=BATCH,
        device=device,
        threads=1,
        checkpoint_every=steps,
        sample_every=steps,
        log_every=1,
        options=options,
    )
    peak = PeakResident()
    started: list[float] = []

    def wish() -> Wish:
        if not started:
            started.append(time.monotonic())
            if device == "cuda":
                torch.cuda.reset_peak_memory_stats()
            peak.start()
        return "run"

    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        fill(workspace, size)
        run_id = create_run(workspace, config)
        Trainer(workspace, run_id, lambda _event: None, Control(wish, wish)).train()
    resident = peak.stop()
    mib = torch.cuda.max_memory_allocated() / _MIB if device == "cuda" else resident
    return {"mib": mib, "seconds": time.monotonic() - started[0]}


def measured_alone(variant: str, size: int, device: str) -> dict[str, float]:
    """`measure` in a fresh process whose allocator gives freed tensors back at once (glibc)."""
    done = subprocess.run(
        [sys.executable, __file__, "--device", device, "--one", variant, str(size)],
        env={**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "65536"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--sizes", type=int, nargs=2, default=(128, 512), metavar="PX")
    parser.add_argument("--variants", nargs="+", default=list(_RUNS), choices=tuple(_RUNS))
    parser.add_argument("--one", nargs=2, metavar=("VARIANT", "PX"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.one:
        variant, size = arguments.one
        print(json.dumps(measure(variant, int(size), arguments.device)))
        return
    from engine.gans.registry import variants

    known = variants()
    small, large = arguments.sizes
    print(f"peak memory of training on {arguments.device}, batch {BATCH}:")
    for variant in arguments.variants:
        if variant not in known:
            print(f"  {variant:8} is not here; skipped")
            continue
        at_small, at_large = (
            measured_alone(variant, size, arguments.device) for size in (small, large)
        )
        ratio = at_large["mib"] / at_small["mib"]
        print(
            f"  {variant:8} {small} px {at_small['mib']:8.0f} MiB ({at_small['seconds']:.0f} s)   "
            f"{large} px {at_large['mib']:8.0f} MiB ({at_large['seconds']:.0f} s)   "
            f"ratio {ratio:.2f}" + (f" (target ≤ {_TARGET})" if variant == "msgan" else ""),
            flush=True,
        )


if __name__ == "__main__":
    main()
