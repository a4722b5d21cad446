"""What training on many GPUs and millions of images would need: unit figures and what follows.

    python benchmarks/cluster_estimate.py [--images 10000000] [--gpus 64] [--records 50000]

Measured here: the bytes that each process sends a step, for every variant and preset, by running
one step of its first and of its last stage; processor time and size of manifest, library and order
of the data for each image. Computed from these and from the layout of the training arrays: what the
wanted number of images and GPUs comes to. Nothing here is measured on a GPU or a network.
"""

from __future__ import annotations

import argparse
import hashlib
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import psutil
import torch
from torch import Tensor

from engine.data.manifest import read_manifest, write_manifest
from engine.data.records import ImageRecord
from engine.gans.batch import Batch
from engine.gans.registry import preset, variants
from engine.gans.variant import ImageSpec
from engine.training.data_order import DataOrder
from engine.training.restoring import build_variant
from engine.training.updates import OneProcess, Updates
from engine.workspace import Workspace
from reviewapp.study.store import StudyStore

_GIB, _MIB = 2**30, 2**20
_CLASSES = ("NOR", "MINF", "DCM", "HCM", "RV")
_BYTES_A_WEIGHT = 4
#: links between machines that the time of a message is told for, in Gbit/s
_LINKS_GBIT = (10, 100, 400)
#: assumed, to turn bytes an image into a rate: images/s that one GPU trains on
_ASSUMED_IMAGES_PER_S = 1000


class CountedBytes(OneProcess):
    """Counts what several processes would sum."""

    def __init__(self) -> None:
        self.n_bytes = 0

    def sum(self, tensors: Sequence[Tensor]) -> None:
        self.n_bytes += sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def messages(arguments: argparse.Namespace) -> None:
    print(
        "Weights of all networks; gradients summed over all processes in a step of the first and\n"
        f"of the last stage; time of the larger one on a ring of {arguments.gpus} over "
        + ", ".join(str(link) for link in _LINKS_GBIT)
        + " Gbit/s (computed)"
    )
    for name in sorted(variants()):
        for size in (64, 128, 256):
            config = preset(name, "acdc", size)
            spec = ImageSpec(channels=1, size=size, bit_depth=16, class_names=_CLASSES)
            variant = build_variant(config, spec)
            count = sum(p.numel() for net in variant.networks().values() for p in net.parameters())
            sent = []
            for step in (0, config.steps - 1):
                counted = CountedBytes()
                variant.updates = Updates(processes=counted)
                images = torch.rand(2, 1, size, size) * 2 - 1
                variant.step(Batch(images, torch.tensor([0, 1]), seed=step), step)
                sent.append(counted.n_bytes)
            ring = 2 * (arguments.gpus - 1) / arguments.gpus * max(sent)
            times = " / ".join(f"{8 * ring / (gbit * 1e9) * 1000:.1f}" for gbit in _LINKS_GBIT)
            print(
                f"  {name:8} {size:4} px  {count / 1e6:7.2f} M weights "
                f"({count * _BYTES_A_WEIGHT / _MIB:6.1f} MiB)  "
                f"{sent[0] / _MIB:7.2f} → {sent[1] / _MIB:7.2f} MiB a step  {times} ms",
                flush=True,
            )


def records(n: int) -> list[ImageRecord]:
    """As ACDC's importer makes them, names of full length."""
    return [
        ImageRecord(
            record_id=f"acdc/patient{number // 20:07d}/frame01/slice{number % 20:02d}",
            key=f"{number:064x}",
            dataset="acdc",
            source="real",
            class_label=_CLASSES[number // 20 % 5],
            patient=f"patient{number // 20:07d}",
            split="train",
            width=256,
            height=256,
            channels=1,
            bit_depth=16,
            spacing_mm=1.5,
            origin=f"training/patient{number // 20:07d}/patient{number // 20:07d}_frame01.nii.gz",
            attributes={"frame": "ED", "slice": str(number % 20), "edges": "RLAP"},
        )
        for number in range(n)
    ]


def library(arguments: argparse.Namespace) -> None:
    n, wanted = arguments.records, arguments.images
    print(f"Per image, of {n:,}; and {wanted:,} of them, if it goes on like that")
    with tempfile.TemporaryDirectory() as folder:
        workspace = Workspace.create(Path(folder))
        path = workspace.manifest_path("acdc")
        write_manifest(path, records(n))
        tell("manifest, size", path.stat().st_size, n, wanted)
        before = psutil.Process().memory_info().rss
        began = time.process_time()
        kept = read_manifest(path)
        tell_time("manifest, read and checked", time.process_time() - began, n, wanted)
        tell("manifest in memory", psutil.Process().memory_info().rss - before, n, wanted)
        del kept
        store = StudyStore.open(workspace)
        began = time.process_time()
        store.sync_library()
        tell_time("library taken into SQLite", time.process_time() - began, n, wanted)
        store.close()
        tell("library in SQLite", (workspace.root / "study.db").stat().st_size, n, wanted)
    began = time.process_time()
    order = DataOrder(wanted, 4096, 0)
    order.rows(0)
    print(f"  order of {wanted:,} rows, measured: {time.process_time() - began:.1f} s an epoch")
    began = time.process_time()
    for step in range(1, 21):
        order.rows(step)
    print(f"  rows of a batch of 4,096, measured: {(time.process_time() - began) * 50:.1f} ms")
    block = np.random.default_rng(0).bytes(256 * _MIB)
    began = time.process_time()
    hashlib.sha256(block)
    rate = len(block) / (time.process_time() - began)
    print(f"  sha256 of a training array, which each process takes: {rate / 1e9:.2f} GB/s")
    print(
        "Training arrays, computed; time to take their sha256; to be read when each GPU trains on "
        f"{_ASSUMED_IMAGES_PER_S:,} images/s (assumed)"
    )
    for size in (64, 128, 256, 512):
        for kind, width in (("grey, 16 bits", 2), ("colour, 8 bits", 3)):
            each = size * size * width
            print(
                f"  {size:4} px, {kind:15} {each * wanted / 1e12:7.2f} TB   "
                f"{each * wanted / rate / 60:6.0f} min   "
                f"{each * _ASSUMED_IMAGES_PER_S * arguments.gpus / 1e9:6.1f} GB/s in all"
            )


def tell(title: str, n_bytes: int, n: int, wanted: int) -> None:
    print(f"  {title}: {n_bytes / n:.0f} bytes, {n_bytes / n * wanted / _GIB:.1f} GiB")


def tell_time(title: str, seconds: float, n: int, wanted: int) -> None:
    print(f"  {title}: {seconds / n * 1e6:.1f} µs, {seconds / n * wanted / 60:.1f} min")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=10_000_000)
    parser.add_argument("--gpus", type=int, default=64)
    parser.add_argument("--records", type=int, default=50_000)
    arguments = parser.parse_args()
    library(arguments)
    messages(arguments)


if __name__ == "__main__":
    main()
