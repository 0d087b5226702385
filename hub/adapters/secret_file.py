"""Files that only their owner can read; and the data folder's secret: random bytes that are made once and stay."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from hub.ports import StoreError

SECRET_BYTES = 32


def keep_secret(file: Path) -> bytes:
    """The secret in `file`; made when there is none yet. Raises StoreError."""
    try:
        if not file.exists():
            write_private(file, secrets.token_bytes(SECRET_BYTES))
        secret = file.read_bytes()
    except OSError as error:
        raise StoreError(f"cannot use the secret {file}: {error.strerror}") from error
    if len(secret) != SECRET_BYTES:
        raise StoreError(f"the secret {file} must have {SECRET_BYTES} bytes; restore it with the database")
    return secret


def write_private(file: Path, content: str | bytes) -> None:
    """Writes a file that only its owner can read, all of it or nothing: beside it, then renamed. Raises OSError."""
    beside = file.with_name(file.name + ".new")
    # What root writes in somebody else's folder must not lead root elsewhere.
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(content.encode() if isinstance(content, str) else content)
        out.flush()
        os.fsync(out.fileno())
    leave_to_owner(beside)
    beside.replace(file)


def leave_to_owner(made: Path) -> None:
    """What root made belongs to whom its folder belongs: an admin's command must not leave the hub without its own
    files. Raises OSError."""
    if os.geteuid() == 0:
        owner = made.parent.stat()
        os.lchown(made, owner.st_uid, owner.st_gid)
