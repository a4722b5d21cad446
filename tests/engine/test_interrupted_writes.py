"""Files that a killed writer leaves half done, and sets of files that change together."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from engine.atomic_file import partial_path, replacing
from engine.errors import StorageError
from engine.file_set import replace_together
from engine.interrupted_writes import FOREIGN_LIFETIME_S, tidy, tidy_beside

_DAY_AND_MORE_S = FOREIGN_LIFETIME_S + 60


def of_a_dead_process(path: Path) -> Path:
    """The name that a process which has ended since gave what it was to put at ``path``."""
    program = "import sys; from pathlib import Path; from engine.atomic_file import partial_path\n"
    program += "print(partial_path(Path(sys.argv[1])))"
    told = subprocess.run(
        [sys.executable, "-c", program, str(path)], capture_output=True, text=True, check=True
    )
    return Path(told.stdout.strip())


def aged(path: Path, seconds: float) -> Path:
    path.write_bytes(b"half")
    then = time.time() - seconds
    os.utime(path, (then, then))
    return path


def names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_what_a_dead_process_was_writing_goes_and_everything_else_stays(tmp_path: Path) -> None:
    (tmp_path / "images/ab").mkdir(parents=True)
    (tmp_path / "images/ab/key.png").write_bytes(b"whole")
    dead = of_a_dead_process(tmp_path / "images/ab/key.png")
    dead.write_bytes(b"half")
    dead_folder = dead.with_name(dead.name.replace("key.png", "step-00000010"))
    (dead_folder / "inner").mkdir(parents=True)
    (dead_folder / "inner/weights").write_bytes(b"half")
    living = partial_path(tmp_path / "images/ab/key.png")
    living.write_bytes(b"in progress")
    (tmp_path / ".hidden.part").write_bytes(b"a user's own")
    assert tidy(tmp_path) == 2
    assert names(tmp_path) == {
        "images/ab/key.png",
        f"images/ab/{living.name}",
        ".hidden.part",
    }


def test_a_number_that_another_process_has_by_now_does_not_keep_a_file(tmp_path: Path) -> None:
    """This process has the number, but began after the file was last written."""
    ours = partial_path(tmp_path / "metrics.csv")
    aged(ours, _DAY_AND_MORE_S * 400)
    assert tidy(tmp_path) == 1
    assert names(tmp_path) == set()


@pytest.mark.parametrize("name", [".old.0123456789ab.part", ".seen.ffffff-1-01234567.part"])
def test_what_cannot_be_told_goes_after_a_day(tmp_path: Path, name: str) -> None:
    aged(tmp_path / name, 3600)
    assert tidy(tmp_path) == 0
    aged(tmp_path / name, _DAY_AND_MORE_S)
    assert tidy(tmp_path) == 1


def test_links_are_not_followed(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    left = of_a_dead_process(outside / "file")
    left.write_bytes(b"half")
    inside = tmp_path / "workspace"
    inside.mkdir()
    try:
        (inside / "link").symlink_to(outside, target_is_directory=True)
    except OSError:
        pytest.skip("this system makes no links for ordinary users")
    assert tidy(inside) == 0
    assert left.exists()
    assert tidy_beside(outside / "file") == 1


def test_a_missing_folder_holds_nothing(tmp_path: Path) -> None:
    assert tidy(tmp_path / "gone") == 0


def test_a_failed_write_leaves_the_old_file_and_nothing_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"old")
    with pytest.raises(ZeroDivisionError), replacing(path) as file:
        file.write(b"new")
        _ = 1 // 0
    assert path.read_bytes() == b"old"
    assert names(tmp_path) == {"file"}


def test_files_change_together_or_not_at_all(tmp_path: Path) -> None:
    folder = tmp_path / "exports" / "study"
    first = replace_together(folder, {"a.csv": b"1", "b.csv": b"1"})
    assert first == [folder / "a.csv", folder / "b.csv"]

    def refuse() -> None:
        raise StorageError("The log refuses.")

    with pytest.raises(StorageError, match="log refuses"):
        replace_together(folder, {"a.csv": b"2", "b.csv": b"2"}, refuse)
    assert {path.read_bytes() for path in first} == {b"1"}
    (folder / "c.csv").mkdir()
    with pytest.raises(StorageError, match=r"Cannot write to .*close programs"):
        replace_together(folder, {"a.csv": b"3", "b.csv": b"3", "c.csv": b"3"})
    (folder / "c.csv").rmdir()
    # What had become whole is finished by the next start, or the next writing.
    assert tidy(tmp_path) == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a.csv": b"3",
        "b.csv": b"3",
        "c.csv": b"3",
    }


def test_the_next_writing_comes_after_what_was_left_unfinished(tmp_path: Path) -> None:
    whole = tmp_path / ".files.0123456789ab.whole"
    whole.mkdir()
    (whole / "a.csv").write_bytes(b"older")
    (whole / "only-older.csv").write_bytes(b"older")
    replace_together(tmp_path, {"a.csv": b"newer"})
    assert (tmp_path / "a.csv").read_bytes() == b"newer"
    assert (tmp_path / "only-older.csv").read_bytes() == b"older"
    assert not whole.exists()
