"""Imports point one way: reviewapp → reviewapp.study → engine."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parent.parent

#: per layer: folder, module prefixes it must not import, and prefixes allowed all the same
LAYERS = {
    "engine": ("engine", ("reviewapp", "PySide6", "pyqtgraph", "sqlalchemy", "sqlite3"), ()),
    "study": (
        "reviewapp/study",
        ("reviewapp", "PySide6", "pyqtgraph", "torch"),
        ("reviewapp.study",),
    ),
}


def imported_modules(source: str, package: str) -> Iterator[str]:
    """Every module that ``source`` imports, also inside functions; relative ones resolved."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            parents = package.split(".")[: len(package.split(".")) - node.level + 1]
            base = ".".join(parents) if node.level else ""
            module = ".".join(part for part in (base, node.module or "") if part)
            yield from (f"{module}.{alias.name}" for alias in node.names)


def has_prefix(module: str, prefixes: tuple[str, ...]) -> bool:
    return any(module == prefix or module.startswith(prefix + ".") for prefix in prefixes)


def violations(layer: str, source: str, package: str) -> list[str]:
    _, forbidden, allowed = LAYERS[layer]
    return [
        module
        for module in imported_modules(source, package)
        if has_prefix(module, forbidden) and not has_prefix(module, allowed)
    ]


@pytest.mark.parametrize("layer", LAYERS)
def test_no_module_imports_a_layer_above_its_own(layer: str) -> None:
    folder = REPOSITORY / LAYERS[layer][0]
    files = sorted(folder.rglob("*.py"))
    assert files, f"{folder} holds no modules: the check looks in the wrong place"
    found = {
        str(file.relative_to(REPOSITORY)): wrong
        for file in files
        if (
            wrong := violations(
                layer,
                file.read_text(encoding="utf-8"),
                ".".join(file.relative_to(REPOSITORY).parent.parts),
            )
        )
    }
    assert found == {}


@pytest.mark.parametrize(
    ("layer", "package", "source"),
    [
        ("engine", "engine.data", "from reviewapp.study import store"),
        ("engine", "engine.data", "def f():\n    import PySide6.QtCore"),
        ("engine", "engine.data", "import sqlalchemy.orm as orm"),
        ("study", "reviewapp.study", "from reviewapp.tasks import Task"),
        ("study", "reviewapp.study", "from ..widgets import image_canvas"),
        ("study", "reviewapp.study", "import torch"),
        ("study", "reviewapp.study", "from reviewapp import app"),
    ],
)
def test_a_wrong_import_is_found(layer: str, package: str, source: str) -> None:
    assert violations(layer, source, package)


@pytest.mark.parametrize(
    ("layer", "package", "source"),
    [
        ("engine", "engine.data", "from engine.errors import DataError"),
        ("engine", "engine.data", "from . import records"),
        ("study", "reviewapp.study", "from engine.workspace import Workspace"),
        ("study", "reviewapp.study", "from reviewapp.study.errors import StudyError"),
        ("study", "reviewapp.study.statistics", "from .. import model"),
    ],
)
def test_a_right_import_is_let_through(layer: str, package: str, source: str) -> None:
    assert violations(layer, source, package) == []


def test_the_window_and_its_pages_come_up_without_torch() -> None:
    program = (
        "import sys\n"
        "import reviewapp.app, reviewapp.main_window, reviewapp.study.store\n"
        "from reviewapp.pages import PAGES\n"
        "[entry.load() for entry in PAGES]\n"
        "slow = [name for name in ('torch', 'pandas', 'scipy') if name in sys.modules]\n"
        "assert not slow, slow\n"
    )
    subprocess.run(
        [sys.executable, "-c", program],
        check=True,
        cwd=REPOSITORY,
        env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
    )
