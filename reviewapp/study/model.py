"""The values of a reading study, as the store hands them out: frozen, without behaviour."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, get_args

from engine.data.records import Source
from reviewapp.study.protocol import Protocol

#: what a reader said of an image; of two side by side, which side is the generated one
Response = Literal["real", "generated", "left", "right"]
Side = Literal["left", "right"]
#: what a reader does in the field, beside the specialty; blank where it was not told
ReaderRole = Literal["", "specialist", "resident", "technologist", "researcher", "student", "other"]
READER_ROLES: tuple[ReaderRole, ...] = get_args(ReaderRole)


@dataclass(frozen=True, slots=True)
class ImageRow:
    """One library image; the fields are those of `engine.data.records.ImageRecord`."""

    record_id: str
    key: str
    dataset: str
    source: Source
    class_label: str
    patient: str
    split: str
    width: int
    height: int
    channels: int
    bit_depth: int
    spacing_mm: float | None
    origin: str
    variant: str
    run_id: str
    checkpoint_step: int | None
    seed: int | None
    sample_index: int | None
    attributes: dict[str, str]

    @property
    def maker(self) -> str:
        """The run that drew it, or the variant of a generator from elsewhere; blank if real."""
        return self.run_id or self.variant


#: how most ratings of an image answered, or that there are none; of unblinded studies only
RatedAs = Literal["real", "generated", "unrated"]
OrderKey = Literal[
    "library",
    "record_id",
    "class_label",
    "checkpoint_step",
    "uncertainty",
    "confidence",
    "said_real",
]


@dataclass(frozen=True, slots=True)
class ImageFilter:
    """Which library images are meant; None means any value, "" means the value is blank.

    ``id_contains`` is part of a record id (either case) or the start of a key. ``map_kind`` asks
    for a measured uncertainty map of that kind, "" for no map at all. Frames that are there for a
    cine only are left out unless ``cine_frames``.
    """

    dataset: str | None = None
    source: Source | None = None
    variant: str | None = None
    class_label: str | None = None
    run_id: str | None = None
    split: str | None = None
    patient: str | None = None
    cine_frames: bool = False
    checkpoint_step: int | None = None
    id_contains: str | None = None
    map_kind: str | None = None
    rated_as: RatedAs | None = None


@dataclass(frozen=True, slots=True)
class ImageOrder:
    """In which order images come; images without the value come last, equal ones by record id.

    "library" is by data set, source (real last), run and record id; "uncertainty" by the mean of
    the map of ``map_kind``; "confidence" and "said_real" by the ratings of unblinded studies.
    """

    by: OrderKey = "library"
    descending: bool = False
    map_kind: str = ""


@dataclass(frozen=True, slots=True)
class OrderedIds:
    """Record ids in an order; ``values`` are what they were sorted by, where that is a number."""

    record_ids: list[str]
    values: list[float | None] | None = None


@dataclass(frozen=True, slots=True)
class FacetGroup:
    """How many images share a value in every one of `schema.FACETS`, by the facet's name."""

    values: dict[str, str | int | None]
    count: int


@dataclass(frozen=True, slots=True)
class Reader:
    """A specialist who rates. A blank ``reader_id`` is assigned by `StudyStore.add_reader`.

    ``name`` stays in the workspace; exports carry the id, role, specialty and
    experience only.
    """

    reader_id: str = ""
    name: str = ""
    specialty: str = ""
    experience_years: float | None = None
    role: ReaderRole = ""


@dataclass(frozen=True, slots=True)
class Study:
    """A reading study. ``n_images`` counts scored images without training ones."""

    study_id: str
    name: str
    protocol: Protocol
    protocol_sha256: str
    created_at: datetime
    frozen_at: datetime | None
    unblinded_at: datetime | None
    n_images: int
    n_training_images: int

    @property
    def blinded(self) -> bool:
        """True until the truth has been unsealed."""
        return self.unblinded_at is None


@dataclass(frozen=True, slots=True)
class SessionInfo:
    """One reader's pass through a study. ``resumed`` tells `open_session`'s caller which it was.

    ``consented`` is whether the ratings may train a generator; None where nobody was asked.
    """

    session_id: str
    study_id: str
    reader_id: str
    started_at: datetime
    finished_at: datetime | None
    n_trials: int
    n_answered: int
    resumed: bool = False
    consented: bool | None = None


