"""The sealed file that carries a study to a reader's computer, or the answers back.

A zip archive of two stored members: ``header.json``, readable by all, says which study and pack it
is; ``content.sealed`` is another zip archive under AES-256-GCM, with the header as associated data,
so that a change of either shows. The key is scrypt (RFC 7914) of the pack's code, which must reach
the reader by another way than the file. What comes from elsewhere is hostile until it has been
checked: sizes and names are looked at before anything is read.
"""

from __future__ import annotations

import hashlib
import hmac
import io
import json
import re
import secrets
import struct
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field

from engine.atomic_file import write_bytes
from engine.bounded_file import open_regular, parse_json
from reviewapp.study.errors import PackError

PackKind = Literal["reading", "results"]

#: 2 added fields to the content: apps that know 1 refuse it with the reason, this one reads both
FORMAT_VERSION = 2
#: AES-GCM in one piece takes less than 2 GiB
MAX_SEALED_BYTES = 2**31 - 2**20
MAX_CONTENT_BYTES = 4 * 2**30
MAX_MEMBER_BYTES = 64 * 2**20
MAX_MEMBERS = 40_000
_MAX_HEADER_BYTES = 2**16
#: parts of a zip archive (PKWARE's APPNOTE.TXT 4.3.12, 4.3.15, 4.3.16): a 64-bit locator, the end,
#: and more than one entry of the directory takes with the names used here
_LOCATOR_BYTES, _END_BYTES, _MAX_ENTRY_BYTES = 20, 22, 256
#: what `zipfile` raises for damaged archives
_ARCHIVE_ERRORS = (
    OSError, zipfile.BadZipFile, zlib.error, struct.error, EOFError, NotImplementedError,
    RuntimeError, ValueError, OverflowError, AttributeError,
)  # fmt: skip
_HEADER, _CONTENT = "header.json", "content.sealed"
_MEMBER = re.compile(r"study\.json|results\.json|images/[0-9a-f]{64}\.png")
_SALT_BYTES, _NONCE_BYTES, _KEY_BYTES = 16, 12, 32
_SCRYPT_N, _SCRYPT_R, _SCRYPT_P = 2**15, 8, 1
# Without letters and digits that look alike.
_ALPHABET = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
_CODE_LENGTH, _CODE_GROUP = 16, 4
_WHOLE = "Ask for the file again, and carry it over unchanged."


class PackHeader(BaseModel):
    """What anybody may read of a pack."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = FORMAT_VERSION
    kind: PackKind
    study_id: str = Field(pattern=r"^study-[0-9a-f]{1,32}$")
    pack_id: str = Field(pattern=r"^pack-[0-9a-f]{1,32}$")
    reader_id: str = Field(min_length=1, max_length=40)
    protocol_sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    salt: str = Field(pattern=r"^[0-9a-f]{32}$")
    key_check: str = Field(pattern=r"^[0-9a-f]{16}$")


@dataclass(frozen=True, slots=True)
class PackLabel:
    """The header's fields that the maker of a pack chooses."""

    kind: PackKind
    study_id: str
    pack_id: str
    reader_id: str
    protocol_sha256: str


def new_code() -> str:
    """A random code of 80 bits, in groups of four: ``K7QF-3M2X-9TRW-HD4C``."""
    letters = [secrets.choice(_ALPHABET) for _ in range(_CODE_LENGTH)]
    groups = range(0, _CODE_LENGTH, _CODE_GROUP)
    return "-".join("".join(letters[start : start + _CODE_GROUP]) for start in groups)


