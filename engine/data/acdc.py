"""ACDC: short-axis cine MR of five groups of hearts (Bernard et al. 2018).

Source: doi 10.1109/TMI.2018.2837502. Two layouts are read: the official one
(``training/patientNNN/`` with ``Info.cfg`` and ``patientNNN_frameFF.nii.gz``) and a mirror's
(``patientNNN_sax_ed.nii.gz``). An image is one plane of the end-diastolic or end-systolic frame;
a sequence, where asked for, is one plane of all frames of ``patientNNN_4d.nii.gz`` or ``_sax_t``.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Set
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from engine.bounded_file import read_bounded
from engine.data.acdc_planes import AcdcPlanes, Frame
from engine.data.file_search import FoundFiles, find_files
from engine.data.importing import (
    ImportReport,
    ImportUnit,
    Skipped,
    checked_size,
    run_import,
)
from engine.data.manifest import read_manifest
from engine.data.records import ImageRecord, Split
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

_OFFICIAL = re.compile(r"(patient\d{3})_frame(\d{2,3})\.nii(\.gz)?", re.IGNORECASE)
_MIRROR = re.compile(r"(patient\d{3})_sax_(ed|es)\.nii(\.gz)?", re.IGNORECASE)
_FRAME_NUMBER = re.compile(r"[0-9]{1,3}")
_CINE = re.compile(r"(patient\d{3})_(4d|sax_t)\.nii(\.gz)?", re.IGNORECASE)
#: ground truth of a frame, which is stored with its planes
_MASK = re.compile(r"patient\d{3}_.*gt\.nii(\.gz)?", re.IGNORECASE)
#: key of the whole cine among a patient's files
_ALL_FRAMES = "cine"
_SPLITS: dict[str, Split] = {"training": "train", "testing": "test"}
#: an ``Info.cfg`` has six short lines
MAX_INFO_BYTES = 64 * 1024


@dataclass(slots=True)
class _PatientCopy:
    """One patient in one folder and layout; ``files`` by frame number, ED, ES or `_ALL_FRAMES`."""

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
    cine: bool = False,
    progress: ProgressReport = ignore_progress,
    cancelled: CancelCheck = never_cancelled,
) -> ImportReport:
    """Import all ED and ES planes under ``source`` as 16-bit pictures of ``size`` x ``size``.

    Planes are oriented by the affine, resampled to ``spacing_mm``, cut or padded about their
    centre; grey values are scaled by the volume's percentiles. With ``cine`` all frames of the
    cine come too, for studies that play it, scaled by the percentiles of all frames together; they
    are neither training images nor counted as slices. A patient that is found twice, or
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
    copies = _find_patients(found, cine, skipped)
    if not copies:
        raise DataError(
            f"No ACDC patient was found in {source}. Choose the folder that holds "
            "training/patient001/patient001_frame01.nii.gz, or one above it."
        )
    known = _known_origins(workspace)
    units: list[ImportUnit] = []
    notes: list[str] = []
    there = set(found.files)
    for copy in _one_copy_each(copies, found, known, skipped):
        units += _units(copy, found, there, workspace, size, spacing_mm, cine, skipped, notes)
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
    """The ``key: value`` lines of an ``Info.cfg``, keys in lower case.

    Missing and overlong files are empty.
    """
    try:
        text = read_bounded(path, MAX_INFO_BYTES).decode("utf-8", errors="replace")
    except OSError:
        return {}
    pairs = (line.partition(":") for line in text.splitlines())
    return {key.strip().lower(): value.strip() for key, colon, value in pairs if colon}


