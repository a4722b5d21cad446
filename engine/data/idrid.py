"""IDRiD: fundus photographs graded for diabetic retinopathy (Porwal et al. 2018).

Source: doi 10.3390/data3030025. Read are ``B. Disease Grading`` with its tables of labels,
``A. Segmentation``, ``C. Localization`` and any folder of ``IDRiD_*.jpg``. The numbers of the
segmentation set (two digits) and of the other two (three digits) name different pictures, and
the latter begin again at 001 in the testing set: record ids are ``idrid/IDRiD_01``,
``idrid/IDRiD_001`` and ``idrid/test/IDRiD_001``.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import itertools
import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from engine.bounded_file import read_bounded
from engine.data.content_store import write_image
from engine.data.file_search import FoundFiles, find_files
from engine.data.fundus import decode_fundus
from engine.data.importing import (
    ImportReport,
    ImportUnit,
    Skipped,
    checked_size,
    run_import,
)
from engine.data.manifest import read_manifest
from engine.data.picture import FORMATS, open_picture
from engine.data.records import ImageRecord, Split
from engine.errors import DataError
from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled
from engine.workspace import Workspace

__all__ = ["DATASET", "DEFAULT_SIZE", "PHANTOM_COMMENT", "decode_fundus", "import_idrid"]

DATASET = "idrid"
DEFAULT_SIZE = 512
GRADES = ("0", "1", "2", "3", "4")
#: the JPEG comment by which drawn demo pictures are told from photographs
PHANTOM_COMMENT = b"medgan-review phantom"

_NAME = re.compile(r"IDRiD_(\d{2,3})\.(jpe?g|png|tiff?)", re.IGNORECASE)
#: lesion masks of the segmentation set
_COMPANION = re.compile(r"IDRiD_\d{2,3}_[A-Z]{2}\.(tiff?|png)", re.IGNORECASE)
_TASKS = ("b. disease grading", "a. segmentation", "c. localization")
#: of a table of grades, which has some 400 rows of 20 letters
MAX_TABLE_BYTES = 4 * 2**20
MAX_ROWS = 20_000
#: faults of one table that are told one by one
_FAULTS_TOLD = 5
#: the data set has single digits
_MAX_RISK_LENGTH = 20
#: how far above the chosen folder its tables are looked for: ``2. Groundtruths`` lies beside
#: ``1. Original Images/a. Training Set``
_LEVELS_ABOVE = 2


@dataclass(frozen=True, slots=True)
class _Label:
    """One row of a table of grades."""

    grade: str
    edema_risk: str


@dataclass(frozen=True, slots=True)
class _Photograph:
    path: Path
    name: str
    split: Split

    @property
    def is_grading(self) -> bool:
        """Whether the number is one of disease grading (three digits)."""
        return len(self.name) == len("IDRiD_000")

    @property
    def record_id(self) -> str:
        folder = "test/" if self.is_grading and self.split == "test" else ""
        return f"{DATASET}/{folder}{self.name}"

    @property
    def task(self) -> int:
        """Which part of the data set it lies in; photographs with labels come first."""
        parts = [part.lower() for part in self.path.parts]
        return next((n for n, task in enumerate(_TASKS) if task in parts), len(_TASKS))

    @property
    def origin(self) -> str:
        """The path within the data set, however far above or below it the import began."""
        parts = self.path.parts
        lowered = [part.lower() for part in parts]
        for task in _TASKS:
            if task in lowered:
                return "/".join(parts[lowered.index(task) :])
        return self.path.name


def import_idrid(
    source: Path,
    workspace: Workspace,
    *,
    size: int = DEFAULT_SIZE,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> ImportReport:
    """Import all photographs under ``source`` as 8-bit RGB pictures of ``size`` x ``size``.

    The field of view is cut square and the rest is black. Retinopathy grades 0 to 4 are the
    classes, the risk of macular edema an attribute; a photograph without a row in a table has no
    class. A number found twice is imported once. Raises `DataError` when nothing of IDRiD is
    found, `ConfigError` for a size out of range, and `Cancelled` when stopped before the first
    file.
    """
    checked_size(size)
    found = find_files(source, cancelled=cancelled)
    skipped = list(found.skipped)
    notes: list[str] = []
    photographs = _one_of_each(_find_photographs(found, skipped), found, skipped)
    if not photographs:
        raise DataError(
            f"No IDRiD photograph was found in {source}. Choose the folder that holds "
            "IDRiD_001.jpg (or IDRiD_01.jpg), or one above it."
        )
    labels = _read_tables(found, notes)
    missing = labels.keys() - {photograph.record_id for photograph in photographs}
    if missing:
        notes.append(
            f"{len(missing)} rows of the tables have no photograph here "
            f"(for example {min(missing).rpartition('/')[2][:40]})."
        )
    units = [
        _unit(photograph, labels.get(photograph.record_id), found, workspace, size)
        for photograph in photographs
    ]
    report = run_import(
        DATASET,
        units,
        workspace,
        skipped=skipped,
        notes=notes,
        progress=progress,
        cancelled=cancelled,
    )
    same = _same_pictures_note(read_manifest(workspace.manifest_path(DATASET)))
    return dataclasses.replace(report, notes=report.notes + same)


def _find_photographs(found: FoundFiles, skipped: list[Skipped]) -> list[_Photograph]:
    photographs = []
    for path in found.files:
        match = _NAME.fullmatch(path.name)
        if match is None:
            if path.suffix.lower() in FORMATS and not _COMPANION.fullmatch(path.name):
                reason = "its name is not one of IDRiD (IDRiD_NN.jpg or IDRiD_NNN.jpg)"
                skipped.append(Skipped(found.relative(path), reason))
            continue
        photographs.append(_Photograph(path, f"IDRiD_{match[1]}", _split_from(path.parent.name)))
    return photographs


def _one_of_each(
    photographs: list[_Photograph], found: FoundFiles, skipped: list[Skipped]
) -> list[_Photograph]:
    chosen: dict[str, _Photograph] = {}
    for photograph in sorted(photographs, key=lambda item: item.task):
        if photograph.record_id in chosen:
            reason = "a picture of this number was taken from another folder"
            skipped.append(Skipped(found.relative(photograph.path), reason))
        else:
            chosen[photograph.record_id] = photograph
    return sorted(chosen.values(), key=lambda item: item.record_id)


def _unit(
    photograph: _Photograph,
    label: _Label | None,
    found: FoundFiles,
    workspace: Workspace,
    size: int,
) -> ImportUnit:
    def load() -> list[ImageRecord]:
        key = write_image(workspace, decode_fundus(photograph.path, size))
        attributes = {}
        if label is not None and label.edema_risk:
            attributes["macular edema risk"] = label.edema_risk
        with open_picture(photograph.path) as image:
            if image.info.get("comment") == PHANTOM_COMMENT:
                attributes["phantom"] = "yes"
        record = ImageRecord(
            record_id=photograph.record_id,
            key=key,
            dataset=DATASET,
            source="real",
            class_label="" if label is None else label.grade,
            split=photograph.split,
            width=size,
            height=size,
            channels=3,
            bit_depth=8,
            origin=photograph.origin,
            attributes=attributes,
        )
        return [record]

    return ImportUnit(found.relative(photograph.path), photograph.origin, load)


def _read_tables(found: FoundFiles, notes: list[str]) -> dict[str, _Label]:
    """Labels by record id, from every ``…Labels.csv`` in or beside the chosen folder."""
    tables = {path for path in found.files if path.name.lower().endswith("labels.csv")}
    for folder in found.root.parents[:_LEVELS_ABOVE]:
        for beside in folder.glob("*[Gg]round*ruth*"):
            tables |= set(beside.glob("*[Ll]abels.csv"))
    labels: dict[str, _Label] = {}
    for table in sorted(tables):
        labels.update(_read_table(table, notes))
    return labels


def _read_table(path: Path, notes: list[str]) -> dict[str, _Label]:
    """One table; its column names carry stray blanks and it ends in empty columns."""
    try:
        text = read_bounded(path, MAX_TABLE_BYTES).decode("utf-8-sig", errors="replace")
        rows = list(itertools.islice(csv.reader(io.StringIO(text, newline="")), MAX_ROWS + 1))
        if len(rows) > MAX_ROWS:
            raise csv.Error(f"it has more than {MAX_ROWS} rows")
    except (OSError, csv.Error) as error:
        notes.append(f"{path.name} cannot be read ({error}); its photographs have no class.")
        return {}
    header = [cell.strip().lower() for cell in rows[0]] if rows else []
    if "image name" not in header or "retinopathy grade" not in header:
        notes.append(
            f"{path.name} has no columns 'Image name' and 'Retinopathy grade' in its first row; "
            "its photographs have no class."
        )
        return {}
    split = _split_from(path.name)
    labels = {}
    n_faults = 0
    for number, row in enumerate(rows[1:], start=2):
        cells = dict(zip(header, (cell.strip() for cell in row), strict=False))
        name, grade = cells.get("image name", ""), cells.get("retinopathy grade", "")
        if not name:
            continue
        if grade not in GRADES:
            n_faults += 1
            if n_faults <= _FAULTS_TOLD:
                notes.append(
                    f"{path.name}, row {number}: '{grade[:20]}' is no grade from 0 to 4; "
                    f"{name[:40]} has no class."
                )
            grade = ""
        risk = next((cells[key] for key in cells if key.startswith("risk of macular")), "")
        photograph = _Photograph(Path(name), name, split)
        labels[photograph.record_id] = _Label(grade, risk[:_MAX_RISK_LENGTH])
    if n_faults > _FAULTS_TOLD:
        notes.append(f"{path.name}: {n_faults - _FAULTS_TOLD} more rows have no grade from 0 to 4.")
    return labels


def _split_from(name: str) -> Split:
    """The split that a folder's or a table's name tells."""
    lowered = name.lower()
    if "training" in lowered:
        return "train"
    return "test" if "testing" in lowered else ""


def _same_pictures_note(records: list[ImageRecord]) -> list[str]:
    repeated = sum(count - 1 for count in Counter(record.key for record in records).values())
    if not repeated:
        return []
    return [
        f"{repeated} photographs are the same picture as another one under a different number "
        "(the segmentation set is part of the grading set)."
    ]
