"""A release of the firmware as one file, which the hub hands out to boards piece by piece:

    "jiaohao release 1\\n", the length of the offer in 4 bytes, the offer, the list, and the files in the list's order

The offer (signature and manifest) and the list are as boards get them, see protocol/update.py. Whoever opens a release
checks all that a board checks, and that nothing else is in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from hub.ports import ReleaseError
from protocol import update
from protocol.errors import ProtocolError
from protocol.limits import DOWN_BYTES
from protocol.update import LIST_BYTES, PIECE_BYTES, RELEASE_BYTES, SIGNATURE_BYTES, Line, Manifest

MAGIC = b"jiaohao release 1\n"
LENGTH_BYTES = 4
FILE_BYTES = len(MAGIC) + LENGTH_BYTES + DOWN_BYTES + LIST_BYTES + RELEASE_BYTES
"""A longer file is no release."""

KEY_BITS = 8 * SIGNATURE_BYTES
EXPONENT = 65537


def read_key(pem: bytes) -> RSAPublicKey:
    """The public key in a PEM file. Raises ReleaseError unless it is one that boards can use: RSA-3072."""
    try:
        key = load_pem_public_key(pem)
    except ValueError as error:
        raise ReleaseError("the key must be a public key in PEM, as jiaohao release init makes it") from error
    if not isinstance(key, RSAPublicKey) or key.key_size != KEY_BITS or key.public_numbers().e != EXPONENT:
        raise ReleaseError(f"the key must be RSA of {KEY_BITS} bits with the exponent {EXPONENT}")
    return key


def board_key(key: RSAPublicKey) -> bytes:
    """What a board has in /device/release.key: the modulus, highest byte first."""
    return key.public_numbers().n.to_bytes(SIGNATURE_BYTES, "big")


@dataclass(frozen=True, slots=True)
class Release:
    """`places` has where each file begins in `content`, and how long it is; the list first."""

    manifest: Manifest
    offer: bytes
    lines: tuple[Line, ...]
    content: bytes
    places: tuple[tuple[int, int], ...]

    def piece(self, file: int, at: int) -> bytes:
        """What a board that asks for it gets. Raises ProtocolError."""
        if file >= len(self.places) or at >= self.places[file][1]:
            raise ProtocolError("at", "is not in the release")
        start, size = self.places[file]
        end = start + min(size, at + PIECE_BYTES)
        return update.piece_head(self.manifest.made, file, at) + self.content[start + at : end]


def pack(files: Mapping[str, bytes], about: Mapping[str, object], sign: Callable[[bytes], bytes]) -> bytes:
    """The release of `files` (path -> content). `about`: made, oldest, version, hardware and expires of the manifest.
    Raises ReleaseError for what boards would not take."""
    lines = [Line(len(files[path]), hashlib.sha256(files[path]).hexdigest(), path) for path in sorted(files)]
    listed = b"".join(update.encode_line(line) for line in lines)
    counted = {"files": len(lines), "bytes": sum(line.size for line in lines)}
    fields = {**about, **counted, "list": len(listed), "digest": hashlib.sha256(listed).hexdigest()}
    manifest = update.encode_manifest(Manifest(**fields))
    offer = sign(manifest) + manifest
    content = b"".join([listed, *(files[line.path] for line in lines)])
    packed = MAGIC + len(offer).to_bytes(LENGTH_BYTES, "big") + offer + content
    _unpack(packed)
    return packed


def open_release(path: Path, key: RSAPublicKey) -> Release:
    """The release in a file. Raises ReleaseError."""
    try:
        with path.open("rb") as file:
            return read_release(file.read(FILE_BYTES + 1), key)
    except OSError as error:
        raise ReleaseError(f"cannot read {path}: {error.strerror}") from error


def read_release(packed: bytes, key: RSAPublicKey) -> Release:
    """The release in these bytes. Raises ReleaseError."""
    offer = _offer(packed)
    try:
        key.verify(offer[:SIGNATURE_BYTES], offer[SIGNATURE_BYTES:], PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise ReleaseError("the signature is not that of our key") from error
    return _unpack(packed)


def _offer(packed: bytes) -> bytes:
    start = len(MAGIC) + LENGTH_BYTES
    if not packed.startswith(MAGIC) or len(packed) > FILE_BYTES:
        raise ReleaseError("this is no release")
    offer = packed[start : start + int.from_bytes(packed[len(MAGIC) : start], "big")]
    if not SIGNATURE_BYTES < len(offer) <= DOWN_BYTES:
        raise ReleaseError("this is no release")
    return offer


def _unpack(packed: bytes) -> Release:
    """All but the signature is checked."""
    offer = _offer(packed)
    start = len(MAGIC) + LENGTH_BYTES + len(offer)
    try:
        manifest = update.read_manifest(offer[SIGNATURE_BYTES:])
        listed = packed[start : start + manifest.list]
        if hashlib.sha256(listed).hexdigest() != manifest.digest:
            raise ReleaseError("the list of files is not as it was signed")
        lines = tuple(update.read_line(line) for line in listed.splitlines(keepends=True))
    except ProtocolError as error:
        raise ReleaseError(str(error)) from error
    places = [(start, manifest.list)]
    last = ""
    for line in lines:
        begin = sum(places[-1])
        if line.path <= last or hashlib.sha256(packed[begin : begin + line.size]).hexdigest() != line.digest:
            raise ReleaseError(f"{line.path} is not as it was signed")
        places.append((begin, line.size))
        last = line.path
    if len(lines) != manifest.files or sum(line.size for line in lines) != manifest.bytes:
        raise ReleaseError("the list of files does not add up")
    if sum(places[-1]) != len(packed):
        raise ReleaseError("there is more in the file than was signed")
    return Release(manifest, offer, lines, packed, tuple(places))
