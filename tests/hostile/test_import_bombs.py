"""Files that are small, or say so, and would be enormous: refused by name, within the limits.

All are read in a process of their own, whose memory is measured.
"""

from __future__ import annotations

import gzip
import io
import json
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

#: above what Python, numpy and Pillow take before anything is read
LIMIT_MIB = 200

REPORT = """
import json, sys, threading, time
from pathlib import Path
import psutil
from engine.data.folder import import_folder
from engine.data.acdc import import_acdc
from engine.data.idrid import import_idrid
from engine.errors import EngineError
from engine.workspace import Workspace
import nibabel, PIL.PngImagePlugin, PIL.TiffImagePlugin, PIL.JpegImagePlugin
rss = psutil.Process().memory_info
before = peak = rss().rss
over = threading.Event()
def watch():
    global peak
    while not over.wait(0.002):
        peak = max(peak, rss().rss)
thread = threading.Thread(target=watch); thread.start()
source, root, kind, table = sys.argv[1:5]
workspace = Workspace.create(Path(root))
try:
    if kind == "folder":
        classes = Path(table) if table else None
        found = import_folder(Path(source), workspace, name="mine", size=32, classes_csv=classes)
    elif kind == "idrid":
        found = import_idrid(Path(source), workspace, size=32)
    else:
        found = import_acdc(Path(source), workspace, size=32)
    result = {"skipped": {s.path: s.reason for s in found.skipped}, "imported": found.imported,
              "notes": found.notes}
except EngineError as error:
    result = {"error": f"{type(error).__name__}: {error}"}
over.set(); thread.join()
print(json.dumps(result | {"grew": (peak - before) / 2**20}))
"""


def imported(source: Path, tmp_path: Path, kind: str = "folder", table: str = "") -> dict:
    """What an import says, and by how many MiB its process grew."""
    arguments = [str(source), str(tmp_path / "workspace"), kind, table]
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", REPORT, *arguments],
        capture_output=True, text=True, timeout=120,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


