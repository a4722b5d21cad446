from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from engine.data import file_search
from engine.data.file_search import find_files
from engine.errors import DataError


def touch(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    return path


def link(path: Path, target: Path) -> None:
    try:
        path.symlink_to(target, target_is_directory=target.is_dir())
    except OSError:
        pytest.skip("this system does not let us make links")


def names(found: file_search.FoundFiles) -> list[str]:
    return [found.relative(path) for path in found.files]


def test_files_come_in_name_order_without_hidden_ones(tmp_path: Path) -> None:
    for name in ("b/2.txt", "b/10.txt", "a/z.txt", "c.txt", ".hidden", ".git/config"):
        touch(tmp_path / name)
    assert names(find_files(tmp_path)) == ["c.txt", "a/z.txt", "b/10.txt", "b/2.txt"]


def test_links_are_followed_once_and_loops_are_reported(tmp_path: Path) -> None:
    root = tmp_path / "root"
    touch(root / "inside" / "a.txt")
    touch(root / ".kept" / "b.txt")
    link(root / "inside" / "up", root)
    link(root / "other", root / ".kept")
    link(root / "again", root / ".kept")
    link(root / "self", root / "self")
    link(root / "nowhere", root / "missing")
    found = find_files(root)
    assert names(found) == ["again/b.txt", "inside/a.txt"]
    skipped = {item.path: item.reason for item in found.skipped}
    assert skipped.keys() == {"inside/up", "other", "self", "nowhere"}
    assert "already" in skipped["inside/up"]
    assert "nowhere" in skipped["nowhere"]


def test_links_out_of_the_folder_are_reported_and_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "root"
    touch(root / "a.txt")
    private = touch(tmp_path / "home" / "private.txt")
    link(root / "b.txt", private)
    link(root / "home", private.parent)
    link(root / "up", tmp_path)
    found = find_files(root)
    assert names(found) == ["a.txt"]
    assert {item.path for item in found.skipped} == {"b.txt", "home", "up"}
    assert all("out of the chosen folder" in item.reason for item in found.skipped)


def test_a_chosen_folder_may_be_a_link_itself(tmp_path: Path) -> None:
    touch(tmp_path / "real" / "a.txt")
    link(tmp_path / "chosen", tmp_path / "real")
    assert names(find_files(tmp_path / "chosen")) == ["a.txt"]


@pytest.mark.skipif(sys.platform == "win32", reason="named pipes of POSIX")
def test_a_pipe_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "IDRiD_01.jpg")
    found = find_files(tmp_path)
    assert found.files == []
    assert found.skipped[0].reason == "not a regular file"


def test_folders_that_may_not_be_read_are_reported(tmp_path: Path) -> None:
    touch(tmp_path / "open" / "a.txt")
    closed = tmp_path / "closed"
    touch(closed / "b.txt")
    closed.chmod(0)
    try:
        if os.access(closed, os.R_OK):
            pytest.skip("this user may read everything")
        found = find_files(tmp_path)
    finally:
        closed.chmod(0o700)
    assert names(found) == ["open/a.txt"]
    assert [item.path for item in found.skipped] == ["closed"]


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has names that are no text")
def test_names_that_are_no_text_are_reported(tmp_path: Path) -> None:
    touch(tmp_path / "a.png")
    (tmp_path / os.fsdecode(b"bad\xff.png")).write_bytes(b"x")
    found = find_files(tmp_path)
    assert names(found) == ["a.png"]
    assert found.skipped[0].path == r"bad\udcff.png"
    assert "rename" in found.skipped[0].reason


def test_a_whole_disk_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file_search, "MAX_ENTRIES", 5)
    for number in range(6):
        touch(tmp_path / str(number))
    with pytest.raises(DataError, match="more than 5 files"):
        find_files(tmp_path)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="not a folder"):
        find_files(touch(tmp_path / "a.txt"))
