"""How fast fundus photographs are decoded: the importer beside decoding at full size.

Run: ``python benchmarks/idrid_import.py FOLDER [--size 256] [--images 6] [--repeats 5]``.

Importer: ``decode_fundus``, all of it: opening, decoding at reduced scale, finding the field of
view, cutting it square, blackening the rest. Baseline: Pillow opens and decodes the whole picture
to RGB and resizes it to the same square, without looking for a field of view. Both run on one
thread in turn, picture by picture; the medians of all repeats are compared.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from engine.data.fundus import decode_fundus

Decoder = Callable[[Path, int], NDArray[np.uint8]]


def decode_at_full_size(path: Path, size: int) -> NDArray[np.uint8]:
    """Pillow's plain way to a small picture; uint8 (size, size, 3)."""
    with Image.open(path) as image:
        resized = image.convert("RGB").resize((size, size), Image.Resampling.BICUBIC)
    return np.asarray(resized)


def seconds(decode: Decoder, path: Path, size: int) -> float:
    start = time.perf_counter()
    decode(path, size)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("folder", type=Path, help="a folder with IDRiD_*.jpg somewhere below")
    parser.add_argument("--size", type=int, default=256)
    parser.add_argument("--images", type=int, default=6)
    parser.add_argument("--repeats", type=int, default=5)
    arguments = parser.parse_args()
    paths = sorted(arguments.folder.rglob("IDRiD_*.jpg"))[: arguments.images]
    if not paths:
        parser.error(f"no IDRiD_*.jpg in {arguments.folder}")
    for path in paths:  # the files come from memory in every timed run
        path.read_bytes()
    seconds(decode_fundus, paths[0], arguments.size)
    importer: list[float] = []
    baseline: list[float] = []
    for _ in range(arguments.repeats):
        for path in paths:
            importer.append(seconds(decode_fundus, path, arguments.size))
            baseline.append(seconds(decode_at_full_size, path, arguments.size))
    ours_ms, theirs_ms = (1000 * statistics.median(times) for times in (importer, baseline))
    with Image.open(paths[0]) as image:
        width, height = image.size
    print(f"{len(paths)} photographs of about {width} x {height} to {arguments.size} pixels,")
    print(f"median of {len(importer)} runs each, in turn:")
    print(f"  importer (reduced decoding, field of view)  {ours_ms:8.1f} ms")
    print(f"  baseline (full decoding, resize)            {theirs_ms:8.1f} ms")
    print(f"  ratio                                       {theirs_ms / ours_ms:8.1f}")


if __name__ == "__main__":
    main()
