"""The protocol of a reading study: what is shown, how often, how, and with which tools."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Annotated, Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from engine.bounded_file import parse_json, parse_toml, read_bounded_text
from reviewapp.study.errors import ProtocolError

#: a protocol has some forty short lines
MAX_PROTOCOL_BYTES = 256 * 1024

Design = Literal["single_confidence6", "single_yes_no", "two_alternative", "timed"]
#: how a trial is answered: six degrees, real or generated, or the side of the generated image
AnswerScale = Literal["confidence6", "yes_no", "side"]
TimedScale = Literal["confidence6", "yes_no"]

_SCALES: dict[Design, AnswerScale] = {
    "single_confidence6": "confidence6",
    "single_yes_no": "yes_no",
    "two_alternative": "side",
}


_Names = Annotated[tuple[Annotated[str, Field(max_length=100)], ...], Field(max_length=1000)]
_Step = Annotated[int, Field(ge=0, lt=2**63)]


class Tools(BaseModel):
    """What a reader may use on an image; uncertainty maps are never among them.

    ``cine`` plays the frames of a sequence; every image of the study, real and generated, must
    then have as many. ``marks`` lets the reader outline regions, ``comment`` write to an image.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: bool = True
    zoom: bool = True
    invert: bool = False
    cine: bool = False
    marks: bool = True
    comment: bool = True


