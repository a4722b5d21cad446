"""The wheel holds what the app needs, and nothing of the tests."""

from __future__ import annotations

import configparser
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


def test_every_source_and_resource_is_in_the_wheel(wheel: Path) -> None:
    held = set(zipfile.ZipFile(wheel).namelist())
    for package in ("engine", "reviewapp"):
        for file in (ROOT / package).rglob("*.py"):
            assert file.relative_to(ROOT).as_posix() in held
    for file in (ROOT / "resources").rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts:
            path = file.relative_to(ROOT / "resources").as_posix()
            assert f"reviewapp/resources/{path}" in held
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in held)


def test_the_installed_program_finds_its_resources(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import reviewapp; from reviewapp.resources import resource_path; "
        "print(reviewapp.__file__); print(resource_path('icons', 'layers.svg')); "
        "from reviewapp.app import main; main(['--version'])"
    )
    environment = os.environ | {"PYTHONPATH": str(tmp_path)}
    run = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )
    package, icon, version = run.stdout.splitlines()
    assert Path(package).is_relative_to(tmp_path)
    assert Path(icon).is_relative_to(tmp_path)
    assert version.startswith("medgan-review ")


def test_the_wheel_has_both_commands(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as held:
        (name,) = [n for n in held.namelist() if n.endswith("entry_points.txt")]
        parser = configparser.ConfigParser()
        parser.read_string(held.read(name).decode("utf-8"))
    assert set(parser["console_scripts"]) == {"medgan-review", "medgan-engine"}


def test_the_desktop_entry_starts_the_program() -> None:
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(ROOT / "resources" / "packaging" / "medgan-review.desktop", encoding="utf-8")
    entry = parser["Desktop Entry"]
    assert entry["Type"] == "Application"
    assert entry["Exec"].split()[0] == "medgan-review"
    assert entry["Name"]
