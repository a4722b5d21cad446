"""The demo as a user starts it: without a display it runs the whole loop; with one, the window."""

from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from engine.progress import never_cancelled
from engine.workspace import Workspace
from reviewapp.demo.simulated_reader import SimulatedReader, texture
from reviewapp.demo.workspace import DEMO_STUDY, is_prepared, prepare_demo
from reviewapp.study.store import StudyStore

_LIMIT_S = 300
RATING_COLUMNS = [
    "study_id",
    "protocol_id",
    "protocol_sha256",
    "reader_id",
    "reader_role",
    "reader_specialty",
    "reader_experience_years",
    "session_id",
    "training_consent",
    "block",
    "trial_index",
    "is_training",
    "is_repeat",
    "image_id",
    "dataset",
    "class_label",
    "right_image_id",
    "design",
    "response",
    "confidence",
    "response_time_ms",
    "frame_interval_ms",
    "exposure_ms",
    "n_showings",
    "changes",
    "n_marks",
    "comment",
    "window_center",
    "window_width",
    "zoom",
    "inverted",
    "shown_at",
    "answered_at",
    "app_version",
]
TRUTH_COLUMNS = ["truth", "variant", "run_id", "checkpoint_step", "correct"]


@pytest.fixture(scope="module")
def demo_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A prepared demo workspace."""
    folder = tmp_path_factory.mktemp("demo") / "demo"
    return prepare_demo(folder, lambda done, total, item: None, never_cancelled)


def test_the_scripted_demo_runs_the_whole_loop(tmp_path: Path) -> None:
    root = tmp_path / "scripted"
    environment = {k: v for k, v in os.environ.items() if k not in {"DISPLAY", "WAYLAND_DISPLAY"}}
    environment["QT_QPA_PLATFORM"] = "offscreen"
    result = subprocess.run(
        [sys.executable, "-m", "reviewapp", "--demo", str(root)],
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_LIMIT_S,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "No display was found" in result.stdout
    assert str(root) in result.stdout
    (ratings,) = root.glob("exports/*/ratings.csv")
    with ratings.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == RATING_COLUMNS + TRUTH_COLUMNS
    assert len(rows) == 24
    children = [
        config
        for path in root.glob("runs/*/config.json")
        if (config := json.loads(path.read_text(encoding="utf-8")))["parent"]
    ]
    (child,) = children
    assert child["parent"]["run_id"] == "dcgan-idrid"
    snapshot = root / "snapshots" / f"{child['feedback']['snapshot_sha256']}.json"
    assert snapshot.is_file()
    pictures = {path.stem for path in root.glob("screenshots/*.png")}
    pages = {"browse", "rating", "results", "training", "rounds"}
    assert pages | {"session", "import-acdc", "feedback-round"} <= pictures
    for path in root.glob("screenshots/*.png"):
        with Image.open(path) as image:
            assert len(set(image.convert("L").resize((64, 64)).tobytes())) > 3, path.name


def test_the_demo_is_made_once_and_holds_a_blinded_study(demo_folder: Path) -> None:
    assert is_prepared(demo_folder)
    told: list[str] = []
    prepare_demo(demo_folder, lambda done, total, item: told.append(item), never_cancelled)
    assert told == []
    store = StudyStore.open(Workspace(demo_folder))
    try:
        (study,) = store.studies()
        assert study.name == DEMO_STUDY
        assert study.blinded
        facets = store.facets()
        assert set(facets["dataset"]) == {"acdc", "idrid"}
        assert set(facets["source"]) == {"real", "generated"}
    finally:
        store.close()


def test_a_demo_cut_short_is_completed(demo_folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(demo_folder, broken)
    (broken / "demo.json").unlink()
    prepare_demo(broken, lambda done, total, item: None, never_cancelled)
    store = StudyStore.open(Workspace(broken))
    try:
        assert len(store.studies()) == 1
    finally:
        store.close()


def test_shipped_networks_are_small() -> None:
    from reviewapp.resources import resource_path

    files = [path for path in resource_path("checkpoints").rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in files) < 10 * 2**20
    assert {path.suffix for path in files} == {".json", ".safetensors"}


def test_the_simulated_reader_prefers_texture() -> None:
    import numpy as np

    rng = np.random.default_rng(0)
    rough = rng.integers(0, 256, (32, 32)).astype(np.uint8)
    smooth = np.tile(np.arange(32, dtype=np.uint8) * 8, (32, 1))
    assert texture(rough) > texture(smooth)
    assert texture(np.zeros((8, 8), np.uint8)) == 0
    reader = SimulatedReader()
    first = [reader.confidence(image) for image in (rough, smooth, rough, smooth)]
    assert all(1 <= confidence <= 6 for confidence in first)
    assert reader.confidence(smooth) < reader.confidence(rough)


@pytest.fixture
def display(tmp_path: Path) -> Iterator[str]:
    """A virtual X display."""
    if shutil.which("Xvfb") is None:
        pytest.skip("Xvfb is not installed")
    read_end, write_end = os.pipe()
    server = subprocess.Popen(
        ["Xvfb", "-displayfd", str(write_end), "-screen", "0", "1280x800x24"],
        pass_fds=(write_end,),
        stderr=subprocess.DEVNULL,
    )
    os.close(write_end)
    with os.fdopen(read_end) as numbers:
        number = numbers.readline().strip()
    yield f":{number}"
    server.terminate()
    server.wait(10)


def test_a_real_window_shows_the_demo_takes_a_key_and_closes_cleanly(
    display: str, demo_folder: Path, tmp_path: Path
) -> None:
    if shutil.which("xdotool") is None:
        pytest.skip("xdotool is not installed")
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    environment |= {"DISPLAY": display, "XDG_CONFIG_HOME": str(tmp_path)}
    errors = (tmp_path / "errors.txt").open("w")
    app = subprocess.Popen(
        [sys.executable, "-m", "reviewapp", str(demo_folder)], env=environment, stderr=errors
    )

    def xdotool(*arguments: str) -> str:
        command = ["xdotool", *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True).stdout

    def window_named(title: str) -> str:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and app.poll() is None:
            if found := xdotool("search", "--onlyvisible", "--name", title).split():
                return found[0]
            time.sleep(0.1)
        pytest.fail(f"no window named {title}: {(tmp_path / 'errors.txt').read_text()}")

    try:
        window = window_named("demo – medgan-review")
        xdotool("windowfocus", window, "key", "ctrl+2")
        xdotool("key", "ctrl+4")
        xdotool("key", "ctrl+q")
        assert app.wait(60) == 0, (tmp_path / "errors.txt").read_text()
    finally:
        app.kill()
        errors.close()
    assert "Traceback" not in (tmp_path / "errors.txt").read_text()


def test_the_whole_loop_runs_in_a_real_window(display: str, tmp_path: Path) -> None:
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from reviewapp.app import make_application\n"
        "from reviewapp.demo.tour import run_tour\n"
        "application = make_application()\n"
        "assert application.platformName() == 'xcb', application.platformName()\n"
        "sys.exit(run_tour(Path(sys.argv[1])))\n"
    )
    environment = {k: v for k, v in os.environ.items() if k != "QT_QPA_PLATFORM"}
    root = tmp_path / "looped"
    result = subprocess.run(
        [sys.executable, "-c", program, str(root)],
        env=environment | {"DISPLAY": display},
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=_LIMIT_S,
    )
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Traceback" not in result.stderr
    assert len(list(root.glob("screenshots/*.png"))) >= 12
    exported = subprocess.run(
        [sys.executable, "-m", "reviewapp", "export", str(root), "--out", str(tmp_path / "out")],
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    assert exported.returncode == 0, exported.stderr
    (by_window,) = root.glob("exports/*/ratings.csv")
    assert (tmp_path / "out" / "ratings.csv").read_bytes() == by_window.read_bytes()


def test_an_export_that_cannot_be_made_says_why(tmp_path: Path, demo_folder: Path) -> None:
    def export(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "reviewapp", "export", *arguments]
        return subprocess.run(command, capture_output=True, text=True, encoding="utf-8")

    missing = export(str(tmp_path / "nowhere"))
    assert missing.returncode == 1
    assert "is not a workspace" in missing.stderr
    unknown = export(str(demo_folder), "--study", "unknown")
    assert unknown.returncode == 1
    assert DEMO_STUDY in unknown.stderr
