"""The protocol of a reading study: what is shown, how often, how, and with which tools."""

from __future__ import annotations

import hashlib
import json
import tomllib
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from reviewapp.study.errors import ProtocolError

Design = Literal["single_confidence6", "single_yes_no", "two_alternative", "timed"]

#: the designs that sessions can run
RUNNABLE_DESIGNS: tuple[Design, ...] = ("single_confidence6",)


class Tools(BaseModel):
    """What a reader may use on an image; uncertainty maps are never among them."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    window: bool = True
    zoom: bool = True


class Protocol(BaseModel):
    """A frozen protocol; validates when it is built and raises pydantic's error then.

    An empty ``datasets`` means every data set that has real and generated images; empty
    ``variants`` and ``runs`` mean any. ``n_real`` and ``n_generated`` count the different scored
    images over all data sets. ``repeats_fraction`` is the share of the scored trials that show an
    image for the second time. ``training_trials`` come first, with feedback, on images of their
    own. ``size_px`` is the side of the presented square.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    protocol_id: str = Field(pattern=r"^[a-z0-9][a-z0-9-]{0,59}$")
    title: str = Field(min_length=1, max_length=120)
    description: str = Field(default="", max_length=2000)
    datasets: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    runs: tuple[str, ...] = ()
    n_real: int = Field(ge=1, le=5000)
    n_generated: int = Field(ge=1, le=5000)
    design: Design = "single_confidence6"
    repeats_fraction: float = Field(default=0.10, ge=0, le=0.5)
    training_trials: int = Field(default=0, ge=0, le=200)
    block_size: int = Field(default=25, ge=2, le=1000)
    size_px: int = Field(default=512, ge=64, le=2048)
    seed: int | None = Field(default=None, ge=0, le=2**63 - 1)
    exposure_ms: int | None = Field(default=None, ge=100, le=5000)
    tools: Tools = Tools()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        if self.exposure_ms is not None and self.design != "timed":
            raise ValueError("exposure_ms needs design = 'timed'; remove it or change the design")
        if self.exposure_ms is None and self.design == "timed":
            raise ValueError("design 'timed' needs exposure_ms (100 to 5000)")
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
    def n_repeats(self) -> int:
        """Scored trials that show an image for the second time."""
        unique = self.n_real + self.n_generated
        return min(unique, round(unique * self.repeats_fraction / (1 - self.repeats_fraction)))

    @property
    def n_scored_trials(self) -> int:
        """Trials of a session without the training ones."""
        return self.n_real + self.n_generated + self.n_repeats

    @property
    def n_trials(self) -> int:
        """All trials of a session."""
        return self.training_trials + self.n_scored_trials


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


def load_protocol(path: Path) -> Protocol:
    """Read a protocol's TOML file; raises `ProtocolError` that names the file and field."""
    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ProtocolError(f"Cannot read the protocol {path}: {error}.") from error
    except tomllib.TOMLDecodeError as error:
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
            tables += [f"{key} = {_toml_value(item)}" for key, item in value.items()]
        else:
            lines.append(f"{name} = {_toml_value(value)}")
    return "\n".join([*lines, *tables]) + "\n"


def _toml_value(value: object) -> str:
    # JSON's strings, numbers, booleans and arrays of strings are TOML's, but for DEL.
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")


def canonical_json(protocol: Protocol) -> str:
    """The one spelling that is stored and hashed: sorted keys, no blanks, ASCII."""
    return json.dumps(protocol.model_dump(mode="json"), sort_keys=True, separators=(",", ":"))


def protocol_sha256(protocol: Protocol) -> str:
    """SHA-256 (hex) of `canonical_json`."""
    return hashlib.sha256(canonical_json(protocol).encode("ascii")).hexdigest()
