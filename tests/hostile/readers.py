"""Everything that reads what may come from elsewhere, each with a good file to damage.

A target's ``read`` takes a damaged file and an empty folder. It may raise the errors of its layer
and nothing else; `OUTSIDE` stands beside the folder and must not change.
"""

from __future__ import annotations

import gzip
import io
import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import nibabel as nib
import numpy as np
import torch
from hypothesis.strategies import SearchStrategy
from PIL import Image

from engine.data.acdc import import_acdc
from engine.data.content_store import decode_png, encode_png, read_map
from engine.data.folder import import_folder
from engine.data.fundus import decode_fundus
from engine.data.idrid import import_idrid
from engine.data.manifest import read_manifest, write_manifest
from engine.data.picture import read_picture
from engine.data.records import ImageRecord
from engine.data.volume import read_cine
from engine.errors import EngineError
from engine.evaluation.evaluation_record import read_evaluation
from engine.evaluation.sweep_config import SweepConfig
from engine.feedback.critic_files import load_critic
from engine.feedback.ratings_file import read_ratings
from engine.gans.registry import variant_class
from engine.gans.variant import ImageSpec
from engine.trained_variant import sampling_variant
from engine.training.checkpoint import load_checkpoint, read_checkpoint, save_checkpoint
from engine.training.config import TrainConfig
from engine.training.ema import Ema
from engine.training.metrics_file import MetricsFile
from engine.training.runs import RunFolder, create_run, read_metrics, read_summary
from engine.workspace import Workspace
from reviewapp.preferences import PreferencesFile
from reviewapp.recent import RecentWorkspaces
from reviewapp.study import pack_container
from reviewapp.study.errors import StudyError
from reviewapp.study.feedback_rounds import list_rounds
from reviewapp.study.pack_container import PackLabel, new_code, read_header, read_pack, write_pack
from reviewapp.study.protocol import load_protocol
from reviewapp.study.store import StudyStore
from tests.hostile.mutations import damaged, damaged_json

#: what may come out of a reader
OWN_ERRORS = (EngineError, StudyError)

Read = Callable[[bytes, Path], None]


@dataclass(frozen=True)
class Target:
    """A reader, and how to make good files for it."""

    name: str
    make: Callable[[], bytes]
    read: Read
    damage: Callable[[bytes], SearchStrategy[bytes]] = damaged
    #: examples in the suite; a reader that starts a database takes longer
    examples: int = 25

    @property
    def good(self) -> bytes:
        """A file that the reader takes, made once."""
        return _made(self.name)


@cache
def _made(name: str) -> bytes:
    return TARGETS[name].make()


def _nifti(compressed: bool) -> bytes:
    voxels = np.random.default_rng(0).integers(0, 900, (12, 10, 3)).astype(np.int16)
    content: bytes = nib.Nifti1Image(voxels, np.diag([-1.5, -1.5, 8.0, 1.0])).to_bytes()
    return gzip.compress(content, mtime=0) if compressed else content


def _read_nifti(name: str) -> Read:
    def read(content: bytes, folder: Path) -> None:
        (folder / name).write_bytes(content)
        cine = read_cine(folder / name)
        assert cine.voxels.ndim == 4 and np.isfinite(cine.voxels).all()

    return read