def _find_patients(found: FoundFiles, cine: bool, skipped: list[Skipped]) -> list[_PatientCopy]:
    copies: dict[tuple[Path, str, Layout], _PatientCopy] = {}
    for path in found.files:
        match = next(
            filter(None, (rule.fullmatch(path.name) for rule in (_OFFICIAL, _MIRROR, _CINE))), None
        )
        if match is None:
            is_volume = path.name.lower().endswith((".nii", ".nii.gz"))
            if is_volume and not _MASK.fullmatch(path.name):
                reason = "its name is not one of ACDC (patientNNN_frameFF or patientNNN_sax_ed)"
                skipped.append(Skipped(found.relative(path), reason))
            continue
        is_cine = match.re is _CINE
        if is_cine and not cine:
            continue
        layout = _layout(path.name)
        patient, frame = match[1].lower(), match[2].upper()
        named = (parent for parent in path.parents if parent.name.lower() == patient)
        folder = next(named, path.parent)
        copy = copies.setdefault((folder, patient, layout), _PatientCopy(patient, layout, folder))
        number = str(int(frame)) if match.re is _OFFICIAL else _ALL_FRAMES if is_cine else frame
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
    there: Set[Path],
    workspace: Workspace,
    size: int,
    spacing_mm: float,
    cine: bool,
    skipped: list[Skipped],
    notes: list[str],
) -> list[ImportUnit]:
    settings = copy.folder / "Info.cfg"
    # Only where the search found it: what it refuses, such as a link out of the folder, stays shut.
    info = read_info(settings) if settings in there else {}
    where = _shown(copy.folder, found)
    group = info.get("group", "")
    if group and group not in GROUPS:
        notes.append(f"{where}/Info.cfg: '{group[:40]}' is no group of ACDC; no class was set.")
        group = ""
    phases: dict[str, Frame] = {"ED": "ED", "ES": "ES"}
    if copy.layout == "official":
        numbers = {info.get(phase.lower(), ""): phase for phase in phases.values()}
        if len(numbers) != 2 or not all(_FRAME_NUMBER.fullmatch(number) for number in numbers):
            reason = "its Info.cfg does not tell which frames are ED and ES"
            skipped.append(Skipped(where, reason))
            return []
        phases = {str(int(number)): phase for number, phase in numbers.items()}
    missing = [phase for number, phase in phases.items() if number not in copy.files]
    skipped += [Skipped(where, f"the {phase} frame is missing") for phase in missing]
    if cine and _ALL_FRAMES not in copy.files:
        skipped.append(Skipped(where, "the cine (patientNNN_4d.nii.gz) is missing"))
    units = []
    for number in (*phases, _ALL_FRAMES):
        if number not in copy.files:
            continue
        path = copy.files[number]
        planes = AcdcPlanes(
            path,
            {
                "dataset": DATASET,
                "class_label": group,
                "patient": copy.patient,
                "split": copy.split,
                "origin": f"{copy.label}/{path.name}",
            },
            {"phantom": "yes"} if "phantom" in info else {},
            workspace,
            size,
            spacing_mm,
            mask=mask if (mask := _mask_path(path)) in there else None,
            note=notes.append,
        )
        load = (
            planes.of_all_frames
            if number == _ALL_FRAMES
            else partial(planes.of_frame, phases[number])
        )
        units.append(ImportUnit(found.relative(path), planes.template["origin"], load))
    for number, path in copy.files.items():
        if number not in (*phases, _ALL_FRAMES):
            reason = "neither the ED nor the ES frame that Info.cfg names"
            skipped.append(Skipped(found.relative(path), reason))
    return units


def _mask_path(path: Path) -> Path:
    """Where the ground truth of a frame lies: ``NAME_gt.nii.gz`` beside ``NAME.nii.gz``."""
    stem, dot, extension = path.name.partition(".")
    return path.with_name(f"{stem}_gt{dot}{extension}")


def _known_origins(workspace: Workspace) -> dict[str, tuple[str, Layout]]:
    """Folder and layout that each patient of the workspace came from."""
    known: dict[str, tuple[str, Layout]] = {}
    for record in read_manifest(workspace.manifest_path(DATASET)):
        folder, _, name = record.origin.rpartition("/")
        known[record.patient] = (folder, _layout(name))
    return known


def _layout(name: str) -> Layout:
    """Of a file that `_OFFICIAL`, `_MIRROR` or `_CINE` fits."""
    return "mirror" if "_sax_" in name.lower() else "official"


def _count_note(everything: list[ImageRecord]) -> str:
    records = [record for record in everything if not record.is_cine_frame]
    counts = ", ".join(
        f"{sum(record.split == _SPLITS[name] for record in records)} in {name} "
        f"(published: {published})"
        for name, published in PUBLISHED_SLICES.items()
    )
    patients = len({record.patient for record in records})
    hearts = "1 patient" if patients == 1 else f"{patients} patients"
    note = f"The workspace holds {len(records)} slices of {hearts}: {counts}."
    n_frames = len(everything) - len(records)
    if n_frames:
        sequences = {r.attributes["sequence"] for r in everything if r.is_cine_frame}
        note += f" For cine it holds {len(sequences)} sequences of {n_frames} frames in all."
    return note


def _shown(folder: Path, found: FoundFiles) -> str:
    """A patient's folder for a report; its own name where the search began inside it."""
    if folder == found.root or not folder.is_relative_to(found.root):
        return folder.name
    return found.relative(folder)
