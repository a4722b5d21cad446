"""What a report is made of, whatever it is written as."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from reviewapp.study.figures.catalogue import FigureSpec


@dataclass(frozen=True, slots=True)
class Heading:
    """The title of a section."""

    text: str


@dataclass(frozen=True, slots=True)
class Paragraph:
    """Running text; ``lead`` is the one that says the outcome, ``note`` smaller print."""

    text: str
    lead: bool = False
    note: bool = False


@dataclass(frozen=True, slots=True)
class Listing:
    """Short points."""

    points: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ReportTable:
    """A table of texts; the first column is the widest."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


@dataclass(frozen=True, slots=True)
class ReportFigure:
    """One figure of the catalogue."""

    spec: FigureSpec


@dataclass(frozen=True, slots=True)
class Picture:
    """An image file with the lines below it."""

    path: Path
    lines: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Pictures:
    """Several images side by side."""

    title: str
    pictures: tuple[Picture, ...]


Block = Heading | Paragraph | Listing | ReportTable | ReportFigure | Pictures


@dataclass(frozen=True, slots=True)
class Report:
    """The title, a line below it, and the blocks in their order."""

    title: str
    subtitle: str
    blocks: tuple[Block, ...]
