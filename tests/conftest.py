"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from engine.workspace import Workspace

# How long an example takes says nothing about the code on a busy machine.
settings.register_profile("untimed", deadline=None)
settings.load_profile("untimed")

# Widgets are driven by real Qt events without a screen; the window test starts its own display.
os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

REPOSITORY = Path(__file__).resolve().parent.parent
REAL_DATA = REPOSITORY.parent / "shared" / "data"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    """An empty workspace."""
    return Workspace.create(tmp_path / "workspace")


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder of real images that lies beside the project, where somebody has put one."""
    if not REAL_DATA.is_dir():
        pytest.skip(f"no real images at {REAL_DATA}")
    return REAL_DATA