@dataclass(frozen=True, slots=True)
class Trial:
    """One showing of a case; indices and blocks count from 0, training comes as block 0.

    Where two images are shown, ``image_id`` and ``presented_key`` are the left one's, and
    ``class_label`` is blank unless both have it. ``training_truth``, the right response, is None
    for every scored trial.
    """

    trial_index: int
    block: int
    is_training: bool
    is_repeat: bool
    image_id: str
    presented_key: str
    dataset: str
    class_label: str
    training_truth: Response | None
    right_image_id: str | None = None
    right_presented_key: str | None = None


def new_answer_id() -> str:
    """A client-made id; submitting the same answer twice under one id records it once."""
    return str(uuid.uuid4())


@dataclass(frozen=True, slots=True)
class AnswerDraft:
    """What a reader submits for one showing.

    On the 6-point scale ``confidence`` is 1 (definitely generated) … 6 (definitely real) and the
    response follows from it; on the other scales it is None and ``response`` is given.
    ``response_time_ms`` from the paint of the image by a monotonic clock; ``shown_at`` and
    ``answered_at`` are aware datetimes; ``exposure_ms`` is how long a timed image was really shown,
    and ``n_showings`` how often before the answer: more than once after a pause or a crash.
    ``frame_interval_ms`` is the display's, which bounds the error of the measured times.
    """

    confidence: int | None
    response_time_ms: float
    shown_at: datetime
    answered_at: datetime
    exposure_ms: int | None = None
    window_center: float | None = None
    window_width: float | None = None
    zoom: float | None = None
    comment: str = ""
    answer_id: str = field(default_factory=new_answer_id)
    response: Response | None = None
    inverted: bool | None = None
    n_showings: int | None = None
    frame_interval_ms: float | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """A recorded answer; a changed one has a higher ``revision`` (from 1) beside the old row."""

    answer_id: str
    session_id: str
    trial_index: int
    revision: int
    confidence: int | None
    response: Response
    response_time_ms: float
    shown_at: datetime
    answered_at: datetime
    exposure_ms: int | None
    window_center: float | None
    window_width: float | None
    zoom: float | None
    inverted: bool | None
    comment: str
    app_version: str
    n_showings: int | None = None
    frame_interval_ms: float | None = None


def response_of(confidence: int) -> Response:
    """The yes/no answer that a 6-point confidence implies: 4–6 means *real*, 1–3 *generated*."""
    return "real" if confidence >= 4 else "generated"


@dataclass(frozen=True, slots=True)
class Mark:
    """A marked region in pixels of the presented image; ``w`` and ``h`` are full extents.

    ``points`` is the outline of a ``brush`` region that was drawn freehand; ``side`` tells which of
    two images is meant and is blank where there is one.
    """

    mark_id: str
    session_id: str
    trial_index: int
    shape: Literal["ellipse", "brush"]
    x: float
    y: float
    w: float
    h: float
    reason: str
    side: Literal["", "left", "right"] = ""
    points: tuple[tuple[float, float], ...] = ()


@dataclass(frozen=True, slots=True)
class Truth:
    """What a presented image really is; ``key`` is the library image's key."""

    image_id: str
    record_id: str
    key: str
    source: Source
    dataset: str
    class_label: str
    variant: str
    run_id: str
    checkpoint_step: int | None


@dataclass(frozen=True, slots=True)
class LeakAuditRecord:
    """The numbers of a leak audit, which tell nobody what gives the source away.

    ``auc`` is None where it could not be made; the interval is None with it, or where there is no
    uncertainty to state. ``current`` is False once the images were rendered anew.
    """

    at: datetime
    auc: float | None
    lower: float | None
    upper: float | None
    n_real: int
    n_generated: int
    warns: bool
    current: bool


@dataclass(frozen=True, slots=True)
class StudyEvent:
    """One line of the append-only log: who did what, when (UTC)."""

    at: datetime
    kind: str
    actor: str
    study_id: str
    session_id: str
    detail: str
