from __future__ import annotations

import hashlib
import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from engine.errors import Cancelled, EvaluationError
from engine.evaluation.frechet import frechet_distance
from engine.evaluation.inception import InceptionNetwork
from engine.evaluation.inception_weights import download_inception, load_inception
from engine.evaluation.labels import distance_label


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same weights as a pickle and as safetensors."""
    folder = tmp_path_factory.mktemp("weights")
    tensors = InceptionNetwork().state_dict()
    torch.save(tensors | {"fc.bias": torch.zeros(1008)}, folder / "published.pth")
    save_file(dict(tensors), folder / "own.safetensors")
    return folder


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[Path, str]]:
    """A folder and the address under which its files are served."""
    root = tmp_path / "served"
    root.mkdir()

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, directory=str(root), **named)  # type: ignore[arg-type]

        def log_message(self, *_: object) -> None: ...

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Quiet) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield root, f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


def test_the_file_with_the_checksum_is_called_inception_v3(folder: Path) -> None:
    path = folder / "published.pth"
    inception = load_inception(path, sha256=sha256(path))
    assert inception.name == "Inception-v3"
    assert distance_label("Fréchet", inception.name) == "FID"
    assert distance_label("kernel", inception.name) == "KID"


def test_other_weights_never_make_a_label_say_fid(folder: Path) -> None:
    inception = load_inception(folder / "own.safetensors")
    start = sha256(folder / "own.safetensors")[:8]
    assert inception.name == f"Inception-v3 with weights {start}"
    features = torch.randn(20, 4, generator=torch.Generator().manual_seed(0)).numpy()
    label = frechet_distance(features, features + 1, inception.name).label
    assert label == f"FD (Inception-v3 with weights {start})"


def test_a_pickle_without_the_checksum_is_not_opened(tmp_path: Path) -> None:
    marker = tmp_path / "opened"

    class Trap:
        def __reduce__(self) -> tuple[object, tuple[Path]]:
            return Path.touch, (marker,)

    path = tmp_path / "pt_inception-2015-12-05-6726825d.pth"
    torch.save({"conv": Trap()}, path)
    with pytest.raises(EvaluationError, match="was not opened"):
        load_inception(path)
    assert not marker.exists()


def test_what_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="cannot be read"):
        load_inception(tmp_path / "none.pth")
    with pytest.raises(EvaluationError, match="cannot be read"):
        load_inception(tmp_path)
    huge = tmp_path / "huge.pth"
    with huge.open("wb") as file:
        file.truncate(300 * 2**20)
    with pytest.raises(EvaluationError, match="300 MiB, too much"):
        load_inception(huge)


def test_a_download_is_checked_kept_and_not_repeated(
    tmp_path: Path, served: tuple[Path, str]
) -> None:
    root, address = served
    content = bytes(range(256)) * 8192
    (root / "weights").write_bytes(content)
    told: list[tuple[int, int]] = []
    target = tmp_path / "encoders" / "weights.pth"
    checksum = hashlib.sha256(content).hexdigest()
    for _ in range(2):
        download_inception(
            target,
            url=f"{address}/weights",
            sha256=checksum,
            progress=lambda done, total, _: told.append((done, total)),
        )
        # What is there needs no server the second time.
        (root / "weights").unlink(missing_ok=True)
    assert target.read_bytes() == content
    assert told[-1] == (2048, 2048)


def test_nothing_is_kept_of_a_download_that_fails(tmp_path: Path, served: tuple[Path, str]) -> None:
    root, address = served
    (root / "weights").write_bytes(b"x" * 5000)
    target = tmp_path / "kept" / "weights.pth"
    with pytest.raises(EvaluationError, match="not the published file"):
        download_inception(target, url=f"{address}/weights")
    with pytest.raises(EvaluationError, match="elsewhere cannot be fetched: File not found"):
        download_inception(target, url=f"{address}/elsewhere")
    with pytest.raises(EvaluationError, match="cannot be fetched"):
        download_inception(target, url="http://127.0.0.1:9/weights")
    with pytest.raises(Cancelled):
        download_inception(target, url=f"{address}/weights", cancelled=lambda: True)
    with pytest.raises(EvaluationError, match="no address"):
        download_inception(target, url=(root / "weights").as_uri())
    assert not any(target.parent.iterdir())
