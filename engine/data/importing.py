"""Imports: bad files are reported and skipped, the rest is kept, and a repeat adds nothing."""

from __future__ import annotations

import os
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from engine.data.large_file import own_turn
from engine.data.manifest import read_manifest, write_manifest
from engine.data.records import ImageRecord, Source
from engine.errors import ConfigError, DataError, StorageError
from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled
from engine.workspace import Workspace

#: sides of stored pictures, in pixels
SIZE_RANGE = (16, 2048)

_T = TypeVar("_T")
DatasetKind = Literal["acdc", "idrid", "folder"]

#: files decoded at the same time; few, because a window may be drawn in the same process
_WORKERS = max(1, min(3, (os.cpu_count() or 2) - 1))
#: how often the manifest on disk catches up with a running import, in seconds
_MANIFEST_INTERVAL_S = 5.0
#: how long a wait for a decoder lasts before the caller's wish to cancel is looked at, in seconds
_POLL_S = 0.1
#: file names printed in a summary for each reason
_NAMES_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Skipped:
    """A file or folder that was left out, relative to the imported folder, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did; ``images_total`` is what the data set's manifest now holds.

    ``imported`` counts new or changed images, ``unchanged`` those that were there already.
    """

    dataset: str
    imported: int
    unchanged: int
    images_total: int
    skipped: list[Skipped]
    cancelled: bool
    notes: list[str]

    def summary(self) -> str:
        """Several lines for a person: counts, notes, and skipped files grouped by reason."""
        head = f"{self.dataset}: {self.imported} imported, {self.unchanged} unchanged"
        lines = [f"{head}, {len(self.skipped)} skipped ({self.images_total} images in all)."]
        if self.cancelled:
            lines.append("Stopped on request; what was done so far is kept.")
        lines += self.notes
        by_reason: dict[str, list[str]] = {}
        for item in self.skipped:
            by_reason.setdefault(item.reason, []).append(item.path)
        for reason, paths in by_reason.items():
            lines.append(f"Skipped: {reason}")
            lines += [f"  {path}" for path in paths[:_NAMES_SHOWN]]
            if len(paths) > _NAMES_SHOWN:
                lines.append(f"  … and {len(paths) - _NAMES_SHOWN} more")
        return "\n".join(lines)


@dataclass(frozen=True, slots=True)
class ImportOptions:
    """Choices of an import; None means the importer's default, and not all importers use all.

    ``size`` in pixels; ``spacing_mm`` (acdc) in millimetres a pixel; ``cine`` (acdc): all frames
    too; ``name``, ``source_kind``, ``compared_with`` and ``classes_csv`` (folder): name, real or
    generated, the data set whose real images the generated ones are rated against, table of
    classes and sequences.
    """

    size: int | None = None
    spacing_mm: float | None = None
    cine: bool = False
    name: str | None = None
    source_kind: Source = "real"
    compared_with: str | None = None
    classes_csv: Path | None = None


@dataclass(frozen=True, slots=True)
class ImportUnit:
    """One file to import: ``load`` decodes it, stores its images and returns their records.

    ``load`` runs in a worker thread and raises `DataError` where the file cannot be used; all its
    records carry ``origin``. ``path`` names the file in reports.
    """

    path: str
    origin: str
    load: Callable[[], list[ImageRecord]]


def checked_size(size: int) -> int:
    """``size`` where it is a side that pictures are stored at; raises `ConfigError` otherwise."""
    low, high = SIZE_RANGE
    if not low <= size <= high:
        raise ConfigError(f"A size of {size} pixels is out of range ({low} to {high} pixels).")
    return size


