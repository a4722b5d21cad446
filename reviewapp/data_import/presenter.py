"""What the import dialog asks, checks, runs and reports; no widgets."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from engine.data.importing import DatasetKind, ImportOptions, ImportReport, Skipped, import_dataset
from engine.data.records import Source
from engine.errors import DataError
from engine.progress import CancelCheck, ProgressReport
from engine.spreadsheet_cell import escape_cell
from engine.workspace import Workspace
from reviewapp.study.errors import StoreError
from reviewapp.study.model import ImageFilter
from reviewapp.study.store import StudyStore

KIND_TITLES: dict[DatasetKind, str] = {
    "acdc": "ACDC – cardiac MR of 150 patients",
    "idrid": "IDRiD – fundus photographs",
    "folder": "Any folder of images",
}
KIND_EXPLANATIONS: dict[DatasetKind, str] = {
    "acdc": "The folder with “training” and “testing”, or any folder of patientNNN folders.",
    "idrid": "The folder with “B. Disease Grading”, or any folder of IDRiD_NNN.jpg files.",
    "folder": "PNG, JPEG, TIFF, NIfTI or NumPy files, real or from another generator.",
}
CINE_EXPLANATION = (
    "For studies that play the beating heart: about 300 more pictures of each patient, "
    "so fifteen times the time and the disk space (over 1 GB for all 150 patients)."
)
#: sides at which pictures can be stored, in pixels; None leaves it to the data set's importer
SIZES: tuple[int | None, ...] = (None, 64, 128, 256, 512)
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,79}")


@dataclass(frozen=True, slots=True)
class ImportForm:
    """What the person filled in; ``cine`` matters for ACDC, what follows for a plain folder."""

    kind: DatasetKind = "folder"
    folder: str = ""
    size: int | None = None
    cine: bool = False
    name: str = ""
    source_kind: Source = "real"
    compared_with: str = ""
    classes_csv: str = ""

    def problem(self) -> str:
        """What is still wrong, as a sentence; "" when the import can start."""
        if not self.folder.strip():
            return "Choose the folder that holds the images."
        if not self.path().is_dir():
            return f"There is no folder {self.folder.strip()}. Choose another one."
        if self.kind != "folder":
            return ""
        if self.name.strip() and not _NAME.fullmatch(self.name.strip()):
            return (
                "A name may hold letters, digits, dots, dashes and underscores, "
                "and begins with a letter or digit."
            )
        if self.name.strip().lower() in ("acdc", "idrid"):
            return f"The name {self.name.strip()} is kept for that data set; choose another one."
        if self.classes_csv.strip() and not Path(self.classes_csv.strip()).is_file():
            return f"There is no table {self.classes_csv.strip()}. Choose another one."
        return ""

    def path(self) -> Path:
        """The chosen folder."""
        return Path(self.folder.strip()).expanduser()

    def options(self) -> ImportOptions:
        """The choices as the engine takes them."""
        if self.kind != "folder":
            return ImportOptions(size=self.size, cine=self.cine and self.kind == "acdc")
        return ImportOptions(
            size=self.size,
            name=self.name.strip() or None,
            source_kind=self.source_kind,
            compared_with=(self.compared_with or None) if self.source_kind == "generated" else None,
            classes_csv=Path(self.classes_csv.strip()) if self.classes_csv.strip() else None,
        )


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """The report, and what kept the library from taking the images in ("" when nothing did)."""

    report: ImportReport
    library_problem: str


def run_import(
    form: ImportForm,
    workspace: Workspace,
    store: StudyStore,
    progress: ProgressReport,
    cancelled: CancelCheck,
) -> ImportOutcome:
    """Import and bring the library up to date; for a background thread.

    Raises the engine's errors when nothing could be imported.
    """
    report = import_dataset(
        form.kind,
        form.path(),
        workspace,
        options=form.options(),
        progress=progress,
        cancelled=cancelled,
    )
    try:
        store.sync_library()
    except (DataError, StoreError) as error:
        return ImportOutcome(report, str(error))
    return ImportOutcome(report, "")


def datasets_with_real_images(store: StudyStore) -> list[str]:
    """Data sets that generated images can be compared with."""
    return [
        dataset
        for dataset in store.facets()["dataset"]
        if store.count_images(ImageFilter(dataset=dataset, source="real"))
    ]


def headline(report: ImportReport) -> str:
    """One sentence on what came of an import."""
    if report.cancelled:
        begin = "Stopped. What was imported so far is kept: "
    elif not report.imported and not report.unchanged:
        begin = "Nothing was imported: "
    else:
        begin = ""
    counts = [_count(report.imported, "new image", "new images")]
    if report.unchanged:
        counts.append(f"{report.unchanged:,} already here")
    counts.append(_count(len(report.skipped), "file skipped", "files skipped"))
    total = _count(report.images_total, "image", "images")
    return f"{begin}{', '.join(counts)}. The data set {report.dataset} now has {total}."


def skipped_as_text(skipped: Sequence[Skipped]) -> str:
    """Lines of path, tab, reason: pastes into a table or a mail, without formulas."""
    return "\n".join(
        "\t".join(escape_cell(" ".join(cell.split())) for cell in (item.path, item.reason))
        for item in skipped
    )


def write_skipped_csv(path: Path, skipped: Sequence[Skipped]) -> None:
    """Save the list with the columns ``file`` and ``reason``; raises `OSError`.

    Cells that a spreadsheet would run as a formula get a leading apostrophe.
    """
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("file", "reason"))
        writer.writerows((escape_cell(item.path), escape_cell(item.reason)) for item in skipped)


def _count(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"
