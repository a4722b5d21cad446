"""What a reading pack and its results hold, as JSON that is checked when it is read."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    FailFast,
    Field,
    ValidationError,
)

from reviewapp.study.consents import Consent
from reviewapp.study.errors import PackError
from reviewapp.study.model import ReaderRole
from reviewapp.study.protocol import MAX_PROTOCOL_BYTES

_Model = TypeVar("_Model", bound=BaseModel)

ImageId = Annotated[str, Field(pattern=r"^i[0-9a-f]{1,39}$")]
Key = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
SessionId = Annotated[str, Field(pattern=r"^session-[0-9a-f]{1,32}$")]
Id = Annotated[str, Field(min_length=1, max_length=64)]
Name = Annotated[str, Field(max_length=80)]
_Item = TypeVar("_Item")
#: A pack of millions of faulty rows is given up at the first, not after a message for each.
Rows = Annotated[tuple[_Item, ...], FailFast(), Field(max_length=200_000)]


def _in_utc(moment: datetime) -> datetime:
    """``moment``, where the database can keep it."""
    if not 1970 < moment.year < 9999:
        raise ValueError("the year cannot be")
    return moment


Moment = Annotated[AwareDatetime, AfterValidator(_in_utc)]
#: what fits into a column of the database
Count = Annotated[int, Field(ge=0, lt=2**31)]


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class PackedImage(_Strict):
    """A presented image; ``training_truth`` is None for every scored one."""

    image_id: ImageId
    presented_key: Key
    dataset: Name
    class_label: Name
    training_truth: Literal["real", "generated"] | None
    frames: Rows[Key] = ()


class PackedConsent(_Strict):
    """Whether the reader let the ratings train a generator, and when."""

    consent_id: Id
    given: bool
    at: Moment


class PackedTrial(_Strict):
    """One showing of the reader's session."""

    trial_index: int = Field(ge=0, le=100_000)
    block: Count
    is_training: bool
    is_repeat: bool
    image_id: ImageId
    right_image_id: ImageId | None


class PackedStudy(_Strict):
    """``study.json`` of a reading pack: everything a session needs, and no truth but training's.

    Packs of earlier versions of the app lack the fields with a default. ``leak_warns`` tells
    whether the study's last leak audit warned, and nothing of what it found.
    """

    study_name: str = Field(min_length=1, max_length=120)
    protocol: str = Field(max_length=MAX_PROTOCOL_BYTES)
    created_at: Moment
    frozen_at: Moment
    specialty: str = Field(max_length=120)
    experience_years: float | None
    role: ReaderRole = ""
    leak_warns: bool = False
    session_id: SessionId
    started_at: Moment
    issued_at: Moment
    images: Rows[PackedImage]
    trials: Rows[PackedTrial]
    consents: Rows[PackedConsent] = ()


class PackedAnswer(_Strict):
    """One revision of an answer, as it was recorded."""

    answer_id: Id
    trial_index: Count
    revision: int = Field(ge=1, lt=2**31)
    confidence: Count | None
    response: Literal["real", "generated", "left", "right"]
    response_time_ms: float
    shown_at: Moment
    answered_at: Moment
    exposure_ms: Count | None
    window_center: float | None
    window_width: float | None
    zoom: float | None
    inverted: bool | None
    comment: str
    app_version: str = Field(max_length=40)
    n_showings: Count | None = None
    frame_interval_ms: float | None = None


class PackedMark(_Strict):
    """One marked region; ``withdrawn`` where the reader took it back."""

    mark_id: Id
    trial_index: Count
    shape: Literal["ellipse", "brush"]
    x: float
    y: float
    w: float
    h: float
    reason: Name
    side: Literal["", "left", "right"]
    points: Rows[tuple[float, float]]
    withdrawn: bool


class PackedResults(_Strict):
    """``results.json``: all that one reader's session has recorded so far."""

    session_id: SessionId
    written_at: Moment
    finished_at: Moment | None
    answers: Rows[PackedAnswer]
    marks: Rows[PackedMark]
    consents: Rows[PackedConsent] = ()


def packed_consents(consents: Iterable[Consent]) -> tuple[PackedConsent, ...]:
    """Answers of `consents` as a pack or its results hold them."""
    return tuple(PackedConsent(**asdict(consent)) for consent in consents)


def unpacked_consents(packed: Iterable[PackedConsent]) -> list[Consent]:
    """Inverse of `packed_consents`."""
    return [Consent(**consent.model_dump()) for consent in packed]


def parse_content(
    model: type[_Model], members: Mapping[str, bytes], name: str, path: Path
) -> _Model:
    """The member ``name`` as ``model``; raises `PackError` where it does not fit."""
    try:
        return model.model_validate_json(members[name])
    except KeyError as error:
        raise PackError(f"{path.name} lacks {name}; it is not complete.") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise PackError(f"{path.name}: {name}, {where}: {first['msg']}.") from error
