from __future__ import annotations

import signal
import subprocess
import sys
import threading
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from engine import cli
from engine.commands import import_command
from engine.data.importing import ImportReport
from engine.data.manifest import read_manifest
from engine.workspace import Workspace


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    folder = tmp_path / "pictures"
    folder.mkdir()
    rng = np.random.default_rng(0)
    for number in range(3):
        pixels = rng.integers(0, 256, (16, 16)).astype(np.uint8)
        Image.fromarray(pixels).save(folder / f"{number}.png")
    (folder / "broken.png").write_text("no picture")
    return folder


def test_the_command_imports_and_reports(pictures: Path, tmp_path: Path) -> None:
    workspace = tmp_path / "workspace"
    command = [sys.executable, "-m", "engine.cli", "import", "folder", str(pictures)]
    command += ["--workspace", str(workspace), "--name", "mine", "--size", "16"]
    command += ["--source", "generated"]
    finished = subprocess.run(command, capture_output=True, encoding="utf-8", timeout=120)
    assert finished.returncode == 0, finished.stderr
    assert "mine: 3 imported, 0 unchanged, 1 skipped (3 images in all)." in finished.stdout
    assert "broken.png" in finished.stdout
    assert finished.stderr == ""
    records = read_manifest(Workspace(workspace).manifest_path("mine"))
    assert {record.variant for record in records} == {"external:mine"}


def test_a_repeat_succeeds_and_changes_nothing(pictures: Path, tmp_path: Path, capsys) -> None:
    arguments = ["import", "folder", str(pictures), "-w", str(tmp_path / "w"), "--size", "16"]
    assert cli.main(arguments) == 0
    assert cli.main(arguments) == 0
    assert "0 imported, 3 unchanged" in capsys.readouterr().out


def test_errors_are_one_line_without_a_traceback(tmp_path: Path, capsys) -> None:
    assert cli.main(["import", "acdc", str(tmp_path / "none"), "-w", str(tmp_path / "w")]) == 1
    error = capsys.readouterr().err
    assert error.startswith("medgan-engine: The folder") and "none" in error
    assert error.count("\n") == 1


def test_nothing_imported_is_a_failure(tmp_path: Path, capsys) -> None:
    source = tmp_path / "source"
    source.mkdir()
    (source / "broken.png").write_text("no picture")
    assert cli.main(["import", "folder", str(source), "-w", str(tmp_path / "w")]) == 1
    captured = capsys.readouterr()
    assert "broken.png" in captured.out
    assert "nothing could be imported" in captured.err


@pytest.mark.parametrize("size", ["0", "-5", "99999"])
def test_impossible_sizes_are_refused(pictures: Path, tmp_path: Path, capsys, size: str) -> None:
    command = ["import", "folder", str(pictures), "-w", str(tmp_path / "w"), f"--size={size}"]
    assert cli.main(command) == 1
    assert "out of range" in capsys.readouterr().err


def test_interrupting_keeps_what_was_done(
    pictures: Path, tmp_path: Path, capsys, monkeypatch: pytest.MonkeyPatch
) -> None:
    if threading.current_thread() is not threading.main_thread():
        pytest.skip("signals reach the main thread only")
    original = import_command.import_dataset

    def interrupted_after_one(*arguments, **options) -> ImportReport:
        def progress(done: int, total: int, item: str) -> None:
            if done == 1:
                signal.raise_signal(signal.SIGINT)  # as the terminal does on Ctrl-C

        return original(*arguments, **{**options, "progress": progress})

    monkeypatch.setattr(import_command, "import_dataset", interrupted_after_one)
    before = signal.getsignal(signal.SIGINT)
    command = ["import", "folder", str(pictures), "-w", str(tmp_path / "w"), "--size", "16"]
    assert cli.main(command) == 130
    assert "1 imported" in capsys.readouterr().out
    assert signal.getsignal(signal.SIGINT) is before
    assert len(read_manifest(Workspace(tmp_path / "w").manifest_path("pictures"))) == 1


def test_version_and_usage(capsys) -> None:
    with pytest.raises(SystemExit) as version:
        cli.main(["--version"])
    assert version.value.code == 0
    assert capsys.readouterr().out.startswith("medgan-engine ")
    with pytest.raises(SystemExit) as usage:
        cli.main(["import", "tapestry", "x"])
    assert usage.value.code == 2


def test_the_cine_is_imported_on_request(tmp_path: Path, capsys) -> None:
    folder = tmp_path / "training" / "patient001"
    folder.mkdir(parents=True)
    (folder / "Info.cfg").write_text("ED: 1\nES: 2\nGroup: NOR\n")
    voxels = np.random.default_rng(0).integers(0, 900, (24, 24, 2, 3)).astype(np.int16)
    for name, part in (
        ("frame01", voxels[..., 0]),
        ("frame02", voxels[..., 1]),
        ("4d", voxels),
    ):
        image = nib.Nifti1Image(part, np.diag([-1.5, -1.5, 10, 1]))
        nib.save(image, folder / f"patient001_{name}.nii.gz")
    arguments = ["import", "acdc", str(tmp_path / "training"), "-w", str(tmp_path / "w")]
    assert cli.main([*arguments, "--size", "32"]) == 0
    assert "4 imported" in capsys.readouterr().out
    assert cli.main([*arguments, "--size", "32", "--cine"]) == 0
    assert "2 sequences of 6 frames" in capsys.readouterr().out


def test_a_data_set_to_compare_with_must_be_there(pictures: Path, tmp_path: Path, capsys) -> None:
    arguments = ["import", "folder", str(pictures), "-w", str(tmp_path / "w"), "--size", "16"]
    assert cli.main(arguments) == 0
    compared = [*arguments, "--name", "theirs", "--source", "generated", "--compared-with"]
    assert cli.main([*compared, "acdc"]) == 1
    assert "no data set 'acdc'" in capsys.readouterr().err
    assert cli.main([*compared, "pictures"]) == 0
    records = read_manifest(Workspace(tmp_path / "w").manifest_path("theirs"))
    assert {record.dataset for record in records} == {"pictures"}
