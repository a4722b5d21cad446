"""ACDC: short-axis cine MR of five groups of hearts (Bernard et al. 2018).

Source: doi 10.1109/TMI.2018.2837502. Two layouts are read: the official one
(``training/patientNNN/`` with ``Info.cfg`` and ``patientNNN_frameFF.nii.gz``) and a mirror's
(``patientNNN_sax_ed.nii.gz``). An image is one plane of the end-diastolic or end-systolic frame.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from engine.data.content_store import from_float, write_image
from engine.data.file_search import FoundFiles, find_files
from engine.data.importing import (
    ImportReport,
    ImportUnit,
    Skipped,
    checked_size,
    run_import,
)
from engine.data.intensity import rescale_intensity
from engine.data.manifest import read_manifest
from engine.data.records import ImageRecord, Split
from engine.data.volume import read_volume, resample_plane
from engine.errors import ConfigError, DataError
from engine.progress import CancelCheck, ProgressReport, ignore_progress, never_cancelled
from engine.workspace import Workspace

DATASET = "acdc"
DEFAULT_SIZE = 128
DEFAULT_SPACING_MM = 1.5
GROUPS = ("NOR", "MINF", "DCM", "HCM", "RV")
#: slices in the published sets, ED and ES together
PUBLISHED_SLICES = {"training": 1902, "testing": 1078}
TARGET_SPACING_RANGE_MM = (0.25, 10.0)

Layout = Literal["official", "mirror"]
Frame = Literal["ED", "ES"]

_OFFICIAL = re.compile(r"(patient\d{3})_frame(\d{2,3})\.nii(\.gz)?", re.IGNORECASE)
_MIRROR = re.compile(r"(patient\d{3})_sax_(ed|es)\.nii(\.gz)?", re.IGNORECASE)
#: masks and the whole cine, which belong to the data set and are not needed
_COMPANION = re.compile(r"patient\d{3}_(4d|sax_t|.*gt)\.nii(\.gz)?", re.IGNORECASE)
_SPLITS: dict[str, Split] = {"training": "train", "testing": "test"}
_MAX_INFO_BYTES = 64 * 1024


@dataclass(slots=True)
class _PatientCopy:
    """One patient in one folder and layout; ``files`` by frame number or by ED and ES."""

    patient: str
    layout: Layout
    folder: Path
    files: dict[str, Path] = field(default_factory=dict)

    @property
    def label(self) -> str:
        """The folder within the data set, however far above or below it the import began."""
        parent = self.folder.parent.name.lower()
        prefix = f"{parent}/" if parent in _SPLITS else ""
        return f"{prefix}{self.folder.name}"

    @property
    def split(self) -> Split:
        return _SPLITS.get(self.folder.parent.name.lower(), "train")


def import_acdc(
    source: Path,
    workspace: Workspace,
    *,
    size: int = DEFAULT_SIZE,
    spacing_mm: float = DEFAULT_SPACING_MM,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> ImportReport:
    """Import all ED and ES planes under ``source`` as 16-bit pictures of ``size`` x ``size``.

    Planes are oriented by the affine, resampled to ``spacing_mm``, cut or padded about their
    centre; grey values are scaled by the volume's percentiles. A patient that is found twice, or
    that the workspace has from another copy, is imported once and reported. Raises `DataError`
    when nothing of ACDC is found, `ConfigError` for sizes or spacings out of range, and
    `Cancelled` when stopped before the first file.
    """
    checked_size(size)
    low, high = TARGET_SPACING_RANGE_MM
    if not low <= spacing_mm <= high:
        raise ConfigError(f"A spacing of {spacing_mm} mm is out of range ({low} to {high} mm).")
    found = find_files(source, cancelled=cancelled)
    skipped = list(found.skipped)
    copies = _find_patients(found, skipped)
    if not copies:
        raise DataError(
            f"No ACDC patient was found in {source}. Choose the folder that holds "
            "training/patient001/patient001_frame01.nii.gz, or one above it."
        )
    known = _known_origins(workspace)
    units: list[ImportUnit] = []
    notes: list[str] = []
    for copy in _one_copy_each(copies, found, known, skipped):
        units += _units(copy, found, workspace, size, spacing_mm, skipped, notes)
    report = run_import(
        DATASET,
        units,
        workspace,
        skipped=skipped,
        notes=notes,
        progress=progress,
        cancelled=cancelled,
    )
    counted = _count_note(read_manifest(workspace.manifest_path(DATASET)))
    return dataclasses.replace(report, notes=[*report.notes, counted])


def read_info(path: Path) -> dict[str, str]:
    """The ``key: value`` lines of an ``Info.cfg``, keys in lower case; missing files are empty."""
    try:
        with path.open("rb") as file:
            text = file.read(_MAX_INFO_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, colon, value in pairs if colon}


def _find_patients(found: FoundFiles, skipped: list[Skipped]) -> list[_PatientCopy]:
    copies: dict[tuple[Path, str, Layout], _PatientCopy] = {}
    for path in found.files:
        layout: Layout = "official"
        match = _OFFICIAL.fullmatch(path.name)
        if match is None:
            layout, match = "mirror", _MIRROR.fullmatch(path.name)
        if match is None:
            is_volume = path.name.lower().endswith((".nii", ".nii.gz"))
            if is_volume and not _COMPANION.fullmatch(path.name):
                reason = "its name is not one of ACDC (patientNNN_frameFF or patientNNN_sax_ed)"
                skipped.append(Skipped(found.relative(path), reason))
            continue
        patient, frame = match[1].lower(), match[2].upper()
        named = (parent for parent in path.parents if parent.name.lower() == patient)
        folder = next(named, path.parent)
        copy = copies.setdefault((folder, patient, layout), _PatientCopy(patient, layout, folder))
        number = str(int(frame)) if layout == "official" else frame
        if number in copy.files:
            kept = found.relative(copy.files[number])
            skipped.append(Skipped(found.relative(path), f"the same frame was read from {kept}"))
        else:
            copy.files[number] = path
    return list(copies.values())


def _one_copy_each(
    copies: Iterable[_PatientCopy],
    found: FoundFiles,
    known: dict[str, tuple[str, Layout]],
    skipped: list[Skipped],
) -> list[_PatientCopy]:
    """The official copy of each patient where there is one, unless the workspace has another."""
    chosen: dict[str, _PatientCopy] = {}
    for copy in sorted(copies, key=lambda copy: (copy.patient, copy.layout != "official")):
        where = _shown(copy.folder, found)
        kept = chosen.get(copy.patient)
        if kept is not None:
            reason = f"{copy.patient} found twice; kept {_shown(kept.folder, found)}"
            skipped.append(Skipped(where, reason))
        elif known.get(copy.patient, (copy.label, copy.layout)) != (copy.label, copy.layout):
            origin = known[copy.patient][0]
            reason = f"{copy.patient} is in the workspace already, from {origin}; kept that"
            skipped.append(Skipped(where, reason))
        else:
            chosen[copy.patient] = copy
    return list(chosen.values())


def _units(
    copy: _PatientCopy,
    found: FoundFiles,
    workspace: Workspace,
    size: int,
    spacing_mm: float,
    skipped: list[Skipped],
    notes: list[str],
) -> list[ImportUnit]:
    info = read_info(copy.folder / "Info.cfg")
    where = _shown(copy.folder, found)
    group = info.get("group", "")
    if group and group not in GROUPS:
        notes.append(f"{where}/Info.cfg: '{group[:40]}' is no group of ACDC; no class was set.")
        group = ""
    phases: dict[str, Frame] = {"ED": "ED", "ES": "ES"}
    if copy.layout == "official":
        numbers = {info.get(phase.lower(), ""): phase for phase in phases.values()}
        if len(numbers) != 2 or not all(number.isdecimal() for number in numbers):
            reason = "its Info.cfg does not tell which frames are ED and ES"
            skipped.append(Skipped(where, reason))
            return []
        phases = {str(int(number)): phase for number, phase in numbers.items()}
    units = []
    for number, phase in phases.items():
        if number not in copy.files:
            skipped.append(Skipped(where, f"the {phase} frame is missing"))
            continue
        path = copy.files[number]
        template = {
            "class_label": group,
            "patient": copy.patient,
            "split": copy.split,
            "origin": f"{copy.label}/{path.name}",
        }
        attributes = {"phantom": "yes"} if "phantom" in info else {}

        def load(
            path: Path = path,
            phase: Frame = phase,
            template: dict[str, str] = template,
            attributes: dict[str, str] = attributes,
        ) -> list[ImageRecord]:
            return _load_frame(path, phase, template, attributes, workspace, size, spacing_mm)

        units.append(ImportUnit(found.relative(path), template["origin"], load))
    for number, path in copy.files.items():
        if number not in phases:
            reason = "neither the ED nor the ES frame that Info.cfg names"
            skipped.append(Skipped(found.relative(path), reason))
    return units


def _load_frame(
    path: Path,
    phase: Frame,
    template: dict[str, str],
    attributes: dict[str, str],
    workspace: Workspace,
    size: int,
    spacing_mm: float,
) -> list[ImageRecord]:
    volume = read_volume(path)
    voxels = rescale_intensity(volume.voxels)
    records = []
    for index in range(voxels.shape[2]):
        plane = resample_plane(voxels[:, :, index], volume.spacing_mm[:2], size, spacing_mm)
        key = write_image(workspace, from_float(plane[None], 16))
        records.append(
            ImageRecord.model_validate(
                {
                    **template,
                    "record_id": f"{DATASET}/{template['patient']}/{phase.lower()}/{index + 1:02d}",
                    "key": key,
                    "dataset": DATASET,
                    "source": "real",
                    "width": size,
                    "height": size,
                    "channels": 1,
                    "bit_depth": 16,
                    "spacing_mm": spacing_mm,
                    "attributes": {"frame": phase, "slice": str(index + 1), **attributes},
                }
            )
        )
    return records


def _known_origins(workspace: Workspace) -> dict[str, tuple[str, Layout]]:
    """Folder and layout that each patient of the workspace came from."""
    known: dict[str, tuple[str, Layout]] = {}
    for record in read_manifest(workspace.manifest_path(DATASET)):
        folder, _, name = record.origin.rpartition("/")
        known[record.patient] = (folder, "mirror" if _MIRROR.fullmatch(name) else "official")
    return known


def _count_note(records: list[ImageRecord]) -> str:
    counts = ", ".join(
        f"{sum(record.split == _SPLITS[name] for record in records)} in {name} "
        f"(published: {published})"
        for name, published in PUBLISHED_SLICES.items()
    )
    patients = len({record.patient for record in records})
    hearts = "1 patient" if patients == 1 else f"{patients} patients"
    return f"The workspace holds {len(records)} slices of {hearts}: {counts}."


def _shown(folder: Path, found: FoundFiles) -> str:
    """A patient's folder for a report; its own name where the search began inside it."""
    if folder == found.root or not folder.is_relative_to(found.root):
        return folder.name
    return found.relative(folder)