class Remedies(BaseModel):
    """What is done to every presented image alike, so that nuisances do not tell its source.

    ``match_histogram`` gives all images of a data set the pooled distribution of levels;
    ``crop_border`` cuts this share of the side off each edge; ``match_sharpness`` blurs all down
    to a common sharpness; ``jpeg_quality`` and ``grey_levels`` code all again the same way.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    match_histogram: bool = False
    crop_border: float = Field(default=0, ge=0, le=0.25)
    match_sharpness: bool = False
    jpeg_quality: int | None = Field(default=None, ge=10, le=95)
    grey_levels: int | None = Field(default=None, ge=8, le=128)


class Protocol(BaseModel):
    """A frozen protocol; validates when it is built and raises pydantic's error then.

    An empty ``datasets`` means every data set that has real and generated images; empty
    ``variants`` and ``runs`` mean any; among ``runs``, a generator from elsewhere is named by its
    variant (``external:NAME``). ``n_real`` and ``n_generated`` count the different scored
    images over all data sets. A *case* is what one trial shows: an image, or with design
    ``two_alternative`` a real and a generated one side by side. ``repeats_fraction`` is the share
    of the scored trials that show a case for the second time. ``training_trials`` come first,
    with feedback, on images of their own. ``size_px`` is the side of a presented square.
    ``exposure_ms``, ``timed_scale`` and ``after_exposure`` (what takes the image's place until the
    answer) belong to design ``timed``. ``break_seconds`` is the suggested length of a break.
    Non-empty ``steps`` limit generated images to those drawn from checkpoints at these steps.
    With ``permits_feedback`` ratings of readers who agree may train a generator while the study is
    blinded; without, only once it is unblinded.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    title: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=2000)
    datasets: _Names = ()
    variants: _Names = ()
    runs: _Names = ()
    steps: Annotated[tuple[_Step, ...], Field(max_length=1000)] = ()
    n_real: int = Field(ge=1, le=5000)
    n_generated: int = Field(ge=1, le=5000)
    design: Design = "single_confidence6"
    repeats_fraction: float = Field(default=0.10, ge=0, le=0.5)
    training_trials: int = Field(default=0, ge=0, le=200)
    block_size: int = Field(default=25, ge=2, le=1000)
    size_px: int = Field(default=512, ge=64, le=2048)
    seed: int | None = Field(default=None, ge=0, le=2**63 - 1)
    exposure_ms: int | None = Field(default=None, ge=100, le=5000)
    timed_scale: TimedScale = "confidence6"
    after_exposure: Literal["mask", "blank"] = "mask"
    break_seconds: int = Field(default=60, ge=0, le=3600)
    permits_feedback: bool = False
    tools: Tools = Tools()
    remedies: Remedies = Remedies()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.exposure_ms is not None and self.design != "timed":
            raise ValueError("exposure_ms needs design = 'timed'; remove it or change the design")
        if self.exposure_ms is None and self.design == "timed":
            raise ValueError("design 'timed' needs exposure_ms (100 to 5000)")
        if self.design != "timed" and (
            self.timed_scale != "confidence6" or self.after_exposure != "mask"
        ):
            raise ValueError("timed_scale and after_exposure need design = 'timed'")
        if self.is_paired and self.n_real != self.n_generated:
            raise ValueError(
                "design 'two_alternative' shows pairs: n_real and n_generated must be equal"
            )
        if self.tools.cine and (self.is_paired or self.design == "timed"):
            raise ValueError("tools.cine needs a design that shows one image without time limit")
        if self.training_trials == 1:
            raise ValueError(
                "training_trials must be 0 or at least 2, so that both kinds of image are shown"
            )
        for name in ("datasets", "variants", "runs"):
            values = getattr(self, name)
            if len(set(values)) != len(values) or "" in values:
                raise ValueError(f"{name} must be different, non-empty names")
        return self

    @property
    def is_paired(self) -> bool:
        """Whether a trial shows two images."""
        return self.design == "two_alternative"

    @property
    def answer_scale(self) -> AnswerScale:
        """How every trial is answered."""
        if self.design == "timed":
            return self.timed_scale
        return _SCALES[self.design]

    @property
    def n_training_real(self) -> int:
        """Real images of the training block."""
        return self.training_trials if self.is_paired else self.training_trials // 2

    @property
    def n_training_generated(self) -> int:
        """Generated images of the training block."""
        return self.training_trials if self.is_paired else -(-self.training_trials // 2)

    @property
    def n_cases(self) -> int:
        """Different scored cases: images, or pairs of them."""
        return self.n_real if self.is_paired else self.n_real + self.n_generated

    @property
    def n_repeats(self) -> int:
        """Scored trials that show a case for the second time."""
        repeats = round(self.n_cases * self.repeats_fraction / (1 - self.repeats_fraction))
        return min(self.n_cases, repeats)

    @property
    def n_scored_trials(self) -> int:
        """Trials of a session without the training ones."""
        return self.n_cases + self.n_repeats

    @property
    def n_trials(self) -> int:
        """All trials of a session."""
        return self.training_trials + self.n_scored_trials

    @property
    def n_blocks(self) -> int:
        """Blocks of a session, the training block among them; a break lies between two."""
        return -(-self.n_scored_trials // self.block_size) + (self.training_trials > 0)


def parse_protocol(values: dict[str, Any], origin: str = "protocol") -> Protocol:
    """Validate ``values``; raises `ProtocolError` that names ``origin`` and each bad field."""
    try:
        return Protocol.model_validate(values)
    except ValidationError as error:
        problems = "; ".join(
            f"{'.'.join(str(part) for part in item['loc']) or 'protocol'}: "
            f"{item['msg'].removeprefix('Value error, ')}"
            for item in error.errors(include_url=False)
        )
        raise ProtocolError(f"{origin}: {problems}. Correct the named fields.") from error


def parse_protocol_json(text: str, origin: str) -> Protocol:
    """Inverse of `canonical_json`; raises `ProtocolError` that names ``origin`` and the field."""
    try:
        values = parse_json(text)
    except ValueError as error:
        raise ProtocolError(f"{origin} is not valid JSON: {error}.") from error
    return parse_protocol(values, origin)


def load_protocol(path: Path) -> Protocol:
    """Read a protocol's TOML file; raises `ProtocolError` that names the file and field."""
    try:
        values = parse_toml(read_bounded_text(path, MAX_PROTOCOL_BYTES))
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError(f"Cannot read the protocol {path}: {error}.") from error
    except ValueError as error:
        raise ProtocolError(f"{path.name} is not valid TOML: {error}.") from error
    return parse_protocol(values, path.name)


def save_protocol(protocol: Protocol, path: Path) -> None:
    """Write ``protocol`` as TOML that `load_protocol` reads back equal."""
    temporary = path.with_name(path.name + ".part")
    temporary.write_text(protocol_toml(protocol), encoding="utf-8", newline="\n")
    temporary.replace(path)


def protocol_toml(protocol: Protocol) -> str:
    """The protocol as TOML text; absent optional fields are left out."""
    lines: list[str] = []
    tables: list[str] = []
    for name, value in protocol.model_dump(mode="json").items():
        if value is None:
            continue
        if isinstance(value, dict):
            tables += ["", f"[{name}]"]
            tables += [
                f"{key} = {_toml_value(item)}" for key, item in value.items() if item is not None
            ]
        else:
            lines.append(f"{name} = {_toml_value(value)}")
    return "\n".join([*lines, *tables]) + "\n"


def _toml_value(value: object) -> str:
    # JSON's strings, numbers, booleans and arrays of strings are TOML's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def canonical_json(protocol: Protocol) -> str:
    """The one spelling that is stored and hashed: sorted keys, no blanks, ASCII.

    A field that the first version did not know is left out while it has its default, so that the
    hash of a protocol frozen by that version stays what it was.
    """
    values = protocol.model_dump(mode="json")
    for path, default in _added_later():
        *parents, name = path
        table = values
        for parent in parents:
            table = table[parent]
        if table[name] == default:
            del table[name]
    return json.dumps(values, sort_keys=True, separators=(",", ":"))


def _added_later() -> list[tuple[tuple[str, ...], object]]:
    tools, whole = Tools().model_dump(mode="json"), Protocol.model_fields
    added: list[tuple[tuple[str, ...], object]] = [
        (("tools", name), tools[name]) for name in ("invert", "cine", "marks", "comment")
    ]
    later = ("timed_scale", "after_exposure", "break_seconds", "permits_feedback", "steps")
    # As in JSON, where a tuple is a list.
    added += [
        ((name,), list(value) if isinstance(value := whole[name].default, tuple) else value)
        for name in later
    ]
    return [*added, (("remedies",), Remedies().model_dump(mode="json"))]


def protocol_sha256(protocol: Protocol) -> str:
    """SHA-256 (hex) of `canonical_json`."""
    return hashlib.sha256(canonical_json(protocol).encode("ascii")).hexdigest()