def png(width: int, height: int, rows: int, extra: bytes = b"") -> bytes:
    """A grey PNG of this size with as many black rows as given."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        crc = struct.pack(">I", zlib.crc32(kind + content))
        return struct.pack(">I", len(content)) + kind + content + crc

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))
    data = zlib.compress(b"\0" * ((width + 1) * rows), 9)
    return b"\x89PNG\r\n\x1a\n" + head + extra + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), (200, 90, 30)).save(buffer, "JPEG")
    content = bytearray(buffer.getvalue())
    frame = content.index(b"\xff\xc0")
    struct.pack_into(">HH", content, frame + 5, height, width)
    return bytes(content)


def tiff(pages: int = 1, **tags: int) -> bytes:
    """A 64 x 64 picture, and as many further pages of no pixels, with ``tags`` replaced."""
    entries = {256: 64, 257: 64, 258: 8, 259: 1, 262: 1, 273: 8, 277: 1, 278: 64, 279: 4096}
    entries |= {int(tag[1:]): value for tag, value in tags.items()}
    content = b"II*\0" + struct.pack("<I", 8 + 4096) + b"\x40" * 4096
    length = 2 + 12 * len(entries) + 4
    for page in range(pages):
        following = 0 if page + 1 == pages else 8 + 4096 + length * (page + 1)
        content += struct.pack("<H", len(entries))
        for tag, value in sorted(entries.items()):
            content += struct.pack("<HHII", tag, 4, 1, value)
        content += struct.pack("<I", following)
    return content


def nifti(shape: tuple[int, ...], voxels: bytes = b"", offset: float = 352.0) -> bytes:
    header = nib.Nifti1Header()
    header.set_data_dtype(np.int16)
    header["dim"] = [len(shape), *shape, *[1] * (7 - len(shape))]
    header["magic"], header["vox_offset"] = b"n+1", offset
    return bytes(header.binaryblock) + b"\0" * 4 + voxels


def npy(shape: str, descr: str = "'<f8'") -> bytes:
    header = f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header + b"\0" * 4096


def test_bombs_among_good_files_are_skipped_by_name(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    bombs = {
        "wide.png": png(50_000, 50_000, 2000),
        "tall.png": png(8, 2**31 - 1, 10),
        "text.png": png(64, 64, 64, extra=_text_chunk()),
        "wide.jpg": jpeg(65_000, 65_000),
        "pages.tif": tiff(pages=20_000),
        "wide.tif": tiff(t256=60_000, t257=60_000),
        "strip.tif": tiff(t278=2**31 - 1, t279=2**32 - 1),
        "samples.tif": tiff(t277=60_000),
        "deep.nii.gz": gzip.compress(nifti((4096, 4096, 4096)) + b"\0" * 10**6),
        "huge.nii": nifti((30_000, 30_000, 30_000)),
        "frames.nii.gz": gzip.compress(nifti((16, 16, 30_000, 30_000))),
        "offset.nii": nifti((16, 16, 4), b"\0" * 2048, offset=3e9),
        "more.nii.gz": gzip.compress(nifti((16, 16, 4), b"\0" * 300 * 2**20), 1),
        "shape.npy": npy("(10**9, 10**9)"),
        "claim.npy": npy("(3000000000, 3000000000)"),
        "nested.npy": npy("(" * 5000 + ")" * 5000),
        "objects.npy": npy("(64, 64)", "'|O'"),
        "fields.npy": npy("(64, 64)", "[('a', '<f8'), ('b', '<f8')]"),
    }
    for name, content in bombs.items():
        (source / name).write_bytes(content)
    Image.new("L", (64, 64), 90).save(source / "good.png")
    found = imported(source, tmp_path)
    kept = {"text.png", "strip.tif"}  # sane pictures with a senseless field
    assert set(bombs) - kept <= set(found["skipped"])
    assert found["imported"] >= 1
    assert found["grew"] < LIMIT_MIB, found


def _text_chunk() -> bytes:
    """Compressed text that would take 100 MB."""
    content = b"Comment\0\0" + zlib.compress(b"x" * 10**8, 9)
    crc = struct.pack(">I", zlib.crc32(b"zTXt" + content))
    return struct.pack(">I", len(content)) + b"zTXt" + content + crc


def test_an_elongated_photograph_is_no_fundus(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    stripe = np.zeros((40, 60_000), np.uint8)
    stripe[:, 9000:] = 200
    Image.fromarray(stripe).convert("RGB").save(source / "IDRiD_001.png", compress_level=1)
    Image.new("RGB", (64, 64)).save(source / "IDRiD_002.png")
    with Image.new("RGB", (90, 90)) as good:
        good.paste((180, 90, 40), (10, 10, 80, 80))
        good.save(source / "IDRiD_003.png")
    found = imported(source, tmp_path, "idrid")
    assert found["imported"] == 1
    assert "elongated" in found["skipped"]["IDRiD_001.png"]
    assert found["grew"] < LIMIT_MIB


TABLES = {
    "one field": b"file,class\ngood.png," + b"x" * 40 * 2**20,
    "columns": b"file,class" + b"," * 20 * 2**20,
    "rows": b"file,class\n" + b",\n" * 10 * 2**20,
    "a class of control signs": b"file,class\ngood.png,\x1b[2J\n",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_of_classes_has_bounds(name: str, tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    Image.new("L", (64, 64), 90).save(source / "good.png")
    (tmp_path / "classes.csv").write_bytes(TABLES[name])
    found = imported(source, tmp_path, table=str(tmp_path / "classes.csv"))
    assert found["error"].startswith("DataError")
    assert found["grew"] < 1.5 * LIMIT_MIB


def test_a_table_of_grades_has_bounds(tmp_path: Path) -> None:
    source = tmp_path / "source"
    source.mkdir()
    with Image.new("RGB", (90, 90)) as good:
        good.paste((180, 90, 40), (10, 10, 80, 80))
        good.save(source / "IDRiD_001.png")
    head = b"Image name,Retinopathy grade\n"
    (source / "a Labels.csv").write_bytes(head + b"x,9\n" * 10_000)
    (source / "b Labels.csv").write_bytes(head + b"x,1\n" * 100_000)
    (source / "c Labels.csv").write_bytes(head + b"x" * 5 * 2**20)
    found = imported(source, tmp_path, "idrid")
    assert found["imported"] == 1
    assert len(found["notes"]) < 20
    assert found["grew"] < LIMIT_MIB


def test_an_info_of_long_numbers_and_lines_costs_its_patient_only(tmp_path: Path) -> None:
    for name, info in {
        "patient001": b"ED: " + b"9" * 5000 + b"\nES: 2\n",
        "patient002": b"ED: 1" * 100_000,
        "patient003": b"ED: 1\nES: 2\nGroup: NOR\n",
    }.items():
        folder = tmp_path / "source" / "training" / name
        folder.mkdir(parents=True)
        (folder / "Info.cfg").write_bytes(info)
        for frame in ("01", "02"):
            voxels = np.random.default_rng(1).integers(0, 900, (16, 16, 2)).astype(np.int16)
            volume = nib.Nifti1Image(voxels, np.diag([-1.5, -1.5, 8.0, 1.0]))
            nib.save(volume, folder / f"{name}_frame{frame}.nii.gz")
    found = imported(tmp_path / "source", tmp_path, "acdc")
    assert found["imported"] == 4
    assert {path.split("/")[1] for path in found["skipped"]} == {"patient001", "patient002"}
