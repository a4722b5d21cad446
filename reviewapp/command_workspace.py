"""What the commands without a window share: the workspace they work on, the study they mean."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from engine.workspace import Workspace
from reviewapp.study.errors import StoreError

if TYPE_CHECKING:
    from reviewapp.study.model import Study
    from reviewapp.study.store import StudyStore


@contextmanager
def opened_store(folder: Path) -> Iterator[StudyStore]:
    """The store of an existing workspace; raises `StoreError` if ``folder`` is none."""
    from reviewapp.study.database_location import is_workspace
    from reviewapp.study.store import StudyStore

    root = folder.expanduser()
    if not is_workspace(root):
        raise StoreError(f"{root} is not a workspace: it holds no study.db.")
    workspace = Workspace.create(root)
    check_server(workspace)
    store = StudyStore.open(workspace)
    if store.restoration is not None:
        print(store.restoration.message, file=sys.stderr)
    try:
        yield store
    finally:
        store.close()


def check_server(workspace: Workspace) -> None:
    """Raise `StoreError`, which tells how to agree, for a server without the user's agreement."""
    from reviewapp.known_servers import KnownServers, UnknownServerError

    try:
        KnownServers().check(workspace)
    except UnknownServerError as error:
        command = f'medgan-review connect "{workspace.root}"'
        raise StoreError(f"{error} To let it: {command}") from error


def choose_study(store: StudyStore, wanted: str | None) -> Study:
    """The study of this id or name, or the only one; raises `StoreError` that lists them."""
    studies = store.studies()
    chosen = [study for study in studies if wanted in (None, study.study_id, study.name)]
    if len(chosen) == 1:
        return chosen[0]
    known = "\n".join(f"  {study.study_id}  {study.name}" for study in studies) or "  (none)"
    problem = "More than one study" if chosen else "No study"
    raise StoreError(f"{problem} fits. Name one with --study; studies of this workspace:\n{known}")
