"""One backup is one file: a gzipped tar, encrypted with age on request.

    manifest.json     what follows, with size and SHA-256 of each; the hall; the heads of the chains
    hall.db           the database as it was at one moment, without a journal beside it
    secret, webhook-secret, broker/logins.json, mosquitto/..., tls/..., hall.toml    what else a hub cannot do without

A file is written beside, read back and verified as a restore would read it, and only then takes its name. It is read as
if somebody else had made it: nothing but the names above, regular files of the size that was said, and nothing is
written anywhere but into a folder that was just made.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import os
import re
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from typing import IO

import pyrage

from hub.adapters import sqlite_chain
from hub.adapters.sqlite_chain import Head

FORMAT = 1
MANIFEST = "manifest.json"
DATABASE = "hall.db"
HALL_FILE = "hall.toml"

FILES = ("secret", "webhook-secret", "broker/logins.json")
"""What a backup takes out of the data folder beside the database, where it is there."""

MOSQUITTO = ("mosquitto/dynamic-security.json", "mosquitto/admin-password")
"""The same, of a mosquitto of ours, if its user lets the hub read them: only it knows the passwords of the boards."""

FOLDERS = ("tls",)
"""The same, with every file that is directly in it, but those that somebody else keeps there under strange names."""

PLAIN, ENCRYPTED = ".tar.gz", ".tar.gz.age"

MANIFEST_BYTES = 1_000_000
PIECE = 1 << 20
"""Bytes that are read or written at a time, and the most that a part of the archive beside its files may have."""

_STAMP = "%Y%m%dT%H%M%S"
_NAME = re.compile(r"(?P<hall>[a-z0-9-]{1,64})-(?P<stamp>\d{8}T\d{6})(?P<ms>\d{3})Z\.tar\.gz(?P<age>\.age)?")
_PART = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class BackupError(Exception):
    """A backup could not be written, or is not one that can be used. The text says which, why, and what to do."""


@dataclass(frozen=True, slots=True)
class Member:
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """`log` and `deeds` are the heads of the chains as text; `created_ms`: when the database was copied."""

    format: int
    hall: str
    created_ms: int
    log: str
    deeds: str
    members: dict[str, Member]


@dataclass(frozen=True, slots=True)
class Backup:
    """A backup in a folder, as its name says it."""

    file: Path
    hall: str
    created_ms: int
    encrypted: bool

    @property
    def tail(self) -> Path:
        """Where what came after it is, piece by piece."""
        return self.file.with_name(self.file.name + ".tail")

    @property
    def sum(self) -> Path:
        """Where its SHA-256 is, as sha256sum writes it."""
        return self.file.with_name(self.file.name + ".sha256")


def backup_at(file: Path) -> Backup | None:
    """The backup in `file`, if its name is that of one."""
    found = _NAME.fullmatch(file.name)
    if not found:
        return None
    try:
        seconds = datetime.strptime(found["stamp"], _STAMP).replace(tzinfo=UTC).timestamp()
    except ValueError:
        return None
    return Backup(file, found["hall"], int(seconds) * 1000 + int(found["ms"]), bool(found["age"]))


def backups_in(folder: Path, hall: str = "") -> list[Backup]:
    """Those of `hall` (empty: of any) in the folder, oldest first. Raises OSError."""
    found = (backup_at(file) for file in folder.iterdir())
    return sorted((b for b in found if b and hall in ("", b.hall)), key=lambda b: (b.created_ms, b.file.name))


def read_recipients(texts: Iterable[str]) -> list[pyrage.x25519.Recipient]:
    """Public keys `age1...`. Raises BackupError."""
    recipients = []
    for text in texts:
        try:
            recipients.append(pyrage.x25519.Recipient.from_str(text.strip()))
        except pyrage.RecipientError as error:
            shown = text[:80]
            raise BackupError(f"{shown!r} is no public age key; it begins with age1 (age-keygen prints it)") from error
    return recipients


def read_identities(file: Path) -> list[pyrage.x25519.Identity]:
    """The private keys in a file of age-keygen. Raises BackupError, which never says what is in the file."""
    try:
        lines = [line.strip() for line in file.read_text("utf-8").splitlines()]
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"cannot read the key file {file}: {type(error).__name__}") from error
    try:
        keys = [pyrage.x25519.Identity.from_str(line) for line in lines if line and not line.startswith("#")]
    except pyrage.IdentityError as error:
        raise BackupError(f"{file} is no file of age-keygen: a line is no AGE-SECRET-KEY") from error
    if not keys:
        raise BackupError(f"there is no key in {file}; it must be the file that age-keygen wrote")
    return keys


def make_folder(folder: Path) -> None:
    """The folder for backups; only its owner can read what is in it. Raises BackupError."""
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BackupError(f"cannot make the folder for backups {folder}: {error.strerror}") from error


def write(work: Path, data: Path, now_ms: int, hall_file: Path | None = None) -> tuple[Path, Manifest]:
    """A plain backup of the hub in `data`, which may be running, somewhere in the empty folder `work`. Raises
    BackupError."""
    try:
        copy = work / DATABASE
        _copy_database(data / DATABASE, copy)
        sources = {DATABASE: copy, **_sources(data)}
        if hall_file:
            sources[HALL_FILE] = hall_file
        manifest = _manifest(copy, sources, now_ms)
        archive = work / name_of(manifest.hall, now_ms, encrypted=False)
        _write_archive(archive, manifest, sources)
    except (OSError, sqlite3.Error, tarfile.TarError) as error:
        raise BackupError(f"cannot back up {data}: {error}") from error
    copy.unlink()
    return archive, manifest


def name_of(hall: str, created_ms: int, encrypted: bool) -> str:
    stamp = datetime.fromtimestamp(created_ms // 1000, UTC).strftime(_STAMP)
    return f"{hall}-{stamp}{created_ms % 1000:03}Z{ENCRYPTED if encrypted else PLAIN}"


def _copy_database(source: Path, target: Path) -> None:
    """The database as it is at one moment; whoever writes to it meanwhile does not wait."""
    with closing(sqlite_chain.open_read_only(source)) as reading, closing(sqlite3.connect(target)) as writing:
        reading.backup(writing)
        writing.execute("pragma journal_mode=delete")
    target.chmod(0o600)


def _sources(data: Path) -> dict[str, Path]:
    """Name in the archive -> file, of what is in the data folder beside the database."""
    found = {name: data / name for name in FILES if (data / name).is_file()}
    found |= {name: data / name for name in MOSQUITTO if os.access(data / name, os.R_OK)}
    for folder in FOLDERS:
        if (data / folder).is_dir():
            found |= {f"{folder}/{file.name}": file for file in sorted((data / folder).iterdir()) if file.is_file()}
    return {name: file for name, file in found.items() if is_known(name)}


def _manifest(database: Path, sources: dict[str, Path], now_ms: int) -> Manifest:
    with closing(sqlite_chain.open_read_only(database)) as connection:
        kind = "select body from log where kind = 'HallConfigured' order by seq desc limit 1"
        configured = connection.execute(kind).fetchone()
        hall = json.loads(configured[0])["hall"]["id"] if configured else "hall"
        heads = dict(connection.execute("select key, value from meta where key like 'head:%'").fetchall())
    members = {name: Member(file.stat().st_size, sha256_of(file)) for name, file in sources.items()}
    log, deeds = (heads.get(table.head, str(Head())) for table in sqlite_chain.TABLES)
    return Manifest(FORMAT, hall, now_ms, log, deeds, members)


def sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _write_archive(archive: Path, manifest: Manifest, sources: dict[str, Path]) -> None:
    with archive.open("xb") as raw:
        os.fchmod(raw.fileno(), 0o600)
        with gzip.GzipFile("", "wb", 1, raw, mtime=0) as packed, tarfile.open(fileobj=packed, mode="w") as tar:
            text = json.dumps(asdict(manifest), indent=1).encode()
            tar.addfile(_entry(MANIFEST, len(text)), BytesIO(text))
            for name, file in sources.items():
                with file.open("rb") as stream:
                    tar.addfile(_entry(name, manifest.members[name].bytes), stream)
        raw.flush()
        os.fsync(raw.fileno())


def _entry(name: str, size: int) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = size, 0o600
    return entry


def publish(
    archive: Path, manifest: Manifest, beside: Path, folder: Path, recipients: Sequence[pyrage.x25519.Recipient]
) -> Backup:
    """Puts a verified archive into `folder` under its name, encrypted if there are recipients, with its own hash beside
    it. `beside` is an empty folder on the same file system; so is `archive` without recipients. Raises BackupError."""
    made = Backup(
        folder / name_of(manifest.hall, manifest.created_ms, bool(recipients)),
        manifest.hall,
        manifest.created_ms,
        bool(recipients),
    )
    try:
        if recipients:
            encrypted = beside / f"{archive.name}.age"
            with archive.open("rb") as plain, encrypted.open("xb") as out:
                os.fchmod(out.fileno(), 0o600)
                pyrage.encrypt_io(plain, out, list(recipients))
                out.flush()
                os.fsync(out.fileno())
            archive = encrypted
        write_synced(made.sum, f"{sha256_of(archive)}  {made.file.name}\n".encode())
        archive.rename(made.file)
        sync_folder(folder)
    except OSError as error:
        raise BackupError(f"cannot write the backup {made.file}: {error.strerror}") from error
    return made


def write_synced(file: Path, content: bytes) -> None:
    """A file for its owner only, on disk when this returns. Raises OSError."""
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content)
        out.flush()
        os.fsync(out.fileno())


def sync_folder(folder: Path) -> None:
    """Names in the folder are on disk when this returns. Raises OSError."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class _Narrow:
    """The unpacked archive, of which nobody gets more than PIECE bytes at once: a header that asks for gigabytes of
    memory is refused."""

    def __init__(self, stream: IO[bytes]):
        self._stream = stream
        self.tell = stream.tell
        self.seek = stream.seek

    def read(self, size: int) -> bytes:
        if not 0 <= size <= PIECE:
            raise BackupError("the archive has a header that is too large")
        return self._stream.read(size)


