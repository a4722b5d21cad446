from __future__ import annotations

import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reviewapp.resources import resource_path
from reviewapp.study.errors import ProtocolError
from reviewapp.study.model import Reader
from reviewapp.study.precision_estimate import estimate_precision
from reviewapp.study.protocol import (
    Protocol,
    Remedies,
    Tools,
    load_protocol,
    parse_protocol,
    protocol_sha256,
    protocol_toml,
    save_protocol,
)
from reviewapp.study.store import StudyStore

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.lists(text.filter(bool), unique=True, max_size=3).map(tuple)


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    timed = draw(st.booleans())
    design = draw(st.sampled_from(["single_confidence6", "single_yes_no", "two_alternative"]))
    n_real = draw(st.integers(1, 500))
    paired = design == "two_alternative" and not timed
    return Protocol(
        protocol_id=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)),
        title=draw(text.filter(bool)),
        description=draw(text),
        datasets=draw(names),
        variants=draw(names),
        runs=draw(names),
        n_real=n_real,
        n_generated=n_real if paired else draw(st.integers(1, 500)),
        design="timed" if timed else design,
        repeats_fraction=draw(st.floats(0, 0.5)),
        training_trials=draw(st.sampled_from([0, 2, 7])),
        block_size=draw(st.integers(2, 50)),
        seed=draw(st.none() | st.integers(0, 2**63 - 1)),
        exposure_ms=draw(st.integers(100, 5000)) if timed else None,
        timed_scale=draw(st.sampled_from(["confidence6", "yes_no"])) if timed else "confidence6",
        after_exposure=draw(st.sampled_from(["mask", "blank"])) if timed else "mask",
        break_seconds=draw(st.integers(0, 3600)),
        permits_feedback=draw(st.booleans()),
        steps=draw(st.sampled_from([(), (1000,), (0, 5000)])),
        tools=Tools(
            window=draw(st.booleans()),
            zoom=draw(st.booleans()),
            invert=draw(st.booleans()),
            marks=draw(st.booleans()),
            comment=draw(st.booleans()),
        ),
        remedies=Remedies(
            match_histogram=draw(st.booleans()),
            crop_border=draw(st.floats(0, 0.25)),
            match_sharpness=draw(st.booleans()),
            jpeg_quality=draw(st.none() | st.integers(10, 95)),
            grey_levels=draw(st.none() | st.integers(8, 128)),
        ),
    )


@given(protocols())
def test_toml_round_trip_gives_the_same_protocol_and_hash(
    tmp_path_factory: pytest.TempPathFactory, protocol: Protocol
) -> None:
    path = tmp_path_factory.getbasetemp() / "protocol.toml"
    save_protocol(protocol, path)
    assert load_protocol(path) == protocol
    assert protocol_sha256(load_protocol(path)) == protocol_sha256(protocol)


@given(protocols(), protocols())
def test_different_protocols_have_different_hashes(first: Protocol, second: Protocol) -> None:
    assert (protocol_sha256(first) == protocol_sha256(second)) == (first == second)


def test_the_hash_is_of_a_stable_spelling(protocol: Protocol) -> None:
    assert protocol_sha256(protocol) == (
        "807f9a6a60867cec38f625a42c9fa6d006d1c71c0d7c04e634d049689cbf5299"
    )


