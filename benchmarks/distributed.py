"""Time per image and memory of one process and of two under torchrun, same run, same batch.

    python benchmarks/distributed.py [--variant upgan] [--preset 64] [--steps 60]

Prints, for each number of processes, the time per image over the whole run (networks started, data
read), the highest resident memory of every process, and their ratios. Two processes need two free
cores; each has one thread.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
import threading
from dataclasses import dataclass
from pathlib import Path

import psutil

from engine.data.acdc import import_acdc
from engine.data.phantom import write_acdc_phantom
from engine.workspace import Workspace

_LINE = re.compile(r"step (\d+)/\d+  (\d+) images/s ")
_MIB = 2**20
_POLL_S = 0.05


@dataclass(frozen=True, slots=True)
class Measured:
    """``peak_mib`` by rank."""

    images_per_s: float
    peak_mib: dict[int, float]

    def text(self) -> str:
        peaks = ", ".join(f"{self.peak_mib[rank]:.0f}" for rank in sorted(self.peak_mib))
        return (
            f"{1000 / self.images_per_s:.1f} ms an image ({self.images_per_s:.0f} images/s), "
            f"peak memory of a process {peaks} MiB"
        )


class PeakOfEach:
    """The highest resident size of each training process below a launcher."""

    def __init__(self, launcher: int) -> None:
        self.peak_mib: dict[int, float] = {}
        self._launcher = psutil.Process(launcher)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()

    def stop(self) -> None:
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(_POLL_S):
            try:
                for process in [self._launcher, *self._launcher.children(recursive=True)]:
                    self._note(process)
            except psutil.Error:
                continue

    def _note(self, process: psutil.Process) -> None:
        # torchrun's own process has no rank, and is not counted.
        if "torch.distributed.run" in process.cmdline():
            return
        rank = int(process.environ().get("RANK", 0))
        peak = process.memory_info().rss / _MIB
        self.peak_mib[rank] = max(peak, self.peak_mib.get(rank, 0.0))


def measured(workspace: Workspace, arguments: argparse.Namespace, n: int) -> Measured:
    """Over a run with ``n`` processes of one thread each."""
    launcher = ["torch.distributed.run", "--standalone", f"--nproc-per-node={n}", "-m"]
    command = [
        *(sys.executable, "-m", *(launcher if n > 1 else []), "engine.cli", "train"),
        *(arguments.variant, "acdc", "--preset", arguments.preset),
        *("--steps", str(arguments.steps), "--batch-size", str(arguments.batch_size)),
        *("--name", f"with-{n}", "--device", "cpu", "--threads", "1"),
        *("--workspace", str(workspace.root)),
    ]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as started:
        peaks = PeakOfEach(started.pid)
        output, _ = started.communicate()
        peaks.stop()
    if started.returncode:
        raise SystemExit(f"Training with {n} process(es) failed.")
    return Measured(float(_LINE.findall(output)[-1][1]), peaks.peak_mib)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--variant", default="upgan")
    parser.add_argument("--preset", choices=("tiny", "64", "128", "256"), default="64")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=16)
    arguments = parser.parse_args()
    print(f"{arguments.variant}, preset {arguments.preset}, batch {arguments.batch_size} in all")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        phantoms = Path(folder) / "phantoms"
        write_acdc_phantom(phantoms)
        import_acdc(phantoms, workspace)
        runs = {}
        for n in (1, 2):
            runs[n] = measured(workspace, arguments, n)
            print(f"{n} process{'es' if n > 1 else ''}: {runs[n].text()}")
    speed = runs[2].images_per_s / runs[1].images_per_s
    memory = max(runs[2].peak_mib.values()) / runs[1].peak_mib[0]
    print(f"two processes against one: {speed:.2f} x the images/s, {memory:.2f} x the memory each")


if __name__ == "__main__":
    main()