def unpack(archive: Path, into: Path, room: int) -> Manifest:
    """Reads a plain archive into the empty folder `into`; every file has the size and hash of the manifest. `room`: how
    many bytes may be written. Raises BackupError; what was written until then is the caller's to remove."""
    try:
        with gzip.open(archive, "rb") as packed, tarfile.open(fileobj=_Narrow(packed), mode="r:") as tar:  # type: ignore[arg-type]
            manifest = _unpack(tar, into, room)
            if len(packed.read(PIECE)) == PIECE or packed.read(1):  # the second look meets gzip's own checksum
                raise BackupError("something comes after its end")
            return manifest
    except (tarfile.TarError, zlib.error, EOFError, OSError, ValueError) as error:
        raise BackupError(f"{archive.name} is damaged, or no backup: {error}") from error
    except BackupError as error:
        raise BackupError(f"{archive.name} is refused: {error}") from None


def _unpack(tar: tarfile.TarFile, into: Path, room: int) -> Manifest:
    manifest: Manifest | None = None
    missing: set[str] = set()
    for entry in tar:
        if entry.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise BackupError(f"{entry.name[:100]!r} is no regular file")
        stream = tar.extractfile(entry)
        assert stream is not None  # it is a regular file
        if manifest is None:
            manifest = _read_manifest(entry, stream)
            missing = set(manifest.members)
            if sum(member.bytes for member in manifest.members.values()) > room:
                raise BackupError(f"it unpacks to more than the {room} bytes that are free in {into.parent}")
            continue
        if entry.name not in missing:
            raise BackupError(f"{entry.name[:100]!r} is not in its manifest, or there twice")
        missing.discard(entry.name)
        _unpack_file(entry, stream, into, manifest.members[entry.name])
    if manifest is None:
        raise BackupError("it is empty")
    if missing:
        raise BackupError(f"{min(missing)!r} is in its manifest and not in the archive")
    return manifest


