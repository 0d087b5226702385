"""A backup is read as if an enemy had made it: nothing is written but what a hub has, nowhere but where it belongs."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
import zlib
from base64 import b64encode
from collections.abc import Callable
from pathlib import Path

import pytest

from hub.adapters import backup_file, backup_restore
from hub.adapters.backup_file import Backup, BackupError
from tests.hub.adapters.backups import NOW_MS, Office

EVIL = [
    *(
        "../evil",
        "../../evil",
        "/tmp/jiaohao-evil",
        "tls/../../evil",
        "tls/../../../evil",
        "./../evil",
        "broker/../../evil",
    ),
    *(
        "tls/",
        "tls/..",
        "tls/.hidden",
        "tls/a/b",
        "tls//evil",
        "secret/evil",
        "hall.db/evil",
        "lock",
        "broker/nats.conf",
    ),
    *("..\\evil", "tls/..\\evil", "tls/evil\n", "tls/evil\0.pem", "~/evil", "C:evil", "tls/" + "a" * 300, "", "."),
]
"""Names that no backup has."""

Entries = list[tuple[tarfile.TarInfo, bytes]]


@pytest.fixture
def good(tmp_path: Path):
    """A backup as the hub makes it, and what is in it."""
    office = Office(tmp_path / "office")
    made = backup_restore.make(office.data, tmp_path / "backups", [], NOW_MS)
    office.store.close()
    with tarfile.open(made.file) as tar:
        entries = [(entry, tar.extractfile(entry).read()) for entry in tar]  # type: ignore[union-attr]
    return made, entries


def entry(
    name: str, content: bytes = b"", kind: bytes = tarfile.REGTYPE, link: str = ""
) -> tuple[tarfile.TarInfo, bytes]:
    info = tarfile.TarInfo(name)
    info.type, info.linkname, info.size = kind, link, len(content)
    return info, content


def with_manifest(entries: Entries, change: Callable[[dict], None]) -> Entries:
    """The same with another manifest: whoever makes an archive can write that too."""
    manifest = json.loads(entries[0][1])
    change(manifest)
    return [entry("manifest.json", json.dumps(manifest).encode()), *entries[1:]]


def listed(entries: Entries, name: str, content: bytes = b"evil") -> Entries:
    """With one more file, which is in the manifest with its right hash."""
    member = {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    return [*with_manifest(entries, lambda manifest: manifest["members"].update({name: member})), entry(name, content)]


def write(backup: Backup, entries: Entries) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        for info, content in entries:
            tar.addfile(info, io.BytesIO(content))
    backup.file.write_bytes(gzip.compress(out.getvalue(), 1))
    backup.sum.unlink(missing_ok=True)


def outside(folder: Path) -> dict[str, bytes]:
    """Everything in the test's folder, to see that nothing of it changed."""
    return {str(path): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_16_path_traversal(good, tmp_path: Path):
    backup, entries = good
    database = next(content for info, content in entries if info.name == "hall.db")
    member = {"bytes": 4, "sha256": hashlib.sha256(b"evil").hexdigest()}
    attacks: dict[str, Entries] = {}
    for name in EVIL:
        attacks[f"listed {name!r}"] = listed(entries, name)
        attacks[f"not listed {name!r}"] = [*entries, entry(name, b"evil")]
    kinds = {"symlink": b"2", "hard link": b"1", "device": b"3", "block device": b"4", "folder": b"5", "fifo": b"6"}
    for what, kind in kinds.items():
        attacks[what] = [*entries, entry("tls", b"", kind, str(tmp_path))]
        attacks[f"{what} for the database"] = [
            *(e for e in entries if e[0].name != "hall.db"),
            entry("hall.db", b"", kind, "/etc/passwd"),
        ]
        attacks[f"{what} first"] = [entry("manifest.json", b"", kind, "/etc/passwd"), *entries]
    attacks |= {
        "a link, then through it": [
            entries[0],
            entry("tls", b"", b"2", str(tmp_path)),
            *listed(entries, "tls/evil")[1:],
        ],
        "twice": [*entries, entries[-1]],
        "manifest twice": [entries[0], *entries],
        "no manifest": entries[1:],
        "manifest at the end": [*entries[1:], entries[0]],
        "empty": [],
        "not all of it": entries[:-1],
        "without a database": [
            e for e in with_manifest(entries, lambda m: m["members"].pop("hall.db")) if e[0].name != "hall.db"
        ],
        "larger than said": with_manifest(entries, lambda m: m["members"]["hall.db"].update(bytes=len(database) - 1)),
        "other hash": with_manifest(entries, lambda m: m["members"]["secret"].update(sha256="00" * 32)),
        "a size for the whole disk": with_manifest(
            entries, lambda m: m["members"].update({"tls/x": {**member, "bytes": 1 << 60}})
        ),
        "a size below nothing": with_manifest(entries, lambda m: m["members"]["secret"].update(bytes=-1)),
        "another format": with_manifest(entries, lambda m: m.update(format=2)),
        "deep": [entry("manifest.json", b"[" * 100_000), *entries[1:]],
        "no json": [entry("manifest.json", b"\xff\xfe"), *entries[1:]],
        "a list": [entry("manifest.json", b"[]"), *entries[1:]],
        "huge manifest": [entry("manifest.json", b" " * 2_000_000), *entries[1:]],
        "a long name's header": [*entries, entry("a" * 3_000_000, b"evil")],
    }
    data = tmp_path / "data"
    data.mkdir()
    for what, attack in attacks.items():
        write(backup, attack)
        before = outside(tmp_path)
        with pytest.raises(BackupError):
            backup_restore.restore(backup.file, data, [], NOW_MS)
            pytest.fail(f"restored: {what}")
        assert outside(tmp_path) == before, what
        assert list(data.iterdir()) == [], what
    write(backup, entries)
    backup_restore.restore(backup.file, data, [], NOW_MS)  # what was attacked is a good one


def test_16_a_tail_writes_no_other_file_and_no_other_table(good, tmp_path: Path):
    backup, _ = good
    first = backup.tail.read_bytes()
    piece = json.loads(first[9:])
    data = tmp_path / "data"
    data.mkdir()
    content = b64encode(b"evil").decode()
    attacks = [{"files": {name: content}} for name in (*EVIL, "hall.db", "tls/ca.key")]
    attacks += [
        {"tables": {table: {"columns": ["key", "value"], "rows": [["a", "b"]]}}} for table in ("meta", "sqlite_schema")
    ]
    attacks += [
        {"tables": {"users": {"columns": ['name", "role'], "rows": [["a"]]}}},
        {"tables": {"users": []}},
        {"tables": 5},
        [],
        None,
    ]
    bodies = [json.dumps({**piece, "data": attack}).encode() for attack in attacks]
    for body in (*bodies, b"[]", b"5", b"[" * 100_000, b'{"at_ms":1,"age":"AAAA"}'):
        backup.tail.write_bytes(first + b"%08x %b\n" % (zlib.crc32(body), body))
        before = outside(tmp_path)
        with pytest.raises(BackupError):
            backup_restore.restore(backup.file, data, [], NOW_MS)
            pytest.fail(f"restored: {body[:300]!r}")
        assert outside(tmp_path) == before
        assert list(data.iterdir()) == []


def test_16_an_archive_that_unpacks_to_a_hundred_times_its_size_stops_at_what_it_said(good, tmp_path: Path):
    backup, entries = good
    write(backup, listed(entries, "tls/bomb", bytes(30_000_000)))
    (tmp_path / "into").mkdir()
    with pytest.raises(BackupError, match="more than the 1000000 bytes"):
        backup_file.unpack(backup.file, tmp_path / "into", 1_000_000)
    assert list((tmp_path / "into").iterdir()) == []


def test_16_a_header_that_asks_for_gigabytes_gets_nothing(good, tmp_path: Path):
    backup, _ = good
    for kind in (tarfile.GNUTYPE_LONGNAME, tarfile.XHDTYPE):
        header, _ = entry("././@LongLink", kind=kind)
        header.size = 3 << 30
        backup.file.write_bytes(gzip.compress(header.tobuf(tarfile.GNU_FORMAT) + bytes(10_240)))
        backup.sum.unlink(missing_ok=True)
        with pytest.raises(BackupError, match="a header that is too large"):
            backup_file.unpack(backup.file, tmp_path, 1 << 40)
