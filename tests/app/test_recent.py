"""The list of workspaces opened last."""

from __future__ import annotations

from pathlib import Path

import pytest

from reviewapp.recent import RecentWorkspaces


def test_the_newest_comes_first_and_only_once(tmp_path: Path) -> None:
    recent = RecentWorkspaces(tmp_path / "config" / "recent.json")
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    second.mkdir()
    for folder in (first, second, first):
        recent.remember(folder)
    assert recent.folders() == [first, second]
    assert recent.last() == first


def test_a_vanished_workspace_is_not_offered(tmp_path: Path) -> None:
    recent = RecentWorkspaces(tmp_path / "recent.json")
    gone = tmp_path / "gone"
    gone.mkdir()
    recent.remember(gone)
    gone.rmdir()
    assert recent.folders() == []
    assert recent.last() == gone


def test_a_workspace_is_offered_again_once_its_drive_is_back(tmp_path: Path) -> None:
    recent = RecentWorkspaces(tmp_path / "recent.json")
    drive, other = tmp_path / "drive", tmp_path / "other"
    drive.mkdir()
    recent.remember(drive)
    drive.rmdir()
    other.mkdir()
    recent.remember(other)
    assert recent.folders() == [other]
    drive.mkdir()
    assert recent.folders() == [other, drive]


@pytest.mark.parametrize("content", ["", "{", '{"a": 1}', "[1, null]", "\x00"])
def test_a_damaged_list_counts_as_empty(tmp_path: Path, content: str) -> None:
    file = tmp_path / "recent.json"
    file.write_text(content, encoding="utf-8")
    assert RecentWorkspaces(file).folders() == []
