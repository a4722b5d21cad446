from __future__ import annotations

import unicodedata

import pytest

from reviewapp.study.blinding import StudySecrets, new_study_key, presented_key, seal, unseal
from reviewapp.study.errors import BlindingError
from reviewapp.study.model import Truth

TRUTH = b'{"i01": "generated", "i02": "real"}'


@pytest.fixture(scope="module")
def sealed() -> bytes:
    return seal(TRUTH, "correct horse", "study-1")


def test_the_passphrase_opens_what_it_sealed(sealed: bytes) -> None:
    assert unseal(sealed, "correct horse", "study-1") == TRUTH


def test_nothing_of_the_truth_or_passphrase_is_readable(sealed: bytes) -> None:
    for secret in (b"generated", b"real", b"i01", b"correct", b"horse"):
        assert secret not in sealed


def test_sealing_twice_gives_different_bytes(sealed: bytes) -> None:
    assert seal(TRUTH, "correct horse", "study-1") != sealed


@pytest.mark.parametrize("wrong", ["Correct horse", "correct horse ", "", "correct"])
def test_a_wrong_passphrase_is_refused(sealed: bytes, wrong: str) -> None:
    with pytest.raises(BlindingError, match="passphrase"):
        unseal(sealed, wrong, "study-1")


def test_the_truth_of_one_study_does_not_open_in_another(sealed: bytes) -> None:
    with pytest.raises(BlindingError):
        unseal(sealed, "correct horse", "study-2")


@pytest.mark.parametrize("position", [0, 7, 10, 25, 40, -1])
def test_a_changed_byte_is_noticed_wherever_it_is(sealed: bytes, position: int) -> None:
    damaged = bytearray(sealed)
    damaged[position] ^= 1
    with pytest.raises(BlindingError):
        unseal(bytes(damaged), "correct horse", "study-1")


@pytest.mark.parametrize("length", [0, 8, 20, 36, 50])
def test_cut_off_truth_is_noticed(sealed: bytes, length: int) -> None:
    with pytest.raises(BlindingError):
        unseal(sealed[:length], "correct horse", "study-1")


def test_keyboards_that_compose_accents_differently_type_the_same_passphrase() -> None:
    composed, decomposed = (unicodedata.normalize(form, "café crème") for form in ("NFC", "NFD"))
    assert composed != decomposed
    assert unseal(seal(TRUTH, composed, "s"), decomposed, "s") == TRUTH


@pytest.mark.parametrize("short", ["", "abc", "   a   "])
def test_a_passphrase_too_short_cannot_seal(short: str) -> None:
    with pytest.raises(BlindingError, match="too short"):
        seal(TRUTH, short, "s")


def test_secrets_survive_as_bytes() -> None:
    truth = Truth("i1", "acdc/ü", "ab" * 32, "real", "acdc", "NOR", "", "", None)
    secrets = StudySecrets(new_study_key(), (truth,))
    assert StudySecrets.from_bytes(secrets.to_bytes()) == secrets


def test_a_presented_address_depends_on_the_study_and_the_content() -> None:
    one, other = new_study_key(), new_study_key()
    # RFC 4231, test case 2
    assert presented_key(b"Jefe", b"what do ya want for nothing?") == (
        "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    )
    assert presented_key(one, b"png") != presented_key(other, b"png")
    assert presented_key(one, b"png") != presented_key(one, b"pnG")
