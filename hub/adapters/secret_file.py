"""The data folder's secret: random bytes that are made once and stay, readable by the folder's owner only."""

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
            _write(file)
        secret = file.read_bytes()
    except OSError as error:
        raise StoreError(f"cannot use the secret {file}: {error.strerror}") from error
    if len(secret) != SECRET_BYTES:
        raise StoreError(f"the secret {file} must have {SECRET_BYTES} bytes; restore it with the database")
    return secret


def _write(file: Path) -> None:
    """All or nothing: a crash must not leave half a secret behind."""
    new = file.with_suffix(".new")
    descriptor = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as out:
        out.write(secrets.token_bytes(SECRET_BYTES))
        out.flush()
        os.fsync(out.fileno())
    new.rename(file)