def _read_manifest(entry: tarfile.TarInfo, stream: IO[bytes]) -> Manifest:
    if entry.name != MANIFEST or entry.size > MANIFEST_BYTES:
        raise BackupError(f"it does not begin with {MANIFEST}")
    try:
        read = json.loads(stream.read())
        if read["format"] != FORMAT:
            raise BackupError(f"it has the format {str(read['format'])[:20]!r}, and this program knows {FORMAT}")
        members = {str(name): Member(int(m["bytes"]), str(m["sha256"])) for name, m in read["members"].items()}
        manifest = Manifest(
            FORMAT, str(read["hall"]), int(read["created_ms"]), str(read["log"]), str(read["deeds"]), members
        )
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise BackupError(f"its {MANIFEST} cannot be read: {type(error).__name__}") from error
    for name, member in members.items():
        if not is_known(name) or member.bytes < 0:
            raise BackupError(f"{name[:100]!r} is nothing that a backup has")
    if DATABASE not in members:
        raise BackupError(f"there is no {DATABASE} in it")
    return manifest


def is_known(name: str) -> bool:
    """Whether a file of this name belongs to a hub: no absolute one, none that leads elsewhere."""
    folder, _, file = name.rpartition("/")
    return name in (DATABASE, HALL_FILE, *FILES, *MOSQUITTO) or (
        folder in FOLDERS and _PART.fullmatch(file) is not None
    )


