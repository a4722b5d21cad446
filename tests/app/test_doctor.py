from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from reviewapp import __version__, doctor, qt_platform
from reviewapp.app import main


def test_version_and_doctor_together_tell_both(capsys: pytest.CaptureFixture[str]) -> None:
    code = main(["--version", "--doctor"])
    told = capsys.readouterr().out
    assert told.startswith(f"medgan-review {__version__}\n")
    for name in ("Python", "PySide6-Essentials", "torch", "Graphics card", "Qt platform", "Data"):
        assert name in told
    assert torch.__version__ in told
    assert (code == 0) == ("Nothing is missing." in told)


def test_the_version_alone(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"medgan-review {__version__}\n"


def test_a_missing_library_is_told_with_the_command_that_installs_it(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(qt_platform, "missing_libraries", lambda *, window: ["libEGL.so.1"])
    assert doctor.run_doctor() == doctor.EXIT_ILL
    told = capsys.readouterr().out
    assert "! System libraries" in told
    assert "sudo apt-get install libegl1" in told
    assert "Nothing is missing" not in told


def test_a_folder_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    finding = doctor._folder("Data", tmp_path / "file" / "folder")
    assert str(tmp_path / "file" / "folder") in finding.remedy
    assert not doctor._folder("Data", tmp_path / "new").remedy


def test_it_works_without_a_display_and_loads_no_qt() -> None:
    code = (
        "import sys; from reviewapp.app import main; main(['--doctor']); "
        "sys.exit(any(name.startswith('PySide6') for name in sys.modules))"
    )
    environment = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "QT_QPA_PLATFORM")}
    ended = subprocess.run(
        [sys.executable, "-c", code],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert ended.returncode == 0, ended.stderr
    assert "no display" in ended.stdout or sys.platform in ("win32", "darwin")
