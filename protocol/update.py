"""Updates over the air: what a release says of itself, and how a board asks for it piece by piece.

    down/update   the offer: the signature (384 bytes) and the manifest, as it was signed; at most DOWN_BYTES
    up/want       the board asks for a piece, or for leave to start what it has, or says why it does not take it
    down/piece    a piece: its head says for which question it is

File 0 of a release is the list of its files, a line for each: size, SHA-256 in hex, path, in the order of the paths.
The manifest has the list's own size and SHA-256, so one signature covers everything, and a board that has no memory
for the list can still trust it. Only a board that updates, and the hub, load this.
"""

import struct
from collections import namedtuple

from protocol import codec
from protocol.errors import ProtocolError
from protocol.limits import DOWN_BYTES, EPOCH_MAX, TEXT_CHARS, UP_BYTES

SIGNATURE_BYTES = 384
"""RSA-3072."""

PIECE_BYTES = 1024
"""Of a file in one message: a board has some 9 KB to spare for a whole update."""

FILES_MAX = 500
LIST_BYTES = 65_536
RELEASE_BYTES = 1_500_000
"""The list and all files: two releases and a journal fit the 2 MB that a board has for files, or little less."""

HARDWARE_MAX = 8

LINE_BYTES = 160
"""A longer line is none: 8 of size, 64 of SHA-256, 64 of path."""

PATH_CHARS = 64

HEAD = ">IHI"
HEAD_BYTES = struct.calcsize(HEAD)


class Manifest(
    namedtuple("Manifest", ("made", "oldest", "version", "hardware", "expires", "files", "bytes", "list", "digest"))
):
    """`made` is when the release was built, in seconds since 1970: it counts releases, and names this one. A board that
    runs it takes any release that was made at `oldest` or later. `expires`: seconds since 1970 after which nobody takes
    it; 0: never. `hardware`: models that it is for. `files` and `bytes` count its files, without the list; `list` and
    `digest` are the list's size and SHA-256.
    """


MANIFEST = ("made", "oldest", "version", "hardware", "expires", "files", "bytes", "list", "digest")
"""What its fields are called on the wire. The hub's half."""


class Line(namedtuple("Line", ("size", "digest", "path"))):
    """A file of a release. The path stays in its folder: names of a-z, 0-9, '_' and '.', joined by '/'."""


class Want(namedtuple("Want", ("made", "file", "at", "error"))):
    """A board wants the piece at `at` of a file of the release `made`. The file after the last one: it has all of them,
    and wants to start them; an empty piece says that it may. With an `error` it does not take the release."""


def read_manifest(data) -> Manifest:
    message = codec.decode(data, DOWN_BYTES - SIGNATURE_BYTES)
    hardware = codec.items(message, "hardware", HARDWARE_MAX)
    return Manifest(
        codec.integer(message, "made", 1, EPOCH_MAX - 1),
        codec.integer(message, "oldest", 0, EPOCH_MAX - 1),
        codec.text(message, "version", TEXT_CHARS),
        [codec.checked_text(model, "hardware", TEXT_CHARS) for model in hardware],
        codec.integer(message, "expires", 0, EPOCH_MAX - 1),
        codec.integer(message, "files", 1, FILES_MAX),
        codec.integer(message, "bytes", 1, RELEASE_BYTES),
        codec.integer(message, "list", 1, LIST_BYTES),
        codec.checked_text(message.get("digest"), "digest", 64),
    )


def encode_manifest(manifest: Manifest) -> bytes:
    """What is signed. The hub's half."""
    return codec.encode(dict(zip(MANIFEST, manifest)))


def read_line(data) -> Line:
    """A line of the list, with its end. Raises ProtocolError."""
    words = bytes(data).split(b" ")
    if len(words) != 3 or words[2][-1:] != b"\n" or len(data) > LINE_BYTES or len(words[1]) != 64:
        raise ProtocolError("list", "a line must have size, SHA-256 and path")
    try:
        size = int(words[0])
        digest, path = words[1].decode(), words[2][:-1].decode()
    except ValueError:
        raise ProtocolError("list", "a line must have size, SHA-256 and path")
    for name in path.split("/"):
        if len(path) > PATH_CHARS or not name.strip(".") or name.strip("abcdefghijklmnopqrstuvwxyz0123456789_."):
            raise ProtocolError("list", "a path must have names of a-z, 0-9, '_' and '.' only")
    return Line(codec.checked_integer(size, "list", 0, RELEASE_BYTES), digest, path)


def encode_line(line: Line) -> bytes:
    """The hub's half."""
    return f"{line.size} {line.digest} {line.path}\n".encode()


def encode_want(want: Want) -> bytes:
    return codec.encode({"made": want.made, "file": want.file, "at": want.at, "error": want.error})


def read_want(payload) -> Want:
    message = codec.decode(payload, UP_BYTES)
    return Want(
        codec.integer(message, "made", 0, EPOCH_MAX - 1),
        codec.integer(message, "file", 0, FILES_MAX + 1),
        codec.integer(message, "at", 0, RELEASE_BYTES),
        codec.text(message, "error", TEXT_CHARS),
    )


def piece_head(made: int, file: int, at: int) -> bytes:
    """What a piece begins with."""
    return struct.pack(HEAD, made, file, at)
