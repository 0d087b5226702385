"""Releases that the hub has: files in its data folder, checked with the public key that an admin put there."""

from __future__ import annotations

from pathlib import Path

from hub.adapters.release_file import Release, open_release, read_key, read_release
from hub.adapters.secret_file import write_private
from hub.ports import ReleaseError

KEPT = 8
"""Newest releases that are kept: to go back to, and no more."""

PUBLIC_KEY = "release.pub"


class ReleaseShelf:
    """The releases below the data folder. All raise ReleaseError."""

    def __init__(self, data: Path):
        self._folder = data / "releases"
        self._key_file = data / PUBLIC_KEY

    def add(self, packed: bytes) -> Release:
        """Keeps a release, if it is one of ours."""
        release = read_release(packed, self._key())
        try:
            self._folder.mkdir(exist_ok=True)
            write_private(self._file(release.manifest.made), packed)
            for made in self.list()[KEPT:]:
                self._file(made).unlink()
        except OSError as error:
            raise ReleaseError(f"cannot keep the release in {self._folder}: {error.strerror}") from error
        return release

    def get(self, made: int) -> Release:
        return open_release(self._file(made), self._key())

    def list(self) -> list[int]:
        """When each was made, the newest first."""
        return sorted((int(file.stem) for file in self._folder.glob("*.release") if file.stem.isdigit()), reverse=True)

    def _file(self, made: int) -> Path:
        return self._folder / f"{made}.release"

    def _key(self):
        try:
            return read_key(self._key_file.read_bytes())
        except OSError as error:
            raise ReleaseError(f"put {PUBLIC_KEY} of jiaohao release init at {self._key_file}") from error
