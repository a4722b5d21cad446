"""Two machines train one run, one of them is lost and comes back; both are processes of this one.

    python benchmarks/elastic_nodes.py [--steps 400]

Two torchruns meet at 127.0.0.1 and train dcgan's tiny preset. The second is killed with its
process, as by a power cut; the first goes on alone. The second is started again and joins. Prints
how long each change kept training from its next checkpoint, and whether every step is in the curves
once. The waiting times of torchrun are set low: by default it waits 30 s for machines to join and
15 s before it counts one as lost.
"""

from __future__ import annotations

import argparse
import os
import socket
import tempfile
import time
from pathlib import Path

from torchrun_agent import TorchrunAgent

from engine.data.acdc import import_acdc
from engine.data.phantom import write_acdc_phantom
from engine.gans.registry import preset
from engine.training.checkpoint import list_checkpoints
from engine.training.config import TrainConfig
from engine.training.runs import create_run, read_metrics, read_status, run_folder
from engine.workspace import Workspace

RUN = "on-two-machines"
_PATIENCE_S = 300
_WAITS = "last_call_timeout=5,keep_alive_interval=1,keep_alive_max_attempt=3"


def options() -> list[str]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    return [
        *("--nnodes=1:2", "--nproc-per-node=1", "--max-restarts=3", "--rdzv-id=benchmark"),
        *("--rdzv-backend=c10d", f"--rdzv-endpoint=127.0.0.1:{port}", f"--rdzv-conf={_WAITS}"),
        "--local-addr=127.0.0.1",
    ]


def train(workspace: Workspace, steps: int) -> None:
    checkpoints = run_folder(workspace, RUN).checkpoints
    began = time.monotonic()

    def newest() -> int:
        found = list_checkpoints(checkpoints)
        return found[-1].state.step if found else 0

    def tell(what: str, since: float) -> None:
        sizes = {world for agent in agents for _, world in agent.ranks().values()}
        print(f"  {what}: step {newest()} after {time.monotonic() - since:.1f} s, world {sizes}")

    meeting = options()
    with TorchrunAgent(workspace, RUN, *meeting) as first:
        # The first one holds the meeting point, which must not be lost.
        time.sleep(2)
        second = TorchrunAgent(workspace, RUN, *meeting)
        agents = [first, second]
        with second:
            first.wait_for(newest, _PATIENCE_S)
            tell("two machines, first checkpoint", began)
        agents, at, since = [first], newest(), time.monotonic()
        first.wait_for(lambda: newest() > at, _PATIENCE_S)
        tell("second machine lost, next checkpoint", since)
        since = time.monotonic()
        with TorchrunAgent(workspace, RUN, *meeting) as third:
            agents = [first, third]
            first.wait_for(
                lambda: any(world == 2 for _, world in third.ranks().values()), _PATIENCE_S
            )
            at = newest()
            first.wait_for(lambda: newest() > at, _PATIENCE_S)
            tell("back again, next checkpoint", since)
            ended = first.wait(_PATIENCE_S), third.wait(_PATIENCE_S)
    print(f"  both ended with {ended} after {time.monotonic() - began:.1f} s")
    whole = read_metrics(workspace, RUN)["step"] == list(range(1, steps + 1))
    print(f"  state {read_status(run_folder(workspace, RUN)).state}; every step once: {whole}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--steps", type=int, default=400)
    arguments = parser.parse_args()
    # torchrun 2.13 else tells the first machine's address once only, not those who join later.
    os.environ["TORCH_DISABLE_SHARE_RDZV_TCP_STORE"] = "1"
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder) / "workspace")
        phantoms = Path(folder) / "phantoms"
        write_acdc_phantom(phantoms)
        import_acdc(phantoms, workspace)
        fields = preset("dcgan", "acdc", "tiny").model_dump()
        changes = {"steps": arguments.steps, "checkpoint_every": 10, "log_every": 1}
        create_run(workspace, TrainConfig.checked(**(fields | changes)), RUN)
        train(workspace, arguments.steps)


if __name__ == "__main__":
    main()
