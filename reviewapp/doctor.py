"""``medgan-review --doctor``: what this computer has for the program, what it lacks, what to do.

Imports no Qt: what keeps Qt from starting is among the things to be told.
"""

from __future__ import annotations

import importlib.util
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import platformdirs

from reviewapp import __version__, qt_platform
from reviewapp.recent import APPLICATION, user_data_folder

EXIT_HEALTHY = 0
EXIT_ILL = 3
_LIBRARIES = ("PySide6-Essentials", "numpy", "pillow", "nibabel", "pandas", "pyqtgraph")
#: import name, what it is for, how to get it
_EXTRAS = (
    ("pyarrow", "Parquet exports", "pip install 'medgan-review[parquet]'"),
    ("lightning_fabric", "training in several processes", "pip install 'medgan-review[cluster]'"),
)


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; ``remedy`` is what to do, "" where nothing is wrong."""

    name: str
    found: str
    remedy: str = ""


def run_doctor() -> int:
    """Print the report; returns 0, or 3 where something keeps the program from working."""
    findings = [finding for check in _CHECKS for finding in check()]
    width = max(len(finding.name) for finding in findings)
    for finding in findings:
        mark = "!" if finding.remedy else " "
        print(f"{mark} {finding.name:<{width}}  {finding.found}")
    remedies = [finding for finding in findings if finding.remedy]
    for finding in remedies:
        print(f"\n{finding.name}: {finding.remedy}")
    print("\nNothing is missing." if not remedies else "")
    return EXIT_ILL if remedies else EXIT_HEALTHY


def _program() -> list[Finding]:
    return [
        Finding("medgan-review", f"{__version__} in {Path(__file__).resolve().parent}"),
        Finding("Python", f"{platform.python_version()} ({sys.executable})"),
        Finding("System", f"{platform.platform()}"),
    ]


def _libraries() -> list[Finding]:
    findings = []
    for name in _LIBRARIES:
        try:
            findings.append(Finding(name, metadata.version(name)))
        except metadata.PackageNotFoundError:
            remedy = (
                "" if getattr(sys, "frozen", False) else "Install medgan-review again with pip."
            )
            findings.append(Finding(name, "not found" if remedy else "part of the program", remedy))
    for module, purpose, command in _EXTRAS:
        there = importlib.util.find_spec(module) is not None
        findings.append(
            Finding(
                module.replace("_", "-"),
                f"there, for {purpose}" if there else f"not there; for {purpose}: {command}",
            )
        )
    return findings


def _torch() -> list[Finding]:
    try:
        from engine.compute_report import compute_report
    except (ImportError, OSError) as error:
        return [
            Finding(
                "torch",
                f"cannot be loaded: {error}",
                "Install torch again; on Windows it needs the Visual C++ redistributable.",
            )
        ]
    return [Finding(name, found) for name, found in compute_report()]


def _window() -> list[Finding]:
    display = qt_platform.has_display()
    asked = os.environ.get("QT_QPA_PLATFORM", "")
    words = (
        "a window can be shown" if display else "no display: commands and the scripted demo work"
    )
    findings = [Finding("Qt platform", f"{words}{f' (QT_QPA_PLATFORM={asked})' if asked else ''}")]
    missing = qt_platform.missing_libraries(window=True)
    if missing:
        findings.append(
            Finding(
                "System libraries",
                f"{len(missing)} missing: {', '.join(missing)}",
                qt_platform.explain_missing(missing),
            )
        )
    elif sys.platform.startswith("linux"):
        findings.append(Finding("System libraries", "all that Qt needs are there"))
    return findings


def _folders() -> list[Finding]:
    settings = Path(platformdirs.user_config_dir(APPLICATION, appauthor=False))
    return [_folder("Settings", settings), _folder("Data", user_data_folder())]


def _folder(name: str, folder: Path) -> Finding:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            free = shutil.disk_usage(folder).free
    except OSError as error:
        return Finding(
            name,
            f"{folder} cannot be written: {error.strerror or error}",
            f"Give yourself the right to write in {folder}, or make room on its disk.",
        )
    return Finding(name, f"{folder}, {free / 10**9:.1f} GB free")


_CHECKS: tuple[Callable[[], list[Finding]], ...] = (
    _program,
    _libraries,
    _torch,
    _window,
    _folders,
)
