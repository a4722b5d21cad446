"""Where everything of a workspace lies on disk: the one folder that holds a study."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from engine.errors import DataError, StorageError

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")
_KEY = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Workspace:
    """Paths inside one workspace folder; makes folders, never interprets their content.

    ``images/ab/KEY.png`` and ``maps/ab/KEY.KIND.npy`` are content-addressed by the sha256 of the
    PNG's bytes; ``datasets/NAME.jsonl`` lists the real images of a data set;
    ``runs/RUN/generated.jsonl`` those that a run has drawn.
    """

    root: Path

    @classmethod
    def create(cls, root: Path) -> Workspace:
        """Make the folder tree (existing folders are kept) and return it.

        Raises `DataError` when the folder cannot be made or written, or is not whole in itself: a
        workspace from elsewhere must not make the app write to other places by a link.
        """
        workspace = cls(root.expanduser().resolve())
        try:
            for folder in (
                workspace.root,
                workspace.images,
                workspace.maps,
                workspace.cache,
                workspace.datasets,
                workspace.runs,
                workspace.exports,
            ):
                folder.mkdir(parents=True, exist_ok=True)
            _refuse_links_out(workspace.root)
        except OSError as error:
            raise DataError(
                f"Cannot create the workspace {workspace.root}: {error.strerror or error}. "
                "Choose a folder that you may write to."
            ) from error
        return workspace

    def check_present(self) -> None:
        """Raise `StorageError` when the folder has gone: its drive unplugged, or itself moved."""
        if not self.images.is_dir():
            raise StorageError(
                f"The workspace {self.root} is not there any more: its drive may be disconnected, "
                "or the folder was moved or renamed. Bring it back to its place and try again."
            )

    @property
    def database(self) -> Path:
        """The study database; only `reviewapp.study` opens it."""
        return self.root / "study.db"

    @property
    def settings(self) -> Path:
        """Where the study database is, if not in this folder; only `reviewapp.study` reads it."""
        return self.root / "workspace.toml"

    @property
    def journal(self) -> Path:
        """The audit journal; only `reviewapp.study` writes it."""
        return self.root / "journal" / "audit.jsonl"

    @property
    def images(self) -> Path:
        """Content-addressed PNG files."""
        return self.root / "images"

    @property
    def maps(self) -> Path:
        """Uncertainty maps, by image key and kind."""
        return self.root / "maps"

    @property
    def cache(self) -> Path:
        """Memory-mapped training arrays; may be deleted at any time."""
        return self.root / "cache"

    @property
    def datasets(self) -> Path:
        """Manifests of real images."""
        return self.root / "datasets"

    @property
    def runs(self) -> Path:
        """One folder per training run."""
        return self.root / "runs"

    @property
    def exports(self) -> Path:
        """CSV exports and reports."""
        return self.root / "exports"

    def image_path(self, key: str) -> Path:
        """Path of the PNG with this sha256 key (64 hex digits, else `DataError`)."""
        return self.images / _checked_key(key)[:2] / f"{key}.png"

    def map_path(self, key: str, kind: str) -> Path:
        """Path of the ``kind`` map (float16 .npy) of the image with this key."""
        return self.maps / _checked_key(key)[:2] / f"{key}.{_checked_name(kind)}.npy"

    def manifest_path(self, dataset: str) -> Path:
        """Path of a data set's manifest."""
        return self.datasets / f"{_checked_name(dataset)}.jsonl"

    def run_path(self, run_id: str) -> Path:
        """Folder of a run."""
        return self.runs / _checked_name(run_id)


def _refuse_links_out(root: Path) -> None:
    """Raise `DataError` for a link that leads out of ``root``, where folders of a workspace lie."""
    runs = root / "runs"
    for folder in (root, *_folders_in(root), *_folders_in(runs)):
        with os.scandir(folder) as entries:
            links = [Path(entry.path) for entry in entries if _is_link(entry)]
        for link in links:
            # Without raising where links lead in a circle, as `Path.resolve` may.
            if not Path(os.path.realpath(link)).is_relative_to(root):
                raise DataError(
                    f"{link} is a link that leads out of the workspace, so that the app would "
                    "write elsewhere. Put the folder itself in its place, or link the whole "
                    "workspace."
                )


def _folders_in(folder: Path) -> list[Path]:
    with os.scandir(folder) as entries:
        return [Path(e.path) for e in entries if e.is_dir(follow_symlinks=False)]


def _is_link(entry: os.DirEntry[str]) -> bool:
    # Windows has links to folders that do not call themselves links; Python 3.12 knows them.
    is_junction = getattr(entry, "is_junction", None)
    return entry.is_symlink() or bool(is_junction and is_junction())


def _checked_key(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise DataError(f"'{key[:80]}' is not an image key (64 hexadecimal digits expected).")
    return key


def _checked_name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise DataError(
            f"'{name[:80]}' cannot name a data set, run or map: use letters, digits, '.', '_', '-'."
        )
    return name
