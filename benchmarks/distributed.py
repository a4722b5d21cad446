"""Training images/s and memory of one process and of two under torchrun, same run, same batch.

    python benchmarks/distributed.py [--variant upgan] [--steps 60]

Prints each figure and their ratio. Two processes need two free cores.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from engine.data.acdc import import_acdc
from engine.data.phantom import write_acdc_phantom
from engine.workspace import Workspace

_LINE = re.compile(r"step (\d+)/\d+  (\d+) images/s .* (\d+) MiB")


def measured(workspace: Workspace, name: str, arguments: argparse.Namespace, n: int) -> float:
    """Images/s over the run's last steps with ``n`` processes of one thread each."""
    launcher = ["torch.distributed.run", "--standalone", f"--nproc-per-node={n}", "-m"]
    command = [
        *(sys.executable, "-m", *(launcher if n > 1 else []), "engine.cli", "train"),
        *(arguments.variant, "acdc", "--preset", "64", "--steps", str(arguments.steps)),
        *("--batch-size", str(arguments.batch_size), "--name", name, "--device", "cpu"),
        *("--workspace", str(workspace.root), "--threads", "1"),
    ]
    output = subprocess.run(
        command,
        check=True,
        capture_output=True,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    ).stdout
    last = _LINE.findall(output)[-1]
    print(f"{n} process(es): {last[1]} images/s, {last[2]} MiB in the first")
    return float(last[1])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--variant", default="upgan")
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--batch-size", type=int, default=16)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        phantoms = Path(folder) / "phantoms"
        write_acdc_phantom(phantoms)
        import_acdc(phantoms, workspace)
        one = measured(workspace, "one", arguments, 1)
        two = measured(workspace, "two", arguments, 2)
    print(f"two processes against one: {two / one:.2f} x")


if __name__ == "__main__":
    main()