def write_pack(path: Path, label: PackLabel, members: Mapping[str, bytes], code: str) -> None:
    """Seal ``members`` (content by name) into the file ``path``, replaced in one step.

    Raises `PackError` when it would be too large, `engine.errors.DataError` when the disk refuses.
    """
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED, compresslevel=3) as archive:
        for name, content in members.items():
            archive.writestr(_plain_entry(name, zipfile.ZIP_DEFLATED), content)
    if len(inner.getvalue()) > MAX_SEALED_BYTES:
        raise PackError(
            "The pack would be larger than 2 GiB. Make a study of fewer or smaller images."
        )
    salt = secrets.token_bytes(_SALT_BYTES)
    key = _key(code, salt)
    header = PackHeader(
        kind=label.kind,
        study_id=label.study_id,
        pack_id=label.pack_id,
        reader_id=label.reader_id,
        protocol_sha256=label.protocol_sha256,
        salt=salt.hex(),
        key_check=_key_check(key),
    )
    header_bytes = json.dumps(header.model_dump(), sort_keys=True).encode("ascii")
    nonce = secrets.token_bytes(_NONCE_BYTES)
    sealed = nonce + AESGCM(key).encrypt(nonce, inner.getvalue(), header_bytes)
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_STORED) as archive:
        archive.writestr(_plain_entry(_HEADER, zipfile.ZIP_STORED), header_bytes)
        archive.writestr(_plain_entry(_CONTENT, zipfile.ZIP_STORED), sealed)
    write_bytes(path, outer.getvalue())


def read_header(path: Path) -> PackHeader:
    """The header of a pack, not yet to be trusted; raises `PackError` for any other file."""
    return _parse_header(path, _read_outer(path)[0])


def read_pack(path: Path, code: str, kind: PackKind) -> tuple[PackHeader, Mapping[str, bytes]]:
    """The header and the members by name, once code, seal, names and sizes have proved right.

    A member is unpacked when it is asked for, so that a pack needs twice its own size in memory
    and not what it unpacks to. Raises `PackError` that says what is wrong, a member too.
    """
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    header_bytes, sealed = _read_outer(path)
    header = _parse_header(path, header_bytes)
    if header.kind != kind:
        raise PackError(
            f"{path.name} is a reader's results; give the reading pack that the coordinator made."
            if kind == "reading"
            else f"{path.name} is a reading pack without answers; give the results that the "
            "reader's app has written."
        )
    key = _key(code, bytes.fromhex(header.salt))
    if not hmac.compare_digest(_key_check(key), header.key_check):
        raise PackError(
            f"The code does not open {path.name}. Type it as the coordinator gave it "
            "(16 letters and digits). If it is surely right, the file was changed on its way."
        )
    try:
        inner = AESGCM(key).decrypt(
            sealed[:_NONCE_BYTES], memoryview(sealed)[_NONCE_BYTES:], header_bytes
        )
    except (InvalidTag, ValueError) as error:
        raise PackError(f"{path.name} was changed after it had been made. {_WHOLE}") from error
    return header, _read_inner(path, inner)


def _plain_entry(name: str, compression: int) -> zipfile.ZipInfo:
    # A fixed date: neither the file's own time nor the computer's user is in the archive.
    entry = zipfile.ZipInfo(name, date_time=(1980, 1, 1, 0, 0, 0))
    entry.compress_type = compression
    return entry


def _read_outer(path: Path) -> tuple[bytes, bytes]:
    try:
        with open_regular(path) as file, _opened(file, max_entries=2) as archive:
            entries = {entry.filename: entry for entry in archive.infolist()}
            if set(entries) != {_HEADER, _CONTENT} or len(archive.infolist()) != 2:
                raise PackError(f"{path.name} is not a pack of this app. {_WHOLE}")
            header, content = entries[_HEADER], entries[_CONTENT]
            if header.file_size > _MAX_HEADER_BYTES or content.file_size > MAX_SEALED_BYTES:
                raise PackError(f"{path.name} is larger than a pack can be. {_WHOLE}")
            if any(entry.compress_type != zipfile.ZIP_STORED for entry in entries.values()):
                raise PackError(f"{path.name} was packed again by another program. {_WHOLE}")
            return archive.read(header), archive.read(content)
    except _ARCHIVE_ERRORS as error:
        raise PackError(f"{path.name} cannot be read as a pack: {error}. {_WHOLE}") from error


