from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from reviewapp.resources import resource_path
from reviewapp.study.errors import ProtocolError
from reviewapp.study.protocol import (
    Protocol,
    Tools,
    load_protocol,
    parse_protocol,
    protocol_sha256,
    protocol_toml,
    save_protocol,
)

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
names = st.lists(text.filter(bool), unique=True, max_size=3).map(tuple)


@st.composite
def protocols(draw: st.DrawFn) -> Protocol:
    timed = draw(st.booleans())
    return Protocol(
        protocol_id=draw(st.from_regex(r"[a-z0-9][a-z0-9-]{0,20}", fullmatch=True)),
        title=draw(text.filter(bool)),
        description=draw(text),
        datasets=draw(names),
        variants=draw(names),
        runs=draw(names),
        n_real=draw(st.integers(1, 500)),
        n_generated=draw(st.integers(1, 500)),
        design="timed" if timed else "single_confidence6",
        repeats_fraction=draw(st.floats(0, 0.5)),
        training_trials=draw(st.sampled_from([0, 2, 7])),
        block_size=draw(st.integers(2, 50)),
        seed=draw(st.none() | st.integers(0, 2**63 - 1)),
        exposure_ms=draw(st.integers(100, 5000)) if timed else None,
        tools=Tools(window=draw(st.booleans()), zoom=draw(st.booleans())),
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


def test_shipped_protocols_have_the_lengths_they_promise() -> None:
    quick = load_protocol(resource_path("protocols", "quick-look.toml"))
    assert (quick.n_trials, quick.training_trials, quick.n_repeats) == (24, 4, 2)
    standard = load_protocol(resource_path("protocols", "standard.toml"))
    assert (standard.n_scored_trials, standard.n_repeats, standard.block_size) == (100, 10, 25)
    for protocol in (quick, standard):
        assert protocol.design == "single_confidence6"
        assert protocol.n_real == protocol.n_generated
        assert protocol_toml(protocol).startswith("protocol_id")
