"""The published weights of Inception-v3: read from a file, or downloaded, and checked.

FID and KID mean one network with one set of weights. Whatever has not their checksum may be
measured with, too, but under another name.
"""

from __future__ import annotations

import hashlib
import io
import urllib.request
from collections.abc import Iterator
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import torch
from safetensors import SafetensorError
from safetensors.torch import load as read_safetensors

from engine.atomic_file import replacing
from engine.errors import EvaluationError
from engine.evaluation.inception import InceptionFeatures
from engine.evaluation.labels import INCEPTION
from engine.progress import (
    CancelCheck,
    ProgressReport,
    ignore_progress,
    never_cancelled,
    raise_if_cancelled,
)
from engine.workspace import Workspace

WEIGHTS_FILE = "pt_inception-2015-12-05-6726825d.pth"
WEIGHTS_URL = (
    f"https://github.com/mseitzer/pytorch-fid/releases/download/fid_weights/{WEIGHTS_FILE}"
)
WEIGHTS_SHA256 = "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"
#: the published file has 91 MiB; nothing much larger is read or fetched
_LARGEST_BYTES = 256 * 2**20
_CHUNK_BYTES = 2**20
_TIMEOUT_S = 30.0
_ADVICE = f"Check the connection, or fetch {WEIGHTS_FILE} elsewhere and give the file's path."


def weights_path(workspace: Workspace) -> Path:
    """Where a workspace keeps downloaded weights."""
    return workspace.root / "encoders" / WEIGHTS_FILE


def load_inception(path: Path, *, sha256: str = WEIGHTS_SHA256) -> InceptionFeatures:
    """The network with the weights of a file, called ``Inception-v3`` if it is the published one.

    The published file is a pickle, which is opened only when its checksum is right, and then for
    tensors alone. A safetensors file with the same names of tensors is read whatever it holds; its
    checksum becomes part of the name, so that no label says FID. Raises `EvaluationError`.
    """
    try:
        size = path.stat().st_size
        if size > _LARGEST_BYTES:
            raise EvaluationError(
                f"{path} has {size / 2**20:.0f} MiB, too much for Inception-v3's weights. Give the "
                f"path of {WEIGHTS_FILE}."
            )
        content = path.read_bytes()
    except OSError as error:
        raise EvaluationError(
            f"The Inception-v3 weights {path} cannot be read: {error.strerror or error}. Give the "
            f"path of {WEIGHTS_FILE}, or let it be downloaded."
        ) from error
    found = hashlib.sha256(content).hexdigest()
    if found == sha256:
        tensors = torch.load(io.BytesIO(content), map_location="cpu", weights_only=True)
        return InceptionFeatures(tensors, INCEPTION)
    try:
        tensors = read_safetensors(content)
    except SafetensorError as error:
        raise EvaluationError(
            f"{path} is neither the published file of weights (its SHA-256 is {found}, not "
            f"{sha256}) nor a safetensors file. Other files may run code when opened, so it was "
            "not opened. Download it again, or convert your weights to safetensors."
        ) from error
    return InceptionFeatures(tensors, f"{INCEPTION} with weights {found[:8]}")


def download_inception(
    path: Path,
    *,
    url: str = WEIGHTS_URL,
    sha256: str = WEIGHTS_SHA256,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> Path:
    """Fetch the published weights to ``path``, once; returns ``path``.

    Progress counts KiB. Nothing is kept of a download that breaks off, is cancelled (`Cancelled`),
    or has another checksum (`EvaluationError`).
    """
    if path.is_file() and _sha256(path) == sha256:
        return path
    digest = hashlib.sha256()
    with replacing(path) as file:
        for chunk, done, total in _chunks(url):
            raise_if_cancelled(cancelled)
            digest.update(chunk)
            file.write(chunk)
            progress(done // 1024, total // 1024, "Inception-v3 weights (KiB)")
        if digest.hexdigest() != sha256:
            raise EvaluationError(
                f"What {url} sent is not the published file: its SHA-256 is {digest.hexdigest()}, "
                f"not {sha256}. Nothing was kept. {_ADVICE}"
            )
    return path


def _chunks(url: str) -> Iterator[tuple[bytes, int, int]]:
    """Parts of what ``url`` sends, the bytes so far and in all."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise EvaluationError(f"{url} is no address in the web. Give one that begins with https://")
    done = 0
    try:
        with urllib.request.urlopen(url, timeout=_TIMEOUT_S) as answer:
            total = int(answer.headers.get("Content-Length") or 0)
            while chunk := answer.read(_CHUNK_BYTES):
                done += len(chunk)
                if done > _LARGEST_BYTES:
                    raise EvaluationError(f"{url} sends more than Inception-v3 has. {_ADVICE}")
                yield chunk, done, max(done, total)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", error)
        raise EvaluationError(f"{url} cannot be fetched: {reason}. {_ADVICE}") from error


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
