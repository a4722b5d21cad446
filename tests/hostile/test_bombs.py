"""Small files that would unpack to gigabytes, or claim to be huge, take little memory."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import os
import re
import struct
import subprocess
import sys
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from engine.data.picture import read_picture
from engine.errors import CheckpointError
from engine.training.checkpoint import read_checkpoint, sampling_weights
from tests.docs.markdown import REPOSITORY
from tests.hostile.readers import _checkpoint_files

_GIB = 2**30
#: what all bombs together may take; each would need more than 256 MiB, most of them gigabytes
_ALLOWED_MIB = 100


def _chunk(kind: bytes, data: bytes) -> bytes:
    crc = zlib.crc32(kind + data)
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", crc)


def _png(width: int, height: int, depth: int, between: bytes = b"") -> bytes:
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, depth, 0, 0, 0, 0))
    rows = _chunk(b"IDAT", zlib.compress(bytes(16 * 17)))
    return b"\x89PNG\r\n\x1a\n" + header + between + rows + _chunk(b"IEND", b"")


def _zeros_deflated(n_bytes: int) -> bytes:
    packer = zlib.compressobj(1)
    block = bytes(2**20)
    return b"".join(packer.compress(block) for _ in range(n_bytes // 2**20)) + packer.flush()


def _jpeg(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("RGB", (16, 16), "grey").save(buffer, "JPEG")
    content = bytearray(buffer.getvalue())
    # SOF0: marker, length, precision, then height and width (ITU-T T.81, B.2.2).
    struct.pack_into(">HH", content, content.index(b"\xff\xc0") + 5, height, width)
    return bytes(content)


def _tiff(width: int, height: int) -> bytes:
    buffer = io.BytesIO()
    Image.new("L", (16, 16)).save(buffer, "TIFF")
    content = bytearray(buffer.getvalue())
    (start,) = struct.unpack_from("<I", content, 4)
    (n_entries,) = struct.unpack_from("<H", content, start)
    for entry in range(start + 2, start + 2 + 12 * n_entries, 12):
        (tag,) = struct.unpack_from("<H", content, entry)
        if tag in (256, 257):
            struct.pack_into("<HII", content, entry + 2, 4, 1, (width, height)[tag - 256])
    return bytes(content)


def _nifti(*shape: int) -> bytes:
    """A header that promises int16 voxels of ``shape``, and a few of them."""
    content: bytes = nib.Nifti1Image(np.ones((16, 16, 2), np.int16), np.eye(4)).to_bytes()
    dims = struct.pack("<8h", len(shape), *shape, *[1] * (7 - len(shape)))
    return content[:40] + dims + content[56:]


def _gzip_bomb(head: bytes) -> bytes:
    """``head`` and a GiB of zeros, in members of 16 MiB."""
    return gzip.compress(head) + gzip.compress(bytes(2**24)) * (_GIB // 2**24)


def _npy(header: bytes) -> bytes:
    return b"\x93NUMPY\x02\x00" + struct.pack("<I", len(header)) + header


def _checkpoint(folder: Path, weights: bytes) -> Path:
    """A checkpoint whose hash fits weights that are not what they should be."""
    folder.mkdir()
    files = _checkpoint_files() | {"weights.safetensors": weights}
    state = json.loads(files["state.json"])
    state["sha256"]["weights.safetensors"] = hashlib.sha256(weights).hexdigest()
    state.pop("state_sha256", None)
    files["state.json"] = json.dumps(state).encode()
    for name, content in files.items():
        (folder / name).write_bytes(content)
    return folder


def _sparse(path: Path, n_bytes: int, start: bytes = b"") -> Path:
    with path.open("wb") as file:
        file.write(start)
        file.truncate(n_bytes)
    return path


def _pack_of_zeros() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("header.json", "content.sealed"):
            with archive.open(name, "w") as member:
                for _ in range(128):
                    member.write(bytes(2**20))
    return buffer.getvalue()


_BOMBS: dict[str, tuple[str, Callable[[], bytes], str]] = {
    "huge.png": ("picture", lambda: _png(60_000, 60_000, 8), "bomb|too large"),
    "large.png": ("picture", lambda: _png(9_000, 9_000, 8), "too large"),
    "thin.png": ("picture", lambda: _png(2**31 - 1, 9, 1), "bomb|too large"),
    "profile.png": (
        "picture",
        lambda: _png(16, 16, 8, _chunk(b"iCCP", b"x\0\0" + _zeros_deflated(2**28))),
        "too large",
    ),
    "text.png": (
        "picture",
        lambda: _png(16, 16, 8, _chunk(b"zTXt", b"x\0\0" + _zeros_deflated(2**28))),
        "too large",
    ),
    "huge.jpg": ("picture", lambda: _jpeg(65_500, 65_500), "bomb|too large"),
    "large.jpg": ("picture", lambda: _jpeg(9_000, 9_000), "too large"),
    "huge.tif": ("picture", lambda: _tiff(10**6, 10**6), "bomb|too large"),
    "large.tif": ("picture", lambda: _tiff(9_000, 9_000), "too large"),
    "endless.nii.gz": ("volume", lambda: _gzip_bomb(_nifti(16, 16, 2)), "holds more"),
    "text.nii.gz": ("volume", lambda: _gzip_bomb(b"no volume"), "not a NIfTI"),
    "huge.nii.gz": ("volume", lambda: _gzip_bomb(_nifti(4096, 4096, 4096)), "too large"),
    "hollow.nii.gz": (
        "volume", lambda: gzip.compress(_nifti(512, 512, 256)), "promises 134218080 bytes",
    ),
    "frames.nii.gz": ("cine", lambda: _gzip_bomb(_nifti(8, 8, 4096, 30)), "too many planes"),
    "claims.npy": (
        "array",
        lambda: _npy(b"{'descr': '<f8', 'fortran_order': False, 'shape': (99999, 99999), }\n"),
        "not a readable",
    ),
    "header.npy": ("array", lambda: _npy(b"(" * 10_000_000), "not a readable"),
    "cell.csv": ("classes", lambda: b"file,class\na.png," + b"x" * 10_000_000, "cannot be read"),
    "columns.csv": ("classes", lambda: b"file,class\n" + b"," * 60_000_000, "a row is longer"),
    "quoted.csv": (
        "classes", lambda: b"file,class\n" + (b"," * 60_000 + b'"\n"') * 900, "a row is longer",
    ),
    "deep.json": ("ratings", lambda: b"[" * 10_000_000, "nested too deeply"),
    "packed.medgan-pack": ("pack", _pack_of_zeros, "larger than a pack|packed again"),
}  # fmt: skip
_LARGE = {
    "classes.csv": ("classes", "64 MiB"),
    "ratings.json": ("ratings", "256 MiB"),
    "protocol.toml": ("protocol", "larger than"),
    "manifest.jsonl": ("manifest", "longer than 64 KiB"),
    "volume.nii": ("volume", "512 MiB"),
    "picture.png": ("picture", "256 MiB"),
}


def test_bombs_end_in_a_message_and_take_little_memory(tmp_path: Path) -> None:
    given, reasons = [], {}
    for name, (kind, make, reason) in _BOMBS.items():
        (tmp_path / name).write_bytes(make())
        assert (tmp_path / name).stat().st_size < 64 * 2**20
        given.append(f"{kind}={tmp_path / name}")
        reasons[name] = reason
    for name, (kind, reason) in _LARGE.items():
        _sparse(tmp_path / name, 4 * _GIB)
        given.append(f"{kind}={tmp_path / name}")
        reasons[name] = reason
    header = struct.pack("<Q", 2**40)
    given.append(f"checkpoint={_checkpoint(tmp_path / 'checkpoint', header + b'{')}")
    reasons["checkpoint"] = "weights"
    result = subprocess.run(
        [sys.executable, "-m", "tests.hostile.peak_memory", *given],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY), "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert result.returncode == 0, result.stderr
    found = [json.loads(line) for line in result.stdout.splitlines()]
    assert [item["name"] for item in found] == list(reasons)
    for item in found:
        print(f"{item['name']:20} {item['peak_mib']:6.0f} MiB  {item['message'][:120]}")
        assert item["peak_mib"] < _ALLOWED_MIB, item
        assert re.search(reasons[item["name"]], item["message"]), item


def test_a_pickle_in_a_checkpoint_is_never_run(tmp_path: Path) -> None:
    import pickle

    marker = tmp_path / "ran"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (marker,)

    folder = _checkpoint(tmp_path / "checkpoint", pickle.dumps(Trap()))
    with pytest.raises(CheckpointError):
        sampling_weights(read_checkpoint(folder))
    assert not marker.exists()


def test_a_picture_with_much_text_beside_it_is_read_without(tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add_text("comment", "a" * 500_000, zip=True)
    pixels = np.arange(400, dtype=np.uint8).reshape(20, 20)
    Image.fromarray(pixels).save(tmp_path / "a.png", pnginfo=notes)
    np.testing.assert_array_equal(read_picture(tmp_path / "a.png"), pixels)
