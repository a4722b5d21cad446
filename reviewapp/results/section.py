"""What the Results page shows, as data: sections made of cards, tables, figures and images."""

from __future__ import annotations

from dataclasses import dataclass

from reviewapp.study.analysis.gallery import GalleryImage
from reviewapp.study.analysis.table import Table
from reviewapp.study.figures.catalogue import FigureSpec


@dataclass(frozen=True, slots=True)
class Card:
    """One number: its name, its value with interval (or why there is none), what it means."""

    title: str
    value: str
    interval: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Cards:
    """The numbers that matter most, side by side."""

    cards: tuple[Card, ...]


@dataclass(frozen=True, slots=True)
class Remark:
    """A heading, blank for none, and a paragraph."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class WordTable:
    """A table as it is read; ``notes`` stand below it, ``data`` is what "Save CSV…" writes."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    notes: tuple[str, ...] = ()
    data: Table | None = None


@dataclass(frozen=True, slots=True)
class Picture:
    """A figure that is drawn when it comes into sight."""

    spec: FigureSpec


@dataclass(frozen=True, slots=True)
class ImageStrip:
    """Images with a caption each on how they were rated.

    ``note`` explains the captions; ``empty`` is said where there are no images.
    """

    title: str
    images: tuple[GalleryImage, ...]
    captions: tuple[str, ...]
    note: str
    empty: str
    data: Table | None = None


Block = Cards | Remark | WordTable | Picture | ImageStrip


@dataclass(frozen=True, slots=True)
class Section:
    """One tab of the page."""

    title: str
    blocks: tuple[Block, ...]
