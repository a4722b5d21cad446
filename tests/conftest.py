"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import settings

from engine.workspace import Workspace

if TYPE_CHECKING:
    from benchmarks.postgresql_server import PostgresqlServer

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


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[PostgresqlServer]:
    """A real PostgreSQL server, started for the tests; skips where none is installed."""
    pytest.importorskip("psycopg", reason="the driver psycopg is not installed")
    from benchmarks.postgresql_server import PostgresqlServer, ServerMissingError

    try:
        with PostgresqlServer.started(durable=False) as server:
            yield server
    except ServerMissingError as error:
        pytest.skip(str(error))


@pytest.fixture
def postgresql_url(postgresql_server: PostgresqlServer) -> str:
    """The URL of an empty database on a real server; what a test leaves in it is removed."""
    return postgresql_server.emptied_database()