def import_dataset(
    kind: DatasetKind,
    source: Path,
    workspace: Workspace,
    *,
    options: ImportOptions | None = None,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> ImportReport:
    """Import ``source`` by the rules of ``kind``; see `import_acdc` and its neighbours.

    A cancelled import returns its report too. Raises `DataError` when ``source`` is not a folder
    that can be read or holds nothing of this kind.
    """
    options = options or ImportOptions()
    # Each importer brings its decoder's libraries; the window starts without them.
    if kind == "acdc":
        from engine.data import acdc

        return acdc.import_acdc(
            source,
            workspace,
            size=_given(options.size, acdc.DEFAULT_SIZE),
            spacing_mm=_given(options.spacing_mm, acdc.DEFAULT_SPACING_MM),
            cine=options.cine,
            progress=progress,
            cancelled=cancelled,
        )
    if kind == "idrid":
        from engine.data import idrid

        return idrid.import_idrid(
            source,
            workspace,
            size=_given(options.size, idrid.DEFAULT_SIZE),
            progress=progress,
            cancelled=cancelled,
        )
    from engine.data import folder

    return folder.import_folder(
        source,
        workspace,
        name=_given(options.name, folder.name_from(source)),
        source_kind=options.source_kind,
        size=_given(options.size, folder.DEFAULT_SIZE),
        compared_with=options.compared_with,
        classes_csv=options.classes_csv,
        progress=progress,
        cancelled=cancelled,
    )


def _given(value: _T | None, default: _T) -> _T:
    return default if value is None else value


def run_import(
    dataset: str,
    units: Sequence[ImportUnit],
    workspace: Workspace,
    *,
    skipped: Iterable[Skipped] = (),
    notes: Iterable[str] = (),
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> ImportReport:
    """Load all units and keep the manifest in step; the shared second half of every importer.

    Units are decoded by a few threads and entered in their own order, so that repeats and
    different machines give the same manifest. Records that an earlier import made of the same
    ``origin`` and that are no longer there are dropped. A record whose id is already taken by
    another file is unchanged where the picture is the same, and refused where it is not.
    Raises `StorageError` when the disk refuses; what was stored before stays in the manifest.
    """
    manifest = workspace.manifest_path(dataset)
    records = {record.record_id: record for record in read_manifest(manifest)}
    by_origin: dict[str, set[str]] = {}
    for known in records.values():
        by_origin.setdefault(known.origin, set()).add(known.record_id)
    report_skipped = list(skipped)
    counts: Counter[str] = Counter()
    stopped = False
    saved_at = time.monotonic()

    def enter(unit: ImportUnit, loaded: list[ImageRecord]) -> None:
        stale = by_origin.pop(unit.origin, set())
        for record in loaded:
            old = records.get(record.record_id)
            if old is not None and old.origin != record.origin and old.key != record.key:
                reason = f"{record.record_id} is already there from {old.origin}; kept that"
                report_skipped.append(Skipped(unit.path, reason))
                continue
            stale.discard(record.record_id)
            if old is not None and (old == record or old.origin != record.origin):
                counts["unchanged"] += 1
            else:
                counts["imported"] += 1
                records[record.record_id] = record
        for record_id in stale:
            del records[record_id]

    def load(unit: ImportUnit) -> list[ImageRecord]:
        with own_turn():
            return unit.load()

    pool = ThreadPoolExecutor(_WORKERS, thread_name_prefix=f"import-{dataset}")
    pending: deque[tuple[ImportUnit, Future[list[ImageRecord]]]] = deque()
    waiting = deque(units)
    try:
        for done in range(len(units)):
            # No more than a few decoded images exist at once, however fast the decoders are.
            while waiting and len(pending) < 2 * _WORKERS:
                pending.append((waiting[0], pool.submit(load, waiting.popleft())))
            unit, future = pending.popleft()
            progress(done, len(units), unit.path)
            while not future.done() and not (stopped := cancelled()):
                wait([future], timeout=_POLL_S)
            if stopped or (stopped := cancelled()):
                break
            try:
                enter(unit, future.result())
            except StorageError:
                raise
            except DataError as error:
                report_skipped.append(Skipped(unit.path, str(error)))
            except MemoryError:
                reason = "it needs more memory than this computer has free"
                report_skipped.append(Skipped(unit.path, reason))
            if time.monotonic() - saved_at > _MANIFEST_INTERVAL_S:
                workspace.check_present()
                write_manifest(manifest, records.values())
                saved_at = time.monotonic()
        else:
            progress(len(units), len(units), "")
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
        if counts["imported"] or counts["unchanged"]:
            workspace.check_present()
            write_manifest(manifest, records.values())
    return ImportReport(
        dataset=dataset,
        imported=counts["imported"],
        unchanged=counts["unchanged"],
        images_total=len(records),
        skipped=report_skipped,
        cancelled=stopped,
        notes=list(notes),
    )
