"""Workspaces that faults happen to, and the process that is killed."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.killer import Killer


@pytest.fixture(scope="module")
def killer() -> Iterator[Killer]:
    """A process that runs operations and is killed meanwhile."""
    with Killer.started() as started:
        yield started
