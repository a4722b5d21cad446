"""Fixtures of the window's tests: an open workspace and drawn data sets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from engine.data.phantom import write_acdc_phantom, write_idrid_phantom
from engine.workspace import Workspace
from reviewapp.context import AppContext


@pytest.fixture
def context(qtbot: QtBot, workspace: Workspace) -> Iterator[AppContext]:
    """The services of an empty open workspace."""
    context = AppContext(workspace)
    yield context
    context.close()


@pytest.fixture(scope="session")
def drawn_acdc(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two drawn patients in ACDC's layout."""
    folder = tmp_path_factory.mktemp("drawn") / "acdc"
    write_acdc_phantom(folder, patients=2, seed=1)
    return folder


@pytest.fixture(scope="session")
def drawn_idrid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five drawn photographs in IDRiD's layout, one of each grade."""
    folder = tmp_path_factory.mktemp("drawn") / "idrid"
    write_idrid_phantom(folder, images=5, seed=1, size_px=(429, 285))
    return folder