def _opened(file: BinaryIO, max_entries: int) -> zipfile.ZipFile:
    """The archive in ``file``; raises `zipfile.BadZipFile` before a long directory is read.

    The end of the archive must stand where this app puts it, without comment or 64-bit fields.
    """
    file.seek(0, io.SEEK_END)
    length = file.tell()
    file.seek(max(0, length - _LOCATOR_BYTES - _END_BYTES))
    tail = file.read(_LOCATOR_BYTES + _END_BYTES)
    locator, end = tail[:-_END_BYTES], tail[-_END_BYTES:]
    if len(end) < _END_BYTES or not end.startswith(b"PK\x05\x06"):
        raise zipfile.BadZipFile("it does not end like a pack")
    n_entries, directory_bytes = struct.unpack_from("<HI", end, 10)
    too_long = n_entries > max_entries or directory_bytes > max_entries * _MAX_ENTRY_BYTES
    if too_long or locator.startswith(b"PK\x06\x07"):
        raise zipfile.BadZipFile("its list of files is longer than a pack's")
    return zipfile.ZipFile(file)


def _parse_header(path: Path, content: bytes) -> PackHeader:
    try:
        values = parse_json(content)
        if isinstance(values, dict) and values.get("version", 0) > FORMAT_VERSION:
            raise PackError(f"{path.name} was made by a newer version of the app. Update the app.")
        return PackHeader.model_validate(values)
    except (ValueError, TypeError) as error:
        raise PackError(f"{path.name} has a damaged header. {_WHOLE}") from error


def _read_inner(path: Path, inner: bytes) -> Mapping[str, bytes]:
    try:
        archive = _opened(io.BytesIO(inner), MAX_MEMBERS)
    except _ARCHIVE_ERRORS as error:
        raise PackError(f"{path.name} is damaged inside: {error}. {_WHOLE}") from error
    entries = archive.infolist()
    if len({entry.filename for entry in entries}) != len(entries):
        raise PackError(f"{path.name} holds a file twice.")
    for entry in entries:
        if not _MEMBER.fullmatch(entry.filename):
            raise PackError(
                f"{path.name} holds a file that does not belong in a pack: "
                f"{entry.filename[:80]!r}. It was not opened."
            )
        if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise PackError(f"{path.name} was packed again by another program. {_WHOLE}")
    sizes = [entry.file_size for entry in entries]
    if max(sizes, default=0) > MAX_MEMBER_BYTES or sum(sizes) > MAX_CONTENT_BYTES:
        raise PackError(f"{path.name} would unpack to more than a pack may hold.")
    return _Members(path.name, archive)


class _Members(Mapping[str, bytes]):
    """The content of a checked archive by name, unpacked when it is asked for."""

    def __init__(self, pack: str, archive: zipfile.ZipFile) -> None:
        self._pack = pack
        self._archive = archive
        self._entries = {entry.filename: entry for entry in archive.infolist()}

    def __getitem__(self, name: str) -> bytes:
        entry = self._entries[name]
        try:
            return self._archive.read(entry)
        except _ARCHIVE_ERRORS as error:
            raise PackError(f"{self._pack} is damaged inside: {error}. {_WHOLE}") from error

    def __iter__(self) -> Iterator[str]:
        return iter(self._entries)

    def __len__(self) -> int:
        return len(self._entries)


def _key(code: str, salt: bytes) -> bytes:
    from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

    typed = re.sub(r"[^A-Z0-9]", "", code.upper()).encode("ascii")
    return Scrypt(salt=salt, length=_KEY_BYTES, n=_SCRYPT_N, r=_SCRYPT_R, p=_SCRYPT_P).derive(typed)


def _key_check(key: bytes) -> str:
    return hmac.new(key, b"key check", hashlib.sha256).hexdigest()[:16]
