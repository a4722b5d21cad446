"""Seals a study's truth with the coordinator's passphrase.

Key: scrypt (RFC 7914) of the passphrase, n = 2**15, r = 8, p = 1; cipher: AES-256-GCM, with the
header and the study's id as associated data, so that sealed truth of one study does not open in
another. What sealing cannot do: the library itself is open, and somebody who holds the whole
workspace could render every library image and compare. It keeps readers, and whoever looks into
the database, from learning the truth; it is no protection against a forger with both.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Iterable
from dataclasses import asdict, dataclass

from reviewapp.study.errors import BlindingError
from reviewapp.study.model import Truth

MIN_PASSPHRASE_LENGTH = 4

_MAGIC = b"MGRSEAL\x01"
_SALT_BYTES = 16
_NONCE_BYTES = 12
_KEY_BYTES = 32
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1
_HEADER_BYTES = len(_MAGIC) + _SALT_BYTES + _NONCE_BYTES


@dataclass(frozen=True, slots=True)
class StudySecrets:
    """What is sealed: the key that addresses presented files, and each image's truth."""

    study_key: bytes
    truths: tuple[Truth, ...]

    def to_bytes(self) -> bytes:
        """As UTF-8 JSON."""
        content = {"study_key": self.study_key.hex(), "truths": [asdict(t) for t in self.truths]}
        return json.dumps(content).encode("utf-8")

    @classmethod
    def from_bytes(cls, content: bytes) -> StudySecrets:
        """Inverse of `to_bytes`."""
        values = json.loads(content)
        truths: Iterable[Truth] = (Truth(**truth) for truth in values["truths"])
        return cls(bytes.fromhex(values["study_key"]), tuple(truths))


def new_study_key() -> bytes:
    """32 random bytes."""
    return secrets.token_bytes(_KEY_BYTES)


def presented_key(study_key: bytes, png: bytes) -> str:
    """HMAC-SHA256 (hex) of a presented file: its address, not joinable to the library's keys."""
    return hmac.new(study_key, png, hashlib.sha256).hexdigest()


def check_passphrase(passphrase: str) -> None:
    """Raise `BlindingError` for a passphrase too short to seal with."""
    if len(passphrase.strip()) < MIN_PASSPHRASE_LENGTH:
        raise BlindingError(
            f"The passphrase is too short: use at least {MIN_PASSPHRASE_LENGTH} characters, "
            "better several words. Without it nobody can unblind the study."
        )


def seal(truth: bytes, passphrase: str, study_id: str) -> bytes:
    """Encrypt ``truth``; only ``passphrase`` opens it, and only for ``study_id``."""
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    check_passphrase(passphrase)
    salt = secrets.token_bytes(_SALT_BYTES)
    nonce = secrets.token_bytes(_NONCE_BYTES)
    header = _MAGIC + salt + nonce
    cipher = AESGCM(_derived_key(passphrase, salt))
    return header + cipher.encrypt(nonce, truth, header + study_id.encode("utf-8"))


def unseal(sealed: bytes, passphrase: str, study_id: str) -> bytes:
    """Inverse of `seal`.

    Raises `BlindingError` when the passphrase is wrong, the bytes are damaged or belong to another
    study, or a newer app has written them.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header, body = sealed[:_HEADER_BYTES], sealed[_HEADER_BYTES:]
    if not header.startswith(_MAGIC):
        raise BlindingError(
            f"The sealed truth of {study_id} is damaged or was written by a newer version of the "
            "app. Update the app, or restore the workspace from a copy."
        )
    salt = header[len(_MAGIC) : len(_MAGIC) + _SALT_BYTES]
    nonce = header[len(_MAGIC) + _SALT_BYTES :]
    try:
        cipher = AESGCM(_derived_key(passphrase, salt))
        return cipher.decrypt(nonce, body, header + study_id.encode("utf-8"))
    except (InvalidTag, ValueError) as error:
        raise BlindingError(
            "The passphrase does not open this study's truth. Type it as it was set when the study "
            "was made (capitals count). If it is surely right, the sealed truth is damaged: "
            "restore the workspace from a copy."
        ) from error


def _derived_key(passphrase: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    # Keyboards differ in how they compose é; NFC makes them type one passphrase.
    typed = unicodedata.normalize("NFC", passphrase).encode("utf-8")
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P).derive(typed)