def _picture(kind: str, mode: str = "RGB", **options: object) -> bytes:
    y, x = np.mgrid[0:30, 0:40]
    inside = np.hypot(x - 20, y - 15) < 14
    pixels = np.where(inside, 40 + x * 5, 0).astype(np.uint8)
    image = Image.fromarray(np.stack([pixels, pixels // 2, pixels // 4], axis=2)).convert(mode)
    buffer = io.BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()


def _read_picture(suffix: str) -> Read:
    def read(content: bytes, folder: Path) -> None:
        path = folder / f"a{suffix}"
        path.write_bytes(content)
        pixels = None
        with suppress(*OWN_ERRORS):
            pixels = read_picture(path)
        assert decode_fundus(path, 32).shape == (32, 32, 3)
        assert pixels is not None and pixels.ndim in (2, 3)

    return read


def _npy() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.random.default_rng(0).uniform(-1, 1, (1, 16, 16)).astype(np.float32))
    return buffer.getvalue()


def _beside_good(name: str) -> Read:
    """Import a damaged file beside a good one, which must be kept whatever happens."""

    def read(content: bytes, folder: Path) -> None:
        source = folder / "source"
        source.mkdir()
        (source / name).write_bytes(content)
        (source / "good.png").write_bytes(_picture("PNG"))
        workspace = Workspace.create(folder / "workspace")
        report = import_folder(source, workspace, name="mine", size=16)
        ids = {record.record_id for record in read_manifest(workspace.manifest_path("mine"))}
        assert "mine/good.png" in ids
        assert {item.path for item in report.skipped} <= {name}
        assert len(ids) > 1 or report.skipped

    return read


def _classes() -> bytes:
    return b"file,class,sequence,frame\na.png,DCM,s,1\nsub/b.png,NOR,s,2\nc.png,,,\n"


def _read_classes(content: bytes, folder: Path) -> None:
    source = folder / "source"
    (source / "sub").mkdir(parents=True)
    for name in ("a.png", "sub/b.png", "c.png"):
        (source / name).write_bytes(_picture("PNG", "L"))
    (folder / "classes.csv").write_bytes(content)
    workspace = Workspace.create(folder / "workspace")
    report = import_folder(
        source, workspace, name="mine", size=16, classes_csv=folder / "classes.csv"
    )
    assert report.imported == 3
    _take_in(workspace)


def _take_in(workspace: Workspace) -> None:
    """Bring what was imported into a study database."""
    store = StudyStore.open(workspace)
    try:
        store.sync_library()
        store.images()
    finally:
        store.close()


def _grades() -> bytes:
    return (
        b"Image name,Retinopathy grade,Risk of macular edema ,,\nIDRiD_001,3,2,,\nIDRiD_002,0,0,,\n"
    )


def _read_grades(content: bytes, folder: Path) -> None:
    (folder / "source").mkdir()
    (folder / "source" / "IDRiD_001.jpg").write_bytes(_picture("JPEG"))
    (folder / "source" / "a. Training Labels.csv").write_bytes(content)
    workspace = Workspace.create(folder / "workspace")
    assert import_idrid(folder / "source", workspace, size=16).imported == 1


def _info() -> bytes:
    return b"ED: 1\nES: 9\nGroup: DCM\nHeight: 180\nNbFrame: 30\nWeight: 80\n"


def _read_info(content: bytes, folder: Path) -> None:
    patient = folder / "source" / "training" / "patient001"
    patient.mkdir(parents=True)
    (patient / "Info.cfg").write_bytes(content)
    for frame in ("01", "09"):
        (patient / f"patient001_frame{frame}.nii.gz").write_bytes(_nifti(compressed=True))
    good = folder / "source" / "training" / "patient002"
    good.mkdir()
    (good / "Info.cfg").write_bytes(_info())
    for frame in ("01", "09"):
        (good / f"patient002_frame{frame}.nii.gz").write_bytes(_nifti(compressed=True))
    workspace = Workspace.create(folder / "workspace")
    import_acdc(folder / "source", workspace, size=16)
    records = read_manifest(workspace.manifest_path("acdc"))
    assert sum(record.patient == "patient002" for record in records) == 6


def _record(number: int = 0) -> ImageRecord:
    return ImageRecord(
        record_id=f"mine/{number}", key=f"{number:064x}", dataset="mine", source="generated",
        class_label="DCM", patient="p", width=16, height=16, channels=1, bit_depth=16,
        spacing_mm=1.5, origin="a.png", variant="dcgan", run_id="run-1", checkpoint_step=10,
        seed=3, sample_index=1, attributes={"frame": "1", "slice": "2", "intensity": "0 900"},
    )  # fmt: skip


def _read_manifest(content: bytes, folder: Path) -> None:
    workspace = Workspace.create(folder / "workspace")
    write_manifest(workspace.manifest_path("other"), [_record(99)])
    workspace.manifest_path("mine").write_bytes(content + b"\n")
    _take_in(workspace)


def _config() -> bytes:
    guard = {"every": 250, "pause_on": ["collapse"]}
    parent = {"run_id": "run-0", "step": 5, "sha256": "a" * 64}
    feedback = {"methods": ["reweighting"], "snapshot_sha256": "b" * 64}
    config = TrainConfig.checked(
        variant="dcgan", dataset="acdc", size=32, steps=20, batch_size=4, options={"nz": 8},
        guard=guard, parent=parent, feedback=feedback,
    )  # fmt: skip
    return config.model_dump_json().encode()


def _run(folder: Path) -> tuple[Workspace, RunFolder]:
    workspace = Workspace.create(folder / "workspace")
    create_run(workspace, TrainConfig.model_validate_json(_config()), "run-1")
    return workspace, RunFolder(workspace.run_path("run-1"))


def _read_config(content: bytes, folder: Path) -> None:
    workspace, run = _run(folder)
    run.config.write_bytes(content)
    read_summary(workspace, "run-1")


def _status() -> bytes:
    return json.dumps(
        {"state": "running", "step": 3, "message": "", "created_at": "2026-01-01T00:00:00+00:00",
         "pid": 1, "process_started": 1.5}
    ).encode()  # fmt: skip


def _read_status(content: bytes, folder: Path) -> None:
    workspace, run = _run(folder)
    run.status.write_bytes(content)
    assert read_summary(workspace, "run-1").step >= 0


def _read_curves(content: bytes, folder: Path) -> None:
    workspace, run = _run(folder)
    run.metrics.write_bytes(content)
    curves = read_metrics(workspace, "run-1")
    assert len({len(values) for values in curves.values()}) <= 1
    MetricsFile(run.metrics).cut(5)


_OPTIONS = {"nz": 4, "ngf": 4, "ndf": 4}


@cache
def _checkpoint_files() -> dict[str, bytes]:
    import tempfile

    spec = ImageSpec(channels=1, size=16, class_names=("a", "b"))
    torch.set_num_threads(1)
    variant = variant_class("dcgan").build(spec, _OPTIONS, 10, torch.Generator().manual_seed(0))
    for optimiser in variant.optimisers().values():
        for group in optimiser.param_groups:
            for parameter in group["params"]:
                parameter.grad = torch.ones_like(parameter)
        optimiser.step()
    with tempfile.TemporaryDirectory() as folder:
        saved = save_checkpoint(Path(folder), variant, Ema(variant, 0.9), step=5, seed=1)
        return {path.name: path.read_bytes() for path in saved.folder.iterdir()}


def _read_checkpoint(changed: str) -> Read:
    """The hashes are made to fit: whoever alters tensors can alter their hash, too."""

    def read(content: bytes, folder: Path) -> None:
        import hashlib

        files = _checkpoint_files() | {changed: content}
        if changed != "state.json":
            state = json.loads(files["state.json"])
            state["sha256"][changed] = hashlib.sha256(content).hexdigest()
            files["state.json"] = json.dumps(state).encode()
        for name, held in files.items():
            (folder / name).write_bytes(held)
        checkpoint = read_checkpoint(folder)
        sampling_variant(checkpoint)
        spec = ImageSpec(channels=1, size=16, class_names=("a", "b"))
        variant = variant_class("dcgan").build(spec, _OPTIONS, 10, torch.Generator())
        load_checkpoint(checkpoint, variant, Ema(variant, 0.9))

    return read


def _ratings() -> bytes:
    rating = {
        "record_id": "mine/0", "key": "a" * 64, "source": "real", "confidence": 3,
        "reader_id": "R01", "study_id": "study-1",
    }  # fmt: skip
    mark = {"shape": "brush", "x": 0.1, "y": 0.1, "w": 0.2, "h": 0.2, "points": [[0.1, 0.2]]}
    label = {"record_id": "mine/0", "key": "a" * 64, "class_name": "DCM", "reader_id": "R01"}
    return json.dumps({"ratings": [rating | {"marks": [mark]}], "labels": [label]}).encode()


def _read_ratings(content: bytes, folder: Path) -> None:
    (folder / "ratings.json").write_bytes(content)
    read_ratings(folder / "ratings.json")


_SWEEP = b'name = "s"\nvariants = ["dcgan"]\ndataset = "acdc"\npreset = "tiny"\ndraws = 2\n' + (
    b'[settings]\nsteps = 10\n[ranges.lr]\nkind = "log-uniform"\nlow = 1e-5\nhigh = 1e-2\n'
)


def _read_sweep(content: bytes, folder: Path) -> None:
    (folder / "sweep.toml").write_bytes(content)
    SweepConfig.read(folder / "sweep.toml").cells()


def _protocol() -> bytes:
    resources = Path(__file__).resolve().parents[2] / "resources"
    return (resources / "protocols" / "timed-1s.toml").read_bytes()


def _read_protocol(content: bytes, folder: Path) -> None:
    (folder / "p.toml").write_bytes(content)
    protocol = load_protocol(folder / "p.toml")
    assert 1 <= protocol.n_trials < 50_000


def _read_preferences(content: bytes, folder: Path) -> None:
    (folder / "preferences.json").write_bytes(content)
    assert PreferencesFile(folder / "preferences.json").read().theme in ("dark", "light", "system")


def _read_recent(content: bytes, folder: Path) -> None:
    (folder / "recent.json").write_bytes(content)
    RecentWorkspaces(folder / "recent.json").folders()


def _rounds() -> bytes:
    return json.dumps(
        {"number": 1, "based_on": 0, "created_at": "2026-01-01T00:00:00Z", "dataset": "acdc",
         "run_id": "run-1", "study_id": "study-1"}
    ).encode()  # fmt: skip


def _read_round(content: bytes, folder: Path) -> None:
    (folder / "rounds").mkdir()
    (folder / "rounds" / "round-0001.json").write_bytes(content)
    list_rounds(Workspace(folder))


def _read_evaluation(content: bytes, folder: Path) -> None:
    (folder / "step-1.json").write_bytes(content)
    read_evaluation(folder / "step-1.json")


def _critic() -> bytes:
    evidence = {"n_real": 5, "n_generated": 5, "auc": 0.7, "low": 0.6, "high": 0.8}
    report = {"n_ratings": 10, "n_readers": 2, "evidence": evidence, "reader_bias": {"R01": 0.1}}
    return json.dumps({"format": 1, "members": 2, "sha256": "a" * 64, "report": report}).encode()


def _read_critic(content: bytes, folder: Path) -> None:
    (folder / "critic.json").write_bytes(content)
    (folder / "weights.safetensors").write_bytes(b"x")
    load_critic(folder, lambda: torch.nn.Linear(2, 2))


def _read_map(content: bytes, folder: Path) -> None:
    workspace = Workspace.create(folder / "workspace")
    path = workspace.map_path("a" * 64, "aleatoric")
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    described = {"kind": "aleatoric", "unit": "grey levels", "origin": "run-1"}
    path.with_suffix(".json").write_text(json.dumps(described))
    assert read_map(workspace, "a" * 64, "aleatoric").values.ndim == 2


def _map() -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, np.zeros((16, 16), np.float16))
    return buffer.getvalue()


CODE = new_code()


@cache
def pack_header() -> PackLabel:
    return PackLabel("reading", "study-1", "pack-1", "R01", "a" * 64)


def _pack() -> bytes:
    import tempfile

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "p"
        image = encode_png(np.zeros((64, 64), np.uint8))
        members = {"study.json": b"{}", f"images/{'a' * 64}.png": image}
        write_pack(path, pack_header(), members, CODE)
        return path.read_bytes()


def _read_pack(content: bytes, folder: Path) -> None:
    path = folder / "p.medgan-pack"
    path.write_bytes(content)
    read_header(path)
    read_pack(path, CODE, "reading")


def _archive() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("study.json", b"{}" * 40)
        archive.writestr(f"images/{'a' * 64}.png", encode_png(np.zeros((64, 64), np.uint8)))
    return buffer.getvalue()


def _read_archive(content: bytes, folder: Path) -> None:
    """What stands under the seal: somebody who knows the code can make any of it."""
    members = pack_container._read_inner(folder / "p", content)
    for name in members:
        assert len(members[name]) <= pack_container.MAX_MEMBER_BYTES


def _read_png(content: bytes, folder: Path) -> None:
    assert decode_png(content).ndim in (2, 3)


TARGETS: dict[str, Target] = {
    target.name: target
    for target in (
        Target("NIfTI", lambda: _nifti(False), _read_nifti("a.nii"), examples=80),
        Target("NIfTI, compressed", lambda: _nifti(True), _read_nifti("a.nii.gz"), examples=30),
        Target("PNG", lambda: _picture("PNG"), _read_picture(".png"), examples=60),
        Target("JPEG", lambda: _picture("JPEG"), _read_picture(".jpg"), examples=60),
        Target("TIFF", lambda: _picture("TIFF"), _read_picture(".tif"), examples=60),
        Target(
            "TIFF, compressed", lambda: _picture("TIFF", compression="tiff_lzw"),
            _read_picture(".tif"), examples=40,
        ),
        Target("NumPy array", _npy, _beside_good("a.npy"), examples=30),
        Target("folder with a damaged TIFF", lambda: _picture("TIFF"), _beside_good("b.tif")),
        Target("folder with a damaged volume", lambda: _nifti(False), _beside_good("b.nii")),
        Target("table of classes", _classes, _read_classes, examples=12),
        Target("IDRiD's grades", _grades, _read_grades, examples=20),
        Target("ACDC's Info.cfg", _info, _read_info, examples=8),
        Target(
            "manifest", lambda: _record().model_dump_json().encode(), _read_manifest,
            damaged_json, examples=25,
        ),
        Target("training settings", _config, _read_config, damaged_json, examples=30),
        Target("run status", _status, _read_status, damaged_json, examples=30),
        Target("curves", lambda: b"step,loss_d,loss_g\n1,0.5,0.7\n2,0.4,0.8\n", _read_curves),
        Target(
            "checkpoint state", lambda: _checkpoint_files()["state.json"],
            _read_checkpoint("state.json"), damaged_json, examples=12,
        ),
        Target(
            "checkpoint weights", lambda: _checkpoint_files()["weights.safetensors"],
            _read_checkpoint("weights.safetensors"), examples=10,
        ),
        Target(
            "checkpoint optimisers", lambda: _checkpoint_files()["optimisers.safetensors"],
            _read_checkpoint("optimisers.safetensors"), examples=10,
        ),
        Target("table of ratings", _ratings, _read_ratings, damaged_json, examples=40),
        Target("sweep", lambda: _SWEEP, _read_sweep, examples=20),
        Target("protocol", _protocol, _read_protocol, examples=40),
        Target("preferences", lambda: b'{"theme": "dark", "language": "en", "guide_seen": true}',
               _read_preferences, damaged_json, examples=30),
        Target("recent workspaces", lambda: b'["/tmp", "/nowhere"]', _read_recent, damaged_json,
               examples=30),
        Target("feedback round", _rounds, _read_round, damaged_json, examples=30),
        Target("evaluation", lambda: b'{"run_id": "r", "step": 1}', _read_evaluation, damaged_json),
        Target("critic", _critic, _read_critic, damaged_json, examples=20),
        Target("uncertainty map", _map, _read_map, examples=25),
        Target("stored picture", lambda: encode_png(np.zeros((16, 16, 3), np.uint8)), _read_png,
               examples=60),
        Target("reading pack", _pack, _read_pack, examples=25),
        Target("content of a reading pack", _archive, _read_archive, examples=60),
    )
}  # fmt: skip