def test_a_protocol_cannot_be_changed(protocol: Protocol) -> None:
    with pytest.raises(ValidationError):
        protocol.n_real = 5  # type: ignore[misc]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"n_real": 0}, "n_real"),
        ({"n_generated": "many"}, "n_generated"),
        ({"design": "guess"}, "design"),
        ({"repeats_fraction": 0.6}, "repeats_fraction"),
        ({"colour": "red"}, "colour"),
        ({"tools": {"ruler": True}}, "tools.ruler"),
        ({"exposure_ms": 500}, "exposure_ms"),
        ({"design": "timed"}, "exposure_ms"),
        ({"training_trials": 1}, "training_trials"),
        ({"timed_scale": "yes_no"}, "timed_scale"),
        ({"after_exposure": "blank"}, "after_exposure"),
        ({"design": "two_alternative", "n_real": 5}, "n_generated"),
        ({"design": "two_alternative", "tools": {"cine": True}}, "tools.cine"),
        ({"remedies": {"crop_border": 0.5}}, "remedies.crop_border"),
        ({"remedies": {"jpeg_quality": 100}}, "remedies.jpeg_quality"),
        ({"break_seconds": -1}, "break_seconds"),
        ({"datasets": ["acdc", "acdc"]}, "datasets"),
        ({"protocol_id": "Has Blanks"}, "protocol_id"),
    ],
)
def test_a_mistake_is_told_with_file_and_field(
    protocol: Protocol, tmp_path: Path, change: dict[str, object], field: str
) -> None:
    values = protocol.model_dump(mode="json") | change
    with pytest.raises(ProtocolError) as caught:
        parse_protocol(values, "mine.toml")
    assert "mine.toml" in str(caught.value)
    assert field in str(caught.value)


def test_a_file_that_is_not_toml_is_named(tmp_path: Path) -> None:
    path = tmp_path / "broken.toml"
    path.write_text("n_real = = 3", encoding="utf-8")
    with pytest.raises(ProtocolError, match=r"broken\.toml is not valid TOML.*line 1"):
        load_protocol(path)
    with pytest.raises(ProtocolError, match=r"absent\.toml"):
        load_protocol(tmp_path / "absent.toml")


PRESETS = sorted(resource_path("protocols").glob("*.toml"))
NUMBER_WORDS = {
    "five": 5, "ten": 10, "twelve": 12, "fifteen": 15, "twenty": 20, "forty": 40,
}  # fmt: skip


def test_presets_cover_every_design() -> None:
    protocols = [load_protocol(path) for path in PRESETS]
    assert {protocol.design for protocol in protocols} == {
        "single_confidence6", "single_yes_no", "two_alternative", "timed",
    }  # fmt: skip
    assert {p.exposure_ms for p in protocols if p.design == "timed"} == {250, 1000}
    assert any(p.n_repeats == p.n_cases for p in protocols)
    assert len({p.title for p in protocols}) == len(protocols)


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_is_what_its_description_says(path: Path) -> None:
    protocol = load_protocol(path)
    assert protocol.protocol_id == path.stem
    assert protocol.n_real == protocol.n_generated
    assert protocol_toml(protocol).startswith("protocol_id")
    told = protocol.description
    word = re.match(r"About (\w+) minutes", told)
    assert word is not None
    minutes = NUMBER_WORDS[word[1]]
    assert abs(estimate_precision(protocol).minutes - minutes) <= max(1.5, 0.2 * minutes)
    numbers = [int(number) for number in re.findall(r"\b\d+\b", told)]
    for count in (protocol.training_trials, protocol.n_cases, protocol.n_scored_trials):
        assert count in numbers or count in (protocol.n_scored_trials, protocol.n_cases), count
    assert {protocol.n_cases, protocol.n_scored_trials} & set(numbers)
    if protocol.answer_scale == "confidence6":
        assert "from 1 (definitely generated) to 6 (definitely real)" in told


@pytest.mark.parametrize("path", PRESETS, ids=lambda path: path.stem)
def test_a_preset_makes_a_study_that_can_be_read(
    path: Path, store: StudyStore, reader: Reader, passphrase: str
) -> None:
    preset = load_protocol(path)
    small = Protocol.model_validate(
        preset.model_dump()
        | {"n_real": 4, "n_generated": 4, "training_trials": 2, "size_px": 64, "seed": 1}
    )
    study = store.create_study("S", small, passphrase)
    session = store.open_session(study.study_id, reader.reader_id)
    assert session.n_trials == small.n_trials == len(store.trials(session.session_id))