def _unpack_file(entry: tarfile.TarInfo, stream: IO[bytes], into: Path, member: Member) -> None:
    if entry.size != member.bytes:
        raise BackupError(f"{entry.name!r} has another size than its manifest says")
    target = into / entry.name
    target.parent.mkdir(mode=0o700, exist_ok=True)
    digest = hashlib.sha256()
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        while piece := stream.read(PIECE):
            digest.update(piece)
            out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    if digest.hexdigest() != member.sha256:
        raise BackupError(f"{entry.name!r} is not what its manifest says: its SHA-256 differs")


def decrypt(backup: Backup, into: Path, identities: Sequence[pyrage.x25519.Identity]) -> Path:
    """The plain archive of an encrypted backup, in the folder `into`. Raises BackupError."""
    if not identities:
        raise BackupError(f"{backup.file.name} is encrypted: give the key file with --identity")
    plain = into / "archive.tar.gz"
    try:
        with backup.file.open("rb") as stream, plain.open("xb") as out:
            os.fchmod(out.fileno(), 0o600)
            pyrage.decrypt_io(stream, out, list(identities))
    except pyrage.DecryptError as error:
        raise BackupError(f"{backup.file.name} cannot be decrypted with this key: {error}") from error
    except OSError as error:
        raise BackupError(f"cannot decrypt {backup.file.name}: {error}") from error
    return plain


def check_sum(backup: Backup) -> None:
    """Raises BackupError when the hash beside the backup says something else; without one there is nothing to ask."""
    try:
        noted = backup.sum.read_text("ascii").split()[:1] if backup.sum.exists() else []
        if noted and noted[0] != sha256_of(backup.file):
            raise BackupError(f"{backup.file.name} is damaged: it is not what {backup.sum.name} says; take another one")
    except (OSError, UnicodeDecodeError) as error:
        raise BackupError(f"cannot read {backup.file}: {error}") from error


def check_database(file: Path, manifest: Manifest) -> None:
    """Integrity, and chains that end where the manifest says. Raises BackupError."""
    try:
        with closing(sqlite_chain.open_read_only(file)) as connection:
            said = connection.execute("pragma integrity_check(1)").fetchone()[0]
        if said != "ok":
            raise BackupError(f"the database is damaged: {said}")
        for verdict, noted in zip(sqlite_chain.verify_file(file), (manifest.log, manifest.deeds), strict=True):
            if verdict.broken:
                raise BackupError(verdict.broken.words)
            if str(verdict.head) != noted:
                raise BackupError(f"the table {verdict.table} does not end where the manifest says")
    except sqlite3.Error as error:
        raise BackupError(f"the database is damaged: {error}") from error


def work_folder(beside: Path) -> Path:
    """A fresh folder for its owner only. Raises BackupError."""
    try:
        return Path(tempfile.mkdtemp(prefix=".jiaohao-", dir=beside))
    except OSError as error:
        raise BackupError(f"cannot write to {beside}: {error.strerror}") from error


def free_bytes(folder: Path) -> int:
    return shutil.disk_usage(folder).free
